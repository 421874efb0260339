import { assert } from '../../core/assert.ts';
import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { FNV_OFFSET, mixLots, mixWord } from './book-hash.hot.ts';
import { BookSide } from './book-side.hot.ts';
import type { BookView } from './book-view.ts';
import { LEVEL_SET } from './level-side.hot.ts';

/** What `apply` says. */
export const BOOK_APPLY = {
  /** The level was set or removed and the book differs from before. */
  CHANGED: LEVEL_SET.CHANGED,
  /** The book is as before: the level already had this quantity, or a level that is not there was removed. */
  UNCHANGED: LEVEL_SET.UNCHANGED,
  /** The side holds its capacity of levels and the new one was not taken: the book no longer equals the venue's. */
  FULL: LEVEL_SET.FULL,
} as const;

/**
 * Price levels of one instrument: integer tick prices, absolute quantities in lots, at most `capacity` levels a side. Ask
 * prices are stored negated, so that the best level of both sides is the largest key and both share one code path.
 * Prices lie in -PRICE_TICKS_MAX .. PRICE_TICKS_MAX, quantities are safe integers of 0 and above; callers check both.
 */
export class L2Book implements BookView {
  readonly capacity: number;
  private readonly bids: BookSide;
  private readonly asks: BookSide;
  private readonly lots: Float64Array;

  constructor(capacity: number = BOOK_LEVELS_MAX) {
    assert(capacity >= 1, 'Invariant: a book holds at least one level a side');
    this.capacity = capacity;
    this.bids = new BookSide(capacity);
    this.asks = new BookSide(capacity);
    this.lots = new Float64Array(1);
  }

  /** Sets the level at `priceTicks` to `qtyLots`, 0 removes it; BOOK_APPLY. Removing an unknown level is normal. */
  apply(side: number, priceTicks: number, qtyLots: number): number {
    this.lots[0] = qtyLots;
    return this.applyFrom(side, priceTicks, this.lots, 0);
  }

  /** `apply` with `lots[i]` as quantity: for callers that have it in an array, which costs no object on the heap. */
  applyFrom(side: number, priceTicks: number, lots: Float64Array, i: number): number {
    return side === SIDE.BUY ? this.bids.set(priceTicks, lots, i) : this.asks.set(-priceTicks, lots, i);
  }

  /** Drops every level. */
  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  /** Best bid in ticks, PRICE_NONE when there is none. */
  get bidTicks(): number {
    const bids = this.bids;
    return bids.count === 0 ? PRICE_NONE : bids.keyAt(bids.bestSlot());
  }

  /** Best ask in ticks, PRICE_NONE when there is none. */
  get askTicks(): number {
    const asks = this.asks;
    return asks.count === 0 ? PRICE_NONE : -asks.keyAt(asks.bestSlot());
  }

  /** Lots at the best bid, 0 when there is none. */
  get bidLots(): number {
    const bids = this.bids;
    return bids.count === 0 ? 0 : bids.lotsAt(bids.bestSlot());
  }

  /** Lots at the best ask, 0 when there is none. */
  get askLots(): number {
    const asks = this.asks;
    return asks.count === 0 ? 0 : asks.lotsAt(asks.bestSlot());
  }

  /** True when both sides have levels and the best bid is at or above the best ask. */
  crossed(): boolean {
    const { bids, asks } = this;
    return bids.count > 0 && asks.count > 0 && bids.keyAt(bids.bestSlot()) >= -asks.keyAt(asks.bestSlot());
  }

  /** Number of levels of `side`. */
  levels(side: number): number {
    return side === SIDE.BUY ? this.bids.count : this.asks.count;
  }

  /** Price in ticks of the `i`-th best level (0 = best), PRICE_NONE beyond the last. */
  priceAt(side: number, i: number): number {
    const levels = side === SIDE.BUY ? this.bids : this.asks;
    const slot = levels.slot(i);
    if (slot < 0) return PRICE_NONE;
    return side === SIDE.BUY ? levels.keyAt(slot) : -levels.keyAt(slot);
  }

  /** Lots of the `i`-th best level, 0 beyond the last. */
  qtyAt(side: number, i: number): number {
    const levels = side === SIDE.BUY ? this.bids : this.asks;
    const slot = levels.slot(i);
    return slot < 0 ? 0 : levels.lotsAt(slot);
  }

  /** Copies the best levels of `side`, at most `most`, to `ticks` and `lots` from 0 on; how many there were. */
  copyBest(side: number, most: number, ticks: Int32Array, lots: Float64Array): number {
    return side === SIDE.BUY ? this.bids.copyBest(most, 1, ticks, lots) : this.asks.copyBest(most, -1, ticks, lots);
  }

  /** Lots at `priceTicks`, 0 when there is no such level. */
  qtyOf(side: number, priceTicks: number): number {
    return side === SIDE.BUY ? this.bids.lotsOf(priceTicks) : this.asks.lotsOf(-priceTicks);
  }

  /** 32-bit FNV-1a over every level, best first, bids then asks (price i32, quantity low and high 32 bits). Not for each tick. */
  hash(): number {
    let hash = FNV_OFFSET;
    for (let side = 0; side < 2; side++) {
      const count = this.levels(side);
      hash = mixWord(hash, count);
      for (let i = 0; i < count; i++) {
        hash = mixWord(hash, this.priceAt(side, i));
        hash = mixLots(hash, this.qtyAt(side, i));
      }
    }
    return hash >>> 0;
  }
}
