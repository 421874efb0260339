import { assert } from '../../core/assert.ts';
import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { FNV_OFFSET, mixLots, mixWord } from './book-hash.hot.ts';
import type { BookView } from './book-view.ts';
import { findKey } from './sorted-keys.hot.ts';

/** What `apply` says. */
export const BOOK_APPLY = {
  /** The level was set or removed and the book differs from before. */
  CHANGED: 0,
  /** The book is as before: the level already had this quantity, or a level that is not there was removed. */
  UNCHANGED: 1,
  /** The side holds its capacity of levels and the new one was not taken: the book no longer equals the venue's. */
  FULL: -1,
} as const;

/** Inner result of `place`: the side grew or shrank by one level. */
const GREW = 2;
const SHRANK = 3;
/** Moves of fewer elements than this run as a loop; `copyWithin` costs more than that to call. */
const MOVE_LOOP_MAX = 40;

/**
 * Price levels of one instrument: integer tick prices, absolute quantities in lots, at most `capacity` levels a side.
 * Each side is an array sorted towards its best level, which stands last, so that the busy end of the book moves few
 * elements and the best level is one read away. Ask prices are stored negated: both sides share one code path.
 * Prices lie in -PRICE_TICKS_MAX .. PRICE_TICKS_MAX, quantities are safe integers of 0 and above; callers check both.
 */
export class L2Book implements BookView {
  readonly capacity: number;
  private readonly bidKeys: Int32Array;
  private readonly askKeys: Int32Array;
  private readonly bidQty: Float64Array;
  private readonly askQty: Float64Array;
  private bidCount: number;
  private askCount: number;

  constructor(capacity: number = BOOK_LEVELS_MAX) {
    assert(capacity >= 1, 'Invariant: a book holds at least one level a side');
    this.capacity = capacity;
    this.bidKeys = new Int32Array(capacity);
    this.askKeys = new Int32Array(capacity);
    this.bidQty = new Float64Array(capacity);
    this.askQty = new Float64Array(capacity);
    this.bidCount = 0;
    this.askCount = 0;
  }

  /** Sets the level at `priceTicks` to `qtyLots`, 0 removes it; BOOK_APPLY. Removing an unknown level is normal. */
  apply(side: number, priceTicks: number, qtyLots: number): number {
    if (side === SIDE.BUY) {
      const count = this.bidCount;
      const outcome = place(this.bidKeys, this.bidQty, count, this.capacity, priceTicks, qtyLots);
      if (outcome < GREW) return outcome;
      this.bidCount = outcome === GREW ? count + 1 : count - 1;
      return BOOK_APPLY.CHANGED;
    }
    const count = this.askCount;
    const outcome = place(this.askKeys, this.askQty, count, this.capacity, -priceTicks, qtyLots);
    if (outcome < GREW) return outcome;
    this.askCount = outcome === GREW ? count + 1 : count - 1;
    return BOOK_APPLY.CHANGED;
  }

  /** Drops every level. */
  clear(): void {
    this.bidCount = 0;
    this.askCount = 0;
  }

  /** Best bid in ticks, PRICE_NONE when there is none. */
  get bidTicks(): number {
    const count = this.bidCount;
    return count === 0 ? PRICE_NONE : this.bidKeys[count - 1]!;
  }

  /** Best ask in ticks, PRICE_NONE when there is none. */
  get askTicks(): number {
    const count = this.askCount;
    return count === 0 ? PRICE_NONE : -this.askKeys[count - 1]!;
  }

  /** Lots at the best bid, 0 when there is none. */
  get bidLots(): number {
    const count = this.bidCount;
    return count === 0 ? 0 : this.bidQty[count - 1]!;
  }

  /** Lots at the best ask, 0 when there is none. */
  get askLots(): number {
    const count = this.askCount;
    return count === 0 ? 0 : this.askQty[count - 1]!;
  }

  /** True when both sides have levels and the best bid is at or above the best ask. */
  crossed(): boolean {
    const bids = this.bidCount;
    const asks = this.askCount;
    return bids > 0 && asks > 0 && this.bidKeys[bids - 1]! >= -this.askKeys[asks - 1]!;
  }

  /** Number of levels of `side`. */
  levels(side: number): number {
    return side === SIDE.BUY ? this.bidCount : this.askCount;
  }

  /** Price in ticks of the `i`-th best level (0 = best), PRICE_NONE beyond the last. */
  priceAt(side: number, i: number): number {
    if (side === SIDE.BUY) {
      const at = this.bidCount - 1 - i;
      return at < 0 || i < 0 ? PRICE_NONE : this.bidKeys[at]!;
    }
    const at = this.askCount - 1 - i;
    return at < 0 || i < 0 ? PRICE_NONE : -this.askKeys[at]!;
  }

  /** Lots of the `i`-th best level (0 = best), 0 beyond the last. */
  qtyAt(side: number, i: number): number {
    const at = (side === SIDE.BUY ? this.bidCount : this.askCount) - 1 - i;
    if (at < 0 || i < 0) return 0;
    return side === SIDE.BUY ? this.bidQty[at]! : this.askQty[at]!;
  }

  /** Lots at `priceTicks`, 0 when there is no such level. */
  qtyOf(side: number, priceTicks: number): number {
    const bid = side === SIDE.BUY;
    const keys = bid ? this.bidKeys : this.askKeys;
    const count = bid ? this.bidCount : this.askCount;
    const key = bid ? priceTicks : -priceTicks;
    const at = findKey(keys, count, key);
    if (at >= count || keys[at]! !== key) return 0;
    return bid ? this.bidQty[at]! : this.askQty[at]!;
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

/** Sets one level of a side; BOOK_APPLY, GREW or SHRANK. */
function place(keys: Int32Array, qty: Float64Array, count: number, capacity: number, key: number, lots: number): number {
  const at = findKey(keys, count, key);
  if (at < count && keys[at]! === key) {
    if (lots === 0) {
      closeGap(keys, qty, at, count);
      return SHRANK;
    }
    if (qty[at]! === lots) return BOOK_APPLY.UNCHANGED;
    qty[at] = lots;
    return BOOK_APPLY.CHANGED;
  }
  if (lots === 0) return BOOK_APPLY.UNCHANGED;
  if (count >= capacity) return BOOK_APPLY.FULL;
  openGap(keys, qty, at, count);
  keys[at] = key;
  qty[at] = lots;
  return GREW;
}

function openGap(keys: Int32Array, qty: Float64Array, at: number, count: number): void {
  if (count - at > MOVE_LOOP_MAX) {
    keys.copyWithin(at + 1, at, count);
    qty.copyWithin(at + 1, at, count);
    return;
  }
  for (let i = count; i > at; i--) {
    keys[i] = keys[i - 1]!;
    qty[i] = qty[i - 1]!;
  }
}

function closeGap(keys: Int32Array, qty: Float64Array, at: number, count: number): void {
  if (count - at > MOVE_LOOP_MAX) {
    keys.copyWithin(at, at + 1, count);
    qty.copyWithin(at, at + 1, count);
    return;
  }
  for (let i = at + 1; i < count; i++) {
    keys[i - 1] = keys[i]!;
    qty[i - 1] = qty[i]!;
  }
}
