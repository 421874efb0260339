import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION, FRAME_TIMES } from '../../../../src/core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../../../src/core/time.ts';
import { ownFeedCounters } from '../../../../src/feed/counters.ts';
import { createSpotSbeFeed, createSpotSbePartialFeed } from '../../../../src/feed/venue/binance-spot-sbe/feed.ts';
import { measureAllocation } from '../../../support/allocation.ts';
import { SPOT_BTC } from '../../../support/binance-frames.ts';
import { FeedRig } from '../../../support/feed-rig.ts';
import { encodeSbe, type SbeLevel, sbeBest, sbeDiff, sbeSnapshot, sbeTrades } from '../../../support/sbe-frames.ts';

const CENT = 1_000_000;
const event = (first: number, last: number, bid: SbeLevel = [9_980 * CENT, 500_000_000]): Uint8Array =>
  encodeSbe(sbeDiff(first, last, [bid], []));
const snapshot = (last: number): string =>
  `{"stream":"btcusdt@depthSnapshot","data":{"lastUpdateId":${last},"bids":[["100.00","1"]],"asks":[["100.10","3"]]}}`;
const live = (): FeedRig => {
  const rig = new FeedRig({ createFeed: createSpotSbeFeed, instruments: [SPOT_BTC] }).connect();
  rig.send(event(150, 158)).send(event(159, 160)).send(snapshot(158));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  rig.take();
  return rig;
};

test('binary changes join a JSON snapshot by the rule of spot, and a lost one is a gap', () => {
  const rig = live();
  assert.equal([rig.counter('depth_before_snapshot'), rig.counter('first_event_linked')], [1, 1]);
  rig.send(event(161, 163)).send(event(161, 163));
  assert.equal([rig.take(), rig.counter('depth_skipped')], ['BOOK_END|', 1]);
  rig.send(event(165, 170));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
  rig.send(snapshot(166));
  assert.equal([rig.feed.state(0), rig.replicas[0]!.hash()], [BOOK_STATE.LIVE, rig.feed.book(0).hash()]);
});

test('changes that cannot be decoded cost the book', () => {
  assert.is(
    live()
      .send(event(161, 162, [CENT / 2, 1]))
      .take(),
    `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`,
  );
});

test('trades of one frame are records of one tick, and the ticker is compared at its update id', () => {
  const rig = live();
  rig.send(
    encodeSbe(
      sbeTrades([
        [1, 10_000 * CENT, 5, 1],
        [2, 10_010 * CENT, 5, 0],
      ]),
    ),
  );
  assert.is(rig.take(), 'TRADE TRADE|');
  rig.send(encodeSbe(sbeBest(160, [10_000 * CENT, 100_000_000], [10_010 * CENT, 300_000_000])));
  assert.equal([rig.take(), rig.counter('bbo_checked'), rig.counter('bbo_mismatch')], ['BBO|', 1, 0]);
});

test('every message of depth20 is the book', () => {
  const rig = new FeedRig({ createFeed: createSpotSbePartialFeed, instruments: [SPOT_BTC] }).connect();
  rig.send(
    encodeSbe(
      sbeSnapshot(
        160,
        [
          [10_000 * CENT, 5],
          [9_990 * CENT, 6],
        ],
        [[10_010 * CENT, 7]],
      ),
    ),
  );
  rig.send(encodeSbe(sbeSnapshot(170, [[10_000 * CENT, 8]], [[10_010 * CENT, 7]])));
  rig.send(encodeSbe(sbeSnapshot(165, [[1 * CENT, 8]], [])));
  const book = rig.replicas[0]!;
  assert.equal([rig.feed.state(0), book.levels(SIDE.BUY), book.qtyAt(SIDE.BUY, 0)], [BOOK_STATE.LIVE, 1, 8]);
});

const FRAMES = 600_000;
const CAPACITY = 4_096;

test(`${FRAMES} frames through decode, book and ring leave nothing on the heap`, async () => {
  const views = ringViews(new SharedArrayBuffer(ringBytes(CAPACITY)), 0, CAPACITY);
  const consumer = new RingConsumer(views);
  const room = { waitForRoom: () => consumer.release(consumer.poll(CAPACITY)) };
  const options = {
    instruments: [SPOT_BTC],
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock: new ManualClock(),
    baseEpochNs: 0n,
  };
  const feed = createSpotSbeFeed({ ...options, room });
  const frames = [0, 1, 2].flatMap((i) => [
    encodeSbe(sbeDiff(1, 1, [[(9_980 + i) * CENT, i * 5]], [[(10_020 + i) * CENT, 7 - i]])),
    encodeSbe(sbeBest(5_000_000_000, [10_000 * CENT, 5], [10_010 * CENT, 7 * CENT])),
    encodeSbe(
      sbeTrades([
        [6_000_000_000, 10_000 * CENT, 5, 1],
        [6_000_000_001, 10_010 * CENT, 5, 0],
      ]),
    ),
  ]);
  const block = new Uint8Array(frames.length * 256);
  frames.forEach((frame, i) => block.set(frame, i * 256));
  const ends = Int32Array.from(frames, (frame, i) => i * 256 + frame.length);
  const view = new DataView(block.buffer);
  feed.onConnection(CONNECTION.CONNECTED, 0);
  const first = new TextEncoder().encode(snapshot(0));
  const times = new Float64Array(FRAME_TIMES);
  feed.onFrame(first, 0, first.length, times);
  let id = 0;
  const drive = (count: number): void => {
    for (let sent = 0; sent < count; sent++) {
      const at = (sent % 9) * 256;
      if (sent % 3 === 0) {
        id = (id + 1) | 0;
        view.setInt32(at + 16, id, true);
        view.setInt32(at + 24, id, true);
      }
      for (let t = 0; t < FRAME_TIMES; t++) times[t] = 4e9 + sent * 1e4;
      feed.onFrame(block, at, ends[sent % 9]!, times);
    }
  };
  const { collections, heapBytes } = await measureAllocation(
    () => drive(400_002),
    () => drive(FRAMES),
  );
  const counters = feed.counters.snapshot();
  assert.equal([feed.state(0), counters['rejected_frames'], counters['book_gaps']], [BOOK_STATE.LIVE, 0, 0]);
  assert.ok(counters['depth_applied']! > FRAMES / 3 && counters['trade_messages']! > FRAMES / 2);
  assert.is(collections, 0, `${collections} garbage collections`);
  assert.ok(heapBytes < 4 * FRAMES, `${heapBytes} bytes of heap`);
});

test.run();
