import { BOOK_LEVELS_MAX, BOOK_ORDERS_MAX } from '../../core/limits.ts';
import { SIDE } from '../../core/records/market.ts';
import { FNV_OFFSET, mixLots, mixWord } from './book-hash.hot.ts';
import { NONE, OrderQueues } from './order-queues.hot.ts';
import { OrderTable } from './order-table.hot.ts';

/** What the operations of an L3Book say. Below zero nothing was changed. */
export const L3 = {
  OK: 0,
  /** No order has this reference. */
  UNKNOWN_REF: -1,
  /** A live order has this reference already. */
  DUPLICATE_REF: -2,
  /** More was to be taken from an order than it has. */
  BELOW_ZERO: -3,
  /** A quantity of zero or below where one is needed. */
  BAD_QTY: -4,
  /** The book holds its capacity of orders. */
  ORDERS_FULL: -5,
  /** The side holds its capacity of levels. */
  LEVELS_FULL: -6,
} as const;
export type L3Status = (typeof L3)[keyof typeof L3];

/** When `modify` sends an order to the end of its level's queue. */
export const PRIORITY = {
  /** Its price changed or its quantity grew: CME, and DBN's action `M`. */
  LOST_BY_PRICE_OR_GROWTH: 0,
  LOST_BY_PRICE: 1,
  LOST_ALWAYS: 2,
} as const;

/**
 * The orders of one instrument and the levels they make: a table from references to orders, for each level its quantity, its
 * number of orders and their queue, and per side the levels in order of price. References are 64 bits as two int32 halves.
 * Prices lie in -PRICE_TICKS_MAX .. PRICE_TICKS_MAX; quantities are safe integers, which callers check, and travel as
 * `lots[at]`, because V8 allocates a large number it passes to a function. After an operation the `changed...` fields name the
 * levels it changed. Everything is allocated at the start; an operation allocates nothing.
 */
export class L3Book extends OrderQueues {
  /** Side, and up to two levels that the last operation changed: price and the quantity there now, 0 when it is gone. */
  changedSide: number;
  changedCount: number;
  readonly changedTicks: Int32Array;
  readonly changedLots: Float64Array;
  private readonly table: OrderTable;
  private readonly orderLow: Int32Array;
  private readonly orderHigh: Int32Array;

  constructor(ordersMax: number = BOOK_ORDERS_MAX, levelsMax: number = BOOK_LEVELS_MAX) {
    super(ordersMax, levelsMax);
    this.changedSide = SIDE.BUY;
    this.changedCount = 0;
    this.changedTicks = new Int32Array(2);
    this.changedLots = new Float64Array(2);
    this.table = new OrderTable(ordersMax);
    this.orderLow = new Int32Array(ordersMax);
    this.orderHigh = new Int32Array(ordersMax);
  }

  /** A new order at the end of its level's queue; L3. */
  add(low: number, high: number, side: number, priceTicks: number, lots: Float64Array, at: number): number {
    this.changedCount = 0;
    if (!(lots[at]! > 0)) return L3.BAD_QTY;
    if (this.table.find(low, high) >= 0) return L3.DUPLICATE_REF;
    if (!this.hasFreeOrder()) return L3.ORDERS_FULL;
    const level = this.levelFor(side, side === SIDE.BUY ? priceTicks : 0 - priceTicks);
    if (level === NONE) return L3.LEVELS_FULL;
    const order = this.takeOrder();
    this.orderLow[order] = low;
    this.orderHigh[order] = high;
    this.orderQty[order] = lots[at]!;
    this.table.insert(low, high, order);
    this.link(order, level);
    this.note(level);
    return L3.OK;
  }

  /** Takes a quantity from an order (executed or cancelled), which keeps its place; removes it when nothing is left; L3. */
  reduce(low: number, high: number, lots: Float64Array, at: number): number {
    this.changedCount = 0;
    const slot = this.table.find(low, high);
    if (slot < 0) return L3.UNKNOWN_REF;
    const order = this.table.orderAt(slot);
    const taken = lots[at]!;
    const left = this.orderQty[order]! - taken;
    if (!(taken > 0)) return L3.BAD_QTY;
    if (left < 0) return L3.BELOW_ZERO;
    if (left === 0) {
      this.drop(slot, order);
      return L3.OK;
    }
    const level = this.orderLevel[order]!;
    this.orderQty[order] = left;
    this.levelQty[level] = this.levelQty[level]! - taken;
    this.note(level);
    return L3.OK;
  }

  /** Removes an order; L3. */
  delete(low: number, high: number): number {
    this.changedCount = 0;
    const slot = this.table.find(low, high);
    if (slot < 0) return L3.UNKNOWN_REF;
    this.drop(slot, this.table.orderAt(slot));
    return L3.OK;
  }

  /** Removes an order and adds another of the same side at the end of its level's queue; L3. Both references may be equal. */
  replace(low: number, high: number, newLow: number, newHigh: number, priceTicks: number, lots: Float64Array, at: number): number {
    this.changedCount = 0;
    const slot = this.table.find(low, high);
    if (slot < 0) return L3.UNKNOWN_REF;
    if (!(lots[at]! > 0)) return L3.BAD_QTY;
    const same = newLow === low && newHigh === high;
    if (!same && this.table.find(newLow, newHigh) >= 0) return L3.DUPLICATE_REF;
    const order = this.table.orderAt(slot);
    if (!this.canMove(order, priceTicks)) return L3.LEVELS_FULL;
    if (!same) {
      this.table.removeAt(slot);
      this.table.insert(newLow, newHigh, order);
      this.orderLow[order] = newLow;
      this.orderHigh[order] = newHigh;
    }
    this.move(order, priceTicks, lots, at);
    return L3.OK;
  }

  /** Sets price and quantity of an order; `rule` (PRIORITY) says when it loses its place in the queue; L3. */
  modify(low: number, high: number, priceTicks: number, lots: Float64Array, at: number, rule: number): number {
    this.changedCount = 0;
    const slot = this.table.find(low, high);
    if (slot < 0) return L3.UNKNOWN_REF;
    if (!(lots[at]! > 0)) return L3.BAD_QTY;
    const order = this.table.orderAt(slot);
    const level = this.orderLevel[order]!;
    const growth = lots[at]! - this.orderQty[order]!;
    const stays =
      this.ticksOf(level) === priceTicks && (rule === PRIORITY.LOST_BY_PRICE || (rule === PRIORITY.LOST_BY_PRICE_OR_GROWTH && growth <= 0));
    if (!stays) {
      if (!this.canMove(order, priceTicks)) return L3.LEVELS_FULL;
      this.move(order, priceTicks, lots, at);
      return L3.OK;
    }
    this.orderQty[order] = lots[at]!;
    this.levelQty[level] = this.levelQty[level]! + growth;
    this.note(level);
    return L3.OK;
  }

  /** Drops every order. */
  clear(): void {
    this.changedCount = 0;
    this.table.clear();
    this.clearQueues();
  }

  /** Orders in the book. */
  get orders(): number {
    return this.table.size;
  }

  /** Number of the order with a reference, valid while it lives; -1 when there is none. For the accessors below. */
  orderOf(low: number, high: number): number {
    const slot = this.table.find(low, high);
    return slot < 0 ? NONE : this.table.orderAt(slot);
  }

  lowOf(order: number): number {
    return this.orderLow[order]!;
  }

  highOf(order: number): number {
    return this.orderHigh[order]!;
  }

  /**
   * Orders before the one with this reference in its level's queue, their lots left in `lots[at]`; L3.UNKNOWN_REF when there
   * is no such order. Walks the queue: its cost is the number of orders ahead.
   */
  queueAhead(low: number, high: number, lots: Float64Array, at: number): number {
    const slot = this.table.find(low, high);
    if (slot < 0) return L3.UNKNOWN_REF;
    let ahead = 0;
    lots[at] = 0;
    for (let order = this.orderPrevious[this.table.orderAt(slot)]!; order !== NONE; order = this.orderPrevious[order]!) {
      ahead++;
      lots[at] = lots[at]! + this.orderQty[order]!;
    }
    return ahead;
  }

  /** 32-bit FNV-1a over every order: bids then asks, best level first, each queue from its front (price, reference, quantity). */
  ordersHash(): number {
    let hash = FNV_OFFSET;
    for (let side = 0; side < 2; side++) {
      const count = this.levels(side);
      hash = mixWord(hash, count);
      for (let i = 0; i < count; i++) {
        hash = mixWord(hash, this.priceAt(side, i));
        for (let order = this.frontOf(side, i); order !== NONE; order = this.orderNext[order]!) {
          hash = mixWord(mixWord(hash, this.orderLow[order]!), this.orderHigh[order]!);
          hash = mixLots(hash, this.orderQty[order]!);
        }
      }
    }
    return hash >>> 0;
  }

  private note(level: number): void {
    const at = this.changedCount;
    this.changedSide = this.levelSide[level]!;
    this.changedTicks[at] = this.ticksOf(level);
    this.changedLots[at] = this.levelQty[level]!;
    this.changedCount = at + 1;
  }

  private drop(slot: number, order: number): void {
    this.table.removeAt(slot);
    this.unlink(order);
    this.note(this.orderLevel[order]!);
    this.giveOrder(order);
  }

  /** Sends an order to the end of the queue at `priceTicks` with a new quantity; `canMove` said yes. */
  private move(order: number, priceTicks: number, lots: Float64Array, at: number): void {
    const from = this.orderLevel[order]!;
    const side = this.levelSide[from]!;
    const leaves = this.ticksOf(from) !== priceTicks;
    this.unlink(order);
    if (leaves) this.note(from);
    this.orderQty[order] = lots[at]!;
    const to = this.levelFor(side, side === SIDE.BUY ? priceTicks : 0 - priceTicks);
    this.link(order, to);
    this.note(to);
  }
}
