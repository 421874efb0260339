import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../src/core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../src/core/records/market.ts';
import { createSpotFeed, createSpotPartialFeed } from '../../../src/feed/venue/binance-spot/feed.ts';
import { createBybitFeed } from '../../../src/feed/venue/bybit/feed.ts';
import { createCoinbaseFeed } from '../../../src/feed/venue/coinbase/feed.ts';
import { createDeribitFeed } from '../../../src/feed/venue/deribit/feed.ts';
import { createOkxFeed } from '../../../src/feed/venue/okx/feed.ts';
import * as binance from '../../support/binance-frames.ts';
import * as bybit from '../../support/bybit-frames.ts';
import * as coinbase from '../../support/coinbase-frames.ts';
import * as deribit from '../../support/deribit-frames.ts';
import { FeedRig } from '../../support/feed-rig.ts';
import * as okx from '../../support/okx-frames.ts';

/** One millisecond a frame; a snapshot is asked for again after 5 s. */
const AGAIN_FRAMES = 5_000;
const LIMIT_NS = 1e9;
const LATER_NS = 60e9;

interface StreamVenue {
  readonly name: string;
  rig(): FeedRig;
  /** Snapshot and changes by number, one a version, at a time of its own. */
  snapshot(version: number, timeMs?: number): string;
  change(version: number): string;
}

const time = (version: number): number => 1_700_000_000_000 + version;
const VENUES: readonly StreamVenue[] = [
  {
    name: 'deribit',
    rig: () => new FeedRig({ instruments: [deribit.PERPETUAL], createFeed: createDeribitFeed }),
    snapshot: (version, timeMs = time(version)) =>
      deribit
        .bookText(version, undefined, [['new', '100.0', `${version}.0`]], [['new', '101.0', '7.0']])
        .replace('1626993723632', `${timeMs}`),
    change: (version) =>
      deribit.bookText(version, version - 1, [['change', '100.0', `${version}.0`]], []).replace('1626993723632', `${time(version)}`),
  },
  {
    name: 'okx',
    rig: () => new FeedRig({ instruments: [okx.BTC_USDT], createFeed: createOkxFeed }),
    snapshot: (version, timeMs = time(version)) =>
      okx.bookText('snapshot', { bids: [['100', `${version}`]], asks: [['101', '7']], seqId: version, prevSeqId: -1, ts: `${timeMs}` }),
    change: (version) =>
      okx.bookText('update', { bids: [['100', `${version}`]], seqId: version, prevSeqId: version - 1, ts: `${time(version)}` }),
  },
  {
    name: 'bybit',
    rig: () => new FeedRig({ instruments: [bybit.BTCUSDT], createFeed: createBybitFeed }),
    snapshot: (version, timeMs = time(version)) =>
      bybit
        .bookText('snapshot', { b: [['100', `${version}`]], a: [['101', '7']], u: version })
        .replaceAll(/1733011200(691|589)/g, `${timeMs}`),
    change: (version) =>
      bybit.bookText('delta', { b: [['100', `${version}`]], u: version }).replaceAll(/1733011200(691|589)/g, `${time(version)}`),
  },
];

for (const { name, rig: create, snapshot, change } of VENUES) {
  const bestLots = (rig: FeedRig): number => rig.feed.book(0).qtyAt(SIDE.BUY, 0);
  const live = (): FeedRig => {
    const rig = create().connect().send(snapshot(10)).send(change(11)).send(change(12));
    rig.take();
    assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
    return rig;
  };

  test(`${name}: a snapshot that comes again, older by number and time than the book, is passed over`, () => {
    const rig = live();
    const before = bestLots(rig);
    rig.send(snapshot(10));
    assert.equal([rig.take(), bestLots(rig), rig.counter('depth_skipped')], ['', before, 1]);
    rig.send(change(13));
    assert.equal([rig.take(), rig.feed.state(0)], ['BOOK_END|', BOOK_STATE.LIVE]);
  });

  test(`${name}: after a gap an old snapshot is no answer, and another one is asked for; one of now is`, () => {
    const rig = live().send(change(14)).send(snapshot(11));
    assert.equal([rig.feed.state(0), rig.requests], [BOOK_STATE.GAP, [0, 0]]);
    rig.send(snapshot(14));
    assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  });

  test(`${name}: a snapshot with a smaller number and a later time tells that numbers began anew`, () => {
    const rig = live().send(snapshot(3, time(13)));
    assert.equal([rig.feed.state(0), rig.counter('books_synced')], [BOOK_STATE.LIVE, 2]);
    assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
  });

  test(`${name}: another connection knows nothing of the one before`, () => {
    const rig = live();
    rig.feed.onConnection(CONNECTION.DISCONNECTED, 1e9);
    rig.feed.onConnection(CONNECTION.CONNECTED, 1e9);
    rig.send(snapshot(9));
    assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  });
}

test('coinbase: snapshots of the Exchange have no time, so each replaces the book', () => {
  const rig = new FeedRig({ instruments: [coinbase.BTC_USD], createFeed: createCoinbaseFeed }).connect();
  const text = coinbase.snapshotText([['100.00', '1']], [['101.00', '1']]);
  rig
    .send(text)
    .send(coinbase.updateText(5, [['buy', '100.00', '2']]))
    .send(text);
  assert.equal([rig.feed.state(0), rig.feed.book(0).qtyAt(SIDE.BUY, 0), rig.counter('depth_skipped')], [BOOK_STATE.LIVE, 100_000_000, 0]);
});

const spotRig = (): FeedRig => new FeedRig({ instruments: [binance.SPOT_BTC], createFeed: createSpotFeed }).connect();
const spotSnapshot = (last: number): string =>
  binance.snapshotText(last, [['100.00', '1']], [['101.00', '1']]).replace(/"E":\d+,"T":\d+,/, '');
const spotChange = (first: number, last = first): string =>
  binance.spotDepthText({ first, last, bids: [['100.00', `${(first % 9) + 1}`]] });

test('a range that ends before it begins is a gap, for spot and for futures', () => {
  const spot = spotRig().send(spotChange(10)).send(spotSnapshot(9));
  assert.is(spot.feed.state(0), BOOK_STATE.LIVE);
  assert.is(spot.send(spotChange(13, 4)).feed.state(0), BOOK_STATE.GAP);
  const futures = new FeedRig().connect().send(binance.depthText({ first: 10, last: 12, previous: 9 }));
  futures.send(binance.snapshotText(11, [['100.00', '1']], [['101.00', '1']]));
  assert.is(futures.feed.state(0), BOOK_STATE.LIVE);
  assert.is(futures.send(binance.depthText({ first: 14, last: 13, previous: 12 })).feed.state(0), BOOK_STATE.GAP);
});

test('a book that nothing new came for is begun anew by an old message, whose number may be the right one', () => {
  // A last number that is wrong by a digit makes everything that follows look old.
  const rig = spotRig().send(spotChange(10)).send(spotSnapshot(9)).send(spotChange(11, 90_000));
  rig.send(spotChange(12));
  assert.equal([rig.feed.state(0), rig.counter('depth_skipped')], [BOOK_STATE.LIVE, 1]);
  rig.feed.checkAge(LATER_NS, LIMIT_NS);
  rig.drain();
  rig.take();
  rig.send(spotChange(13));
  assert.equal([rig.take(), rig.requests], [`STALE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`, [0, 0]]);
  rig.send(spotSnapshot(12));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('whole books go on under other numbers once the book is stale', () => {
  const rig = new FeedRig({ instruments: [binance.SPOT_BTC], createFeed: createSpotPartialFeed }).connect();
  const whole = (last: number, qty: string): string => binance.spotPartialText(last, [['100.00', qty]], [['101.00', '1']]);
  rig.send(whole(90_000, '1')).send(whole(11, '2'));
  assert.equal([rig.feed.book(0).qtyAt(SIDE.BUY, 0), rig.counter('depth_skipped')], [100_000_000, 1]);
  rig.feed.checkAge(LATER_NS, LIMIT_NS);
  assert.is(rig.feed.state(0), BOOK_STATE.STALE);
  // One old message may have come late; the second says that the venue went on.
  assert.is(rig.send(whole(12, '3')).feed.state(0), BOOK_STATE.STALE);
  rig.send(whole(13, '3'));
  assert.equal([rig.feed.state(0), rig.feed.book(0).qtyAt(SIDE.BUY, 0)], [BOOK_STATE.LIVE, 300_000_000]);
  assert.is(rig.send(whole(14, '4')).feed.book(0).qtyAt(SIDE.BUY, 0), 400_000_000);
});

test('a snapshot that the stream does not reach within 5 s is asked for again, and gives way to one with a lower number', () => {
  const rig = spotRig().send(spotChange(10)).send(spotSnapshot(90_000));
  assert.equal([rig.feed.state(0), rig.requests], [BOOK_STATE.SYNCING, [0]]);
  for (let i = 1; i <= AGAIN_FRAMES; i++) rig.send(spotChange(10 + i));
  assert.equal([rig.feed.state(0), rig.requests], [BOOK_STATE.SYNCING, [0, 0]]);
  // A stream that lags behind its snapshots would never reach the newest of them.
  rig.send(spotSnapshot(95_000)).send(spotSnapshot(90_000));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_ignored')], [BOOK_STATE.SYNCING, 2]);
  rig.send(spotSnapshot(10 + AGAIN_FRAMES)).send(spotChange(11 + AGAIN_FRAMES));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  for (let i = 2; i < 10; i++) rig.send(spotChange(10 + AGAIN_FRAMES + i));
  assert.is(rig.requests.length, 2);
});

test('a buffered message whose numbers the next one contradicts keeps no snapshot out', () => {
  const rig = spotRig().send(spotChange(9_010)).send(spotChange(11)).send(spotChange(12)).send(spotSnapshot(10));
  assert.equal([rig.feed.state(0), rig.requests], [BOOK_STATE.GAP, [0, 0]]);
  rig.send(spotSnapshot(11));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a gap right after a snapshot was reached, or that shows it to be of no use, is answered by another request at once', () => {
  const reached = spotRig().send(spotChange(10)).send(spotSnapshot(10)).send(spotChange(11)).send(spotChange(13));
  assert.equal([reached.feed.state(0), reached.requests], [BOOK_STATE.GAP, [0, 0]]);
  const useless = spotRig().send(spotChange(10)).send(spotSnapshot(10)).send(spotChange(12));
  assert.equal([useless.feed.state(0), useless.requests], [BOOK_STATE.GAP, [0, 0]]);
  const unread = spotRig().send(spotChange(10)).send(spotSnapshot(10)).send(spotChange(11).replace('"100.00"', '"x"'));
  assert.equal([unread.feed.state(0), unread.requests], [BOOK_STATE.GAP, [0, 0]]);
});

test('a snapshot that does not come is asked for again by the clock, when no message of its book does', () => {
  const rig = spotRig().send(spotChange(10));
  assert.equal(rig.requests, [0]);
  rig.feed.checkAge(2e9, LIMIT_NS);
  assert.equal(rig.requests, [0]);
  rig.feed.checkAge(6e9, LIMIT_NS);
  assert.equal(rig.requests, [0, 0]);
});

test('okx by rest: numbers that began anew in the far future are forgotten with the connection', () => {
  const rig = new FeedRig({
    instruments: [okx.BTC_USDT],
    createFeed: (options) => createOkxFeed({ ...options, books: 'books-rest' }),
  }).connect();
  const change = (seqId: number, prevSeqId: number, ts: string): string =>
    okx.bookText('update', { bids: [['100', '1']], seqId, prevSeqId, ts });
  const answer = (seqId: number): string => okx.restText({ bids: [['100', '1']], asks: [['101', '1']], seqId, ts: `${time(5)}` });
  rig.send(change(3, 15, '9999999999999')).send(answer(3));
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  rig.feed.onConnection(CONNECTION.DISCONNECTED, 1e9);
  rig.feed.onConnection(CONNECTION.CONNECTED, 1e9);
  rig.send(change(4, 3, `${time(4)}`)).send(answer(3));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test.run();
