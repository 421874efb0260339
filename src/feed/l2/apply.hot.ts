import { SIDE } from '../../core/records/market.ts';
import { BOOK_APPLY, type L2Book } from '../book/l2-book.hot.ts';
import type { L2Message } from './message.hot.ts';

/** Applies every level of `message`, keeps in it only those that changed the book; BOOK_APPLY.FULL when one did not fit. */
export function fill(book: L2Book, message: L2Message): number {
  const bids = fillSide(book, SIDE.BUY, message.bidTicks, message.bidLots, message.bidCount);
  if (bids < 0) return bids;
  message.bidCount = bids;
  const asks = fillSide(book, SIDE.SELL, message.askTicks, message.askLots, message.askCount);
  if (asks < 0) return asks;
  message.askCount = asks;
  return BOOK_APPLY.CHANGED;
}

/** Removes the levels of `side` beyond the best `depth`; number of changes with the removals added to them. */
export function dropBeyond(book: L2Book, side: number, depth: number, ticks: Int32Array, lots: Float64Array, count: number): number {
  let changes = count;
  for (let levels = book.levels(side); levels > depth; levels--) {
    const price = book.priceAt(side, levels - 1);
    book.apply(side, price, 0);
    ticks[changes] = price;
    lots[changes] = 0;
    changes++;
  }
  return changes;
}

function fillSide(book: L2Book, side: number, ticks: Int32Array, lots: Float64Array, count: number): number {
  let changed = 0;
  for (let i = 0; i < count; i++) {
    const price = ticks[i]!;
    const qty = lots[i]!;
    const status = book.applyFrom(side, price, lots, i);
    if (status === BOOK_APPLY.FULL) return status;
    if (status === BOOK_APPLY.CHANGED) {
      ticks[changed] = price;
      lots[changed] = qty;
      changed++;
    }
  }
  return changed;
}
