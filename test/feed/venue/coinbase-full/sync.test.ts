import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../../src/core/ports.ts';
import { Prng } from '../../../../src/core/prng.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { CoinbaseFullFeed } from '../../../../src/feed/venue/coinbase-full/feed.hot.ts';
import { NaiveOrders, naiveFull } from '../../../reference/naive-coinbase-full.ts';
import { BTC_USD, SKL_EUR } from '../../../support/coinbase-frames.ts';
import {
  changeText,
  doneText,
  fullMatchText,
  fullSnapshotText,
  lineText,
  openText,
  receivedText,
} from '../../../support/coinbase-full-frames.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FeedRig, type RigOptions } from '../../../support/feed-rig.ts';

const createFeed = (options: ConstructorParameters<typeof CoinbaseFullFeed>[0]): CoinbaseFullFeed => new CoinbaseFullFeed(options);
const rigOf = (options: RigOptions<CoinbaseFullFeed> = {}): FeedRig<CoinbaseFullFeed> =>
  new FeedRig({ instruments: [BTC_USD], createFeed, ...options }).connect();
const LINES = [lineText(100, 1, 'buy', '99.00', '1'), lineText(100, 2, 'buy', '99', '2'), lineText(100, 3, 'sell', '101.00', '3')];

/** Books of a rig's lane and feed agree. */
function agree(rig: FeedRig<CoinbaseFullFeed>): void {
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
}

function live(options: RigOptions<CoinbaseFullFeed> = {}): FeedRig<CoinbaseFullFeed> {
  const rig = rigOf(options);
  for (const line of LINES) rig.send(line);
  rig.send(receivedText(101));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  agree(rig);
  rig.take();
  return rig;
}

test('lines of orders are the snapshot; the book is live with the first message that follows them by number', () => {
  const rig = rigOf();
  for (const line of LINES) rig.send(line);
  assert.is(rig.feed.state(0), BOOK_STATE.SYNCING);
  rig.take();
  rig.send(receivedText(100));
  assert.is(rig.feed.state(0), BOOK_STATE.SYNCING);
  rig.send(receivedText(101));
  assert.is(rig.take(), `BOOK_CLEAR BOOK_END SYNCING>LIVE/${BOOK_REASON.SYNCED}|`);
  assert.equal([rig.replicas[0]!.bidTicks, rig.replicas[0]!.bidLots, rig.replicas[0]!.askTicks], [9_900, 300_000_000, 10_100]);
  assert.equal([rig.counter('depth_before_snapshot'), rig.counter('snapshot_messages')], [1, 1]);
});

test('a REST answer is joined to the messages that waited for it', () => {
  const rig = rigOf()
    .send(openText(99, 9, 'buy', '98.00', '1'))
    .send(openText(101, 4, 'buy', '99.50', '5').replace('"sequence":101', '"sequence":100'))
    .send(doneText(101, 1, 'buy', '99.00', '1'))
    .send(fullMatchText(102, 3, 'sell', '101.00', '1'));
  assert.equal(rig.requests, [0]);
  rig.take();
  rig.send(
    fullSnapshotText(
      100,
      [
        ['99.50', '5', 4],
        ['99.00', '1', 1],
      ],
      [['101.00', '3', 3]],
    ),
  );
  assert.is(rig.take(), `BOOK_CLEAR BOOK_END SUBSCRIBED_NO_SNAPSHOT>LIVE/${BOOK_REASON.SYNCED}|`);
  const book = rig.replicas[0]!;
  assert.equal([book.levels(SIDE.BUY), book.bidTicks, book.askLots], [1, 9_950, 200_000_000]);
  agree(rig);
});

test('a snapshot older than the first message that waited is refused and another one asked for', () => {
  const rig = rigOf()
    .send(receivedText(105))
    .send(receivedText(106))
    .send(fullSnapshotText(100, [], []));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused'), rig.requests], [BOOK_STATE.GAP, 1, [0, 0]]);
  rig.send(fullSnapshotText(105, [['99.00', '1', 1]], []));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  agree(rig);
});

test('a gap right after a snapshot was reached, or that shows it to be of no use, is answered by another request at once', () => {
  const reached = rigOf()
    .send(receivedText(101))
    .send(fullSnapshotText(101, [], []))
    .send(receivedText(102))
    .send(receivedText(104));
  assert.equal([reached.feed.state(0), reached.requests], [BOOK_STATE.GAP, [0, 0]]);
  const useless = rigOf()
    .send(receivedText(101))
    .send(fullSnapshotText(101, [], []))
    .send(receivedText(103));
  assert.equal([useless.feed.state(0), useless.requests], [BOOK_STATE.GAP, [0, 0]]);
  const unread = rigOf()
    .send(receivedText(101))
    .send(fullSnapshotText(101, [], []))
    .send('{"type":"open","product_id":"BTC-USD"}');
  assert.equal([unread.feed.state(0), unread.requests], [BOOK_STATE.GAP, [0, 0]]);
});

test('a number that the next message contradicts keeps no snapshot out', () => {
  const rig = rigOf().send(receivedText(9_105)).send(receivedText(106)).send(receivedText(107));
  rig.send(fullSnapshotText(105, [], []));
  assert.equal([rig.feed.state(0), rig.requests], [BOOK_STATE.GAP, [0, 0]]);
  rig.send(fullSnapshotText(106, [['99.00', '1', 1]], []));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a snapshot that messages do not reach within 5 s is asked for again, and gives way to one with a lower number', () => {
  const rig = rigOf()
    .send(receivedText(101))
    .send(fullSnapshotText(9_100, [], []));
  for (let i = 1; i <= 5_001; i++) rig.send(receivedText(101 + i));
  assert.equal([rig.feed.state(0), rig.requests], [BOOK_STATE.SYNCING, [0, 0]]);
  rig.send(fullSnapshotText(9_200, [], []));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_ignored')], [BOOK_STATE.SYNCING, 1]);
  rig.send(fullSnapshotText(5_102, [['99.00', '1', 1]], [])).send(receivedText(5_103));
  assert.equal([rig.feed.state(0), rig.requests.length], [BOOK_STATE.LIVE, 2]);
});

test('each event does to the orders what the channel says', () => {
  const rig = live()
    .send(openText(102, 4, 'buy', '100.00', '1.5'))
    .send(changeText(103, 4, 'buy', { old_size: '1.5', new_size: '1.25', price: '100.00' }))
    .send(fullMatchText(104, 4, 'buy', '100.00', '0.25'))
    .send(doneText(105, 4, 'buy', '100.00', '1'))
    .send(fullMatchText(106, 3, 'sell', '101.00', '3'))
    .send(doneText(107, 3, 'sell', '101.00', '0', 'filled'))
    .send(changeText(108, 1, 'buy', { new_size: '1', old_price: '99.00', new_price: '98.00' }))
    .send(changeText(109, 77, 'buy', { new_funds: '1', price: null }));
  assert.is(rig.take(), 'BOOK_END| BOOK_END| TRADE BOOK_END| BOOK_END| TRADE BOOK_END| BOOK_END|');
  assert.equal([rig.feed.state(0), rig.feed.book(0).orders, rig.feed.book(0).levels(SIDE.SELL)], [BOOK_STATE.LIVE, 2, 0]);
  assert.equal([rig.feed.book(0).qtyOf(SIDE.BUY, 9_800), rig.feed.book(0).qtyOf(SIDE.BUY, 9_900)], [100_000_000, 200_000_000]);
  assert.equal([rig.counter('trade_messages'), rig.counter('depth_messages'), rig.counter('depth_applied')], [2, 7, 6]);
  agree(rig);
});

test('a number that is not the last plus one is a gap at that message; an old one is passed over', () => {
  const rig = live().send(receivedText(101)).send(receivedText(99));
  assert.equal([rig.feed.state(0), rig.counter('depth_skipped')], [BOOK_STATE.LIVE, 2]);
  rig.send(openText(103, 5, 'buy', '100.00', '1'));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
  assert.equal([rig.feed.book(0).orders, rig.requests], [0, [0]]);
  rig.send(fullSnapshotText(102, [['99.00', '1', 1]], [['101.00', '3', 3]]));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  assert.is(rig.replicas[0]!.bidTicks, 10_000);
  agree(rig);
});

const MISMATCHES: [string, string][] = [
  ['an order opened twice', openText(102, 1, 'buy', '99.00', '1')],
  ['a match of a maker that does not rest', fullMatchText(102, 50, 'sell', '101.00', '1')],
  ['a match of more than the maker has', fullMatchText(102, 3, 'sell', '101.00', '3.5')],
  ['a match at another price than the maker has', fullMatchText(102, 3, 'sell', '101.01', '1')],
  ['a match of the other side', fullMatchText(102, 3, 'buy', '101.00', '1')],
  ['a done that leaves another size than the order had', doneText(102, 3, 'sell', '101.00', '2.9')],
  ['a done at another price', doneText(102, 3, 'sell', '101.5', '3')],
  ['a change of the other side', changeText(102, 3, 'buy', { new_size: '1' })],
];
for (const [what, frame] of MISMATCHES) {
  test(`${what} shows that something was missed`, () => {
    const rig = live().send(frame);
    assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.ORDER_MISMATCH}|`);
    assert.equal(rig.requests, [0]);
  });
}

test('a crossed book is stale', () => {
  assert.is(
    live()
      .send(openText(102, 5, 'buy', '101.00', '1'))
      .take(),
    `LIVE>STALE/${BOOK_REASON.CROSSED}|`,
  );
});

test('an ask beyond the grid is no part of the book until its price is changed into it', () => {
  const rig = live()
    .send(openText(102, 5, 'sell', '1000000000', '7'))
    .send(openText(103, 6, 'sell', '1000000000', '8'))
    .send(doneText(104, 6, 'sell', '1000000000', '8'));
  assert.equal([rig.take(), rig.counter('levels_beyond_grid')], ['', 2]);
  rig.send(changeText(105, 5, 'sell', { new_size: '6', new_price: '100.50' }));
  assert.is(rig.replicas[0]!.askTicks, 10_050);
  rig.send(changeText(106, 5, 'sell', { new_size: '6', new_price: '1000000000' })).send(doneText(107, 5, 'sell', '1000000000', '6'));
  assert.equal([rig.feed.state(0), rig.replicas[0]!.askTicks, rig.feed.book(0).orders], [BOOK_STATE.LIVE, 10_100, 3]);
  agree(rig);
});

test('a frame that cannot be read costs the books it may concern, and a snapshot of lines that lacks one is not taken', () => {
  const both = { instruments: [BTC_USD, SKL_EUR] };
  const rig = live(both).send('{"type":"open","product_id":"SKL-EUR","sequence":1}');
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  rig.send('{"type":"open","prod');
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`);
  for (const [i, line] of LINES.entries()) rig.send(i === 1 ? line.slice(0, 30) : line);
  rig.send(receivedText(101));
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  const first = rigOf();
  for (const [i, line] of LINES.entries()) first.send(i === 0 ? line.replace('"1"', '"x"') : line);
  first.send(receivedText(101));
  assert.is(first.feed.state(0), BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT);
  for (const line of LINES) first.send(line.replace('"sequence": 100', '"sequence": 200'));
  first.send(receivedText(201));
  assert.is(first.feed.state(0), BOOK_STATE.LIVE);
});

test('a snapshot with a bad order is refused whole', () => {
  const rig = rigOf()
    .send(receivedText(101))
    .send(
      fullSnapshotText(
        100,
        [
          ['99.00', '1', 1],
          ['98.001', '1', 2],
        ],
        [],
      ),
    );
  assert.equal([rig.feed.state(0), rig.feed.book(0).orders, rig.counter('snapshots_refused')], [BOOK_STATE.GAP, 0, 1]);
  rig.send(
    fullSnapshotText(
      100,
      [
        ['99.00', '1', 1],
        ['98.00', '1', 1],
      ],
      [],
    ),
  );
  assert.is(rig.counter('snapshots_refused'), 2);
  rig.send(fullSnapshotText(100, [['101.00', '1', 1]], [['100.00', '1', 2]]));
  assert.is(rig.counter('snapshots_refused'), 3);
  rig.send(fullSnapshotText(100, [['99.00', '1', 1]], []));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('a reconnect begins anew; a book without messages is stale until the next one follows', () => {
  const rig = live();
  rig.feed.checkAge(1e12, 2e9);
  rig.drain();
  assert.is(rig.take(), `LIVE>STALE/${BOOK_REASON.DATA_AGE}|`);
  rig.send(receivedText(102));
  assert.is(rig.take(), `BOOK_CLEAR BOOK_END STALE>LIVE/${BOOK_REASON.SYNCED}|`);
  rig.feed.onConnection(CONNECTION.DISCONNECTED, 5);
  rig.feed.onConnection(CONNECTION.CONNECTING, 6);
  rig.connect();
  assert.is(rig.take(), 'LIVE>DISCONNECTED/9| DISCONNECTED>CONNECTING/0| CONNECTING>SUBSCRIBED_NO_SNAPSHOT/1|');
  rig.send(openText(103, 8, 'buy', '99.00', '1')).send(fullSnapshotText(102, [], []));
  assert.equal([rig.feed.state(0), rig.feed.book(0).orders], [BOOK_STATE.LIVE, 1]);
});

test('a buffer that overflows is begun anew', () => {
  const rig = rigOf();
  for (let i = 0; i <= 4_096; i++) rig.send(receivedText(101 + i));
  assert.equal([rig.feed.state(0), rig.counter('sync_buffer_overflows')], [BOOK_STATE.GAP, 1]);
});

test('under the policy gap a full ring costs the lane its book, and it is told the whole book when there is room', () => {
  const rig = live({ capacity: 16, gap: true });
  rig.reads = false;
  for (let i = 0; i < 10; i++) rig.send(openText(102 + i, 200 + i, 'buy', `9${i}.00`, '1'));
  rig.reads = true;
  rig.drain();
  assert.is(rig.counter('ring_full_drops'), 1);
  assert.is(rig.replicaState[0], BOOK_STATE.GAP);
  rig.send(receivedText(112));
  rig.send(receivedText(113));
  assert.is(rig.replicaState[0], BOOK_STATE.LIVE);
  agree(rig);
});

/** A random session of order events, every one true of the orders before it. */
function session(prng: Prng, events: number): string[] {
  const alive: { id: number; side: 'buy' | 'sell'; price: number; size: number }[] = [];
  const frames: string[] = [];
  const price = (ticks: number): string => (ticks / 100).toFixed(2);
  let id = 1_000;
  for (let sequence = 101; frames.length < events; sequence++) {
    const what = prng.nextInt(10);
    const at = prng.nextInt(Math.max(1, alive.length));
    const one = alive[at];
    if (one === undefined || what < 4) {
      const side = prng.nextInt(2) === 0 ? 'buy' : 'sell';
      const ticks = side === 'buy' ? 9_900 - prng.nextInt(40) : 10_100 + prng.nextInt(40);
      const size = 1 + prng.nextInt(9);
      alive.push({ id, side, price: ticks, size });
      frames.push(openText(sequence, id++, side, price(ticks), `${size}`));
    } else if (what < 6) {
      alive.splice(at, 1);
      frames.push(doneText(sequence, one.id, one.side, price(one.price), `${one.size}`));
    } else if (what < 8) {
      const taken = 1 + prng.nextInt(one.size);
      one.size -= taken;
      if (one.size === 0) alive.splice(at, 1);
      frames.push(fullMatchText(sequence, one.id, one.side, price(one.price), `${taken}`));
    } else if (what < 9) {
      one.size = 1 + prng.nextInt(9);
      frames.push(changeText(sequence, one.id, one.side, { new_size: `${one.size}`, price: price(one.price) }));
    } else frames.push(receivedText(sequence));
  }
  return frames;
}

test('20,000 random events: orders, levels and the lane agree with the naive twin; any fault is seen at once and healed by a snapshot', () => {
  const prng = new Prng(2016);
  const rig = rigOf()
    .send(receivedText(100))
    .send(fullSnapshotText(100, [], []));
  const twin = new NaiveOrders();
  const frames = session(prng, 20_000);
  let faults = 0;
  frames.forEach((frame, i) => {
    const event = naiveFull(frame, [BTC_USD]);
    if (typeof event === 'string') throw new Error(event);
    twin.apply(event);
    if (prng.nextInt(200) === 0 && i > 0) {
      // Dropped: the next message shows it. A repeated or reordered one never gets into the book.
      faults++;
      return;
    }
    const before = rig.feed.state(0);
    rig.send(frame);
    if (prng.nextInt(50) === 0) rig.send(frames[Math.max(0, i - prng.nextInt(5))]!);
    if (rig.feed.state(0) !== BOOK_STATE.LIVE) {
      if (before === BOOK_STATE.LIVE) assert.is(rig.feed.state(0), BOOK_STATE.GAP);
      const orders = (sell: boolean): [string, string, number][] =>
        [...twin.orders]
          .filter(([, one]) => one.sell === sell)
          .map(([id, one]) => [(one.price / 100).toFixed(2), `${one.size / 1e8}`, Number.parseInt(id.slice(0, 8), 16)]);
      rig.send(fullSnapshotText(event.sequence, orders(false), orders(true)));
      return;
    }
    agree(rig);
    if (i % 50 !== 0) return;
    const book = rig.feed.book(0);
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const levels = [...Array(book.levels(side)).keys()].map((n) => [
        book.priceAt(side, n),
        book.qtyAt(side, n),
        book.orderCountAt(side, n),
      ]);
      assert.equal(levels, twin.levels(side));
    }
  });
  assert.ok(faults > 50);
  assert.ok(rig.counter('book_gaps') > 50 && rig.counter('books_synced') > 50);
});

test('200,000 events through decode, book and ring leave nothing on the heap', async () => {
  // A session cannot repeat its numbers, so the round begins with the snapshot anew.
  const round = [lineText(100, 1, 'sell', '101.00', '3')];
  for (let sequence = 101; sequence < 4_101; sequence += 5) {
    const order = 10 + (sequence % 97);
    const price = `9${sequence % 10}.00`;
    round.push(
      openText(sequence, order, 'buy', price, '5'),
      fullMatchText(sequence + 1, order, 'buy', price, '2'),
      changeText(sequence + 2, order, 'buy', { new_size: '1', price }),
      doneText(sequence + 3, order, 'buy', price, '1'),
      receivedText(sequence + 4),
    );
  }
  const counters = await assertAllocatesNothing({ createFeed, instruments: [BTC_USD], opening: [], cycle: round, frames: 200_000 });
  assert.ok(counters['depth_applied']! > 300_000);
});

test.run();
