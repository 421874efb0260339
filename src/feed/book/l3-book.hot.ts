import { BOOK_LEVELS_MAX, BOOK_ORDERS_MAX } from '../../core/limits.ts';
import { LADDER, LEVEL, LOTS, NONE, ORDER, RECORD_WORDS } from './l3-layout.ts';
import { L3Pool } from './l3-pool.ts';
import { L3 } from './l3-status.ts';
import { L3View } from './l3-view.hot.ts';
import { CHANGED, type OrderChanges } from './order-changes.hot.ts';
import type { OrderMoves } from './order-moves.hot.ts';

const { UNKNOWN_REF } = L3;
const { PREVIOUS, NEXT } = ORDER;
const { FRONT } = LEVEL;
const { COUNT, FIRST, ORDERS } = LADDER;
const { SIDE: OF_SIDE, COUNT: OF_COUNT } = CHANGED;
const WORDS = RECORD_WORDS;
const QTY = LOTS;
const ABSENT = NONE;

/**
 * The orders of one instrument and the levels they make: orders by reference, for each level its quantity, its number of
 * orders and their queue, and per side the levels in order of price. References are 64 bits as two int32 halves. Prices lie
 * in -PRICE_TICKS_MAX .. PRICE_TICKS_MAX; quantities are safe integers, which callers check, and travel as `lots[at]`,
 * because V8 allocates a large number it passes to a function. After an operation the `changed...` properties name the levels
 * it changed, until the next operation on a book of the same pool. Everything is allocated at the start; an operation
 * allocates nothing.
 */
export class L3Book extends L3View {
  readonly changedTicks: Int32Array;
  readonly changedLots: Float64Array;
  private readonly changedWords: Int32Array;
  private readonly changes: OrderChanges;
  private readonly moves: OrderMoves;

  /** `pool`: shared with other books, and made with room for this one; absent: memory of its own. */
  constructor(
    ordersMax: number = BOOK_ORDERS_MAX,
    levelsMax: number = BOOK_LEVELS_MAX,
    pool: L3Pool = new L3Pool(ordersMax, 1, levelsMax),
  ) {
    super(pool, pool.takeBook(ordersMax, levelsMax));
    this.changedTicks = pool.changed.ticks;
    this.changedLots = pool.changed.lots;
    this.changedWords = pool.changed.words;
    this.changes = pool.changes;
    this.moves = pool.moves;
  }

  /** Side, and up to two levels that the last operation changed: price and the quantity there now, 0 when it is gone. */
  get changedSide(): number {
    return this.changedWords[OF_SIDE]!;
  }

  get changedCount(): number {
    return this.changedWords[OF_COUNT]!;
  }

  /** A new order at the end of its level's queue; L3. */
  add(low: number, high: number, side: number, priceTicks: number, lots: Float64Array, at: number): number {
    return this.changes.add(this.book, low, high, side, priceTicks, lots, at);
  }

  /** Takes a quantity from an order (executed or cancelled), which keeps its place; removes it when nothing is left; L3. */
  reduce(low: number, high: number, lots: Float64Array, at: number): number {
    return this.changes.reduce(this.book, low, high, lots, at);
  }

  /** Removes an order; L3. */
  delete(low: number, high: number): number {
    return this.changes.remove(this.book, low, high);
  }

  /** Removes an order and adds another of the same side at the end of its level's queue; L3. Both references may be equal. */
  replace(low: number, high: number, newLow: number, newHigh: number, priceTicks: number, lots: Float64Array, at: number): number {
    return this.moves.replace(this.book, low, high, newLow, newHigh, priceTicks, lots, at);
  }

  /** Sets price and quantity of an order; `rule` (PRIORITY) says when it loses its place in the queue; L3. */
  modify(low: number, high: number, priceTicks: number, lots: Float64Array, at: number, rule: number): number {
    return this.moves.modify(this.book, low, high, priceTicks, lots, at, rule);
  }

  /** Drops every order. */
  clear(): void {
    const { pool, words, book } = this;
    this.changedWords[OF_COUNT] = 0;
    this.clearSide(book);
    this.clearSide(book + WORDS);
    pool.used[0] = pool.used[0]! - words[book + ORDERS]!;
    words[book + ORDERS] = 0;
  }

  /** Orders in the book. */
  get orders(): number {
    return this.words[this.book + ORDERS]!;
  }

  /** Number of the order with a reference, valid while it lives and keeps it; -1 when there is none. For the accessors. */
  orderOf(low: number, high: number): number {
    return this.pool.table.find(this.book, low, high);
  }

  /**
   * Orders before the one with this reference in its level's queue, their lots left in `lots[at]`; L3.UNKNOWN_REF when there
   * is no such order. Walks the queue: its cost is the number of orders ahead.
   */
  queueAhead(low: number, high: number, lots: Float64Array, at: number): number {
    const { words, lots: lotsThere } = this;
    const found = this.orderOf(low, high);
    if (found < 0) return UNKNOWN_REF;
    let ahead = 0;
    lots[at] = 0;
    for (let order = words[found + PREVIOUS]!; order !== ABSENT; order = words[order + PREVIOUS]!) {
      ahead++;
      lots[at] = lots[at]! + lotsThere[(order >> 1) + QTY]!;
    }
    return ahead;
  }

  private clearSide(ladder: number): void {
    const { words, pool } = this;
    const first = words[ladder + FIRST]!;
    for (let i = words[ladder + COUNT]! - 1; i >= 0; i--) {
      const level = words[first + 2 * i + 1]!;
      for (let order = words[level + FRONT]!; order !== ABSENT; ) {
        const next = words[order + NEXT]!;
        pool.table.remove(order);
        order = next;
      }
      pool.queues.giveLevel(level);
    }
    words[ladder + COUNT] = 0;
  }
}
