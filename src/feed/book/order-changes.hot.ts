import { SIDE } from '../../core/records/market.ts';
import { LADDER, LEVEL, LOTS, NONE, ORDER, RECORD_SHIFT, RECORD_WORDS } from './l3-layout.ts';
import { L3 } from './l3-status.ts';
import type { OrderQueues } from './order-queues.hot.ts';
import type { OrderTable } from './order-table.hot.ts';

const { OK, UNKNOWN_REF, DUPLICATE_REF, BELOW_ZERO, BAD_QTY, ORDERS_FULL, LEVELS_FULL } = L3;
const { BUY } = SIDE;
const { LEVEL: AT_LEVEL } = ORDER;
const { KEY, LADDER: AT_LADDER } = LEVEL;
const { ORDERS, ORDERS_MAX } = LADDER;
const WORDS = RECORD_WORDS;
const SHIFT = RECORD_SHIFT;
const QTY = LOTS;
const ABSENT = NONE;

/** Slots of `Changed.words`. */
export const CHANGED = { SIDE: 0, COUNT: 1 } as const;
const { SIDE: OF_SIDE, COUNT: OF_COUNT } = CHANGED;

/** What the last operation on any book of a pool changed: side, and up to two levels with the lots there now, 0 when one is gone. */
export interface Changed {
  readonly words: Int32Array;
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
}

export interface OrderChanges {
  /** A new order at the end of its level's queue; L3. */
  add(book: number, low: number, high: number, side: number, priceTicks: number, qty: Float64Array, at: number): number;
  /** Takes a quantity from an order, which keeps its place; removes it when nothing is left; L3. */
  reduce(book: number, low: number, high: number, qty: Float64Array, at: number): number;
  /** Removes an order; L3. */
  remove(book: number, low: number, high: number): number;
  /** Adds a level to what the operation changed. */
  note(level: number): void;
}

/** The operations that make orders and take from them. `used[0]`: orders of all books, at most `ordersMax`. */
export function createOrderChanges(
  words: Int32Array,
  lots: Float64Array,
  table: OrderTable,
  queues: OrderQueues,
  changed: Changed,
  used: Int32Array,
  ordersMax: number,
): OrderChanges {
  const { find, insert, remove: vacate } = table;
  const { levelFor, link, unlink } = queues;
  const { words: changedWords, ticks: changedTicks, lots: changedLots } = changed;

  function note(level: number): void {
    const at = changedWords[OF_COUNT]!;
    const key = words[level + KEY]!;
    const side = (words[level + AT_LADDER]! >> SHIFT) & 1;
    changedWords[OF_SIDE] = side;
    changedWords[OF_COUNT] = at + 1;
    changedTicks[at] = side === BUY ? key : 0 - key;
    changedLots[at] = lots[(level >> 1) + QTY]!;
  }

  function drop(book: number, order: number): void {
    const level = words[order + AT_LEVEL]!;
    unlink(order);
    vacate(order);
    words[book + ORDERS] = words[book + ORDERS]! - 1;
    used[0] = used[0]! - 1;
    note(level);
  }

  function add(book: number, low: number, high: number, side: number, priceTicks: number, qty: Float64Array, at: number): number {
    changedWords[OF_COUNT] = 0;
    if (!(qty[at]! > 0)) return BAD_QTY;
    if (find(book, low, high) >= 0) return DUPLICATE_REF;
    const count = words[book + ORDERS]!;
    if (count === words[book + ORDERS_MAX]! || used[0]! === ordersMax) return ORDERS_FULL;
    const level = levelFor(side === BUY ? book : book + WORDS, priceTicks);
    if (level === ABSENT) return LEVELS_FULL;
    const order = insert(low, high);
    lots[(order >> 1) + QTY] = qty[at]!;
    link(order, level);
    words[book + ORDERS] = count + 1;
    used[0] = used[0]! + 1;
    note(level);
    return OK;
  }

  function reduce(book: number, low: number, high: number, qty: Float64Array, at: number): number {
    changedWords[OF_COUNT] = 0;
    const order = find(book, low, high);
    if (order < 0) return UNKNOWN_REF;
    const taken = qty[at]!;
    const left = lots[(order >> 1) + QTY]! - taken;
    if (!(taken > 0)) return BAD_QTY;
    if (left < 0) return BELOW_ZERO;
    if (left === 0) {
      drop(book, order);
      return OK;
    }
    const level = words[order + AT_LEVEL]!;
    lots[(order >> 1) + QTY] = left;
    lots[(level >> 1) + QTY] = lots[(level >> 1) + QTY]! - taken;
    note(level);
    return OK;
  }

  function remove(book: number, low: number, high: number): number {
    changedWords[OF_COUNT] = 0;
    const order = find(book, low, high);
    if (order < 0) return UNKNOWN_REF;
    drop(book, order);
    return OK;
  }

  // biome-ignore lint/plugin: once a pool, not once a tick
  return { add, reduce, remove, note };
}
