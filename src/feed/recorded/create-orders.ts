import { BOOK_ORDERS_MAX } from '../../core/limits.ts';
import { L3Book } from '../book/l3-book.hot.ts';

/** Memory for the orders of one instrument, made when the first order comes: most inputs hold levels or trades only. */
export function createOrders(levelsMax: number): L3Book {
  return new L3Book(BOOK_ORDERS_MAX, levelsMax);
}
