import { findKey } from './sorted-keys.hot.ts';

/** Moves of fewer elements than this run as a loop; `copyWithin` costs more than that to call. */
const MOVE_LOOP_MAX = 40;

/**
 * One side's levels in order of price: a key (the price, negated for asks) and the number of a level for each, the best
 * last, so that the busy end of the book moves few elements and the best level is one read away.
 */
export class PriceLadder {
  readonly capacity: number;
  readonly keys: Int32Array;
  readonly levels: Int32Array;
  count: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.keys = new Int32Array(capacity);
    this.levels = new Int32Array(capacity);
    this.count = 0;
  }

  /** Level at `key`, -1 when there is none. */
  find(key: number): number {
    const at = findKey(this.keys, this.count, key);
    return at < this.count && this.keys[at]! === key ? this.levels[at]! : -1;
  }

  /** Adds a key that is not there; the caller saw that there is room. */
  insert(key: number, level: number): void {
    const { keys, levels, count } = this;
    const at = findKey(keys, count, key);
    if (count - at > MOVE_LOOP_MAX) {
      keys.copyWithin(at + 1, at, count);
      levels.copyWithin(at + 1, at, count);
    } else {
      for (let i = count; i > at; i--) {
        keys[i] = keys[i - 1]!;
        levels[i] = levels[i - 1]!;
      }
    }
    keys[at] = key;
    levels[at] = level;
    this.count = count + 1;
  }

  /** Removes a key that is there. */
  remove(key: number): void {
    const { keys, levels, count } = this;
    const at = findKey(keys, count, key);
    if (count - at > MOVE_LOOP_MAX) {
      keys.copyWithin(at, at + 1, count);
      levels.copyWithin(at, at + 1, count);
    } else {
      for (let i = at + 1; i < count; i++) {
        keys[i - 1] = keys[i]!;
        levels[i - 1] = levels[i]!;
      }
    }
    this.count = count - 1;
  }
}
