import { PRICE_NONE } from '../../core/price.ts';
import { LEVEL_SET, SortedLevels } from './sorted-levels.hot.ts';

/** Keys of the window: where nearly every change falls (docs/book.md). */
const WINDOW_BITS = 15;
const WINDOW = 1 << WINDOW_BITS;
const MASK = WINDOW - 1;
/** Bitmap words of the window, and the words of the bitmap over those. */
const WORDS = WINDOW >> 5;
const GROUPS = WORDS >> 5;
/** Where the best key stands in a window that was moved to it: most levels lie behind it, the rest is room to rise. */
const BELOW = (WINDOW >> 2) * 3;
/** A best key nearer to the window's low end than this moves the window down. */
const BELOW_MIN = WINDOW >> 2;

/** Bounds of the window's low end: no key of int32 may alias another one in `(key - low) | 0`. */
const LOW_MIN = -2147483648;
const LOW_MAX = 2147483648 - WINDOW;

/**
 * One side of a book: keys (int32, above PRICE_NONE) with quantities; the best is the largest key. Keys near the best lie
 * in a window addressed by the key itself: a level is set with one store, and a bitmap of three steps finds the next best.
 * The window is a ring (`key & MASK`), so moving it moves nothing but the levels that leave or enter. Keys below it, which
 * change seldom, are kept sorted; none is ever above it. Allocates nothing after construction.
 */
export class LevelSide {
  /** Levels in all. */
  count: number;
  /** Largest key, PRICE_NONE while there is none. */
  best: number;
  private readonly capacity: number;
  /** The window holds keys `low .. low + WINDOW - 1`; `near` of them are levels. */
  private low: number;
  private near: number;
  private readonly lots: Float64Array;
  /** A bit for each key of the window that is a level, for each word with a bit, and for each group with a word. */
  private readonly words: Int32Array;
  private readonly groups: Int32Array;
  private readonly top: Int32Array;
  private readonly far: SortedLevels;
  /** The level that `keyAt` found last: its rank and key; rank -1 after a level came or went. */
  private cursorRank: number;
  private cursorKey: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.lots = new Float64Array(WINDOW);
    this.words = new Int32Array(WORDS);
    this.groups = new Int32Array(GROUPS);
    this.top = new Int32Array(1);
    this.far = new SortedLevels(capacity);
    this.count = 0;
    this.best = PRICE_NONE;
    this.low = 0;
    this.near = 0;
    this.cursorRank = -1;
    this.cursorKey = 0;
  }

  clear(): void {
    // Level by level: the window is far larger than what a book has in it, and some venues replace the book with each message.
    for (let key = this.best, left = this.near; left > 0; left--) {
      const at = key & MASK;
      if (left > 1) key = this.below(key);
      this.lots[at] = 0;
      this.clearBit(at);
    }
    if (this.far.count > 0) this.far.clear();
    this.count = 0;
    this.best = PRICE_NONE;
    this.near = 0;
    this.cursorRank = -1;
  }

  /**
   * Sets the level `key` to `from[i]` lots, 0 removes it; LEVEL_SET. The quantity comes in an array because V8 allocates a
   * number beyond int32 that it passes to a function.
   */
  set(key: number, from: Float64Array, i: number): number {
    if ((key - this.low) >>> 0 >= WINDOW) return this.setOutside(key, from, i);
    const at = key & MASK;
    const lots = this.lots;
    const next = from[i]!;
    const before = lots[at]!;
    if (before === next) return LEVEL_SET.UNCHANGED;
    if (before === 0) {
      if (this.near === 0 || this.count >= this.capacity) return this.setOutside(key, from, i);
      lots[at] = next;
      this.mark(at);
      if (key > this.best) this.best = key;
      return LEVEL_SET.CHANGED;
    }
    lots[at] = next;
    if (next === 0) this.unmark(at, key);
    return LEVEL_SET.CHANGED;
  }

  /** Lots at `key`, 0 when there is no such level. */
  lotsOf(key: number): number {
    return (key - this.low) >>> 0 < WINDOW ? this.lots[key & MASK]! : this.far.lotsOf(key);
  }

  /** Key of the `i`-th best level (0 = best), PRICE_NONE beyond the last. Reading them in order costs a step each. */
  keyAt(i: number): number {
    if (i < 0 || i >= this.count) return PRICE_NONE;
    const near = this.near;
    if (i >= near) return this.far.keyAt(this.far.slot(i - near));
    if (i === near - 1) return this.lowest();
    let rank = this.cursorRank;
    let key = this.cursorKey;
    if (rank < 0 || i < rank) {
      rank = 0;
      key = this.best;
    }
    for (; rank < i; rank++) key = this.below(key);
    this.cursorRank = rank;
    this.cursorKey = key;
    return key;
  }

  /** Copies the best levels, at most `most`, to `keys` and `lots` from 0 on, keys times `sign`; how many there were. */
  copyBest(most: number, sign: number, keys: Int32Array, lots: Float64Array): number {
    const count = this.count < most ? this.count : most;
    const near = this.near < count ? this.near : count;
    let key = this.best;
    for (let i = 0; i < near; i++) {
      if (i > 0) key = this.below(key);
      keys[i] = sign * key;
      lots[i] = this.lots[key & MASK]!;
    }
    if (near < count) this.far.copyBest(count, sign, keys, lots, near);
    return count;
  }

  /** A key outside the window, the first key of an empty one, or a side at its capacity. */
  private setOutside(key: number, from: Float64Array, i: number): number {
    if (this.near === 0) {
      if (from[i]! === 0) return LEVEL_SET.UNCHANGED;
      this.low = lowFor(key);
    } else if (key < this.low) {
      const before = this.far.count;
      if (this.count >= this.capacity && from[i]! !== 0 && this.far.lotsOf(key) === 0) return LEVEL_SET.FULL;
      const status = this.far.set(key, from, i);
      const change = this.far.count - before;
      if (change !== 0) {
        this.count += change;
        this.cursorRank = -1;
      }
      return status;
    } else if (this.count >= this.capacity) {
      return from[i]! === 0 ? LEVEL_SET.UNCHANGED : LEVEL_SET.FULL;
    } else {
      if (from[i]! === 0) return LEVEL_SET.UNCHANGED;
      this.raise(lowFor(key));
    }
    const at = key & MASK;
    this.lots[at] = from[i]!;
    this.mark(at);
    if (key > this.best) this.best = key;
    return LEVEL_SET.CHANGED;
  }

  private mark(at: number): void {
    const word = at >> 5;
    const group = word >> 5;
    this.words[word] = this.words[word]! | (1 << (at & 31));
    this.groups[group] = this.groups[group]! | (1 << (word & 31));
    this.top[0] = this.top[0]! | (1 << group);
    this.near++;
    this.count++;
    this.cursorRank = -1;
  }

  private unmark(at: number, key: number): void {
    this.clearBit(at);
    this.near--;
    this.count--;
    this.cursorRank = -1;
    if (key !== this.best) return;
    if (this.near > 0) this.best = this.below(key);
    else if (this.count > 0) this.best = this.far.keyAt(this.far.bestSlot());
    else {
      this.best = PRICE_NONE;
      return;
    }
    if (this.near === 0 || (this.best - this.low < BELOW_MIN && this.far.count > 0)) this.lower(lowFor(this.best));
  }

  private clearBit(at: number): void {
    const word = at >> 5;
    const left = this.words[word]! & ~(1 << (at & 31));
    this.words[word] = left;
    if (left !== 0) return;
    const group = word >> 5;
    const words = this.groups[group]! & ~(1 << (word & 31));
    this.groups[group] = words;
    if (words === 0) this.top[0] = this.top[0]! & ~(1 << group);
  }

  /** The next key below `key` that is a level of the window; the caller knows that there is one. */
  private below(key: number): number {
    const { words, groups } = this;
    const at = (key - 1) & MASK;
    let word = at >> 5;
    let bits = words[word]! & (-1 >>> (31 - (at & 31)));
    if (bits === 0) {
      let group = word >> 5;
      const inGroup = word & 31;
      let before = inGroup === 0 ? 0 : groups[group]! & (-1 >>> (32 - inGroup));
      if (before === 0) {
        // The window is a ring: below its first word comes its last.
        const top = this.top[0]!;
        const lower = group === 0 ? 0 : top & (-1 >>> (32 - group));
        group = 31 - Math.clz32(lower === 0 ? top : lower);
        before = groups[group]!;
      }
      word = (group << 5) + 31 - Math.clz32(before);
      bits = words[word]!;
    }
    const found = (word << 5) + 31 - Math.clz32(bits);
    return key - 1 - ((at - found) & MASK);
  }

  /** The lowest key of the window that is a level; only when there is one. */
  private lowest(): number {
    const { words, groups } = this;
    const at = this.low & MASK;
    let word = at >> 5;
    let bits = words[word]! & (-1 << (at & 31));
    if (bits === 0) {
      let group = word >> 5;
      let after = groups[group]! & (-2 << (word & 31));
      if (after === 0) {
        const top = this.top[0]!;
        const higher = top & (-2 << group);
        group = lowestBit(higher === 0 ? top : higher);
        after = groups[group]!;
      }
      word = (group << 5) + lowestBit(after);
      bits = words[word]!;
    }
    return this.low + (((word << 5) + lowestBit(bits) - at) & MASK);
  }

  /** Moves the window up to begin at `low`: the levels that it leaves become far ones. */
  private raise(low: number): void {
    const { lots, words } = this;
    let left = this.near;
    for (let key = this.low; key < low && left > 0; ) {
      const word = words[(key & MASK) >> 5]! >>> (key & 31);
      if (word === 0) {
        key += 32 - (key & 31);
        continue;
      }
      key += lowestBit(word);
      if (key >= low) break;
      const at = key & MASK;
      this.far.set(key, lots, at);
      lots[at] = 0;
      this.clearBit(at);
      left--;
      key++;
    }
    this.near = left;
    this.low = low;
  }

  /** Moves the window down to begin at `low`: the far levels from there on enter it. */
  private lower(low: number): void {
    const far = this.far;
    this.low = low;
    while (far.count > 0) {
      const slot = far.bestSlot();
      const key = far.keyAt(slot);
      if (key < low) break;
      const at = key & MASK;
      this.lots[at] = far.lotsAt(slot);
      far.set(key, NOTHING, 0);
      this.mark(at);
      this.count--;
    }
  }
}

const NOTHING = new Float64Array(1);

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Low end of a window that suits the best key `key`. */
function lowFor(key: number): number {
  const low = key - BELOW;
  if (low < LOW_MIN) return LOW_MIN;
  return low > LOW_MAX ? LOW_MAX : low;
}
