/** Levels a block holds: few enough to shift in a short loop, enough that a whole book has few blocks. */
const BLOCK_BITS = 6;
const BLOCK_LEVELS = 1 << BLOCK_BITS;
const HALF_LEVELS = BLOCK_LEVELS / 2;
/** Neighbours that hold at most this many together become one, so two neighbours hold more, which bounds the blocks. */
const MERGE_LEVELS = HALF_LEVELS;

/** What `set` says. */
export const LEVEL_SET = { CHANGED: 0, UNCHANGED: 1, FULL: -1 } as const;

/**
 * Levels far from the best price of a side: keys (int32) with quantities, sorted towards the best, which is the largest key.
 * They lie in blocks of up to 64 that a directory keeps in order, so setting a level moves a few dozen elements at most wherever
 * it stands, and nothing is hashed: neighbours in price are neighbours in memory. A venue's message names levels in price order, so the
 * search begins in the block that was used last. Allocates nothing after construction.
 */
export class LevelSide {
  count: number;
  private readonly capacity: number;
  /** Block `b` has its levels at `b * 64 ..`, worst first, `sizes[b]` of them. */
  private readonly keys: Int32Array;
  /** Public for callers that pass a quantity on in its array. */
  readonly levelLots: Float64Array;
  private readonly sizes: Int32Array;
  /** Directory, worst block first: which block stands at a place, and its first key. */
  private readonly order: Int32Array;
  private readonly firstKey: Int32Array;
  private places: number;
  private readonly free: Int32Array;
  private freeCount: number;
  /** Place used last. */
  private hint: number;
  /** Place that `slot` looked at last and the levels better than it; -1 after a change of shape. */
  private cursorPlace: number;
  private cursorBefore: number;

  constructor(capacity: number) {
    const blocks = Math.floor((2 * capacity) / (MERGE_LEVELS + 1)) + 2;
    this.capacity = capacity;
    this.keys = new Int32Array(blocks << BLOCK_BITS);
    this.levelLots = new Float64Array(blocks << BLOCK_BITS);
    this.sizes = new Int32Array(blocks);
    this.order = new Int32Array(blocks);
    this.firstKey = new Int32Array(blocks);
    this.free = new Int32Array(blocks);
    this.count = 0;
    this.places = 0;
    this.freeCount = 0;
    this.hint = 0;
    this.cursorPlace = -1;
    this.cursorBefore = 0;
    this.clear();
  }

  clear(): void {
    const blocks = this.free.length;
    // The lowest block is taken first.
    for (let i = 0; i < blocks; i++) this.free[i] = blocks - 1 - i;
    this.freeCount = blocks;
    this.count = 0;
    this.places = 0;
    this.hint = 0;
    this.cursorPlace = -1;
  }

  /**
   * Sets the level `key` to `from[i]` lots, 0 removes it; LEVEL_SET. The quantity comes in an array because V8 allocates a
   * number beyond int32 that it passes to a function.
   */
  set(key: number, from: Float64Array, i: number): number {
    const places = this.places;
    const lots = from[i]!;
    if (places === 0) return lots === 0 ? LEVEL_SET.UNCHANGED : this.open(0, key, from, i);
    const place = this.placeOf(key, places);
    this.hint = place;
    const block = this.order[place]!;
    const base = block << BLOCK_BITS;
    const end = base + this.sizes[block]!;
    const keys = this.keys;
    const at = lowerBound(keys, base, end, key);
    if (at < end && keys[at]! === key) {
      if (lots === 0) {
        this.remove(place, at, end);
        return LEVEL_SET.CHANGED;
      }
      if (this.levelLots[at]! === lots) return LEVEL_SET.UNCHANGED;
      this.levelLots[at] = lots;
      return LEVEL_SET.CHANGED;
    }
    return lots === 0 ? LEVEL_SET.UNCHANGED : this.insert(place, at, end, key, from, i);
  }

  /** Lots at `key`, 0 when there is no such level. */
  lotsOf(key: number): number {
    const places = this.places;
    if (places === 0) return 0;
    const block = this.order[this.placeOf(key, places)]!;
    const base = block << BLOCK_BITS;
    const end = base + this.sizes[block]!;
    const at = lowerBound(this.keys, base, end, key);
    return at < end && this.keys[at]! === key ? this.levelLots[at]! : 0;
  }

  /** Where the `i`-th best level lies (0 = best): index for `keyAt` and `lotsAt`, -1 beyond the last. */
  slot(i: number): number {
    if (i < 0 || i >= this.count) return -1;
    const { order, sizes } = this;
    let place = this.cursorPlace;
    let before = this.cursorBefore;
    if (place < 0 || i < before) {
      place = this.places - 1;
      before = 0;
    }
    let block = order[place]!;
    while (i >= before + sizes[block]!) {
      before += sizes[block]!;
      block = order[--place]!;
    }
    this.cursorPlace = place;
    this.cursorBefore = before;
    return (block << BLOCK_BITS) + sizes[block]! - 1 - (i - before);
  }

  /** Copies the best levels, at most `most`, to `keys` and `lots` from `to` on, keys times `sign`; how many there were. */
  copyBest(most: number, sign: number, keys: Int32Array, lots: Float64Array, to: number): number {
    const count = this.count < most ? this.count : most;
    let copied = 0;
    for (let place = this.places - 1; copied < count; place--) {
      const block = this.order[place]!;
      const base = block << BLOCK_BITS;
      for (let at = base + this.sizes[block]! - 1; at >= base && copied < count; at--) {
        keys[to + copied] = sign * this.keys[at]!;
        lots[to + copied] = this.levelLots[at]!;
        copied++;
      }
    }
    return count;
  }

  /** Where the best level lies; only when `count` is above 0. */
  bestSlot(): number {
    const block = this.order[this.places - 1]!;
    return (block << BLOCK_BITS) + this.sizes[block]! - 1;
  }

  keyAt(slot: number): number {
    return this.keys[slot]!;
  }

  lotsAt(slot: number): number {
    return this.levelLots[slot]!;
  }

  /** The last place whose first key is not above `key`, or 0. */
  private placeOf(key: number, places: number): number {
    const firstKey = this.firstKey;
    const hint = this.hint;
    let low = 0;
    let high = places;
    // A message names levels in price order: the next one is most likely in the same block or in a neighbour.
    if (key >= firstKey[hint]!) {
      if (hint + 1 === places || key < firstKey[hint + 1]!) return hint;
      if (hint + 2 === places || key < firstKey[hint + 2]!) return hint + 1;
      low = hint + 2;
    } else {
      if (hint <= 1 || key >= firstKey[hint - 1]!) return hint === 0 ? 0 : hint - 1;
      high = hint - 1;
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (firstKey[middle]! <= key) low = middle;
      else high = middle;
    }
    return low;
  }

  private insert(place: number, at: number, end: number, key: number, from: Float64Array, i: number): number {
    if (this.count >= this.capacity) return LEVEL_SET.FULL;
    const block = this.order[place]!;
    const base = block << BLOCK_BITS;
    if (end - base < BLOCK_LEVELS) {
      this.put(place, block, at, end, key, from, i);
      return LEVEL_SET.CHANGED;
    }
    // A new best behind a full block begins one of its own: whole books arrive worst level first.
    if (at === end && place + 1 === this.places) return this.open(place + 1, key, from, i);
    const upper = this.split(place);
    if (at <= base + HALF_LEVELS) this.put(place, block, at, base + HALF_LEVELS, key, from, i);
    else {
      const target = (upper << BLOCK_BITS) + (at - base - HALF_LEVELS);
      this.put(place + 1, upper, target, (upper << BLOCK_BITS) + HALF_LEVELS, key, from, i);
    }
    return LEVEL_SET.CHANGED;
  }

  /** Moves the better half of a full block to a new one behind it; returns that block. */
  private split(place: number): number {
    const { keys, levelLots: lots } = this;
    const from = (this.order[place]! << BLOCK_BITS) + HALF_LEVELS;
    const upper = this.link(place + 1, keys[from]!);
    const to = upper << BLOCK_BITS;
    for (let i = 0; i < HALF_LEVELS; i++) {
      keys[to + i] = keys[from + i]!;
      lots[to + i] = lots[from + i]!;
    }
    this.sizes[this.order[place]!] = HALF_LEVELS;
    this.sizes[upper] = HALF_LEVELS;
    return upper;
  }

  /** Writes a level into a block with room, at `at`. */
  private put(place: number, block: number, at: number, end: number, key: number, from: Float64Array, i: number): void {
    const { keys, levelLots: lots } = this;
    for (let k = end; k > at; k--) {
      keys[k] = keys[k - 1]!;
      lots[k] = lots[k - 1]!;
    }
    keys[at] = key;
    lots[at] = from[i]!;
    this.sizes[block] = this.sizes[block]! + 1;
    if (at === block << BLOCK_BITS) this.firstKey[place] = key;
    this.count++;
    this.cursorPlace = -1;
  }

  private remove(place: number, at: number, end: number): void {
    const keys = this.keys;
    const lots = this.levelLots;
    const block = this.order[place]!;
    const base = block << BLOCK_BITS;
    for (let i = at + 1; i < end; i++) {
      keys[i - 1] = keys[i]!;
      lots[i - 1] = lots[i]!;
    }
    const size = end - base - 1;
    this.sizes[block] = size;
    this.count--;
    this.cursorPlace = -1;
    if (size === 0) {
      this.unlink(place);
      return;
    }
    if (at === base) this.firstKey[place] = keys[base]!;
    if (place + 1 < this.places && size + this.sizes[this.order[place + 1]!]! <= MERGE_LEVELS) this.merge(place);
    else if (place > 0 && size + this.sizes[this.order[place - 1]!]! <= MERGE_LEVELS) this.merge(place - 1);
  }

  /** Appends the block at `place + 1` to the one at `place`. */
  private merge(place: number): void {
    const { keys, levelLots: lots, sizes } = this;
    const block = this.order[place]!;
    const next = this.order[place + 1]!;
    const to = (block << BLOCK_BITS) + sizes[block]!;
    const from = next << BLOCK_BITS;
    const size = sizes[next]!;
    for (let i = 0; i < size; i++) {
      keys[to + i] = keys[from + i]!;
      lots[to + i] = lots[from + i]!;
    }
    sizes[block] = sizes[block]! + size;
    this.unlink(place + 1);
  }

  /** Begins a block with one level at `place`. */
  private open(place: number, key: number, from: Float64Array, i: number): number {
    if (this.count >= this.capacity) return LEVEL_SET.FULL;
    const block = this.link(place, key);
    this.keys[block << BLOCK_BITS] = key;
    this.levelLots[block << BLOCK_BITS] = from[i]!;
    this.sizes[block] = 1;
    this.hint = place;
    this.count++;
    this.cursorPlace = -1;
    return LEVEL_SET.CHANGED;
  }

  /** Takes a free block into the directory at `place`. */
  private link(place: number, key: number): number {
    const { order, firstKey } = this;
    const block = this.free[--this.freeCount]!;
    for (let i = this.places; i > place; i--) {
      order[i] = order[i - 1]!;
      firstKey[i] = firstKey[i - 1]!;
    }
    order[place] = block;
    firstKey[place] = key;
    this.places++;
    return block;
  }

  private unlink(place: number): void {
    const { order, firstKey } = this;
    this.free[this.freeCount++] = order[place]!;
    this.places--;
    for (let i = place; i < this.places; i++) {
      order[i] = order[i + 1]!;
      firstKey[i] = firstKey[i + 1]!;
    }
    this.hint = 0;
  }
}

/** First index in `[from, to)` whose key is not below `key`, or `to`. */
function lowerBound(keys: Int32Array, from: number, to: number, key: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
