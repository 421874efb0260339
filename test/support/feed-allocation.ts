import * as assert from 'uvu/assert';
import type { Instrument } from '../../src/core/instrument.ts';
import { CONNECTION, FRAME_TIMES } from '../../src/core/ports.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../src/feed/feed.ts';
import { measureAllocation } from './allocation.ts';

const CAPACITY = 4_096;

export interface SteadyFeed {
  readonly createFeed: (options: FeedOptions) => Feed;
  readonly instruments: readonly Instrument[];
  /** Make the books live. */
  readonly opening: readonly (string | Uint8Array)[];
  /** Can follow the opening and themselves for ever. */
  readonly cycle: readonly (string | Uint8Array)[];
  readonly frames: number;
}

/** Drives a feed through decode, book and ring, and fails when that leaves objects on the heap; the feed's counters. */
export async function assertAllocatesNothing({
  createFeed,
  instruments,
  opening,
  cycle,
  frames,
}: SteadyFeed): Promise<Readonly<Record<string, number>>> {
  const views = ringViews(new SharedArrayBuffer(ringBytes(CAPACITY)), 0, CAPACITY);
  const consumer = new RingConsumer(views);
  const feed = createFeed({
    instruments,
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock: new ManualClock(),
    baseEpochNs: 0n,
    room: { waitForRoom: () => consumer.release(consumer.poll(CAPACITY)) },
  });
  const times = new Float64Array(FRAME_TIMES);
  const bytesOf = (frame: string | Uint8Array): Uint8Array => (typeof frame === 'string' ? new TextEncoder().encode(frame) : frame);
  const encoded = cycle.map(bytesOf);
  const block = new Uint8Array(encoded.reduce((sum, one) => sum + one.length, 64));
  const ends: number[] = [];
  let end = 0;
  for (const one of encoded) {
    block.set(one, end);
    end += one.length;
    ends.push(end);
  }
  feed.onConnection(CONNECTION.CONNECTED, 0);
  for (const frame of opening) {
    const bytes = bytesOf(frame);
    feed.onFrame(bytes, 0, bytes.length, times);
  }
  const drive = (count: number): void => {
    for (let sent = 0; sent < count; ) {
      for (let i = 0; i < ends.length; i++, sent++) {
        for (let t = 0; t < FRAME_TIMES; t++) times[t] = 4e9 + sent * 1e4;
        feed.onFrame(block, i === 0 ? 0 : ends[i - 1]!, ends[i]!, times);
      }
    }
  };
  const { collections, heapBytes } = await measureAllocation(
    () => drive(frames),
    () => drive(frames),
  );
  instruments.forEach((one) => assert.is(feed.state(one.id), BOOK_STATE.LIVE, one.symbol));
  const counters = feed.counters.snapshot();
  assert.is(counters['rejected_frames'], 0);
  assert.is(collections, 0, `${collections} garbage collections`);
  // The smallest object a frame would be 16 bytes; what is left is the compiler's own.
  assert.ok(heapBytes < 4 * frames, `${heapBytes} bytes of heap over ${frames} frames`);
  return counters;
}
