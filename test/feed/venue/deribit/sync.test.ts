import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_REASON, BOOK_STATE } from '../../../../src/core/records/market.ts';
import { createDeribitFeed } from '../../../../src/feed/venue/deribit/feed.ts';
import { bookText, deribitTickerText, OPTION, PERPETUAL, tradeData, tradesText } from '../../../support/deribit-frames.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FeedRig } from '../../../support/feed-rig.ts';

const SNAPSHOT = bookText(
  100,
  undefined,
  [
    ['new', '100.0', '10.0'],
    ['new', '99.5', '20.0'],
  ],
  [['new', '100.5', '30.0']],
);
const rigOf = (): FeedRig => new FeedRig({ instruments: [PERPETUAL, OPTION], createFeed: createDeribitFeed }).connect();
const live = (): FeedRig => {
  const rig = rigOf()
    .send(SNAPSHOT)
    .send(bookText(105, 100, [['change', '100.0', '40.0']], []));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
  rig.take();
  return rig;
};
const GAP = `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`;

test('a snapshot makes the book live, changes that name the one before are applied', () => {
  const rig = live().send(
    bookText(
      106,
      105,
      [['delete', '100.0', '0.0']],
      [
        ['new', '100.0', '10.0'],
        ['delete', '100.5', '0.0'],
      ],
    ),
  );
  const book = rig.replicas[0]!;
  assert.equal([book.bidTicks, book.bidLots, book.askTicks, book.askLots], [199, 20, 200, 10]);
  assert.is(book.hash(), rig.feed.book(0).hash());
});

test('a change that is missing, repeated or out of order is a gap; a later snapshot heals it', () => {
  for (const [id, previous] of [
    [107, 106],
    [105, 100],
    [104, 103],
  ] as const) {
    const rig = live().send(bookText(id, previous, [], []));
    assert.is(rig.take(), GAP);
    rig.send(bookText(110, 109, [['new', '98.0', '10.0']], []));
    assert.equal([rig.take(), rig.requests], ['', [0]]);
    rig.send(bookText(120, null, [['new', '98.0', '10.0']], [])).send(bookText(121, 120, [['new', '98.5', '10.0']], []));
    assert.equal([rig.feed.state(0), rig.replicas[0]!.bidTicks], [BOOK_STATE.LIVE, 197]);
  }
});

test('a change before any snapshot is dropped, and a late snapshot replaces a live book', () => {
  const early = rigOf().send(bookText(105, 100, [], []));
  assert.equal([early.feed.state(0), early.counter('depth_before_snapshot'), early.requests], [BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT, 1, [0]]);
  const rig = live().send(bookText(200, undefined, [['new', '90.0', '10.0']], []));
  assert.is(rig.take(), `LIVE>SYNCING/2 BOOK_CLEAR BOOK_END SYNCING>LIVE/3|`);
});

test('chains of two instruments are kept apart', () => {
  const rig = live().send(bookText(7, undefined, [['new', '0.0015', '1.0']], [], 'BTC-24SEP21-8000-P'));
  rig.send(bookText(9, 8, [], [], 'BTC-24SEP21-8000-P'));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.LIVE, BOOK_STATE.GAP]);
});

test('a change that cannot be read costs its book at once', () => {
  assert.is(
    live()
      .send(bookText(106, 105, [['new', '100.1', '10.0']], []))
      .take(),
    `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`,
  );
});

test('each trade of a frame is published, tickers are counted', () => {
  const rig = live().send(
    tradesText(
      tradeData(1, '100.0', '10.0', 'sell'),
      tradeData(2, '99.5', '20.0', 'sell'),
      tradeData(3, '99.5', '20.0', 'sell', ',"block_trade_id":"B"'),
    ),
  );
  assert.is(rig.take(), 'TRADE TRADE|');
  rig.send(deribitTickerText());
  assert.equal(
    [rig.take(), rig.counter('ticker_messages'), rig.counter('trade_messages'), rig.counter('trades_not_market')],
    ['', 1, 2, 1],
  );
});

test('200,000 frames through decode, book and ring leave nothing on the heap', async () => {
  const cycle = [0, 1, 2, 3].flatMap((i) => [
    bookText(1_000_000_000_002, 1_000_000_000_001, [['new', `9${i}.5`, `${i + 1}0.0`]], [['new', `20${i}.0`, '10.0']]),
    tradesText(tradeData(271252854, '92294.5', '10.0', 'sell'), tradeData(271252855, '92294.5', '20.0', 'buy')),
    bookText(1_000_000_000_001, 1_000_000_000_002, [['change', `9${i}.5`, '70.0']], [['delete', `20${i}.0`, '0.0']]),
    deribitTickerText(),
  ]);
  const counters = await assertAllocatesNothing({
    createFeed: createDeribitFeed,
    instruments: [PERPETUAL],
    opening: [bookText(1_000_000_000_001, undefined, [['new', '50.0', '10.0']], [['new', '300.0', '10.0']])],
    cycle,
    frames: 200_000,
  });
  assert.is(counters['depth_applied'], 200_001);
});

test.run();
