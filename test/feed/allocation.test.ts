import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Instrument } from '../../src/core/instrument.ts';
import { CONNECTION, FRAME_TIMES } from '../../src/core/ports.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { FeedOptions } from '../../src/feed/feed.ts';
import type { L2Feed } from '../../src/feed/l2/feed.hot.ts';
import { createCoinmFeed } from '../../src/feed/venue/binance-coinm/feed.ts';
import { createSpotFeed } from '../../src/feed/venue/binance-spot/feed.ts';
import { createUsdmFeed } from '../../src/feed/venue/binance-usdm/feed.ts';
import { measureAllocation } from '../support/allocation.ts';
import {
  BTC,
  BTCUSD,
  coinmTickerText,
  depthText,
  SPOT_BTC,
  spotDepthText,
  spotTickerText,
  spotTradeText,
  tickerText,
  tradeText,
  withPair,
} from '../support/binance-frames.ts';
import { CYCLE_ID, type CycleFrames, FrameCycle } from '../support/frame-cycle.ts';

const CAPACITY = 4_096;
const ids = { previous: CYCLE_ID, first: CYCLE_ID, last: CYCLE_ID };

interface Venue {
  readonly name: string;
  readonly frames: number;
  readonly instrument: Instrument;
  readonly createFeed: (options: FeedOptions) => L2Feed;
  readonly cycle: CycleFrames;
}
const VENUES: readonly Venue[] = [
  {
    name: 'USD-M',
    frames: 1_000_000,
    instrument: BTC,
    createFeed: createUsdmFeed,
    cycle: {
      tails: ['0', '.000'],
      depth: (bids, asks) => depthText({ ...ids, bids, asks }),
      others: (i) => [
        tickerText(5_123_107_839_020, ['58900.00', '1.000'], ['58910.00', '2.000']),
        tradeText(77, '58900.00', '1.000', i % 2 === 0),
      ],
    },
  },
  {
    name: 'COIN-M',
    frames: 600_000,
    instrument: BTCUSD,
    createFeed: createCoinmFeed,
    cycle: {
      tails: ['', ''],
      depth: (bids, asks) => withPair(depthText({ ...ids, bids, asks, symbol: 'BTCUSD_PERP' })),
      others: (i) => [
        coinmTickerText(5_123_107_839_020, ['58900.0', '1'], ['58910.0', '2']),
        tradeText(77, '58900.0', '1', i % 2 === 0, 'MARKET', 'BTCUSD_PERP'),
      ],
    },
  },
  {
    name: 'spot',
    frames: 600_000,
    instrument: SPOT_BTC,
    createFeed: createSpotFeed,
    cycle: {
      tails: ['0000000', '.00000000'],
      depth: (bids, asks) => spotDepthText({ ...ids, bids, asks }),
      others: (i) => [
        spotTickerText(50_093_239_212, ['61837.63000000', '3.78826000'], ['61837.64000000', '1.54698000']),
        spotTradeText(3_735_683_259, '61837.63000000', '0.02000000', i % 2 === 0),
      ],
    },
  },
];

for (const { name, frames, instrument, createFeed, cycle: source } of VENUES) {
  test(`${frames} frames of ${name} through decode, book and ring leave nothing on the heap`, async () => {
    const views = ringViews(new SharedArrayBuffer(ringBytes(CAPACITY)), 0, CAPACITY);
    const consumer = new RingConsumer(views);
    const feed = createFeed({
      instruments: [instrument],
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs: 0n,
      room: { waitForRoom: () => consumer.release(consumer.poll(CAPACITY)) },
    });
    const cycle = new FrameCycle(source);
    const snapshot = new TextEncoder().encode(`{"lastUpdateId":${CYCLE_ID},"bids":[],"asks":[]}`);
    feed.onConnection(CONNECTION.CONNECTED, 0);
    const times = new Float64Array(FRAME_TIMES);
    feed.onFrame(snapshot, 0, snapshot.length, times);
    const drive = (count: number): void => {
      const { bytes, starts, ends } = cycle;
      for (let sent = 0; sent < count; ) {
        cycle.renumber();
        for (let i = 0; i < starts.length; i++, sent++) {
          // Nanoseconds beyond the range of a small integer, as in a run.
          for (let t = 0; t < FRAME_TIMES; t++) times[t] = 4e9 + sent * 1e4;
          feed.onFrame(bytes, starts[i]!, ends[i]!, times);
        }
      }
    };
    const { collections, heapBytes } = await measureAllocation(
      () => drive(400_000),
      () => drive(frames),
    );
    assert.is(feed.state(0), BOOK_STATE.LIVE);
    assert.is(feed.counters.snapshot()['rejected_frames'], 0);
    assert.ok(feed.counters.snapshot()['depth_applied']! > frames / 3);
    assert.is(collections, 0, `${collections} garbage collections`);
    // The smallest object for each depth message would be 5 bytes a frame; what is left is the compiler's own.
    assert.ok(heapBytes < 4 * frames, `${heapBytes} bytes of heap`);
  });
}

test.run();
