import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../../src/core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { RING_STAMPS } from '../../../../src/core/ring/layout.ts';
import { BTC, depthText, PEPE, snapshotText, type TextLevel, tickerText, tradeText } from '../../../support/binance-frames.ts';
import { FeedRig } from '../../../support/feed-rig.ts';

const bids: readonly TextLevel[] = [
  ['100.00', '1'],
  ['99.90', '2'],
];
const asks: readonly TextLevel[] = [
  ['100.10', '3'],
  ['100.20', '4'],
];
const SNAPSHOT = snapshotText(100, bids, asks);
const event = (previous: number, first: number, last: number, bid: TextLevel = ['99.80', '5']): string =>
  depthText({ previous, first, last, bids: [bid] });

const live = (options = {}): FeedRig => {
  const rig = new FeedRig(options)
    .connect()
    .send(SNAPSHOT)
    .send(event(90, 95, 105));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
  rig.take();
  return rig;
};

const GAP = `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`;
const LIVE_AGAIN = `GAP>SYNCING/${BOOK_REASON.SNAPSHOT} BOOK_CLEAR BOOK_END SYNCING>LIVE/${BOOK_REASON.SYNCED}|`;

test('events wait for the snapshot; those it holds are dropped, the rest are applied, then the book is live', () => {
  const rig = new FeedRig().connect();
  assert.is(rig.take(), `DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT/${BOOK_REASON.SUBSCRIBED}|`);
  rig
    .send(event(80, 81, 90, ['99.70', '9']))
    .send(event(90, 95, 105))
    .send(event(105, 106, 110, ['99.90', '0']));
  assert.is(rig.take(), '');
  assert.equal(rig.requests, [0]);
  rig.send(SNAPSHOT);
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>SYNCING/2 BOOK_CLEAR BOOK_END SYNCING>LIVE/3|`);
  const book = rig.replicas[0]!;
  assert.equal(
    [0, 1].map((i) => book.priceAt(SIDE.BUY, i)),
    [1000, 998],
  );
  assert.is(book.levels(SIDE.BUY), 2);
  assert.is(book.hash(), rig.feed.book(0).hash());
  assert.equal([rig.counter('depth_before_snapshot'), rig.counter('depth_applied'), rig.counter('first_event_covers')], [1, 2, 1]);
});

test('a snapshot that comes first waits for the event that joins it', () => {
  const rig = new FeedRig().connect().send(SNAPSHOT);
  assert.is(rig.feed.state(0), BOOK_STATE.SYNCING);
  rig.send(event(60, 61, 99));
  assert.is(rig.feed.state(0), BOOK_STATE.SYNCING);
  rig.send(event(99, 100, 100));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('the first event may link by pu, or lie beyond the snapshot because other symbols used the ids between', () => {
  const linked = new FeedRig()
    .connect()
    .send(SNAPSHOT)
    .send(event(100, 120, 130));
  assert.equal([linked.feed.state(0), linked.counter('first_event_linked')], [BOOK_STATE.LIVE, 1]);
  const between = new FeedRig()
    .connect()
    .send(SNAPSHOT)
    .send(event(95, 120, 130));
  assert.equal([between.feed.state(0), between.counter('first_event_between')], [BOOK_STATE.LIVE, 1]);
});

test('a snapshot older than the first event that could follow it is refused and another one is asked for', () => {
  const rig = new FeedRig()
    .connect()
    .send(event(105, 110, 120))
    .send(SNAPSHOT);
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused')], [BOOK_STATE.GAP, 1]);
  assert.equal(rig.requests, [0, 0]);
  rig.send(snapshotText(115, bids, asks));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('an event whose pu is not the last u is a gap: the book is discarded at that message and nothing follows but states', () => {
  const rig = live().send(event(107, 108, 110));
  assert.is(rig.take(), GAP);
  assert.is(rig.feed.book(0).levels(SIDE.BUY), 0);
  rig
    .send(event(110, 111, 120))
    .send(tickerText(111, ['100.00', '1'], ['100.10', '1']))
    .send(tradeText(1, '100.00', '1', true));
  assert.is(rig.take(), '');
  rig.send(snapshotText(109, bids, asks));
  assert.is(rig.take(), LIVE_AGAIN);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('a repeated and a reordered event are gaps', () => {
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
});

test('a break inside the buffered events refuses the snapshot and keeps the events after the break', () => {
  const rig = new FeedRig()
    .connect()
    .send(event(90, 95, 105))
    .send(event(107, 108, 110))
    .send(SNAPSHOT);
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  rig.send(snapshotText(109, bids, asks));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a locked or crossed book after a whole message is stale and is not published; crossing within one message is not', () => {
  const rig = live().send(event(105, 106, 107, ['100.10', '1']));
  assert.is(rig.take(), `LIVE>STALE/${BOOK_REASON.CROSSED}|`);
  const passing = live().send(depthText({ previous: 105, first: 106, last: 107, bids: [['100.10', '1']], asks: [['100.10', '0']] }));
  assert.is(passing.take(), 'BOOK_END|');
  assert.is(passing.feed.state(0), BOOK_STATE.LIVE);
});

test('a crossed snapshot is refused', () => {
  const rig = new FeedRig().connect().send(snapshotText(100, [['100.20', '1']], asks));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused')], [BOOK_STATE.GAP, 1]);
});

test('a depth frame that cannot be decoded costs the book at once; a ticker that cannot does not', () => {
  const ticker = live().send(tickerText(106, ['100.001', '1'], ['100.10', '1']));
  assert.equal([ticker.take(), ticker.counter('rejected_too_many_decimals')], ['', 1]);
  const depth = live().send(event(105, 106, 107, ['99.805', '1']));
  assert.is(depth.take(), `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`);
  const sample = depth.feed.rejects.list()[0]!;
  assert.equal([sample.frame, sample.instrument, depth.counter('rejected_frames')], [3, 0, 1]);
  assert.match(sample.text, '99.805');
});

test('frames of unknown kinds and symbols are counted and change nothing', () => {
  const rig = live()
    .send('{"result":null,"id":1}')
    .send(tickerText(1, ['1.0', '1'], ['2.0', '1'], 'XRPUSDT'));
  assert.equal([rig.take(), rig.counter('unknown_kind'), rig.counter('unknown_symbol'), rig.feed.frames], ['', 1, 1, 4]);
});

test('a snapshot while the book is live is ignored', () => {
  const rig = live().send(snapshotText(103, [], []));
  assert.equal([rig.take(), rig.counter('snapshots_ignored'), rig.feed.state(0)], ['', 1, BOOK_STATE.LIVE]);
});

test('only levels that change the book are published', () => {
  const rig = live();
  rig.levels = 0;
  rig.send(
    depthText({
      previous: 105,
      first: 106,
      last: 107,
      bids: [
        ['100.00', '1'],
        ['1.00', '0'],
        ['99.90', '7'],
      ],
    }),
  );
  assert.equal([rig.take(), rig.levels], ['BOOK_END|', 1]);
});

test('tickers and market trades are published once the book is live, other trades never', () => {
  const rig = live()
    .send(tickerText(106, ['100.00', '1'], ['100.10', '3']))
    .send(tradeText(1, '100.00', '1', true));
  assert.is(rig.take(), 'BBO| TRADE|');
  rig.send(tradeText(2, '100.00', '1', true, 'INSURANCE_FUND'));
  assert.equal([rig.take(), rig.counter('trades_not_market')], ['', 1]);
});

test('of single and aggregate trades only the stream that came first is published, for they tell the same trades', () => {
  const aggregate = '{"e":"aggTrade","E":2,"s":"BTCUSDT","a":7,"p":"100.00","q":"1","f":1,"l":2,"T":1,"m":true}';
  const rig = live()
    .send(tradeText(1, '100.00', '1', true))
    .send(aggregate);
  assert.equal([rig.take(), rig.counter('trades_told_twice')], ['TRADE|', 1]);
  const other = live()
    .send(aggregate)
    .send(tradeText(1, '100.00', '1', true))
    .send(aggregate);
  assert.equal([other.take(), other.counter('trade_messages')], ['TRADE| TRADE|', 2]);
});

test('a snapshot that a recording names by its URL goes to the book of that symbol, and to no other', () => {
  const answer = (symbol: string, body: string): string =>
    `https://host/fapi/v1/depth?symbol=${symbol}&limit=1000 -> 1700000000.5: ${body}`;
  const rig = new FeedRig({ instruments: [BTC, PEPE] }).connect();
  rig.send(answer('1000PEPEUSDT', '{"lastUpdateId":100,"bids":[["0.0080000","1"]],"asks":[]}'));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT, BOOK_STATE.SYNCING]);
  rig.send(answer('ETHUSDT', SNAPSHOT)).send(answer('BTCUSDT', '{"lastUpdateId":1,"symbol":"1000PEPEUSDT","bids":[],"asks":[]}'));
  assert.equal([rig.counter('unknown_symbol'), rig.counter('rejected_bad_field')], [1, 1]);
  assert.is(
    new FeedRig({ instruments: [BTC] }).connect().send(answer('ETHUSDT', SNAPSHOT)).feed.state(0),
    BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT,
  );
});

test('a snapshot that names no symbol is refused when the input holds further instruments, whose it may be', () => {
  const rig = new FeedRig({ others: true }).connect().send(SNAPSHOT);
  assert.equal([rig.feed.state(0), rig.counter('rejected_snapshot_without_symbol')], [BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT, 1]);
});

test('whole books of a partial-depth stream are never applied as changes', () => {
  const rig = live().send(event(105, 106, 110).replace('@depth@0ms', '@depth20@100ms'));
  assert.equal([rig.take(), rig.counter('unknown_kind'), rig.feed.state(0)], ['', 1, BOOK_STATE.LIVE]);
});

test('ticker and book are compared at a shared update id, whichever comes first', () => {
  const rig = live().send(tickerText(105, ['100.00', '1'], ['100.10', '3']));
  rig.send(tickerText(110, ['100.00', '2'], ['100.10', '3'])).send(event(105, 106, 110, ['100.00', '2']));
  assert.equal([rig.counter('bbo_checked'), rig.counter('bbo_mismatch')], [2, 0]);
  rig.send(tickerText(110, ['100.00', '2'], ['100.10', '4']));
  assert.equal([rig.counter('bbo_checked'), rig.counter('bbo_mismatch')], [3, 1]);
});

test('a disconnect ends the book; after the reconnect it is built anew', () => {
  const rig = live();
  rig.feed.onConnection(CONNECTION.DISCONNECTED, 5);
  rig.feed.onConnection(CONNECTION.CONNECTING, 6);
  rig.connect();
  assert.is(rig.take(), 'LIVE>DISCONNECTED/9| DISCONNECTED>CONNECTING/0| CONNECTING>SUBSCRIBED_NO_SNAPSHOT/1|');
  rig.send(event(105, 106, 110));
  assert.is(rig.take(), '');
  rig.send(snapshotText(108, bids, asks));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('the end of the input is a record of its own that ends no tick', () => {
  const rig = live();
  rig.feed.onConnection(CONNECTION.END, 9);
  rig.drain();
  assert.is(rig.take(), 'STREAM_END');
});

test('a book without events for too long is stale; the next event that links makes it live again, whole', () => {
  const rig = live();
  rig.feed.checkAge(1_000_000_000, 2_000_000_000);
  rig.drain();
  assert.is(rig.take(), '');
  rig.feed.checkAge(5_000_000_000, 2_000_000_000);
  rig.drain();
  assert.is(rig.take(), `LIVE>STALE/${BOOK_REASON.DATA_AGE}|`);
  rig.send(event(105, 106, 110));
  assert.is(rig.take(), `BOOK_CLEAR BOOK_END STALE>LIVE/${BOOK_REASON.SYNCED}|`);
  rig.feed.checkAge(50_000_000_000, 2_000_000_000);
  rig.drain();
  rig.take();
  rig.send(event(111, 112, 113));
  assert.is(rig.take(), `STALE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
});

test('a buffer that overflows is begun anew, with a state that says so', () => {
  const rig = new FeedRig().connect();
  for (let i = 0; i <= 4_096; i++) rig.send(event(100 + i, 101 + i, 101 + i));
  assert.equal([rig.feed.state(0), rig.counter('sync_buffer_overflows')], [BOOK_STATE.GAP, 1]);
  rig.send(snapshotText(4_197, bids, asks));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a book beyond its capacity is given up', () => {
  const rig = live({ bookLevelsMax: 3 });
  rig.send(event(105, 106, 107, ['99.70', '1']));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.BOOK_FULL}|`);
});

test('under the policy wait a small ring loses nothing', () => {
  const rig = live({ capacity: 4 });
  const many = [...Array(30).keys()].map((i): TextLevel => [`${50 + i}.00`, '1']);
  rig.send(depthText({ previous: 105, first: 106, last: 107, bids: many }));
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
  assert.ok(rig.counter('ring_full_waits') > 0);
});

test('under the policy gap a full ring costs the book, and the lane is told when there is room', () => {
  const rig = live({ capacity: 16, gap: true });
  rig.reads = false;
  for (let i = 0; i < 10; i++) rig.send(event(105 + i, 106 + i, 106 + i, ['99.80', `${10 + i}`]));
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  rig.reads = true;
  rig.drain();
  rig.send(event(200, 201, 202));
  assert.ok(rig.take().endsWith(`BOOK_END| LIVE>GAP/${BOOK_REASON.RING_FULL}|`));
  assert.is(rig.counter('ring_full_drops'), 1);
  rig.send(snapshotText(201, bids, asks));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('books of two symbols are kept apart and share the id space', () => {
  const rig = new FeedRig({ instruments: [BTC, PEPE] }).connect();
  rig.send('{"stream":"btcusdt@depthSnapshot","data":{"lastUpdateId":100,"bids":[["99.00","1"]],"asks":[["101.00","1"]]}}');
  rig.send('{"stream":"1000pepeusdt@depthSnapshot","data":{"lastUpdateId":103,"bids":[["0.0080000","1"]],"asks":[["0.0090000","1"]]}}');
  rig.send(depthText({ previous: 98, first: 104, last: 105, bids: [['98.00', '1']] }));
  rig.send(depthText({ previous: 101, first: 106, last: 107, symbol: '1000PEPEUSDT', bids: [['0.0070000', '1']] }));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.LIVE, BOOK_STATE.LIVE]);
  rig.send(depthText({ previous: 999, first: 1000, last: 1001, symbol: '1000PEPEUSDT' }));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.LIVE, BOOK_STATE.GAP]);
});

test('records carry receive time, venue time and frame number, and the measured times stand beside them', () => {
  const rig = live({ baseEpochNs: 1_700_000_000_000_000_007n });
  rig.reads = false;
  rig.clock.set(555);
  rig.send(tickerText(106, ['100.00', '1'], ['100.10', '3'], 'BTCUSDT', 1_700_000_000_002));
  assert.is(rig.consumer.poll(1), 1);
  const slot = rig.consumer.slot(0);
  const f64 = rig.consumer.f64;
  assert.equal([f64[slot * 8 + 1], f64[slot * 8 + 2], f64[slot * 8 + 3]], [3_000_000, 1_999_993, 3]);
  assert.equal([...rig.consumer.stamps.subarray(slot * RING_STAMPS, slot * RING_STAMPS + 3)], [3_000_000, 3_000_000, 555]);
});

test.run();
