import { LEVEL, LOTS, ORDER } from './l3-layout.ts';
import { L3, PRIORITY } from './l3-status.ts';
import { CHANGED, type Changed, type OrderChanges } from './order-changes.hot.ts';
import { keyOf, type OrderQueues } from './order-queues.hot.ts';
import type { OrderTable } from './order-table.hot.ts';

const { OK, UNKNOWN_REF, DUPLICATE_REF, BAD_QTY, LEVELS_FULL } = L3;
const { LOST_BY_PRICE, LOST_BY_PRICE_OR_GROWTH } = PRIORITY;
const { LEVEL: AT_LEVEL } = ORDER;
const { KEY, LADDER: AT_LADDER } = LEVEL;
const { COUNT: OF_COUNT } = CHANGED;
const QTY = LOTS;

export interface OrderMoves {
  /** Removes an order and adds another of the same side at the end of its level's queue; L3. Both references may be equal. */
  replace(
    book: number,
    low: number,
    high: number,
    newLow: number,
    newHigh: number,
    priceTicks: number,
    qty: Float64Array,
    at: number,
  ): number;
  /** Sets price and quantity of an order; `rule` (PRIORITY) says when it loses its place in the queue; L3. */
  modify(book: number, low: number, high: number, priceTicks: number, qty: Float64Array, at: number, rule: number): number;
}

/** The operations that give an order another price or place. */
export function createOrderMoves(
  words: Int32Array,
  lots: Float64Array,
  table: OrderTable,
  queues: OrderQueues,
  changes: OrderChanges,
  changed: Changed,
): OrderMoves {
  const { find, insert, remove } = table;
  const { levelFor, canMove, link, unlink } = queues;
  const { note } = changes;
  const changedWords = changed.words;

  /** Takes an order that goes to `priceTicks` out of its queue; the ladder it is in. */
  function leave(order: number, priceTicks: number): number {
    const level = words[order + AT_LEVEL]!;
    const ladder = words[level + AT_LADDER]!;
    unlink(order);
    if (words[level + KEY]! !== keyOf(ladder, priceTicks)) note(level);
    return ladder;
  }

  /** Puts an order that left its queue at the end of the one at `priceTicks` with a new quantity. */
  function enter(order: number, ladder: number, priceTicks: number, qty: Float64Array, at: number): void {
    const level = levelFor(ladder, priceTicks);
    lots[(order >> 1) + QTY] = qty[at]!;
    link(order, level);
    note(level);
  }

  function replace(
    book: number,
    low: number,
    high: number,
    newLow: number,
    newHigh: number,
    priceTicks: number,
    qty: Float64Array,
    at: number,
  ): number {
    changedWords[OF_COUNT] = 0;
    const order = find(book, low, high);
    if (order < 0) return UNKNOWN_REF;
    if (!(qty[at]! > 0)) return BAD_QTY;
    const same = newLow === low && newHigh === high;
    if (!same && find(book, newLow, newHigh) >= 0) return DUPLICATE_REF;
    if (!canMove(order, priceTicks)) return LEVELS_FULL;
    const ladder = leave(order, priceTicks);
    let to = order;
    if (!same) {
      remove(order);
      to = insert(newLow, newHigh);
    }
    enter(to, ladder, priceTicks, qty, at);
    return OK;
  }

  function modify(book: number, low: number, high: number, priceTicks: number, qty: Float64Array, at: number, rule: number): number {
    changedWords[OF_COUNT] = 0;
    const order = find(book, low, high);
    if (order < 0) return UNKNOWN_REF;
    if (!(qty[at]! > 0)) return BAD_QTY;
    const level = words[order + AT_LEVEL]!;
    const growth = qty[at]! - lots[(order >> 1) + QTY]!;
    const keeps = rule === LOST_BY_PRICE || (rule === LOST_BY_PRICE_OR_GROWTH && growth <= 0);
    if (!keeps || words[level + KEY]! !== keyOf(words[level + AT_LADDER]!, priceTicks)) {
      if (!canMove(order, priceTicks)) return LEVELS_FULL;
      enter(order, leave(order, priceTicks), priceTicks, qty, at);
      return OK;
    }
    lots[(order >> 1) + QTY] = qty[at]!;
    lots[(level >> 1) + QTY] = lots[(level >> 1) + QTY]! + growth;
    note(level);
    return OK;
  }

  // biome-ignore lint/plugin: once a pool, not once a tick
  return { replace, modify };
}
