import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../src/core/records/market.ts';
import type { L3Book } from '../../../src/feed/book/l3-book.hot.ts';
import { createDbnFeed } from '../../../src/feed/dbn/feed.ts';
import { ES, FIRST_NS, levels, mbo, type Pair, quarters, type RecordOptions, UNDEF_PRICE } from '../../support/dbn-records.ts';
import { levelsOf, RecordRig } from '../../support/record-rig.ts';

const LAST = 0x80;
const SNAPSHOT = 0x28;
const MAYBE_BAD = 0x04;

const rig = (options: { gap?: boolean; capacity?: number } = {}): RecordRig =>
  new RecordRig({ instruments: [ES], create: createDbnFeed, baseEpochNs: FIRST_NS, ...options }).connect();
const order = (action: string, id: bigint, side: string, price: number, size: number, flags = LAST, more: RecordOptions = {}): Uint8Array =>
  mbo(action, id, { side, price: quarters(price), size, flags, ...more });
/** A snapshot of bid 100 x 5 and ask 102 x 7. */
const SNAPSHOT_RECORDS = [order('A', 1n, 'B', 100, 5, SNAPSHOT), order('A', 2n, 'A', 102, 7, SNAPSHOT | LAST)];
const started = (options: { gap?: boolean; capacity?: number } = {}): RecordRig => {
  const one = rig(options).send(...SNAPSHOT_RECORDS);
  one.take();
  one.applied = [];
  return one;
};

test('a snapshot makes the book LIVE with its last record, with or without a clear before it', () => {
  const plain = rig();
  assert.is(plain.take(), 'DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT/1|');
  plain.send(SNAPSHOT_RECORDS[0]!);
  assert.is(plain.take(), '');
  plain.send(SNAPSHOT_RECORDS[1]!);
  assert.is(plain.take(), 'CLEAR END 100/102 SUBSCRIBED_NO_SNAPSHOT>LIVE/3|');
  assert.equal(plain.applied, ['2:100x5/102x7*']);
  const cleared = rig().send(mbo('R', 0n, { flags: SNAPSHOT }), ...SNAPSHOT_RECORDS);
  assert.equal(levelsOf(cleared.replicas[0]!, SIDE.BUY), ['100x5']);
  assert.equal(cleared.applied, ['3:100x5/102x7*']);
});

test('a snapshot that no flag ends is whole with the first event after it', () => {
  const one = rig().send(order('A', 1n, 'B', 100, 5, SNAPSHOT), order('A', 2n, 'A', 102, 7, SNAPSHOT));
  assert.is(one.feed.state(0), BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT);
  one.send(order('A', 3n, 'B', 101, 1, 0), order('A', 4n, 'B', 101, 2));
  assert.equal(one.applied, ['4:101x3/102x7*']);
  assert.is(one.states[0], BOOK_STATE.LIVE);
});

test('a later snapshot begins the book again', () => {
  const one = started().send(order('A', 9n, 'B', 99, 1), ...SNAPSHOT_RECORDS);
  assert.equal(levelsOf(one.replicas[0]!, SIDE.BUY), ['100x5']);
  assert.is(one.counter('record_orders_duplicate'), 0);
  assert.is(one.states[0], BOOK_STATE.LIVE);
});

test('adds, cancels, changes, trades and fills reach the ring as one event at its last record', () => {
  const one = started();
  one.send(order('T', 0n, 'B', 102, 3, 0), order('F', 2n, 'A', 102, 3, 0));
  assert.is(one.take(), '');
  one.send(order('C', 2n, 'A', 102, 3));
  assert.is(one.take(), 'buy 102x3 END 100/102|');
  assert.equal(levelsOf(one.replicas[0]!, SIDE.SELL), ['102x4']);
  one.send(order('M', 1n, 'B', 101, 6), order('A', 5n, 'B', 101, 1, 0), order('C', 2n, 'A', 102, 4));
  assert.is(one.take(), 'END 101/102| END 101/-|');
  assert.equal(levelsOf(one.replicas[0]!, SIDE.BUY), ['101x7']);
  assert.equal(one.applied, ['5:100x5/102x4*', '6:101x6/102x4*', '7:101x7/102x4', '8:101x7/-*']);
});

test('the book keeps queue positions: growth and a new price lose them, less size does not', () => {
  const one = started().send(
    order('A', 5n, 'B', 100, 2),
    order('A', 6n, 'B', 100, 3),
    order('M', 1n, 'B', 100, 4),
    order('M', 5n, 'B', 100, 8),
  );
  const book = one.feed.book(0) as L3Book;
  const lots = new Float64Array(1);
  assert.equal(
    [1, 6, 5].map((id) => [book.queueAhead(id, 0, lots, 0), lots[0]]),
    [
      [0, 0],
      [1, 4],
      [2, 7],
    ],
  );
});

test('the best price of a venue that shows no more replaces its side, and empties it without a price', () => {
  const top = (side: string, price: number | undefined, size: number): Uint8Array =>
    mbo('A', 0n, { side, price: price === undefined ? UNDEF_PRICE : quarters(price), size, flags: LAST | 0x40 });
  const one = started().send(top('B', 101, 3), top('A', 103, 4));
  assert.is(one.take(), 'END 101/102| END 101/103|');
  assert.equal(
    [SIDE.BUY, SIDE.SELL].map((side) => levelsOf(one.replicas[0]!, side)),
    [['101x3'], ['103x4']],
  );
  one.send(top('B', undefined, 0), top('B', 100, 1), top('A', 103, 9));
  assert.is(one.take(), 'END -/103| END 100/103| END 100/103|');
  assert.equal(
    [levelsOf(one.replicas[0]!, SIDE.SELL), (one.feed.book(0) as L3Book).orders, one.counter('rejected_frames')],
    [['103x9'], 2, 0],
  );
});

test('bid at or above ask is a state: nothing is published, the book goes on, and it is whole when it uncrosses', () => {
  const one = started().send(order('A', 5n, 'B', 103, 2));
  assert.is(one.take(), 'LIVE>NOT_TRADING/5|');
  one.send(order('A', 6n, 'B', 99, 2));
  assert.is(one.take(), '');
  one.send(order('C', 5n, 'B', 103, 2));
  assert.is(one.take(), 'CLEAR END 100/102 NOT_TRADING>LIVE/3|');
  assert.equal(levelsOf(one.replicas[0]!, SIDE.BUY), ['100x5', '99x2']);
  assert.equal(one.applied, ['3:103x2/102x7*', '4:103x2/102x7*', '5:100x5/102x7*']);
  assert.is(one.counter('record_crossed'), 2);
});

test('a book crossed within an event is not seen', () => {
  const one = started().send(order('A', 5n, 'B', 103, 7, 0), order('C', 2n, 'A', 102, 7));
  assert.is(one.take(), 'END 103/-|');
});

test('an order the book does not have, has already, has too little of, or has on the other side gives the book up', () => {
  for (const [record, counter] of [
    [order('C', 77n, 'B', 100, 1), 'record_orders_unknown'],
    [order('A', 1n, 'B', 100, 1), 'record_orders_duplicate'],
    [order('C', 1n, 'B', 100, 6), 'record_orders_below_zero'],
    [order('C', 1n, 'A', 100, 1), undefined],
  ] as const) {
    const one = started().send(record);
    assert.is(one.take(), `LIVE>GAP/${BOOK_REASON.ORDER_MISMATCH}|`);
    if (counter !== undefined) assert.is(one.counter(counter), 1);
    one.send(order('A', 9n, 'B', 101, 1));
    assert.is(one.counter('record_without_book'), 1);
    assert.equal([one.take(), one.applied], ['', []]);
    one.send(...SNAPSHOT_RECORDS);
    assert.is(one.take(), 'CLEAR END 100/102 GAP>LIVE/3|');
  }
});

test('a change of an unknown order is a new order', () => {
  const one = started().send(order('M', 77n, 'B', 101, 2));
  assert.is(one.take(), 'END 101/102|');
  assert.is(one.counter('record_orders_modified_new'), 1);
});

test('records that say others were lost give the book up until the next snapshot', () => {
  const one = started().send(order('A', 5n, 'B', 101, 1, LAST | MAYBE_BAD));
  assert.is(one.take(), 'LIVE>GAP/4|');
  one.send(mbo('R', 0n, { flags: LAST }));
  assert.is(one.take(), 'CLEAR END -/- GAP>LIVE/3|');
});

test('a record that cannot be decoded gives the book up, but not where it is a trade or of another instrument', () => {
  const one = started();
  one.send(mbo('T', 0n, { side: 'B', price: UNDEF_PRICE, size: 1, flags: LAST }), order('A', 5n, 'B', 101, 1, LAST, { number: 5 }));
  assert.is(one.take(), '');
  assert.equal([one.counter('record_rejected_no_price'), one.counter('unknown_symbol')], [1, 1]);
  one.send(mbo('A', 5n, { side: 'B', price: quarters(1) + 1n, size: 1, flags: LAST }));
  assert.is(one.take(), 'LIVE>GAP/6|');
  assert.equal([one.counter('rejected_frames'), one.counter('record_rejected_off_tick')], [2, 1]);
  assert.is(one.feed.rejects.list().length, 2);
});

test('without a snapshot or a clear a book of orders never becomes LIVE', () => {
  const one = rig().send(order('A', 5n, 'B', 101, 1), order('C', 5n, 'B', 101, 1));
  assert.is(one.feed.state(0), BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT);
  assert.is(one.counter('record_without_book'), 2);
});

const LADDER: Pair[] = [
  [quarters(100), 5, quarters(102), 7],
  [quarters(99), 4, quarters(103), 8],
];

test('a record of levels is the whole book, and only what differs is published', () => {
  const one = rig().send(levels('A', LADDER, { count: 10 }));
  assert.is(one.take(), 'DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT/1| CLEAR END 100/102 SUBSCRIBED_NO_SNAPSHOT>LIVE/3|');
  one.send(levels('M', [[quarters(101), 1, quarters(103), 8]], { count: 10 }));
  assert.is(one.take(), 'END 101/103|');
  assert.equal([levelsOf(one.replicas[0]!, SIDE.BUY), levelsOf(one.replicas[0]!, SIDE.SELL)], [['101x1'], ['103x8']]);
  assert.is(one.counter('levels_changed'), 4);
  one.send(levels('T', [[quarters(101), 1, UNDEF_PRICE, 0]], { price: quarters(103), size: 8, side: 'B' }));
  assert.is(one.take(), 'buy 103x8 END 101/-|');
});

test('a record of levels heals what was wrong before it', () => {
  const one = rig().send(levels('A', LADDER, { count: 10 }));
  one.take();
  one.send(levels('A', LADDER, { count: 10, flags: LAST | MAYBE_BAD }), levels('A', LADDER, { count: 10 }));
  assert.is(one.take(), 'LIVE>STALE/4| CLEAR END 100/102 STALE>LIVE/3|');
  one.send(levels('A', [LADDER[1]!, LADDER[0]!], { count: 10 }), levels('A', LADDER, { count: 10 }));
  assert.is(one.take(), 'LIVE>STALE/6| CLEAR END 100/102 STALE>LIVE/3|');
});

test('best prices once an interval need no last flag, and trades alone need no book', () => {
  const one = rig().send(levels('N', [LADDER[0]!], { rtype: 0xc4, flags: 0 }));
  assert.is(one.states[0], BOOK_STATE.LIVE);
  const trades = rig();
  trades.take();
  trades.send(levels('T', [], { price: quarters(100), size: 3, side: 'A' }), levels('T', [], { price: quarters(100), size: 3, side: 'N' }));
  assert.is(trades.take(), 'sell 100x3|');
  assert.is(trades.counter('record_trades_without_side'), 1);
});

test('a book without a record for too long is STALE until its next', () => {
  const one = started();
  one.feed.checkAge(10e9, 5e9);
  one.drain();
  assert.is(one.take(), 'LIVE>STALE/10|');
  one.send(order('A', 5n, 'B', 101, 1));
  assert.is(one.take(), 'CLEAR END 101/102 STALE>LIVE/3|');
});

test('a ring without room loses no book: it is GAP, and whole when there is room', () => {
  const one = started({ gap: true, capacity: 16 });
  one.reads = false;
  for (let i = 0; i < 40; i++) one.send(order('A', 100n + BigInt(i), 'B', 90 - i, 1));
  assert.ok(one.counter('ring_full_drops') >= 1);
  one.reads = true;
  one.drain();
  for (let i = 0; i < 39; i++) one.send(order('C', 100n + BigInt(i), 'B', 90 - i, 1));
  assert.is(one.states[0], BOOK_STATE.LIVE);
  assert.equal(levelsOf(one.replicas[0]!, SIDE.BUY), levelsOf(one.feed.book(0), SIDE.BUY));
});

test('a hundred thousand random records: book, replica and a map of orders agree whenever the book is LIVE', () => {
  const prng = new Prng(31);
  const one = rig().send(mbo('R', 0n, { flags: LAST }));
  const orders = new Map<bigint, { side: string; price: number; size: number }>();
  let next = 1n;
  let compared = 0;
  for (let i = 0; i < 100_000; i++) {
    const ids = [...orders.keys()].slice(0, 40);
    const id = ids[prng.nextInt(ids.length)] ?? 0n;
    const held = orders.get(id);
    const flags = prng.nextInt(3) === 0 ? 0 : LAST;
    const what = held === undefined || (orders.size < 60 && prng.nextInt(2) === 0) ? 0 : 1 + prng.nextInt(3);
    if (i % 5_000 === 4_999) {
      one.send(mbo('R', 0n, { flags }));
      orders.clear();
    } else if (what === 0) {
      const side = prng.nextInt(2) === 0 ? 'B' : 'A';
      const made = { side, price: side === 'B' ? 100 - prng.nextInt(12) : 101 + prng.nextInt(12), size: 1 + prng.nextInt(9) };
      orders.set(next, made);
      one.send(order('A', next++, side, made.price, made.size, flags));
    } else if (what === 1) {
      const size = 1 + prng.nextInt(held!.size);
      held!.size -= size;
      if (held!.size === 0) orders.delete(id);
      one.send(order('C', id, held!.side, held!.price, size, flags));
    } else {
      held!.price += prng.nextInt(3) - 1;
      held!.size = 1 + prng.nextInt(9);
      one.send(order('M', id, held!.side, held!.price, held!.size, flags));
    }
    if (flags !== LAST || i % 7 !== 0) continue;
    const sides = ['B', 'A'].map((side) => {
      const sums = new Map<number, number>();
      for (const held of orders.values()) if (held.side === side) sums.set(held.price, (sums.get(held.price) ?? 0) + held.size);
      return [...sums].sort(([a], [b]) => (side === 'B' ? b - a : a - b)).map(([price, size]) => `${price}x${size}`);
    });
    assert.equal([levelsOf(one.feed.book(0), SIDE.BUY), levelsOf(one.feed.book(0), SIDE.SELL)], sides);
    if (one.states[0] !== BOOK_STATE.LIVE) continue;
    compared++;
    assert.equal([levelsOf(one.replicas[0]!, SIDE.BUY), levelsOf(one.replicas[0]!, SIDE.SELL)], sides);
  }
  assert.ok(compared > 500, `${compared} compared while LIVE`);
});

test.run();
