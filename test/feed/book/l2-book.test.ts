import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRICE_NONE, PRICE_TICKS_MAX } from '../../../src/core/price.ts';
import { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { BOOK_APPLY, L2Book } from '../../../src/feed/book/l2-book.hot.ts';
import { NaiveBook } from '../../reference/naive-book.ts';

function assertEqualBooks(book: L2Book, naive: NaiveBook): void {
  for (const side of [SIDE.BUY, SIDE.SELL]) {
    const expected = naive.sorted(side);
    assert.is(book.levels(side), expected.length);
    expected.forEach(([price, qty], i) => {
      if (book.priceAt(side, i) !== price || book.qtyAt(side, i) !== qty) {
        assert.equal([side, i, book.priceAt(side, i), book.qtyAt(side, i)], [side, i, price, qty]);
      }
    });
    const most = 1 + (expected.length >> 1);
    const [ticks, lots] = [new Int32Array(most), new Float64Array(most)];
    const copied = book.copyBest(side, most, ticks, lots);
    assert.equal(
      [...ticks.subarray(0, copied)].map((price, i) => [price, lots[i]!]),
      expected.slice(0, most),
    );
  }
}

test('an empty book has no best price, no quantity and no level', () => {
  const book = new L2Book(4);
  assert.equal([book.bidTicks, book.askTicks, book.bidLots, book.askLots], [PRICE_NONE, PRICE_NONE, 0, 0]);
  assert.is(book.priceAt(SIDE.BUY, 0), PRICE_NONE);
  assert.is(book.qtyAt(SIDE.SELL, 0), 0);
  assert.is(book.qtyOf(SIDE.BUY, 5), 0);
  assert.not(book.crossed());
});

test('the best levels are first on both sides', () => {
  const book = new L2Book(8);
  for (const [price, qty] of [
    [100, 1],
    [102, 2],
    [101, 3],
  ] as const)
    book.apply(SIDE.BUY, price, qty);
  for (const [price, qty] of [
    [105, 4],
    [103, 5],
    [104, 6],
  ] as const)
    book.apply(SIDE.SELL, price, qty);
  assert.equal([book.bidTicks, book.bidLots, book.askTicks, book.askLots], [102, 2, 103, 5]);
  assert.equal(
    [0, 1, 2, 3].map((i) => book.priceAt(SIDE.BUY, i)),
    [102, 101, 100, PRICE_NONE],
  );
  assert.equal(
    [0, 1, 2, 3].map((i) => book.qtyAt(SIDE.SELL, i)),
    [5, 6, 4, 0],
  );
  assert.is(book.priceAt(SIDE.BUY, -1), PRICE_NONE);
  assert.is(book.qtyOf(SIDE.SELL, 104), 6);
});

test('removing an unknown level and repeating a quantity change nothing', () => {
  const book = new L2Book(8);
  assert.is(book.apply(SIDE.BUY, 100, 0), BOOK_APPLY.UNCHANGED);
  assert.is(book.apply(SIDE.BUY, 100, 7), BOOK_APPLY.CHANGED);
  const before = book.hash();
  assert.is(book.apply(SIDE.BUY, 100, 7), BOOK_APPLY.UNCHANGED);
  assert.is(book.apply(SIDE.BUY, 99, 0), BOOK_APPLY.UNCHANGED);
  assert.is(book.hash(), before);
});

test('a side at capacity refuses a new level, takes changes, and takes a new one after a removal', () => {
  const book = new L2Book(2);
  book.apply(SIDE.SELL, 10, 1);
  book.apply(SIDE.SELL, 11, 1);
  assert.is(book.apply(SIDE.SELL, 12, 1), BOOK_APPLY.FULL);
  assert.is(book.apply(SIDE.SELL, 11, 5), BOOK_APPLY.CHANGED);
  assert.is(book.apply(SIDE.SELL, 10, 0), BOOK_APPLY.CHANGED);
  assert.is(book.apply(SIDE.SELL, 12, 1), BOOK_APPLY.CHANGED);
  assert.is(book.levels(SIDE.SELL), 2);
});

test('crossed is bid at or above ask, and needs both sides', () => {
  const book = new L2Book(4);
  book.apply(SIDE.BUY, 100, 1);
  assert.not(book.crossed());
  book.apply(SIDE.SELL, 101, 1);
  assert.not(book.crossed());
  book.apply(SIDE.BUY, 101, 1);
  assert.ok(book.crossed());
});

test('the hash depends on every price and quantity and not on the order of changes', () => {
  const a = new L2Book(64);
  const b = new L2Book(64);
  const levels = [...Array(20).keys()].map((i): [number, number] => [1000 + i, i * 5_000_000_000 + 1]);
  for (const [price, qty] of levels) a.apply(SIDE.BUY, price, qty);
  for (const [price, qty] of levels.reverse()) b.apply(SIDE.BUY, price, qty);
  assert.is(a.hash(), b.hash());
  b.apply(SIDE.BUY, 1003, 3 * 5_000_000_000 + 2);
  assert.is.not(a.hash(), b.hash());
  b.apply(SIDE.BUY, 1003, 3 * 5_000_000_000 + 1);
  b.apply(SIDE.SELL, 2000, 1);
  assert.is.not(a.hash(), b.hash());
});

test('a million random changes over wide and narrow prices leave the book equal to the naive one', () => {
  const prng = new Prng(20240808);
  const book = new L2Book(4_096);
  const naive = new NaiveBook();
  for (let i = 0; i < 1_000_000; i++) {
    const side = prng.nextInt(2);
    const wide = prng.nextInt(4) === 0;
    const away = wide ? prng.nextInt(3_000) : prng.nextInt(30);
    const price = side === SIDE.BUY ? 50_000 - away : 50_001 + away;
    const qty = prng.nextInt(3) === 0 ? 0 : prng.nextInt(1_000_000);
    book.apply(side, price, qty);
    naive.apply(side, price, qty);
    if (i % 50_000 === 0) assertEqualBooks(book, naive);
  }
  assertEqualBooks(book, naive);
  assert.ok(book.levels(SIDE.BUY) > 1_000);
});

test('a best price that wanders and jumps over all prices leaves the book equal to the naive one', () => {
  const prng = new Prng(7);
  const book = new L2Book(4_096);
  const naive = new NaiveBook();
  let center = 0;
  for (let i = 0; i < 200_000; i++) {
    if (i % 2_000 === 0) {
      const jump = [300, 5_000, 12_000, 40_000, 1_000_000, 4_000_000_000][prng.nextInt(6)]!;
      center = Math.max(-PRICE_TICKS_MAX, Math.min(PRICE_TICKS_MAX, center + prng.nextInt(2 * jump + 1) - jump));
    }
    const reach = [20, 20, 2_000, 60_000][prng.nextInt(4)]!;
    const price = Math.max(-PRICE_TICKS_MAX, Math.min(PRICE_TICKS_MAX, center + prng.nextInt(2 * reach + 1) - reach));
    // Often the best level goes, so that the next one is far away.
    const best = prng.nextInt(3) === 0;
    const side = prng.nextInt(2);
    const ticks = best ? naive.best(side)[0] : price;
    const qty = best || prng.nextInt(4) === 0 ? 0 : 1 + prng.nextInt(1_000);
    if (ticks === PRICE_NONE) continue;
    book.apply(side, ticks, qty);
    naive.apply(side, ticks, qty);
    assert.is(book.qtyOf(side, price), naive.sides[side === SIDE.BUY ? 0 : 1].get(price) ?? 0);
    if (i % 997 === 0) assertEqualBooks(book, naive);
    if (i % 50_000 === 49_999) {
      book.clear();
      naive.clear();
    }
  }
  assertEqualBooks(book, naive);
});

test('prices at both ends of the range are told apart', () => {
  for (const side of [SIDE.BUY, SIDE.SELL]) {
    const book = new L2Book(16);
    const naive = new NaiveBook();
    for (const price of [
      PRICE_TICKS_MAX,
      -PRICE_TICKS_MAX,
      PRICE_TICKS_MAX - 9,
      9 - PRICE_TICKS_MAX,
      0,
      -PRICE_TICKS_MAX,
      PRICE_TICKS_MAX,
    ]) {
      book.apply(side, price, 5);
      naive.apply(side, price, 5);
      assertEqualBooks(book, naive);
      for (const [other] of naive.sorted(side)) assert.is(book.qtyOf(side, other), 5);
    }
    for (const [price] of naive.sorted(side)) {
      book.apply(side, price, 0);
      naive.apply(side, price, 0);
      assertEqualBooks(book, naive);
    }
  }
});

test('for any sequence of changes the book equals the naive one', () => {
  const change = fc.record({
    side: fc.integer({ min: 0, max: 1 }),
    price: fc.integer({ min: -60, max: 60 }),
    qty: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const book = new L2Book(128);
      const naive = new NaiveBook();
      for (const { side, price, qty } of changes) {
        const before = book.hash();
        const status = book.apply(side, price, qty);
        naive.apply(side, price, qty);
        assert.is(status === BOOK_APPLY.UNCHANGED, book.hash() === before);
      }
      assertEqualBooks(book, naive);
      assert.equal([book.bidTicks, book.bidLots], naive.best(SIDE.BUY));
      assert.equal([book.askTicks, book.askLots], naive.best(SIDE.SELL));
    }),
    { numRuns: 400, seed: 7 },
  );
});

/** Spread over `stride` ticks a level: 1 keeps a book within a few thousand ticks, 97 spreads it over 190,000. */
for (const stride of [1, 97])
  test(`a full book that is thinned out and filled again, over and over, keeps every level (${stride} ticks apart)`, () => {
    const capacity = 2_000;
    const prng = new Prng(7);
    const book = new L2Book(capacity);
    const naive = new NaiveBook();
    const set = (side: number, price: number, qty: number): void => {
      assert.is.not(book.apply(side, stride * price, qty), BOOK_APPLY.FULL);
      naive.apply(side, stride * price, qty);
    };
    for (let round = 0; round < 12; round++) {
      // Worst first, best first, and in no order: each leaves blocks of another shape.
      for (let i = 0; i < capacity; i++) {
        const price = round % 3 === 0 ? i : round % 3 === 1 ? capacity - 1 - i : (i * 787) % capacity;
        for (const side of [SIDE.BUY, SIDE.SELL]) set(side, price, 1 + prng.nextInt(1_000));
      }
      assert.equal([book.levels(SIDE.BUY), book.levels(SIDE.SELL)], [capacity, capacity]);
      assert.is(book.apply(SIDE.BUY, stride * capacity, 1), BOOK_APPLY.FULL);
      assert.is(book.apply(SIDE.SELL, stride * capacity, 1), BOOK_APPLY.FULL);
      assert.is(book.apply(SIDE.SELL, stride * capacity, 0), BOOK_APPLY.UNCHANGED);
      assertEqualBooks(book, naive);
      // All but one level in `keep`: as few levels in as many blocks as can be.
      const keep = 2 + prng.nextInt(60);
      for (let price = 0; price < capacity; price++) {
        if (price % keep === 0) continue;
        for (const side of [SIDE.BUY, SIDE.SELL]) set(side, price, 0);
      }
      assertEqualBooks(book, naive);
    }
  });

test('a best price that wanders and leaps, with levels at any distance behind it, leaves the book equal to the naive one', () => {
  const prng = new Prng(11);
  for (const from of [0, 600_000, PRICE_TICKS_MAX - 10, -PRICE_TICKS_MAX + 10]) {
    const book = new L2Book(512);
    const naive = new NaiveBook();
    let middle = from;
    const inside = (ticks: number): number => Math.max(-PRICE_TICKS_MAX, Math.min(PRICE_TICKS_MAX, ticks));
    for (let i = 0; i < 60_000; i++) {
      const leap = prng.nextInt(1_000);
      if (leap === 0) middle = inside(middle + (prng.nextInt(2) === 0 ? 1 : -1) * prng.nextInt(2 ** (3 + prng.nextInt(28))));
      else if (leap < 300) middle = inside(middle + prng.nextInt(201) - 100);
      const side = prng.nextInt(2);
      const away = prng.nextInt(2 ** prng.nextInt(prng.nextInt(3) === 0 ? 26 : 12));
      const price = inside(side === SIDE.BUY ? middle - away : middle + 1 + away);
      // A venue says when a level is gone; here the better ones go whenever the market has moved past them.
      for (const [one, ahead] of [
        [SIDE.BUY, (best: number) => best > middle],
        [SIDE.SELL, (best: number) => best <= middle],
      ] as const)
        while (book.levels(one) > 0 && ahead(book.priceAt(one, 0))) {
          const best = book.priceAt(one, 0);
          assert.is(book.apply(one, best, 0), BOOK_APPLY.CHANGED);
          naive.apply(one, best, 0);
        }
      const qty = prng.nextInt(3) === 0 ? 0 : prng.nextInt(1_000);
      if (book.apply(side, price, qty) === BOOK_APPLY.FULL) {
        const worst = book.priceAt(side, book.levels(side) - 1);
        book.apply(side, worst, 0);
        naive.apply(side, worst, 0);
      } else naive.apply(side, price, qty);
      if (i % 1_500 === 0) assertEqualBooks(book, naive);
      if (i % 20_011 === 20_010) {
        book.clear();
        naive.clear();
      }
    }
    assertEqualBooks(book, naive);
  }
});

test('books of one isolate do not share levels', () => {
  const books = [new L2Book(16), new L2Book(16), new L2Book(16)];
  books.forEach((book, i) => {
    book.apply(SIDE.BUY, 100 + i, i + 1);
  });
  assert.equal(
    books.map((book) => book.bidTicks),
    [100, 101, 102],
  );
});

test.run();
