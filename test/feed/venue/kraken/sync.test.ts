import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../../src/core/prng.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { createKrakenFeed } from '../../../../src/feed/venue/kraken/feed.ts';
import { NaiveBook } from '../../../reference/naive-book.ts';
import { checksumText, naiveChecksum } from '../../../reference/naive-checksums.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FeedRig } from '../../../support/feed-rig.ts';
import {
  BTC_USD,
  bookText,
  type FirstLevel,
  firstChange,
  firstSnapshot,
  firstTrades,
  MATIC_USD,
  type TextLevel,
  tickerText,
  tradeElement,
  tradeText,
  XMR_USD,
} from '../../../support/kraken-frames.ts';
import { MATIC } from '../../../support/kraken-vectors.ts';

const matic = { ...MATIC_USD, id: 0 };
const SNAPSHOT = bookText('snapshot', { bids: MATIC.bids, asks: MATIC.asks, checksum: MATIC.checksums[0] });
const CHANGE = bookText('update', { bids: [['0.5657', '1098.3947558']], checksum: MATIC.checksums[1], time: '2023-10-06T17:35:56Z' });
const LIVE_AGAIN = `SYNCING/${BOOK_REASON.SNAPSHOT} BOOK_CLEAR BOOK_END SYNCING>LIVE/${BOOK_REASON.SYNCED}|`;
const rigOf = (instruments = [matic]): FeedRig => new FeedRig({ instruments, createFeed: createKrakenFeed }).connect();
const live = (): FeedRig => {
  const rig = rigOf().send(SNAPSHOT);
  assert.is(rig.take(), `DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT/1| SUBSCRIBED_NO_SNAPSHOT>${LIVE_AGAIN}`);
  return rig;
};

test('the published snapshot and update: both checksums are right, the book is LIVE', () => {
  const rig = live().send(CHANGE);
  assert.equal([rig.take(), rig.feed.state(0)], ['BOOK_END|', BOOK_STATE.LIVE]);
  assert.is(rig.feed.book(0).qtyOf(SIDE.BUY, 5657), 109_839_475_580);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('a checksum that differs makes the book STALE at once and asks for a snapshot, which makes it LIVE again', () => {
  const rig = live().send(CHANGE.replace('2114181697', '2114181698'));
  assert.equal([rig.take(), rig.requests], [`LIVE>STALE/${BOOK_REASON.CHECKSUM}|`, [0]]);
  assert.is(rig.feed.book(0).levels(SIDE.BUY), 0);
  rig.send(CHANGE);
  assert.equal([rig.take(), rig.counter('depth_before_snapshot')], ['', 1]);
  rig.send(SNAPSHOT);
  assert.is(rig.take(), `STALE>${LIVE_AGAIN}`);
});

test('a missing change shows at the next one', () => {
  const rig = live();
  // Removes the best bid; the checksum counts on a change that did not come.
  rig.send(bookText('update', { bids: [['0.5666', '0']], checksum: 1, time: '2023-10-06T17:35:57Z' }));
  assert.is(rig.take(), `LIVE>STALE/${BOOK_REASON.CHECKSUM}|`);
});

test('a snapshot with a wrong checksum is refused', () => {
  const rig = rigOf().send(SNAPSHOT.replace('2439117997', '2439117990'));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused'), rig.requests], [BOOK_STATE.GAP, 1, [0]]);
  assert.ok(rig.take().endsWith(`SUBSCRIBED_NO_SNAPSHOT>GAP/${BOOK_REASON.CHECKSUM}|`));
});

test('a change that comes again changes nothing, one that is older than the last takes the book', () => {
  const rig = live().send(CHANGE).send(CHANGE);
  assert.equal([rig.take(), rig.feed.state(0)], ['BOOK_END| BOOK_END|', BOOK_STATE.LIVE]);
  rig.send(CHANGE.replace('17:35:56Z', '17:35:55.999999Z'));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
});

test('a further snapshot replaces a live book', () => {
  const rig = live().send(CHANGE).send(SNAPSHOT);
  assert.is(rig.take(), `BOOK_END| LIVE>${LIVE_AGAIN}`);
  assert.is(rig.feed.book(0).qtyOf(SIDE.BUY, 5657), 60_670_854_372);
});

test('sides are cut to the depth after each message, and the consumer is told of the levels that fall off', () => {
  const rig = live();
  rig.levels = 0;
  const bids: TextLevel[] = [['0.5667', '1'], ...MATIC.bids.slice(0, 9)];
  const checksum = naiveChecksum(checksumText(matic, bids, MATIC.asks));
  rig.send(bookText('update', { bids: [['0.5667', '1']], checksum, time: '2023-10-06T17:35:56Z' }));
  assert.equal([rig.take(), rig.levels], ['BOOK_END|', 2]);
  assert.equal([rig.feed.book(0).levels(SIDE.BUY), rig.feed.book(0).qtyOf(SIDE.BUY, 5657)], [10, 0]);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('a frame that cannot be read costs every book, one of a known symbol its own', () => {
  const rig = rigOf([BTC_USD, MATIC_USD]).send(SNAPSHOT);
  rig.send(bookText('snapshot', { symbol: 'BTC/USD', checksum: 0 }));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.LIVE, BOOK_STATE.LIVE]);
  rig.send(bookText('update', { symbol: 'BTC/USD', bids: [['1.55', '1']] }));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.GAP, BOOK_STATE.LIVE]);
  rig.send(CHANGE.slice(0, -1));
  assert.equal([rig.feed.state(0), rig.feed.state(1), rig.requests], [BOOK_STATE.GAP, BOOK_STATE.GAP, [0, 1]]);
});

test('each symbol of one message goes to its own book', () => {
  const rig = rigOf([BTC_USD, MATIC_USD]);
  const text = bookText(
    'snapshot',
    { bids: MATIC.bids, asks: MATIC.asks, checksum: MATIC.checksums[0] },
    { symbol: 'BTC/USD', bids: [['45283.5', '1']], checksum: naiveChecksum('452835100000000') },
  );
  rig.send(text);
  assert.equal([rig.feed.state(0), rig.feed.state(1), rig.counter('snapshot_messages')], [BOOK_STATE.LIVE, BOOK_STATE.LIVE, 2]);
  assert.equal([rig.feed.book(0).bidTicks, rig.feed.book(1).bidTicks], [452835, 5666]);
});

test('trades of one message are published one by one; a ticker has no place among the changes and is counted only', () => {
  const rig = live().send(tradeText('update', tradeElement(1, '0.5667', '1', 'buy'), tradeElement(2, '0.5667', '2', 'sell')));
  assert.equal([rig.take(), rig.counter('trade_messages')], ['TRADE TRADE|', 2]);
  rig.send(tickerText(['0.1', '1'], ['0.2', '1']));
  assert.equal([rig.take(), rig.counter('ticker_messages'), rig.counter('bbo_mismatch')], ['', 1, 0]);
});

const first = (price: string, qty: string, second = 133): FirstLevel => [`${price}000000`, qty, `1618678${second}.365913`];

test('the first API: a snapshot without checksum, then changes with theirs over the text as it was sent', () => {
  const xmr = { ...XMR_USD, id: 0, priceDecimals: 2, tickUnits: 1 };
  const rig = rigOf([xmr]).send(firstSnapshot([first('354.15', '5.00000000')], [first('354.20', '1.00000000')]));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  const c = `${naiveChecksum(`${'35420000000'}${'100000000'}${'35410000000'}${'50000000'}`)}`;
  rig.send(firstChange([{ b: [first('354.15', '0.00000000', 134), first('354.10', '0.50000000', 134)], c }]));
  assert.equal([rig.feed.state(0), rig.counter('depth_applied')], [BOOK_STATE.LIVE, 2]);
  rig.send(firstTrades([['354.11000000', '1.0', '1618678142.5', 's', 'l', '']])).take();
  rig.send(firstChange([{ a: [first('354.30', '1.00000000', 135)], c }]));
  assert.is(rig.take(), `LIVE>STALE/${BOOK_REASON.CHECKSUM}|`);
});

test('two objects of one message are checked once, at its end', () => {
  const rig = rigOf([{ ...XMR_USD, id: 0 }]).send(firstSnapshot([first('354.15', '5.00000000')], [first('354.20', '1.00000000')]));
  const c = `${naiveChecksum(`${'35420000000'}${'200000000'}`)}`;
  // The ask alone would be crossed by the bid that the second object removes.
  rig.send(
    firstChange([{ a: [first('354.20', '0.00000000', 134), first('354.20', '2.00000000', 134)] }, { b: [first('354.15', '0', 134)], c }]),
  );
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a random walk of updates with checksums keeps the book equal to a naive one of the same depth', () => {
  const rig = live();
  const twin = new NaiveBook();
  for (const [price, qty] of MATIC.bids) twin.apply(SIDE.BUY, Math.round(Number(price) * 1e4), Math.round(Number(qty) * 1e8));
  for (const [price, qty] of MATIC.asks) twin.apply(SIDE.SELL, Math.round(Number(price) * 1e4), Math.round(Number(qty) * 1e8));
  const prng = new Prng(7);
  const random = (below: number): number => prng.nextInt(below);
  for (let i = 0; i < 2_000; i++) {
    const buy = random(2) === 0;
    const side = buy ? SIDE.BUY : SIDE.SELL;
    const ticks = buy ? 5666 - random(14) : 5668 + random(14);
    const lots = twin.sorted(side).length > 3 && random(3) === 0 ? 0 : 1 + random(1_000_000_000);
    twin.apply(side, ticks, lots);
    for (const [price] of twin.sorted(side).slice(10)) twin.apply(side, price, 0);
    const text = [...twin.sorted(SIDE.SELL), ...twin.sorted(SIDE.BUY)].map(([price, qty]) => `${price}${qty}`).join('');
    const one: TextLevel = [`0.${ticks}`, `${(lots / 1e8).toFixed(8)}`];
    const levels = buy ? { bids: [one] } : { asks: [one] };
    rig.send(bookText('update', { ...levels, checksum: naiveChecksum(text), time: '2023-10-06T17:35:56Z' }));
    assert.is(rig.feed.state(0), BOOK_STATE.LIVE, `${i}`);
  }
  assert.is(rig.feed.book(0).levels(SIDE.BUY), twin.sorted(SIDE.BUY).length);
});

test('200,000 frames through decode, book, checksum and ring leave nothing on the heap', async () => {
  const back = bookText('update', { bids: [['0.5657', '606.70854372']], checksum: MATIC.checksums[0], time: '2023-10-06T17:35:56Z' });
  const trade = tradeText('update', tradeElement(1, '0.5667', '1', 'buy'), tradeElement(2, '0.5667', '2', 'sell'));
  const levels = first('354.15', '5.00000000');
  const c = `${naiveChecksum(`${'35420000000'}${'100000000'}${'35415000000'}${'500000000'}`)}`;
  const counters = await assertAllocatesNothing({
    createFeed: createKrakenFeed,
    instruments: [matic, { ...XMR_USD, id: 1 }],
    opening: [SNAPSHOT, firstSnapshot([levels], [first('354.20', '1.00000000')])],
    cycle: [CHANGE, back, trade, tickerText(['0.1', '1'], ['0.2', '1']), firstChange([{ b: [levels], c }])],
    frames: 200_000,
  });
  assert.ok(counters['depth_applied']! > 200_000);
});

test.run();
