import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRICE_NONE } from '../../../src/core/price.ts';
import { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { L2Book } from '../../../src/feed/book/l2-book.hot.ts';
import { L3Book } from '../../../src/feed/book/l3-book.hot.ts';
import { feedPool, giveBackPool, L3Pool } from '../../../src/feed/book/l3-pool.ts';
import { L3, PRIORITY } from '../../../src/feed/book/l3-status.ts';
import { NaiveL3Book } from '../../reference/naive-l3-book.ts';
import { measureAllocation } from '../../support/allocation.ts';

const lots = new Float64Array(2);
const one = (qty: number): Float64Array => {
  lots[0] = qty;
  return lots;
};

/** A book under test, its naive twin, and an L2 book told only of the levels that each operation says it changed. */
class Twins {
  readonly book: L3Book;
  readonly naive: NaiveL3Book;
  readonly levels: L2Book;

  constructor(ordersMax: number, levelsMax: number) {
    this.book = new L3Book(ordersMax, levelsMax);
    this.naive = new NaiveL3Book(ordersMax, levelsMax);
    this.levels = new L2Book(levelsMax + 1);
  }

  /** Checks the two statuses and carries the changed levels over. */
  after(status: number, expected: number): void {
    if (status !== expected) assert.is(status, expected);
    const { book, levels } = this;
    if (status < 0 && book.changedCount > 0) assert.is(book.changedCount, 0, 'a refused operation changes no level');
    for (let i = 0; i < book.changedCount; i++) levels.apply(book.changedSide, book.changedTicks[i]!, book.changedLots[i]!);
    if (book.orders !== this.naive.orders.size) assert.is(book.orders, this.naive.orders.size);
    if (book.bidTicks !== levels.bidTicks || book.askTicks !== levels.askTicks || book.bidLots !== levels.bidLots) this.compare();
  }

  /** Every level, count, queue and position. */
  compare(): void {
    const { book, naive } = this;
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const expected = naive.levels(side);
      assert.is(book.levels(side), expected.length);
      expected.forEach((level, i) => {
        assert.equal(
          [book.priceAt(side, i), book.qtyAt(side, i), book.orderCountAt(side, i), book.qtyOf(side, level.price)],
          [level.price, level.qty, level.refs.length, level.qty],
        );
        const queue: string[] = [];
        for (let order = book.frontOf(side, i); order >= 0; order = book.after(order)) {
          queue.push(`${book.highOf(order)}:${book.lowOf(order)}`);
          assert.equal([book.sideOf(order), book.priceOf(order)], [side, level.price]);
          assert.is(book.lotsOf(order), naive.orders.get(queue.at(-1)!)!.qty);
        }
        assert.equal(queue, level.refs);
      });
    }
    assert.is(book.hash(), this.levels.hash(), 'the changed levels add up to the book');
    assert.is(book.crossed(), this.levels.crossed());
  }

  position(high: number, low: number): void {
    const found = this.book.queueAhead(low, high, lots, 1);
    const expected = this.naive.queueAhead(`${high}:${low}`);
    assert.equal(found < 0 ? found : [found, lots[1]], expected);
  }
}

/** References whose low halves collide, are negative, and are 0. */
function refOf(prng: Prng, spread: number): [high: number, low: number] {
  const pick = prng.nextInt(spread);
  if (pick % 5 === 0) return [pick & 3, (pick << 16) | 0];
  if (pick % 5 === 1) return [0, pick & 0xf];
  if (pick % 5 === 2) return [-pick, -1];
  return [0, 1_000_000 + pick];
}

function drive(seed: number, steps: number, ordersMax: number, levelsMax: number, spread: number): void {
  const prng = new Prng(seed);
  const twins = new Twins(ordersMax, levelsMax);
  const { book, naive } = twins;
  for (let step = 0; step < steps; step++) {
    const [high, low] = refOf(prng, spread);
    const ref = `${high}:${low}`;
    const price = prng.nextInt(40) - 10;
    const qty = prng.nextInt(8) === 0 ? prng.nextInt(3) * 5_000_000_000 : prng.nextInt(20);
    const what = prng.nextInt(100);
    if (what < 45) {
      const side = prng.nextInt(2);
      twins.after(book.add(low, high, side, price, one(qty), 0), naive.add(ref, side, price, qty));
    } else if (what < 60) twins.after(book.reduce(low, high, one(qty), 0), naive.reduce(ref, qty));
    else if (what < 75) twins.after(book.delete(low, high), naive.delete(ref));
    else if (what < 88) {
      const [newHigh, newLow] = prng.nextInt(10) === 0 ? [high, low] : refOf(prng, spread);
      twins.after(book.replace(low, high, newLow, newHigh, price, one(qty), 0), naive.replace(ref, `${newHigh}:${newLow}`, price, qty));
    } else if (what < 99 || step % 1_000 !== 0) {
      const rule = prng.nextInt(3);
      twins.after(book.modify(low, high, price, one(qty), 0, rule), naive.modify(ref, price, qty, rule));
    } else {
      book.clear();
      naive.clear();
      twins.levels.clear();
    }
    if (step % 25 === 0) twins.position(high, low);
    if (step % 400 === 0) twins.compare();
  }
  twins.compare();
}

test('a hundred thousand random steps over several seeds: statuses, top, levels, queues and positions equal the naive book', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      drive(seed, 10_000, 60, 12, 130);
      drive(seed, 10_000, 500, 64, 900);
    }),
    { numRuns: 5, seed: 20250702 },
  );
});

function driveShared(pool: L3Pool, seed: number): void {
  const books = Array.from({ length: 3 }, () => new L3Book(2_000, 64, pool));
  const naive = books.map(() => new NaiveL3Book(2_000, 64));
  const prng = new Prng(seed);
  for (let step = 0; step < 60_000; step++) {
    const i = prng.nextInt(books.length);
    const [book, twin] = [books[i]!, naive[i]!];
    const [high, low] = refOf(prng, 700);
    const [side, price, qty] = [prng.nextInt(2), prng.nextInt(80) - 20, 1 + prng.nextInt(9)];
    const what = prng.nextInt(1_000);
    if (what < 480) assert.is(book.add(low, high, side, price, one(qty), 0), twin.add(`${high}:${low}`, side, price, qty));
    else if (what < 700) assert.is(book.delete(low, high), twin.delete(`${high}:${low}`));
    else if (what < 850) assert.is(book.reduce(low, high, one(qty), 0), twin.reduce(`${high}:${low}`, qty));
    else if (what < 999) {
      const [newHigh, newLow] = refOf(prng, 700);
      const status = twin.replace(`${high}:${low}`, `${newHigh}:${newLow}`, price, qty);
      assert.is(book.replace(low, high, newLow, newHigh, price, one(qty), 0), status);
    } else {
      book.clear();
      twin.clear();
    }
    if (step % 2_000 === 0) books.forEach((one, k) => assert.equal(queuesOf(one), naiveQueuesOf(naive[k]!)));
  }
  assert.is(
    pool.used[0],
    books.reduce((sum, book) => sum + book.orders, 0),
  );
  for (const book of books) book.clear();
}

test('books that share a pool keep their orders apart, the same references too, and a cleared one leaves the others alone', () => {
  driveShared(new L3Pool(2_000, 3, 64), 11);
});

test('a pool that a feed gave back serves the next feed of its size as a new one would', () => {
  const pool = feedPool(3, 64);
  driveShared(pool, 12);
  giveBackPool(pool);
  assert.is.not(feedPool(2, 64), pool);
  assert.is(feedPool(3, 64), pool);
  driveShared(pool, 13);
  assert.is.not(feedPool(3, 64), pool, 'it is given once');
});

/** Every level of a book with its references in order. */
function queuesOf(book: L3Book): string[] {
  return [SIDE.BUY, SIDE.SELL].flatMap((side) =>
    Array.from({ length: book.levels(side) }, (_, i) => {
      const refs: string[] = [];
      for (let order = book.frontOf(side, i); order >= 0; order = book.after(order))
        refs.push(`${book.highOf(order)}:${book.lowOf(order)}`);
      return `${book.priceAt(side, i)} x ${book.qtyAt(side, i)}: ${refs}`;
    }),
  );
}

function naiveQueuesOf(book: NaiveL3Book): string[] {
  return [SIDE.BUY, SIDE.SELL].flatMap((side) => book.levels(side).map(({ price, qty, refs }) => `${price} x ${qty}: ${refs}`));
}

test('a pool that is full refuses orders of every book of it', () => {
  const pool = new L3Pool(3, 2, 4);
  const [a, b] = [new L3Book(3, 4, pool), new L3Book(3, 4, pool)];
  for (const ref of [1, 2]) assert.is(a.add(ref, 0, SIDE.BUY, 10, one(1), 0), L3.OK);
  assert.is(b.add(1, 0, SIDE.BUY, 10, one(1), 0), L3.OK);
  assert.equal([a.add(3, 0, SIDE.BUY, 10, one(1), 0), b.add(3, 0, SIDE.BUY, 10, one(1), 0)], [L3.ORDERS_FULL, L3.ORDERS_FULL]);
  a.clear();
  assert.is(b.add(3, 0, SIDE.BUY, 10, one(1), 0), L3.OK);
});

test('an empty book has no best price, no level and no order', () => {
  const book = new L3Book(4, 4);
  assert.equal([book.bidTicks, book.askTicks, book.bidLots, book.askLots, book.orders], [PRICE_NONE, PRICE_NONE, 0, 0, 0]);
  assert.equal([book.priceAt(SIDE.BUY, 0), book.qtyAt(SIDE.SELL, 0), book.orderCountAt(SIDE.BUY, -1)], [PRICE_NONE, 0, 0]);
  assert.equal([book.frontOf(SIDE.BUY, 0), book.orderOf(0, 0)], [-1, -1]);
  assert.is(book.delete(0, 0), L3.UNKNOWN_REF);
  assert.is(book.queueAhead(0, 0, lots, 1), L3.UNKNOWN_REF);
});

test('reference 0 is an order like any other', () => {
  const book = new L3Book(4, 4);
  assert.is(book.add(0, 0, SIDE.BUY, 100, one(5), 0), L3.OK);
  assert.is(book.add(0, 0, SIDE.BUY, 100, one(5), 0), L3.DUPLICATE_REF);
  assert.is(book.reduce(0, 0, one(2), 0), L3.OK);
  assert.equal([book.bidTicks, book.bidLots, book.orders], [100, 3, 1]);
  assert.is(book.delete(0, 0), L3.OK);
  assert.is(book.orders, 0);
});

test('a book at capacity refuses by status, changes nothing, and takes orders again after a removal', () => {
  const book = new L3Book(3, 2);
  book.add(1, 0, SIDE.SELL, 10, one(1), 0);
  book.add(2, 0, SIDE.SELL, 11, one(1), 0);
  assert.is(book.add(3, 0, SIDE.SELL, 12, one(1), 0), L3.LEVELS_FULL);
  assert.is(book.add(3, 0, SIDE.SELL, 11, one(1), 0), L3.OK);
  assert.is(book.add(4, 0, SIDE.SELL, 11, one(1), 0), L3.ORDERS_FULL);
  const [hash, orders] = [book.hash(), book.ordersHash()];
  assert.is(book.replace(3, 0, 9, 0, 12, one(1), 0), L3.LEVELS_FULL);
  assert.is(book.modify(3, 0, 12, one(1), 0, PRIORITY.LOST_BY_PRICE), L3.LEVELS_FULL);
  assert.is(book.reduce(3, 0, one(2), 0), L3.BELOW_ZERO);
  assert.is(book.reduce(3, 0, one(0), 0), L3.BAD_QTY);
  assert.equal([book.hash(), book.ordersHash()], [hash, orders]);
  assert.is(book.replace(1, 0, 9, 0, 12, one(1), 0), L3.OK, 'the level that the order leaves makes room');
  book.delete(3, 0);
  assert.is(book.add(4, 0, SIDE.BUY, 5, one(1), 0), L3.OK);
});

test('a replaced order goes to the end of its queue; a modified one only when its rule says so', () => {
  const book = new L3Book(8, 4);
  for (const ref of [1, 2, 3]) book.add(ref, 0, SIDE.BUY, 100, one(10), 0);
  const ahead = (ref: number): number => book.queueAhead(ref, 0, lots, 1);
  assert.equal([ahead(3), lots[1]], [2, 20]);
  book.modify(1, 0, 100, one(4), 0, PRIORITY.LOST_BY_PRICE_OR_GROWTH);
  assert.equal([ahead(1), ahead(2), lots[1]], [0, 1, 4]);
  book.modify(1, 0, 100, one(12), 0, PRIORITY.LOST_BY_PRICE);
  assert.is(ahead(1), 0);
  book.modify(1, 0, 100, one(13), 0, PRIORITY.LOST_BY_PRICE_OR_GROWTH);
  assert.equal([ahead(1), ahead(2)], [2, 0]);
  book.modify(2, 0, 100, one(1), 0, PRIORITY.LOST_ALWAYS);
  assert.is(ahead(2), 2);
  book.replace(3, 0, 7, 0, 100, one(10), 0);
  assert.equal([ahead(7), ahead(3)], [2, L3.UNKNOWN_REF]);
});

test('the hash of levels equals that of an L2 book; the hash of orders depends on queue order', () => {
  const a = new L3Book(8, 4);
  const b = new L3Book(8, 4);
  for (const ref of [1, 2]) a.add(ref, 0, SIDE.SELL, 100, one(10), 0);
  for (const ref of [2, 1]) b.add(ref, 0, SIDE.SELL, 100, one(10), 0);
  const levels = new L2Book(4);
  levels.apply(SIDE.SELL, 100, 20);
  assert.equal([a.hash(), b.hash()], [levels.hash(), levels.hash()]);
  assert.is.not(a.ordersHash(), b.ordersHash());
});

test('references that share their low bits, and orders that come and go for long, do not fill the table', () => {
  const book = new L3Book(64, 64);
  for (let i = 0; i < 200_000; i++) {
    const low = (i << 20) | 0;
    assert.is(book.add(low, i >>> 12, SIDE.BUY, i & 31, one(1), 0), L3.OK);
    if (i >= 60) assert.is(book.delete(((i - 60) << 20) | 0, (i - 60) >>> 12), L3.OK);
  }
  assert.is(book.orders, 60);
});

test('two million operations leave nothing on the heap', async () => {
  const book = new L3Book(4_096, 512);
  const qty = new Float64Array([5e9, 3e9, 7e9]);
  let ref = 1;
  const round = (count: number): void => {
    for (let i = 0; i < count; i++, ref = (ref + 1) | 0) {
      book.add(ref, 7, i & 1, (i * 7) & 255, qty, 0);
      if ((i & 3) === 0) book.reduce(ref, 7, qty, 1);
      else if ((i & 3) === 1) book.modify(ref, 7, (i * 3) & 255, qty, 2, PRIORITY.LOST_BY_PRICE_OR_GROWTH);
      book.replace(ref, 7, ref, 8, (i * 5) & 255, qty, 2);
      book.queueAhead(ref, 8, lots, 1);
      if (ref > 1_000) book.delete(ref - 1_000, 8);
    }
  };
  const { collections, heapBytes } = await measureAllocation(
    () => round(100_000),
    () => round(500_000),
  );
  assert.is(collections, 0);
  assert.ok(heapBytes < 2_000_000, `${heapBytes} bytes of heap`);
});

test.run();
