import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { createCoinmFeed } from '../../../../src/feed/venue/binance-coinm/feed.ts';
import { BTCUSD, coinmTickerText, depthText, LINKUSD, type TextLevel, withPair } from '../../../support/binance-frames.ts';
import { FeedRig } from '../../../support/feed-rig.ts';

const event = (previous: number, first: number, last: number, bid: TextLevel = ['99.8', '5']): string =>
  withPair(depthText({ previous, first, last, bids: [bid], symbol: 'BTCUSD_PERP' }));
const snapshot = (last: number, symbol = 'BTCUSD_PERP'): string =>
  `{"lastUpdateId":${last},"E":2,"T":1,"symbol":"${symbol}","pair":"BTCUSD","bids":[["100.0","1"]],"asks":[["100.1","3"]]}`;
const rigOf = (): FeedRig => new FeedRig({ createFeed: createCoinmFeed, instruments: [BTCUSD, LINKUSD] }).connect();
const live = (): FeedRig => {
  const rig = rigOf()
    .send(event(80, 81, 90))
    .send(event(90, 95, 105))
    .send(snapshot(100));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  rig.take();
  return rig;
};

test('a snapshot names its symbol, joins the event that covers its id and drops those before', () => {
  const rig = live();
  assert.equal([rig.counter('depth_before_snapshot'), rig.counter('depth_applied'), rig.counter('first_event_covers')], [1, 1, 1]);
  assert.equal([rig.replicas[0]!.levels(SIDE.BUY), rig.feed.state(1)], [2, BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT]);
});

test('pu links the events, whatever U is; a lost event is a gap at the next one', () => {
  const rig = live().send(event(105, 900, 910));
  assert.is(rig.take(), 'BOOK_END|');
  rig.send(event(950, 951, 960));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
  rig.send(snapshot(955));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a repeated, a reordered and an unreadable event cost the book', () => {
  assert.is(
    live()
      .send(event(90, 95, 105))
      .feed.state(0),
    BOOK_STATE.GAP,
  );
  assert.is(
    live()
      .send(event(110, 111, 112))
      .send(event(105, 106, 110))
      .feed.state(0),
    BOOK_STATE.GAP,
  );
  assert.is(
    live()
      .send(event(105, 106, 107, ['99.85', '1']))
      .feed.state(0),
    BOOK_STATE.GAP,
  );
});

test('a snapshot too old for the buffered events is refused and asked for again', () => {
  const rig = rigOf()
    .send(event(105, 110, 120))
    .send(snapshot(100));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused'), rig.requests.length], [BOOK_STATE.GAP, 1, 2]);
});

test('ticker and book are compared at a shared update id', () => {
  const rig = live()
    .send(coinmTickerText(105, ['100.0', '1'], ['100.1', '3']))
    .send(coinmTickerText(105, ['100.0', '1'], ['100.1', '4']));
  assert.equal([rig.counter('bbo_checked'), rig.counter('bbo_mismatch')], [2, 1]);
});

test.run();
