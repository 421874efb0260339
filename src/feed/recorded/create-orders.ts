import { BOOK_ORDERS_MAX } from '../../core/limits.ts';
import { L3Book } from '../book/l3-book.hot.ts';
import { feedPool, giveBackPool, type L3Pool } from '../book/l3-pool.ts';

/** Memory for the orders of a feed, made when the first order comes: most inputs hold levels or trades only. */
export class RecordOrders {
  private readonly books: number;
  private readonly levelsMax: number;
  private pool: L3Pool | undefined;

  constructor(books: number, levelsMax: number) {
    this.books = books;
    this.levelsMax = levelsMax;
  }

  /** The book of one more instrument. */
  create(): L3Book {
    this.pool ??= feedPool(this.books, this.levelsMax);
    return new L3Book(BOOK_ORDERS_MAX, this.levelsMax, this.pool);
  }

  /** Gives the memory back; the books of it are empty and used no more. */
  release(): void {
    if (this.pool !== undefined) giveBackPool(this.pool);
    this.pool = undefined;
  }
}
