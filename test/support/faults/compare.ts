import { SIDE } from '../../../src/core/records/market.ts';
import type { BookView } from '../../../src/feed/book/book-view.ts';
import type { NaiveBook } from '../../reference/naive-book.ts';
import type { Sides } from './market.ts';

export function isSame(book: BookView, sides: Sides): boolean {
  for (const side of [SIDE.BUY, SIDE.SELL]) {
    const levels = sides[side];
    if (book.levels(side) !== levels.length) return false;
    for (let i = 0; i < levels.length; i++) {
      if (book.priceAt(side, i) !== levels[i]![0] || book.qtyAt(side, i) !== levels[i]![1]) return false;
    }
  }
  return true;
}

export function isSameNaive(a: NaiveBook, b: NaiveBook): boolean {
  for (const side of [0, 1] as const) {
    if (a.sides[side].size !== b.sides[side].size) return false;
    for (const [price, lots] of a.sides[side]) if (b.sides[side].get(price) !== lots) return false;
  }
  return true;
}
