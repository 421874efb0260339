import { LEVEL_SET, LevelSide } from './level-side.hot.ts';

/** Prices of the window, a power of two; its best quarter is kept free, for prices that improve. */
const WINDOW_BITS = 14;
const WINDOW = 1 << WINDOW_BITS;
const WINDOW_MASK = WINDOW - 1;
const QUARTER = WINDOW / 4;
/** Words of 32 prices, and words of 32 such words. */
const WORDS = WINDOW >> 5;
const WORDS_MASK = WORDS - 1;
const SUMMARY_WORDS = WORDS >> 5;
const SUMMARY_MASK = SUMMARY_WORDS - 1;
/** With the window inside this range the distance of any two int32 is told apart from one inside the window. */
const BASE_MIN = -(2 ** 31);
const BASE_MAX = 2 ** 31 - WINDOW;

/**
 * One side of a book: keys (int32) with quantities, the best being the largest key. Nearly every change of a book is near its
 * best price: the keys of a window around it have a place of their own each, so that setting one is a store and neither
 * searches nor moves anything. Keys worse than the window's are kept in blocks. `count` above 0 means that the best key lies in
 * the window, and no key is ever above the window. Allocates nothing after construction.
 */
export class BookSide {
  count: number;
  private readonly capacity: number;
  /** Lots of the key `k` of the window `[base, base + WINDOW)` at `k & WINDOW_MASK`, 0 when there is no such level. */
  private readonly lots: Float64Array;
  /** A bit for each of those that is not 0, and a bit for each word of bits that is not 0. */
  private readonly bits: Int32Array;
  private readonly summary: Int32Array;
  private readonly far: LevelSide;
  private base: number;
  /** Levels in the window, and the best key; without levels it says nothing. */
  private near: number;
  private best: number;
  /** Rank that `slot` looked at last and its key; -1 after a change of shape. */
  private cursorRank: number;
  private cursorKey: number;
  /** A quantity of 0, to remove with. */
  private readonly none: Float64Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.lots = new Float64Array(WINDOW);
    this.bits = new Int32Array(WORDS);
    this.summary = new Int32Array(SUMMARY_WORDS);
    this.far = new LevelSide(capacity);
    this.count = 0;
    this.base = 0;
    this.near = 0;
    this.best = 0;
    this.cursorRank = -1;
    this.cursorKey = 0;
    this.none = new Float64Array(1);
  }

  clear(): void {
    const { lots, bits, summary } = this;
    // Venues that send whole books clear one for every message: only what was set is undone.
    for (let index = 0; index < SUMMARY_WORDS; index++) {
      for (let left = summary[index]!; left !== 0; left &= left - 1) {
        const word = (index << 5) | (31 - Math.clz32(left & -left));
        bits[word] = 0;
        for (let at = word << 5; at < (word + 1) << 5; at++) lots[at] = 0;
      }
      summary[index] = 0;
    }
    if (this.far.count > 0) this.far.clear();
    this.count = 0;
    this.near = 0;
    this.cursorRank = -1;
  }

  /**
   * Sets the level `key` to `from[i]` lots, 0 removes it; LEVEL_SET. The quantity comes in an array because V8 allocates a
   * number beyond int32 that it passes to a function.
   */
  set(key: number, from: Float64Array, i: number): number {
    if ((key - this.base) >>> 0 >= WINDOW || this.near === 0) return this.setOutside(key, from, i);
    const lots = this.lots;
    const at = key & WINDOW_MASK;
    const before = lots[at]!;
    const after = from[i]!;
    if (before === after) return LEVEL_SET.UNCHANGED;
    if (after === 0) {
      this.drop(key);
      return LEVEL_SET.CHANGED;
    }
    if (before === 0) return this.add(key, from, i);
    lots[at] = after;
    return LEVEL_SET.CHANGED;
  }

  /** Lots at `key`, 0 when there is no such level. */
  lotsOf(key: number): number {
    if ((key - this.base) >>> 0 < WINDOW) return this.lots[key & WINDOW_MASK]!;
    return this.far.lotsOf(key);
  }

  /** Where the `i`-th best level lies (0 = best): for `keyAt` and `lotsAt`, -1 beyond the last. */
  slot(i: number): number {
    if (i < 0 || i >= this.count) return -1;
    const near = this.near;
    if (i >= near) return WINDOW + this.far.slot(i - near);
    let rank = this.cursorRank;
    let key = this.cursorKey;
    if (rank < 0 || i < rank) {
      rank = 0;
      key = this.best;
    }
    for (; rank < i; rank++) key = this.below(key);
    this.cursorRank = rank;
    this.cursorKey = key;
    return key & WINDOW_MASK;
  }

  /** Where the best level lies; only when `count` is above 0. */
  bestSlot(): number {
    return this.best & WINDOW_MASK;
  }

  keyAt(slot: number): number {
    if (slot >= WINDOW) return this.far.keyAt(slot - WINDOW);
    return this.base + ((slot - this.base) & WINDOW_MASK);
  }

  lotsAt(slot: number): number {
    return slot >= WINDOW ? this.far.lotsAt(slot - WINDOW) : this.lots[slot]!;
  }

  /** Copies the best levels, at most `most`, to `keys` and `lots` from 0 on, keys times `sign`; how many there were. */
  copyBest(most: number, sign: number, keys: Int32Array, lots: Float64Array): number {
    const near = this.near < most ? this.near : most;
    let key = this.best;
    for (let i = 0; i < near; i++) {
      if (i > 0) key = this.below(key);
      keys[i] = sign * key;
      lots[i] = this.lots[key & WINDOW_MASK]!;
    }
    return near < most ? near + this.far.copyBest(most - near, sign, keys, lots, near) : near;
  }

  /** A key outside the window, or any key while the side is empty. */
  private setOutside(key: number, from: Float64Array, i: number): number {
    if (this.near === 0) {
      if (from[i]! === 0) return LEVEL_SET.UNCHANGED;
      this.base = baseFor(key);
      this.best = key;
      return this.add(key, from, i);
    }
    if (key < this.base) {
      const far = this.far;
      if (this.count >= this.capacity && from[i]! !== 0 && far.lotsOf(key) === 0) return LEVEL_SET.FULL;
      const status = far.set(key, from, i);
      this.count = this.near + far.count;
      return status;
    }
    if (from[i]! === 0) return LEVEL_SET.UNCHANGED;
    if (this.count >= this.capacity) return LEVEL_SET.FULL;
    this.moveUp(baseFor(key));
    this.best = key;
    return this.add(key, from, i);
  }

  /** A level that is not there, inside the window. */
  private add(key: number, from: Float64Array, i: number): number {
    if (this.count >= this.capacity) return LEVEL_SET.FULL;
    this.place(key, from, i);
    if (key > this.best) this.best = key;
    this.count++;
    return LEVEL_SET.CHANGED;
  }

  private place(key: number, from: Float64Array, i: number): void {
    const at = key & WINDOW_MASK;
    const word = at >> 5;
    this.lots[at] = from[i]!;
    this.bits[word] = this.bits[word]! | (1 << (at & 31));
    this.summary[word >> 5] = this.summary[word >> 5]! | (1 << (word & 31));
    this.near++;
    this.cursorRank = -1;
  }

  /** Takes a level out of the window and gives it to nobody. */
  private take(key: number): void {
    const at = key & WINDOW_MASK;
    const word = at >> 5;
    this.lots[at] = 0;
    const left = this.bits[word]! & ~(1 << (at & 31));
    this.bits[word] = left;
    if (left === 0) this.summary[word >> 5] = this.summary[word >> 5]! & ~(1 << (word & 31));
    this.near--;
    this.cursorRank = -1;
  }

  /** Removes a level that is there, inside the window. */
  private drop(key: number): void {
    this.take(key);
    this.count--;
    if (key !== this.best || this.count === 0) return;
    if (this.near > 0) {
      this.best = this.below(key);
      if (this.far.count > 0 && this.best - this.base < QUARTER) this.moveDown(baseFor(this.best));
    } else {
      this.best = this.far.keyAt(this.far.bestSlot());
      this.moveDown(baseFor(this.best));
    }
  }

  /** The next worse key in the window; there is one. */
  private below(key: number): number {
    const bits = this.bits;
    const at = (key - 1) & WINDOW_MASK;
    let word = at >> 5;
    let left = bits[word]! & (-1 >>> (31 - (at & 31)));
    if (left === 0) {
      word = this.wordBelow(word);
      left = bits[word]!;
    }
    const found = (word << 5) | (31 - Math.clz32(left));
    return key - ((key - found) & WINDOW_MASK);
  }

  /** The next word below `word`, around the end, that has a bit; there is one, which may be `word` itself. */
  private wordBelow(word: number): number {
    const summary = this.summary;
    const at = (word - 1) & WORDS_MASK;
    let index = at >> 5;
    let left = summary[index]! & (-1 >>> (31 - (at & 31)));
    while (left === 0) {
      index = (index - 1) & SUMMARY_MASK;
      left = summary[index]!;
    }
    return (index << 5) | (31 - Math.clz32(left));
  }

  /** Moves the window towards better prices: what it leaves behind goes to the blocks. The rest keeps its place. */
  private moveUp(base: number): void {
    const { far, lots } = this;
    const worst = this.base;
    let key = base > this.best ? this.best : this.below(base);
    // Where nothing is left below, the search goes around and gives a key below the window's or `base` itself.
    while (key >= worst && key < base) {
      far.set(key, lots, key & WINDOW_MASK);
      this.take(key);
      if (this.near === 0) break;
      key = this.below(key);
    }
    this.base = base;
  }

  /** Moves the window towards worse prices, all of its levels staying in it, and fetches what it reaches. */
  private moveDown(base: number): void {
    const { far, none } = this;
    this.base = base;
    while (far.count > 0) {
      const slot = far.bestSlot();
      const key = far.keyAt(slot);
      if (key < base) return;
      this.place(key, far.levelLots, slot);
      far.set(key, none, 0);
    }
  }
}

/** First key of the window in which `key` is where the best one begins. */
function baseFor(key: number): number {
  const base = key - (WINDOW - QUARTER);
  if (base < BASE_MIN) return BASE_MIN;
  return base > BASE_MAX ? BASE_MAX : base;
}
