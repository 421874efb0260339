import { assert } from '../../core/assert.ts';
import { BOOK_ORDERS_MAX, FEED_ORDERS_MAX } from '../../core/limits.ts';
import { BOOK_WORDS, ENTRY_WORDS, LADDER, RECORD_WORDS } from './l3-layout.ts';
import { type Changed, createOrderChanges, type OrderChanges } from './order-changes.hot.ts';
import { createOrderMoves, type OrderMoves } from './order-moves.hot.ts';
import { createOrderQueues, type OrderQueues } from './order-queues.hot.ts';
import { createOrderTable, type OrderTable } from './order-table.hot.ts';
import { createPriceLadders, type PriceLadders } from './price-ladders.hot.ts';

/** The pool that a feed of this thread gave back last. */
let spare: L3Pool | undefined;

/** Memory for the books of a feed: the pool that an earlier one gave back if it is of this size, else a new one. */
export function feedPool(books: number, levelsMax: number, bookOrdersMax: number = BOOK_ORDERS_MAX): L3Pool {
  const ordersMax = Math.min(books * bookOrdersMax, FEED_ORDERS_MAX);
  const pool = spare;
  if (pool === undefined || pool.ordersMax !== ordersMax || pool.booksMax !== books || pool.levelsMax !== levelsMax)
    return new L3Pool(ordersMax, books, levelsMax);
  spare = undefined;
  return pool;
}

/** Takes back the pool of a feed that is done, for the next feed of the thread; the books of it are empty and used no more. */
export function giveBackPool(pool: L3Pool): void {
  pool.forgetBooks();
  spare = pool;
}

/** A large allocation begins 16 bytes after a cache line; 48 more make records halves of lines. */
const ALIGN_BYTES = 48;

/**
 * Memory of order-by-order books, one or all of a feed, and the operations on it (l3-layout.ts says what lies where). Venues
 * number the orders of all their instruments in one row: in one table the orders that come together lie together, whatever books
 * they belong to; with a table for each book every order would touch a page of its own.
 *
 * The operations are functions over memory that never changes, which V8 then knows when it compiles them. That holds while a
 * thread has one pool; with a second one the same code runs some 1.5 times slower, so a rehearsal gives its own back.
 */
export class L3Pool {
  readonly words: Int32Array;
  readonly lots: Float64Array;
  readonly changed: Changed;
  readonly table: OrderTable;
  readonly ladders: PriceLadders;
  readonly queues: OrderQueues;
  readonly changes: OrderChanges;
  readonly moves: OrderMoves;
  /** [0] orders of all books. */
  readonly used: Int32Array;
  readonly ordersMax: number;
  readonly booksMax: number;
  readonly levelsMax: number;
  private readonly booksEnd: number;
  private freshBook: number;
  private freshEntry: number;

  /** Room for `books` books of `levelsMax` levels a side and `ordersMax` orders together. */
  constructor(ordersMax: number, books: number, levelsMax: number) {
    assert(ordersMax >= 1 && ordersMax <= 1 << 25, 'Invariant: a pool holds 1 to 33,554,432 orders');
    assert(books >= 1 && levelsMax >= 1, 'Invariant: a pool has a book, and a book at least one level a side');
    let places = 4;
    while (places < 2 * ordersMax) places *= 2;
    const firstLevel = places * RECORD_WORDS;
    this.ordersMax = ordersMax;
    this.booksMax = books;
    this.levelsMax = levelsMax;
    this.freshBook = firstLevel + 2 * books * levelsMax * RECORD_WORDS;
    this.booksEnd = this.freshBook + books * BOOK_WORDS;
    this.freshEntry = this.booksEnd;
    const end = this.booksEnd + 2 * books * levelsMax * ENTRY_WORDS;
    assert(end < 1 << 30, 'Invariant: the words of a pool are numbered by an int32');
    const memory = new ArrayBuffer(ALIGN_BYTES + 4 * end);
    this.words = new Int32Array(memory, ALIGN_BYTES);
    this.lots = new Float64Array(memory, ALIGN_BYTES);
    this.changed = { words: new Int32Array(2), ticks: new Int32Array(2), lots: new Float64Array(2) };
    this.used = new Int32Array(1);
    this.table = createOrderTable(this.words, (places - 1) * RECORD_WORDS);
    this.ladders = createPriceLadders(this.words);
    this.queues = createOrderQueues(this.words, this.lots, Int32Array.of(0, firstLevel), this.ladders);
    this.changes = createOrderChanges(this.words, this.lots, this.table, this.queues, this.changed, this.used, ordersMax);
    this.moves = createOrderMoves(this.words, this.lots, this.table, this.queues, this.changes, this.changed);
  }

  /** Begins to number books anew; the books there were are empty. */
  forgetBooks(): void {
    assert(this.used[0] === 0, 'Invariant: the books of a pool that is given back are empty');
    this.freshBook = this.booksEnd - this.booksMax * BOOK_WORDS;
    this.freshEntry = this.booksEnd;
  }

  /** Number of one more book. */
  takeBook(ordersMax: number, levelsMax: number): number {
    const { words } = this;
    const book = this.freshBook;
    this.freshBook = book + BOOK_WORDS;
    assert(this.freshBook <= this.booksEnd, 'Invariant: a pool has the books that it was made for');
    for (const ladder of [book, book + RECORD_WORDS]) {
      words[ladder + LADDER.FIRST] = this.freshEntry;
      words[ladder + LADDER.LEVELS_MAX] = levelsMax;
      this.freshEntry += levelsMax * ENTRY_WORDS;
    }
    assert(this.freshEntry <= words.length, 'Invariant: a book has at most the levels that its pool was made for');
    words[book + LADDER.ORDERS_MAX] = ordersMax;
    return book;
  }
}
