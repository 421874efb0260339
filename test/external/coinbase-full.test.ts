import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { DateLineFramer } from '../../src/feed/transport/date-line-framer.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { discoverCoinbaseFull } from '../../src/feed/venue/coinbase-full/discover.ts';
import { CoinbaseFullFeed } from '../../src/feed/venue/coinbase-full/feed.hot.ts';
import { NaiveOrders, naiveFull } from '../reference/naive-coinbase-full.ts';
import { integer } from '../reference/naive-fields.ts';
import { dataFile } from '../support/data.ts';

const LEVELS = 50;
const SNAPSHOT_LINES = 7_109;

for (const { name, lines } of [
  { name: 'replay_coinbase_0', lines: 9_485 },
  { name: 'replay_coinbase_1', lines: 10_899 },
]) {
  test(`${name}: the ${LEVELS} best levels a side are those of the checkpoint, and every order that of the naive twin`, async () => {
    const file = dataFile(`coinbase-full/${name}.in.gz`);
    const checkpoint = dataFile(`coinbase-full/${name}.out`);
    if (file === undefined || checkpoint === undefined) return;
    const { instruments, baseEpochNs } = await discoverCoinbaseFull([file]);
    assert.equal(instruments, [{ id: 0, symbol: 'BTC-USD', priceDecimals: 2, qtyDecimals: 8, tickUnits: 1, lotUnits: 1 }]);
    const clock = new ManualClock();
    const views = ringViews(new SharedArrayBuffer(ringBytes(16_384)), 0, 16_384);
    const consumer = new RingConsumer(views);
    const room = { waitForRoom: () => consumer.release(consumer.poll(16_384)) };
    const feed = new CoinbaseFullFeed({
      instruments,
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock,
      baseEpochNs,
      room,
    });
    await new FileTransport({ files: [file], clock, baseEpochNs, framer: new DateLineFramer() }).run(feed);
    const counters = feed.counters.snapshot();
    assert.equal([feed.frames, feed.state(0)], [lines, BOOK_STATE.LIVE]);
    assert.equal(
      ['rejected_frames', 'book_gaps', 'books_stale', 'unknown_kind', 'depth_skipped', 'books_synced'].map((key) => counters[key]),
      [0, 0, 0, 0, 0, 1],
    );
    assert.is(counters['depth_messages']! + counters['trade_messages']!, lines - SNAPSHOT_LINES);
    assert.is(counters['trade_messages'], 1);

    const text = readFileSync(checkpoint, 'utf8');
    const book = feed.book(0);
    for (const [side, key] of [
      [SIDE.BUY, 'bids'],
      [SIDE.SELL, 'asks'],
    ] as const) {
      const rows = [...new RegExp(`"${key}": \\[((?:\\[[^\\]]*\\](?:, )?)*)\\]`).exec(text)![1]!.matchAll(/\[([\d.]+), ([\d.]+)\]/g)];
      assert.is(rows.length, LEVELS);
      const expected = rows.map(([, price, size]) => [Number(integer(price, 2, 1)), Number(integer(size, 8, 1))]);
      assert.equal(
        [...Array(LEVELS).keys()].map((i) => [book.priceAt(side, i), book.qtyAt(side, i)]),
        expected,
      );
    }
    assert.is(Number(/"sequence": (\d+)/.exec(text)![1]), feed.syncs[0]!.ids[0]);

    const twin = new NaiveOrders();
    for (const line of gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n')) {
      const event = naiveFull(line.slice(24), instruments);
      if (typeof event !== 'object') throw new Error(`${event}: ${line}`);
      twin.apply(event);
    }
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const levels = [...Array(book.levels(side)).keys()].map((i) => [
        book.priceAt(side, i),
        book.qtyAt(side, i),
        book.orderCountAt(side, i),
      ]);
      assert.equal(levels, twin.levels(side));
    }
    assert.is(book.orders, twin.orders.size);
    process.stdout.write(
      `${name}: ${book.orders} orders, ${counters['levels_beyond_grid']} asks beyond the grid, ${LEVELS} + ${LEVELS} levels equal\n`,
    );
  });
}

test.run();
