import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../../src/core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { type BybitFeedOptions, createBybitFeed } from '../../../../src/feed/venue/bybit/feed.ts';
import { type BookText, BTCUSDT, bookText, type TextLevel, tradeElement, tradeText, XRPUSDT } from '../../../support/bybit-frames.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FeedRig } from '../../../support/feed-rig.ts';

const b: TextLevel[] = [
  ['100.00', '1'],
  ['99.90', '2'],
];
const a: TextLevel[] = [
  ['100.10', '3'],
  ['100.20', '4'],
];
const SNAPSHOT = bookText('snapshot', { b, a, u: 10 });
const delta = (u: number, change: Partial<BookText> = {}): string => bookText('delta', { u, ...change });
const LIVE = `SYNCING/${BOOK_REASON.SNAPSHOT} BOOK_CLEAR BOOK_END SYNCING>LIVE/${BOOK_REASON.SYNCED}|`;
const GAP = `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`;

function rigOf(chosen: Pick<BybitFeedOptions, 'depth' | 'contiguous'> = {}, instruments = [BTCUSDT]): FeedRig {
  const rig = new FeedRig({ instruments, createFeed: (options) => createBybitFeed({ ...options, ...chosen }) }).connect();
  rig.take();
  return rig;
}
const live = (chosen: Pick<BybitFeedOptions, 'depth' | 'contiguous'> = {}): FeedRig => {
  const rig = rigOf(chosen).send(SNAPSHOT);
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>${LIVE}`);
  return rig;
};

test('a snapshot makes the book LIVE, deltas set and remove levels', () => {
  const rig = live()
    .send(delta(11, { b: [['100.00', '0']] }))
    .send(delta(12, { a: [['100.05', '7']] }));
  assert.is(rig.take(), 'BOOK_END| BOOK_END|');
  const book = rig.feed.book(0);
  assert.equal([book.bidTicks, book.askTicks, book.askLots, book.levels(SIDE.BUY)], [9990, 10005, 7000, 1]);
  assert.is(rig.replicas[0]!.hash(), book.hash());
});

test('a delta that is missing takes the book at the next one, and a snapshot is asked for', () => {
  const rig = live().send(delta(12));
  assert.equal([rig.take(), rig.requests], [GAP, [0]]);
  rig.send(delta(13));
  assert.equal([rig.take(), rig.counter('depth_before_snapshot')], ['', 2]);
  rig.send(bookText('snapshot', { b, a, u: 13 })).send(delta(14));
  assert.is(rig.take(), `GAP>${LIVE} BOOK_END|`);
});

test('deltas that come again or late are passed over', () => {
  const rig = live().send(delta(11)).send(delta(11)).send(delta(9));
  assert.equal([rig.take(), rig.counter('depth_skipped'), rig.feed.state(0)], ['BOOK_END|', 2, BOOK_STATE.LIVE]);
  rig.send(delta(13)).send(delta(12));
  assert.is(rig.take(), GAP);
});

test('a number that the cross sequence contradicts takes the book', () => {
  assert.is(
    live()
      .send(delta(2, { seq: 101 }))
      .take(),
    GAP,
  );
  assert.is(
    live()
      .send(delta(11, { seq: 99 }))
      .take(),
    GAP,
  );
  assert.is(
    live()
      .send(delta(1, { seq: 50 }))
      .take(),
    GAP,
  );
});

test('a snapshot after a restart, u 1, replaces the book, and so does any other', () => {
  const rig = live().send(bookText('snapshot', { b: [['90.00', '1']], u: 1, seq: 200 }));
  assert.is(rig.take(), `LIVE>${LIVE}`);
  rig.send(delta(2, { seq: 210 })).send(bookText('snapshot', { b, a, u: 40, seq: 400 }));
  assert.is(rig.take(), `BOOK_END| LIVE>${LIVE}`);
  assert.equal([rig.feed.book(0).bidTicks, rig.feed.book(0).levels(SIDE.SELL)], [10000, 2]);
});

test('where numbers need not be contiguous a break is counted and costs nothing', () => {
  const rig = live({ contiguous: false }).send(delta(12)).send(delta(13)).send(delta(12));
  assert.equal([rig.take(), rig.counter('sequence_breaks'), rig.counter('depth_skipped')], ['BOOK_END| BOOK_END|', 1, 1]);
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a book of depth 1 is whole in every message; the same one again keeps it fresh, an older one is skipped', () => {
  const top = (u: number, price: string): string => bookText('snapshot', { depth: 1, b: [[price, '1']], a: [['101.00', '1']], u });
  const rig = rigOf().send(top(5, '100.00'));
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>${LIVE}`);
  rig.send(top(9, '100.50')).send(top(9, '100.50'));
  assert.is(rig.take(), 'BOOK_CLEAR BOOK_END| BOOK_CLEAR BOOK_END|');
  rig.send(top(7, '99.00'));
  assert.equal([rig.take(), rig.counter('depth_skipped'), rig.feed.book(0).bidTicks], ['', 1, 10050]);
  rig.send(top(1, '99.00'));
  assert.equal([rig.take(), rig.feed.book(0).bidTicks], ['BOOK_CLEAR BOOK_END|', 9900]);
  rig.feed.checkAge(90_000_000_000, 2_000_000_000);
  rig.drain();
  rig.take();
  rig.send(top(1, '99.00'));
  assert.ok(rig.take().endsWith(`LIVE/${BOOK_REASON.SYNCED}|`));
});

test('best prices beside a deeper book are counted and do not touch it', () => {
  const rig = live().send(bookText('snapshot', { depth: 1, b: [['99.00', '1']], a: [['99.50', '1']], u: 10 }));
  assert.equal([rig.take(), rig.counter('ticker_messages'), rig.counter('bbo_checked'), rig.feed.book(0).bidTicks], ['', 1, 0, 10000]);
});

test('a crossed book is STALE, a refused delta costs its book, refused trades nothing', () => {
  assert.is(
    live()
      .send(delta(11, { b: [['100.10', '1']] }))
      .take(),
    `LIVE>STALE/${BOOK_REASON.CROSSED}|`,
  );
  const rig = live().send(tradeText([tradeElement('1.001', '1')]));
  assert.is(rig.take(), '');
  rig.send(delta(11, { b: [['100.001', '1']] }));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`);
});

test('books of two symbols are kept apart; a frame that cannot be read costs both', () => {
  const rig = rigOf({}, [BTCUSDT, XRPUSDT]).send(SNAPSHOT);
  rig.send(bookText('snapshot', { symbol: 'XRPUSDT', b: [['1.9531', '1']], u: 4 })).send(delta(12));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.GAP, BOOK_STATE.LIVE]);
  rig.send(SNAPSHOT).send(delta(11).slice(1));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.GAP, BOOK_STATE.GAP]);
});

test('all trades of one message are published as one tick, block trades are not', () => {
  const rig = live().send(
    tradeText([tradeElement('100.00', '1'), tradeElement('100.00', '1', 'Sell', { BT: true }), tradeElement('99.00', '2')]),
  );
  assert.equal([rig.take(), rig.counter('trade_messages'), rig.counter('trades_not_market')], ['TRADE TRADE|', 2, 1]);
});

test('after a disconnect the book is built anew', () => {
  const rig = live();
  rig.feed.onConnection(CONNECTION.DISCONNECTED, 5);
  rig.connect();
  rig.take();
  rig
    .send(delta(11))
    .send(bookText('snapshot', { b, a, u: 3, seq: 5 }))
    .send(delta(4, { seq: 6 }));
  assert.equal([rig.feed.state(0), rig.counter('depth_before_snapshot')], [BOOK_STATE.LIVE, 1]);
});

test('200,000 frames through decode, book and ring leave nothing on the heap', async () => {
  const fresh = bookText('snapshot', { b, a, u: 1, seq: 130_020_238_981 });
  const next = (u: number, qty: string): string =>
    delta(u, { b: [['100.00', qty]], a: [['100.10', '9000000000.123']], seq: 130_020_238_981 + u });
  const counters = await assertAllocatesNothing({
    createFeed: createBybitFeed,
    instruments: [BTCUSDT],
    opening: [],
    cycle: [
      fresh,
      next(2, '22000000.5'),
      next(3, '1'),
      tradeText([tradeElement('100.00', '1'), tradeElement('99.00', '2')]),
      bookText('snapshot', { depth: 1, b: [['100.00', '1']], a: [['100.10', '1']], u: 10 }),
    ],
    frames: 200_000,
  });
  assert.ok(counters['depth_applied']! > 200_000);
});

test.run();
