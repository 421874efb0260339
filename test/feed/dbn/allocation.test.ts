import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION, FRAME_TIMES } from '../../../src/core/ports.ts';
import { BOOK_STATE } from '../../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import { createDbnFeed } from '../../../src/feed/dbn/feed.ts';
import { measureAllocation } from '../../support/allocation.ts';
import { ES, FIRST_NS, levels, mbo, type Pair, quarters } from '../../support/dbn-records.ts';
import { joined } from '../../support/zstd-frames.ts';

const RECORDS = 1_000_000;
const CAPACITY = 4_096;
const at = (i: number): bigint => FIRST_NS + BigInt(i) * 7_000_000_000n;

/** Records that leave the book as it was, so that they can be sent for ever. */
function orderCycle(): Uint8Array[] {
  return Array.from({ length: 64 }, (_, i): Uint8Array[] => {
    const [id, side, price] = [2n ** 40n + BigInt(i), i % 2 === 0 ? 'B' : 'A', quarters(i % 2 === 0 ? 19_000 - i : 19_001 + i)];
    return [
      mbo('A', id, { side, price, size: 9, flags: 0x80, timeNs: at(i) }),
      mbo('T', 0n, { side, price, size: 2, timeNs: at(i) }),
      mbo('C', id, { side, price, size: 2, flags: 0x80, timeNs: at(i) }),
      mbo('M', id, { side, price: price + (side === 'B' ? -quarters(1) : quarters(1)), size: 8, timeNs: at(i) }),
      mbo('C', id, { side, price, size: 8, flags: 0x80, timeNs: at(i) }),
    ];
  }).flat();
}

function levelCycle(): Uint8Array[] {
  return Array.from({ length: 16 }, (_, i) => {
    const pairs: Pair[] = Array.from({ length: 10 }, (_level, k) => [
      quarters(19_000 - k - (i % 3)),
      5 + i,
      quarters(19_001 + k + (i % 2)),
      6 + i,
    ]);
    return levels('A', pairs, { timeNs: at(i) });
  });
}

/** Many short calls: a driver that runs once for long is compiled late, and allocates itself until then. */
function inParts(count: number, drive: (count: number) => void): void {
  for (let done = 0; done < count; done += 20_000) drive(20_000);
}

for (const [name, records] of [
  ['orders', orderCycle()],
  ['levels', levelCycle()],
] as const) {
  test(`a million records of ${name} through decode, book and ring leave nothing on the heap`, async () => {
    const views = ringViews(new SharedArrayBuffer(ringBytes(CAPACITY)), 0, CAPACITY);
    const consumer = new RingConsumer(views);
    const feed = createDbnFeed({
      instruments: [ES],
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs: FIRST_NS,
      room: { waitForRoom: () => consumer.release(consumer.poll(CAPACITY)) },
    });
    const times = new Float64Array(FRAME_TIMES);
    feed.onConnection(CONNECTION.CONNECTED, 0);
    const clear = mbo('R', 0n, { flags: 0x80 });
    if (name === 'orders') feed.onFrame(clear, 0, clear.length, times);
    const bytes = joined(...records);
    let start = 0;
    const drive = (count: number): void => {
      for (let sent = 0; sent < count; sent++) {
        const end = start + bytes[start]! * 4;
        // Nanoseconds beyond the range of a small integer, as in a run.
        for (let t = 0; t < FRAME_TIMES; t++) times[t] = 4e9 + sent * 1e4;
        feed.onFrame(bytes, start, end, times);
        start = end === bytes.length ? 0 : end;
      }
    };
    const { collections, heapBytes } = await measureAllocation(
      () => inParts(300_000, drive),
      () => inParts(RECORDS, drive),
    );
    const counters = feed.counters.snapshot();
    assert.equal([feed.state(0), counters['rejected_frames'], counters['book_gaps']], [BOOK_STATE.LIVE, 0, 0]);
    assert.ok(counters['depth_applied']! > RECORDS / 2);
    assert.is(collections, 0, `${collections} garbage collections`);
    assert.ok(heapBytes < 2 * RECORDS, `${heapBytes} bytes of heap`);
  });
}

test.run();
