import type { L3Book } from '../../src/feed/book/l3-book.hot.ts';

/** A step of a hash over best prices, the same on both sides of a bench (native/l3-book.h). */
export function mixPrices(hash: number, book: L3Book): number {
  return Math.imul(hash ^ Math.imul(book.bidTicks, 31) ^ Math.imul(book.askTicks, 961), 0x01000193);
}

/** The same over the quantities there: for the pass that is not measured. */
export function mixLots(hash: number, book: L3Book): number {
  return Math.imul(hash ^ Math.imul(book.bidLots | 0, 29_791) ^ Math.imul(book.askLots | 0, 923_521), 0x01000193);
}
