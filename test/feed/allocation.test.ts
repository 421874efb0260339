import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION, FRAME_TIMES } from '../../src/core/ports.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { createUsdmFeed } from '../../src/feed/venue/binance-usdm/feed.ts';
import { measureAllocation } from '../support/allocation.ts';
import { BTC, depthText, snapshotText, type TextLevel, tickerText, tradeText } from '../support/usdm-frames.ts';

const TICKS = 1_000_000;
const CAPACITY = 4_096;
const FIRST_ID = 1_000_000_000_000;

/** A cycle of frames that can be sent for ever: its ids are rewritten in place before each round. */
class Cycle {
  readonly bytes: Uint8Array;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  private readonly idAt: number[] = [];
  /** What the ids exceed FIRST_ID by: an int32, so that the test itself allocates nothing. */
  private last = 0;

  constructor() {
    let text = '';
    const prices = (i: number, base: number): TextLevel[] =>
      [...Array(6).keys()].map((k) => [`${base + k}.${i % 10}0`, `${(i * k) % 5}.500`]);
    for (let i = 0; i < 16; i++) {
      const depth = depthText({ previous: FIRST_ID, first: FIRST_ID, last: FIRST_ID, bids: prices(i, 58_000), asks: prices(i, 59_000) });
      for (const frame of [
        depth,
        tickerText(5_123_107_839_020, ['58900.00', '1.000'], ['58910.00', '2.000']),
        tradeText(77, '58900.00', '1.000', i % 2 === 0),
      ]) {
        this.starts.push(text.length);
        for (let at = frame.indexOf(`${FIRST_ID}`); at >= 0; at = frame.indexOf(`${FIRST_ID}`, at + 1)) this.idAt.push(text.length + at);
        text += frame;
        this.ends.push(text.length);
      }
    }
    this.bytes = new TextEncoder().encode(text);
  }

  /** Numbers the depth messages of the next round: previous, first, last. */
  renumber(): void {
    for (let i = 0; i < this.idAt.length; i += 3) {
      const previous = this.last++;
      // In the text the order of the ids is U, u, pu.
      this.write(this.idAt[i]!, this.last);
      this.write(this.idAt[i + 1]!, this.last);
      this.write(this.idAt[i + 2]!, previous);
    }
  }

  /** The last nine digits of FIRST_ID + `above`. */
  private write(at: number, above: number): void {
    let rest = above;
    for (let digit = 12; digit >= 4; digit--) {
      this.bytes[at + digit] = 48 + (rest % 10);
      rest = (rest / 10) | 0;
    }
  }
}

test('a million frames through decode, book and ring leave nothing on the heap', async () => {
  const views = ringViews(new SharedArrayBuffer(ringBytes(CAPACITY)), 0, CAPACITY);
  const consumer = new RingConsumer(views);
  const feed = createUsdmFeed({
    instruments: [BTC],
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock: new ManualClock(),
    baseEpochNs: 0n,
    room: { waitForRoom: () => consumer.release(consumer.poll(CAPACITY)) },
  });
  const cycle = new Cycle();
  const snapshot = new TextEncoder().encode(snapshotText(FIRST_ID, [], []));
  feed.onConnection(CONNECTION.CONNECTED, 0);
  const times = new Float64Array(FRAME_TIMES);
  feed.onFrame(snapshot, 0, snapshot.length, times);
  const drive = (frames: number): void => {
    const { bytes, starts, ends } = cycle;
    for (let sent = 0; sent < frames; ) {
      cycle.renumber();
      for (let i = 0; i < starts.length; i++, sent++) {
        // Nanoseconds beyond the range of a small integer, as in a run.
        for (let t = 0; t < FRAME_TIMES; t++) times[t] = 4e9 + sent * 1e4;
        feed.onFrame(bytes, starts[i]!, ends[i]!, times);
      }
    }
  };
  const { collections, heapBytes } = await measureAllocation(
    () => drive(200_000),
    () => drive(TICKS),
  );
  assert.is(feed.state(0), BOOK_STATE.LIVE);
  assert.is(feed.counters.snapshot()['rejected_frames'], 0);
  assert.ok(feed.counters.snapshot()['depth_applied']! > TICKS / 3);
  assert.is(collections, 0, `${collections} garbage collections`);
  // The smallest object a frame would be 16 MB; what is left is the compiler's own.
  assert.ok(heapBytes < 2 * TICKS, `${heapBytes} bytes of heap`);
});

test.run();
