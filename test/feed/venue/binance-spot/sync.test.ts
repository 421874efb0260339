import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { createSpotFeed, createSpotPartialFeed } from '../../../../src/feed/venue/binance-spot/feed.ts';
import { SPOT_BTC, SPOT_NKN, spotDepthText, spotPartialText, spotTickerText, type TextLevel } from '../../../support/binance-frames.ts';
import { FeedRig } from '../../../support/feed-rig.ts';

const event = (first: number, last: number, bid: TextLevel = ['99.80', '5']): string => spotDepthText({ first, last, bids: [bid] });
const snapshot = (last: number): string => `{"lastUpdateId":${last},"bids":[["100.00","1"],["99.90","2"]],"asks":[["100.10","3"]]}`;
const rigOf = (): FeedRig => new FeedRig({ createFeed: createSpotFeed, instruments: [SPOT_BTC] }).connect();
const live = (): FeedRig => {
  const rig = rigOf().send(snapshot(158)).send(event(157, 160));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  rig.take();
  return rig;
};
const GAP = `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`;

test('with a snapshot of 158 the events (157,160) and (161,163) apply, and (165,170) is a gap', () => {
  const early = rigOf().send(snapshot(158));
  for (const [first, last] of [
    [157, 160],
    [161, 163],
  ] as const) {
    early.send(event(first, last));
    assert.is(early.feed.state(0), BOOK_STATE.LIVE);
  }
  early.send(event(165, 170));
  assert.equal([early.feed.state(0), early.counter('depth_applied')], [BOOK_STATE.GAP, 2]);
  const late = rigOf().send(event(157, 160)).send(event(161, 163)).send(snapshot(158));
  assert.equal([late.feed.state(0), late.counter('depth_applied'), late.counter('first_event_covers')], [BOOK_STATE.LIVE, 2, 1]);
});

test('events that an early snapshot holds are dropped; applied they would put old levels into a newer book', () => {
  const rig = rigOf()
    .send(event(150, 152, ['100.00', '9']))
    .send(event(153, 158, ['99.90', '0']))
    .send(event(159, 160, ['99.80', '5']))
    .send(snapshot(158));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  const book = rig.replicas[0]!;
  assert.equal(
    [0, 1, 2].map((i) => [book.priceAt(SIDE.BUY, i), book.qtyAt(SIDE.BUY, i)]),
    [
      [10_000, 100_000_000],
      [9_990, 200_000_000],
      [9_980, 500_000_000],
    ],
  );
  assert.equal([rig.counter('depth_before_snapshot'), rig.counter('first_event_linked')], [2, 1]);
});

test('a snapshot older than the first event is refused, and one is asked for until it is new enough', () => {
  const rig = rigOf().send(event(160, 162)).send(snapshot(158));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused'), rig.requests.length], [BOOK_STATE.GAP, 1, 2]);
  rig.send(snapshot(159));
  assert.equal([rig.feed.state(0), rig.counter('first_event_linked')], [BOOK_STATE.LIVE, 1]);
});

test('a lost event is a gap at the next one, which is kept for the snapshot that follows', () => {
  const rig = live().send(event(162, 163));
  assert.is(rig.take(), GAP);
  rig.send(event(164, 165)).send(snapshot(163));
  assert.equal([rig.feed.state(0), rig.feed.book(0).levels(SIDE.BUY)], [BOOK_STATE.LIVE, 3]);
});

test('a repeated event changes nothing, one that overlaps the book is applied', () => {
  const rig = live()
    .send(event(161, 163, ['99.70', '1']))
    .send(event(161, 163, ['99.70', '8']))
    .send(event(157, 160, ['99.70', '7']));
  assert.equal([rig.take(), rig.counter('depth_skipped')], ['BOOK_END|', 2]);
  rig.send(event(162, 164, ['99.70', '2']));
  assert.equal([rig.feed.state(0), rig.feed.book(0).qtyAt(SIDE.BUY, 3)], [BOOK_STATE.LIVE, 200_000_000]);
});

test('reordered events are a gap at the first that came too early', () => {
  assert.is(live().send(event(164, 165)).send(event(161, 163)).take(), GAP);
});

test('a break among the buffered events refuses the snapshot and keeps the events after the break', () => {
  const rig = rigOf().send(event(157, 160)).send(event(162, 163)).send(snapshot(158));
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  rig.send(snapshot(161));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('an unreadable event costs the book, a crossed one makes it stale', () => {
  assert.is(
    live()
      .send(event(161, 162, ['99.805', '1']))
      .take(),
    `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`,
  );
  assert.is(
    live()
      .send(event(161, 162, ['100.10', '1']))
      .take(),
    `LIVE>STALE/${BOOK_REASON.CROSSED}|`,
  );
});

test('ticker and book are compared at a shared update id', () => {
  const rig = live()
    .send(spotTickerText(160, ['100.00', '1'], ['100.10', '3']))
    .send(spotTickerText(160, ['100.00', '1'], ['100.10', '4']));
  assert.equal([rig.counter('bbo_checked'), rig.counter('bbo_mismatch')], [2, 1]);
});

test('every message of partial depth is the book; an older one is passed over, and there is nothing to ask for', () => {
  const rig = new FeedRig({ createFeed: createSpotPartialFeed, instruments: [SPOT_BTC, SPOT_NKN] }).connect();
  rig.send(
    spotPartialText(
      160,
      [
        ['100.00', '1'],
        ['99.90', '2'],
      ],
      [['100.10', '3']],
    ),
  );
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.LIVE, BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT]);
  rig.send(
    spotPartialText(
      170,
      [['100.00', '4']],
      [
        ['100.10', '3'],
        ['100.20', '1'],
      ],
    ),
  );
  rig.send(spotPartialText(165, [['55.00', '1']], []));
  const book = rig.replicas[0]!;
  assert.equal([book.levels(SIDE.BUY), book.levels(SIDE.SELL), book.qtyAt(SIDE.BUY, 0)], [1, 2, 400_000_000]);
  assert.equal([rig.counter('depth_skipped'), rig.requests], [1, []]);
  rig.send(spotPartialText(180, [['100.30', '4']], [['100.10', '3']]));
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  rig.send(spotPartialText(181, [['100.00', '4']], [['100.10', '3']]));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test.run();
