import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION, FRAME_TIMES } from '../../../../src/core/ports.ts';
import { BOOK_STATE } from '../../../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../../../src/core/time.ts';
import { ownFeedCounters } from '../../../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../../../src/feed/feed.ts';
import { LobsterFeed } from '../../../../src/feed/venue/lobster/feed.hot.ts';
import { ItchFeed } from '../../../../src/feed/venue/nasdaq-itch/feed.hot.ts';
import { MoldItchFeed } from '../../../../src/feed/venue/nasdaq-itch/mold-feed.hot.ts';
import { measureAllocation } from '../../../support/allocation.ts';
import { itchMessage } from '../../../support/itch-messages.ts';
import { stock } from '../../../support/itch-rig.ts';
import { moldPacketOf } from '../../../support/packets.ts';
import { joined } from '../../../support/zstd-frames.ts';

const MESSAGES = 1_000_000;
const CAPACITY = 4_096;
const REF = 15;

function feedOf<F extends Feed>(create: (options: FeedOptions) => F): F {
  const views = ringViews(new SharedArrayBuffer(ringBytes(CAPACITY)), 0, CAPACITY);
  const consumer = new RingConsumer(views);
  const feed = create({
    instruments: [stock(0, 'ABC')],
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock: new ManualClock(),
    baseEpochNs: 1_692_700_000_000_000_000n,
    room: { waitForRoom: () => consumer.release(consumer.poll(CAPACITY)) },
  });
  feed.onConnection(CONNECTION.CONNECTED, 0);
  return feed;
}

/** Many short calls: a driver that runs once for long is compiled late, and allocates itself until then. */
function inParts(count: number, drive: (count: number) => void): void {
  for (let done = 0; done < count; done += 20_000) drive(20_000);
}

const named = { stock: 'ABC', locate: 7, timeNs: 50_000_000_000_001n };
const OPENING = [
  itchMessage('S', { ...named, event: 'O', locate: 0 }),
  itchMessage('R', named),
  itchMessage('H', { ...named, state: 'T' }),
];
/** A round of messages that leaves no order behind. */
const ROUND = [
  itchMessage('A', { ...named, side: 'B', ref: 1, shares: 3_000_000_000n, price: 1_000_000 }),
  itchMessage('F', { ...named, side: 'S', ref: 2, shares: 500, price: 1_000_100 }),
  itchMessage('E', { ...named, ref: 1, shares: 100, match: 9_000_000_000n }),
  itchMessage('C', { ...named, ref: 2, shares: 100, match: 9_000_000_001n, printable: 'Y', price: 1_000_050 }),
  itchMessage('X', { ...named, ref: 2, shares: 100 }),
  itchMessage('U', { ...named, ref: 1, newRef: 1, shares: 2_500_000_000n, price: 999_900 }),
  itchMessage('P', { ...named, side: 'B', shares: 5, price: 1_000_000, match: 9_000_000_002n }),
  itchMessage('I', { ...named, paired: 5 }),
  itchMessage('A', { ...named, locate: 8, stock: 'OTHER', side: 'B', ref: 1, shares: 1, price: 1 }),
  itchMessage('D', { ...named, ref: 1 }),
  itchMessage('D', { ...named, ref: 2 }),
];

test('a million ITCH messages through decode, book and ring leave nothing on the heap', async () => {
  const feed = feedOf((options) => new ItchFeed(options));
  const times = new Float64Array(FRAME_TIMES).fill(5e13);
  for (const message of OPENING) feed.onFrame(message, 0, message.length, times);
  // One after the other in one block, as transports hand them over.
  const block = joined(...ROUND);
  const drive = (count: number): void => {
    for (let sent = 0; sent < count; )
      for (let i = 0, at = 0; i < ROUND.length; i++, sent++) {
        const start = at;
        at += ROUND[i]!.length;
        times[0] = 5e13 + sent;
        feed.onFrame(block, start, at, times);
      }
  };
  // What compiling leaves behind is collected before the measurement's own warm-up.
  inParts(300_000, drive);
  const { collections, heapBytes } = await measureAllocation(
    () => inParts(100_000, drive),
    () => inParts(MESSAGES, drive),
  );
  const counters = feed.counters.snapshot();
  assert.equal([feed.state(0), counters['rejected_frames'], counters['orders_unknown']], [BOOK_STATE.LIVE, 0, 0]);
  assert.is(collections, 0, `${collections} garbage collections`);
  assert.ok(heapBytes < 2 * MESSAGES, `${heapBytes} bytes of heap`);
});

test('a million messages in MoldUDP64 packets leave nothing on the heap', async () => {
  const feed = feedOf((options) => new MoldItchFeed(options));
  const times = new Float64Array(FRAME_TIMES);
  const opening = moldPacketOf(1, OPENING);
  const packet = moldPacketOf(0, ROUND);
  feed.onFrame(opening, 0, opening.length, times);
  let next = 1 + OPENING.length;
  const drive = (count: number): void => {
    for (let sent = 0; sent < count; sent += ROUND.length) {
      for (let i = 0; i < 4; i++) packet[REF + 2 - i] = (next >>> (8 * i)) & 0xff;
      next += ROUND.length;
      times[0] = 2e13 + sent;
      feed.onFrame(packet, 0, packet.length, times);
    }
  };
  // What compiling leaves behind is collected before the measurement's own warm-up.
  inParts(300_000, drive);
  const { collections, heapBytes } = await measureAllocation(
    () => inParts(100_000, drive),
    () => inParts(MESSAGES, drive),
  );
  const counters = feed.counters.snapshot();
  assert.equal([feed.state(0), counters['mold_missed'], counters['mold_seen_before']], [BOOK_STATE.LIVE, 0, 0]);
  assert.ok(counters['depth_applied']! > MESSAGES / 2);
  assert.is(collections, 0, `${collections} garbage collections`);
  assert.ok(heapBytes < 2 * MESSAGES, `${heapBytes} bytes of heap`);
});

test('half a million LOBSTER rows leave nothing on the heap', async () => {
  const feed = feedOf((options) => new LobsterFeed(options));
  const encode = (text: string): Uint8Array => new TextEncoder().encode(`34200.5,${text}1020,5,1010,7,1030,6,1000,8`);
  const first = encode('1,1,5,1020,-1\v');
  const rows = ['1,1000,3,1005,1\t', '4,900,1,1010,1\t', '5,0,1,1015,1\t', '1,2000,1,1010,1\t', '3,1000,3,1005,1\t'].map(encode);
  const times = new Float64Array(FRAME_TIMES).fill(5e13);
  const drive = (count: number): void => {
    for (let sent = 0; sent < count; ) {
      if (sent % 5_000 === 0) feed.onFrame(first, 0, first.length, times);
      for (let i = 0; i < rows.length; i++, sent++) feed.onFrame(rows[i]!, 0, rows[i]!.length, times);
    }
  };
  inParts(200_000, drive);
  const { collections, heapBytes } = await measureAllocation(
    () => inParts(100_000, drive),
    () => inParts(500_000, drive),
  );
  assert.is(feed.counters.snapshot()['rejected_frames'], 0);
  assert.is(collections, 0, `${collections} garbage collections`);
  assert.ok(heapBytes < MESSAGES, `${heapBytes} bytes of heap`);
});

test.run();
