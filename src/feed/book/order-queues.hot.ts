import { LADDER, LEVEL, LOTS, NONE, ORDER, RECORD_SHIFT, RECORD_WORDS } from './l3-layout.ts';
import type { PriceLadders } from './price-ladders.hot.ts';

const { LEVEL: AT_LEVEL, PREVIOUS, NEXT } = ORDER;
const { KEY, LADDER: AT_LADDER, ORDERS, FRONT, END } = LEVEL;
const { COUNT, FIRST, BEST_KEY, BEST_LEVEL, LEVELS_MAX } = LADDER;
const WORDS = RECORD_WORDS;
const SHIFT = RECORD_SHIFT;
const QTY = LOTS;
const ABSENT = NONE;
/** Slots of `free`: the first free level, 0 when there is none; levels from the second on were never taken. */
const FIRST_FREE = 0;
const FRESH = 1;

export interface OrderQueues {
  /** The level of a ladder at a price, made when there is none; -1 when the side is full. */
  levelFor(ladder: number, priceTicks: number): number;
  /** True when a level at a price is there, fits, or takes the place of the one that `order` leaves empty. */
  canMove(order: number, priceTicks: number): boolean;
  /** Puts an order with its lots at the end of a level's queue. */
  link(order: number, level: number): void;
  /** Takes an order out of its level's queue. A level without orders is gone, but can be read until another is made. */
  unlink(order: number): void;
  /** Forgets a level with all its orders. */
  giveLevel(level: number): void;
}

/** Price levels and the queue of each, and their place in the ladders. `free`: 0, and the number of the first level. */
export function createOrderQueues(words: Int32Array, lots: Float64Array, free: Int32Array, ladders: PriceLadders): OrderQueues {
  const { placeOf, insertAt, removeKey } = ladders;

  function takeLevel(ladder: number, key: number): number {
    let level = free[FIRST_FREE]!;
    if (level !== 0) free[FIRST_FREE] = words[level + FRONT]!;
    else {
      level = free[FRESH]!;
      free[FRESH] = level + WORDS;
    }
    words[level + KEY] = key;
    words[level + AT_LADDER] = ladder;
    words[level + ORDERS] = 0;
    words[level + FRONT] = ABSENT;
    words[level + END] = ABSENT;
    lots[(level >> 1) + QTY] = 0;
    return level;
  }

  function giveLevel(level: number): void {
    words[level + FRONT] = free[FIRST_FREE]!;
    free[FIRST_FREE] = level;
  }

  function levelFor(ladder: number, priceTicks: number): number {
    const key = keyOf(ladder, priceTicks);
    const count = words[ladder + COUNT]!;
    if (count > 0 && words[ladder + BEST_KEY]! === key) return words[ladder + BEST_LEVEL]!;
    const place = placeOf(ladder, key);
    if (place < words[ladder + FIRST]! + 2 * count && words[place]! === key) return words[place + 1]!;
    if (count === words[ladder + LEVELS_MAX]!) return ABSENT;
    const level = takeLevel(ladder, key);
    insertAt(ladder, place, key, level);
    return level;
  }

  function canMove(order: number, priceTicks: number): boolean {
    const level = words[order + AT_LEVEL]!;
    const ladder = words[level + AT_LADDER]!;
    const count = words[ladder + COUNT]!;
    if (count < words[ladder + LEVELS_MAX]! || words[level + ORDERS]! === 1) return true;
    const key = keyOf(ladder, priceTicks);
    const place = placeOf(ladder, key);
    return place < words[ladder + FIRST]! + 2 * count && words[place]! === key;
  }

  function link(order: number, level: number): void {
    const end = words[level + END]!;
    words[order + AT_LEVEL] = level;
    words[order + PREVIOUS] = end;
    words[order + NEXT] = ABSENT;
    words[end === ABSENT ? level + FRONT : end + NEXT] = order;
    words[level + END] = order;
    words[level + ORDERS] = words[level + ORDERS]! + 1;
    lots[(level >> 1) + QTY] = lots[(level >> 1) + QTY]! + lots[(order >> 1) + QTY]!;
  }

  function unlink(order: number): void {
    const level = words[order + AT_LEVEL]!;
    const previous = words[order + PREVIOUS]!;
    const next = words[order + NEXT]!;
    words[previous === ABSENT ? level + FRONT : previous + NEXT] = next;
    words[next === ABSENT ? level + END : next + PREVIOUS] = previous;
    const left = words[level + ORDERS]! - 1;
    words[level + ORDERS] = left;
    lots[(level >> 1) + QTY] = lots[(level >> 1) + QTY]! - lots[(order >> 1) + QTY]!;
    if (left > 0) return;
    removeKey(words[level + AT_LADDER]!, words[level + KEY]!);
    giveLevel(level);
  }

  // biome-ignore lint/plugin: once a pool, not once a tick
  return { levelFor, canMove, link, unlink, giveLevel };
}

/** Price in ticks to the key of a ladder, and back. */
export function keyOf(ladder: number, priceTicks: number): number {
  return ((ladder >> SHIFT) & 1) === 0 ? priceTicks : 0 - priceTicks;
}
