import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { type Format, recordedFormat } from '../../src/feed/formats.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { dataFile } from '../support/data.ts';

interface Session {
  readonly name: string;
  readonly format: Format;
  readonly instruments: number;
  /** Callbacks that the recorder's project publishes: one a snapshot and one an event that it does not hold, one a ticker, one a trade. */
  readonly book: number;
  readonly tickers: number;
  readonly trades: number;
  /** Update ids at which the newest ticker and the book could be compared as the messages came. */
  readonly compared: number;
}
const SESSIONS: readonly Session[] = [
  { name: 'BINANCE', format: 'binance-spot', instruments: 4, book: 176, tickers: 84, trades: 2, compared: 26 },
  { name: 'BINANCE_FUTURES', format: 'binance-usdm', instruments: 4, book: 756, tickers: 613, trades: 91, compared: 50 },
  { name: 'BINANCE_DELIVERY', format: 'binance-coinm', instruments: 10, book: 1_798, tickers: 2_240, trades: 51, compared: 212 },
];

for (const { name, format, instruments: count, book, tickers, trades, compared } of SESSIONS) {
  test(`${name}: websocket and REST recordings together give the published counts, every book live and equal to its ticker`, async () => {
    const found = [dataFile(`cryptofeed/${name}.ws.1.0.gz`), dataFile(`cryptofeed/${name}.http.0.0.gz`)];
    const files = found.filter((file) => file !== undefined);
    if (files.length < 2) return;
    const recorded = recordedFormat(format);
    const { instruments, baseEpochNs } = await recorded.discover(files);
    assert.is(instruments.length, count);
    const run = async (order: readonly string[]): Promise<Record<string, number>> => {
      const views = ringViews(new SharedArrayBuffer(ringBytes(4_096)), 0, 4_096);
      const consumer = new RingConsumer(views);
      const clock = new ManualClock();
      const room = { waitForRoom: () => consumer.release(consumer.poll(4_096)) };
      const feed = recorded.createFeed({
        instruments,
        ring: new RingProducer(views),
        counters: ownFeedCounters(),
        clock,
        baseEpochNs,
        room,
      });
      const transport = new FileTransport({ files: order, clock, baseEpochNs, framer: recorded.createFramer() });
      await transport.run(feed);
      assert.is(transport.nonMonotonic, 0);
      for (const { id } of instruments) assert.is(feed.state(id), BOOK_STATE.LIVE);
      return feed.counters.snapshot();
    };
    const counters = await run(files);
    assert.is(counters['depth_applied']! + counters['snapshot_messages']!, book);
    assert.equal([counters['ticker_messages'], counters['trade_messages']], [tickers, trades]);
    assert.equal([counters['bbo_checked'], counters['bbo_mismatch']], [compared, 0]);
    assert.equal(
      [counters['rejected_frames'], counters['book_gaps'], counters['snapshots_refused'], counters['unknown_symbol']],
      [0, 0, 0, 0],
    );
    assert.equal(await run([...files].reverse()), counters, 'the order in which the files are named does not matter');
  });
}

test.run();
