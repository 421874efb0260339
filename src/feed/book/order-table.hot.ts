import { LEVEL, NONE, ORDER, RECORD_SHIFT, RECORD_WORDS } from './l3-layout.ts';

// V8 folds constants of the module itself; imported ones and fields of objects it would read each time.
const { LOW, HIGH, LEVEL: AT_LEVEL, REACH } = ORDER;
const { LADDER: AT_LADDER } = LEVEL;
const WORDS = RECORD_WORDS;
const SHIFT = RECORD_SHIFT;
const ABSENT = NONE;
/** Leaves of a ladder's number its book's. */
const BOOK_BITS = ~RECORD_WORDS;

export interface OrderTable {
  /** The order of a book with a reference, -1 when there is none. */
  find(book: number, low: number, high: number): number;
  /** A place for a reference that its book does not have; the caller sees that there is room, and gives it a level at once. */
  insert(low: number, high: number): number;
  /** Empties the place of an order. */
  remove(order: number): void;
}

/**
 * 64-bit order references, as two int32 halves, to places of an open-addressed table; `mask`: its words, less one record. Orders
 * never move: a search goes as far as the furthest order that belongs to the same place, which a removal sets back. There are no
 * tombstones, and nothing grows with the number of orders that came and went. Reference 0 is one like any other.
 */
export function createOrderTable(words: Int32Array, mask: number): OrderTable {
  function find(book: number, low: number, high: number): number {
    let order = homeOf(low, high) & mask;
    for (let left = words[order + REACH]!; left > 0; left--) {
      if (words[order + LOW]! === low && words[order + HIGH]! === high) {
        const level = words[order + AT_LEVEL]!;
        if (level !== 0 && (words[level + AT_LADDER]! & BOOK_BITS) === book) return order;
      }
      order = (order + WORDS) & mask;
    }
    return ABSENT;
  }

  function insert(low: number, high: number): number {
    const home = homeOf(low, high) & mask;
    let order = home;
    let reach = 1;
    while (words[order + AT_LEVEL]! !== 0) {
      order = (order + WORDS) & mask;
      reach++;
    }
    words[order + LOW] = low;
    words[order + HIGH] = high;
    if (reach > words[home + REACH]!) words[home + REACH] = reach;
    return order;
  }

  function remove(order: number): void {
    const home = homeOf(words[order + LOW]!, words[order + HIGH]!) & mask;
    words[order + AT_LEVEL] = 0;
    const reach = (((order - home) & mask) >> SHIFT) + 1;
    if (words[home + REACH]! === reach) words[home + REACH] = reach === 1 ? 0 : reachBelow(home, reach);
  }

  /** How far the orders that belong to `home` reach when the one at `reach` is gone. */
  function reachBelow(home: number, reach: number): number {
    for (let left = reach - 1; left > 0; left--) {
      const order = (home + (left - 1) * WORDS) & mask;
      if (words[order + AT_LEVEL]! !== 0 && (homeOf(words[order + LOW]!, words[order + HIGH]!) & mask) === home) return left;
    }
    return 0;
  }

  // biome-ignore lint/plugin: once a pool, not once a tick
  return { find, insert, remove };
}

/**
 * Venues count references up, so neighbours in time become neighbours in memory, and in its order, when the low bits choose the
 * place. The upper bits are added for venues whose references all end in the same bits.
 */
function homeOf(low: number, high: number): number {
  // Sums cut to int32 one by one: V8 would make a longer one of doubles.
  const spread = (low + (low >>> 16)) | 0;
  return ((spread + Math.imul(high | 0, 0x9e3779b1)) | 0) << SHIFT;
}
