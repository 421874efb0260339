import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { createCoinbaseFeed } from '../../../../src/feed/venue/coinbase/feed.ts';
import {
  advancedBookText,
  BTC_USD,
  type Change,
  matchText,
  SKL_EUR,
  snapshotText,
  tickerText,
  updateText,
} from '../../../support/coinbase-frames.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FeedRig, type RigOptions } from '../../../support/feed-rig.ts';

const bids = [
  ['100.00', '1'],
  ['99.90', '2'],
] as const;
const asks = [
  ['100.10', '3'],
  ['100.20', '4'],
] as const;
const SNAPSHOT = snapshotText(bids, asks);
const SKL_SNAPSHOT = snapshotText([['0.4385', '1']], [['0.4390', '1']], 'SKL-EUR');
const bid = (price: string, qty: string): readonly Change[] => [['buy', price, qty]];
const LIVE_AGAIN = `GAP>SYNCING/${BOOK_REASON.SNAPSHOT} BOOK_CLEAR BOOK_END SYNCING>LIVE/${BOOK_REASON.SYNCED}|`;

const rigOf = (options: RigOptions = {}): FeedRig =>
  new FeedRig({ instruments: [BTC_USD], createFeed: createCoinbaseFeed, ...options }).connect();
const live = (options: RigOptions = {}): FeedRig => {
  const rig = rigOf(options)
    .send(SNAPSHOT)
    .send(updateText(1_000, bid('99.80', '5')));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
  rig.take();
  return rig;
};

test('a book is live with its snapshot; changes before it are dropped, those after it applied', () => {
  const rig = rigOf().send(updateText(1, bid('1.00', '1')));
  assert.equal([rig.counter('depth_before_snapshot'), rig.requests], [1, [0]]);
  rig.take();
  rig.send(SNAPSHOT);
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>SYNCING/2 BOOK_CLEAR BOOK_END SYNCING>LIVE/3|`);
  rig.send(
    updateText(2, [
      ['buy', '100.00', '0'],
      ['sell', '100.10', '7'],
      ['buy', '1.00', '0'],
    ]),
  );
  const book = rig.replicas[0]!;
  assert.equal([book.bidTicks, book.askTicks, book.askLots, book.levels(SIDE.BUY)], [9_990, 10_010, 700_000_000, 1]);
  assert.is(book.hash(), rig.feed.book(0).hash());
});

test('a repeated change leaves the book as it is', () => {
  const rig = live().send(updateText(1_000, bid('99.80', '5')));
  assert.is(rig.take(), 'BOOK_END|');
  assert.equal([rig.feed.state(0), rig.feed.book(0).qtyOf(SIDE.BUY, 9_980)], [BOOK_STATE.LIVE, 500_000_000]);
});

test('a change older than the last one came out of order: the book is discarded until a snapshot comes', () => {
  const rig = live()
    .send(updateText(3_000, bid('99.70', '1')))
    .send(updateText(2_000, bid('99.60', '1')));
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  assert.match(rig.take(), `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
  rig.send(updateText(4_000, bid('99.50', '1')));
  assert.equal([rig.take(), rig.requests], ['', [0]]);
  rig.send(SNAPSHOT);
  assert.is(rig.take(), LIVE_AGAIN);
  rig.send(updateText(5_000, bid('99.40', '1')));
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('a late snapshot replaces a live book whole, with the states that say so', () => {
  const rig = live().send(snapshotText([['90.00', '1']], [['91.00', '1']]));
  assert.is(rig.take(), `LIVE>SYNCING/2 BOOK_CLEAR BOOK_END SYNCING>LIVE/3|`);
  assert.equal([rig.replicas[0]!.bidTicks, rig.replicas[0]!.levels(SIDE.BUY)], [9_000, 1]);
});

test('a change that cannot be read costs its book; a frame that cannot be read at all costs every book, because nothing is numbered', () => {
  const both = { instruments: [BTC_USD, SKL_EUR] };
  const one = live(both)
    .send(SKL_SNAPSHOT)
    .send(updateText(9_000, bid('1.001', '1')));
  assert.equal([one.feed.state(0), one.feed.state(1)], [BOOK_STATE.GAP, BOOK_STATE.LIVE]);
  const all = live(both).send(SKL_SNAPSHOT);
  all.take();
  all.send(updateText(9_000, bid('1.00', '1')).slice(0, 20));
  assert.equal([all.feed.state(0), all.feed.state(1)], [BOOK_STATE.GAP, BOOK_STATE.GAP]);
  assert.is(all.take(), `LIVE>GAP/${BOOK_REASON.DECODE_ERROR} LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`);
  assert.equal(all.requests, [0, 1]);
  all.send(SNAPSHOT).send(SKL_SNAPSHOT);
  assert.equal([all.feed.state(0), all.feed.state(1)], [BOOK_STATE.LIVE, BOOK_STATE.LIVE]);
});

test('a ticker or match that cannot be read costs no book', () => {
  const rig = live()
    .send(tickerText(5).replace('2026-', '20x6-'))
    .send(matchText(1, '1.001', '1', 'buy'));
  assert.equal([rig.feed.state(0), rig.counter('rejected_frames')], [BOOK_STATE.LIVE, 2]);
});

test('tickers are counted and not published, matches are, the last match from before is not', () => {
  const rig = live()
    .send(tickerText(2_000))
    .send(matchText(7, '100.00', '1', 'buy'))
    .send(matchText(6, '100.00', '1', 'buy', 'last_match'));
  assert.equal(
    [rig.take(), rig.counter('ticker_messages'), rig.counter('trade_messages'), rig.counter('trades_not_market')],
    ['TRADE|', 1, 1, 1],
  );
  assert.equal([rig.counter('bbo_checked'), rig.counter('bbo_mismatch')], [0, 0]);
});

test('a crossed book is stale, and asks beyond the grid are no part of it', () => {
  const rig = live().send(updateText(2_000, [['sell', '888888888.00', '1']]));
  assert.equal([rig.feed.state(0), rig.counter('levels_beyond_grid')], [BOOK_STATE.LIVE, 1]);
  rig.take();
  rig.send(updateText(3_000, bid('100.10', '1')));
  assert.is(rig.take(), `LIVE>STALE/${BOOK_REASON.CROSSED}|`);
});

test('Advanced Trade feeds the same book; an event older than the book is a gap', () => {
  const rig = rigOf().send(
    advancedBookText(0, 5, 'snapshot', [
      ['bid', '100.00', '1'],
      ['offer', '100.10', '1'],
    ]),
  );
  rig.send(
    advancedBookText(1, 9, 'update', [
      ['bid', '100.00', '0'],
      ['bid', '99.00', '2'],
    ]),
  );
  assert.equal([rig.feed.state(0), rig.replicas[0]!.bidTicks, rig.counter('sequence_breaks')], [BOOK_STATE.LIVE, 9_900, 0]);
  rig.send(advancedBookText(3, 8, 'update', []));
  assert.equal([rig.feed.state(0), rig.counter('sequence_breaks')], [BOOK_STATE.GAP, 1]);
});

test('200,000 frames through decode, book and ring leave nothing on the heap', async () => {
  const cycle = [0, 1, 2, 3, 4].flatMap((i) => [
    updateText(1_000, [
      ['buy', `9${i}.00`, `${i}.5`],
      ['sell', `10${i}.00`, `${5 - i}`],
    ]),
    matchText(881_613, '99.00', '0.5', 'buy'),
    tickerText(1_000),
    advancedBookText(i, 1_000, 'update', [
      ['bid', `8${i}.00`, `${i}`],
      ['offer', `11${i}.00`, '1'],
    ]),
  ]);
  const counters = await assertAllocatesNothing({
    createFeed: createCoinbaseFeed,
    instruments: [BTC_USD],
    opening: [snapshotText([['50.00', '1']], [['150.00', '1']])],
    cycle,
    frames: 200_000,
  });
  assert.is(counters['depth_applied'], 200_001);
});

test.run();
