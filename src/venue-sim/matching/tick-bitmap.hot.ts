const LEVELS = 4;

/**
 * A set of ticks in 0 .. 2^20 - 1 with "next member above / below" in at most eight word reads: four levels of 32-bit words, each
 * bit saying that the word below it is not empty.
 */
export class TickBitmap {
  private readonly words: readonly Int32Array[];

  constructor() {
    this.words = [new Int32Array(1 << 15), new Int32Array(1 << 10), new Int32Array(1 << 5), new Int32Array(1)];
  }

  set(tick: number): void {
    let index = tick;
    for (let level = 0; level < LEVELS; level++) {
      const words = this.words[level]!;
      words[index >>> 5] = words[index >>> 5]! | (1 << (index & 31));
      index >>>= 5;
    }
  }

  clear(tick: number): void {
    let index = tick;
    for (let level = 0; level < LEVELS; level++) {
      const words = this.words[level]!;
      const left = words[index >>> 5]! & ~(1 << (index & 31));
      words[index >>> 5] = left;
      if (left !== 0) return;
      index >>>= 5;
    }
  }

  /** The smallest member at or above `tick`, or -1. */
  atOrAbove(tick: number): number {
    let index = tick;
    let mask = -1 << (index & 31);
    for (let level = 0; level < LEVELS; level++) {
      const hit = this.words[level]![index >>> 5]! & mask;
      if (hit !== 0) return this.descend(level, (index & ~31) | lowestBit(hit), false);
      index >>>= 5;
      mask = (index & 31) === 31 ? 0 : -1 << ((index & 31) + 1);
    }
    return -1;
  }

  /** The largest member at or below `tick`, or -1. */
  atOrBelow(tick: number): number {
    let index = tick;
    let mask = (index & 31) === 31 ? -1 : (1 << ((index & 31) + 1)) - 1;
    for (let level = 0; level < LEVELS; level++) {
      const hit = this.words[level]![index >>> 5]! & mask;
      if (hit !== 0) return this.descend(level, (index & ~31) | (31 - Math.clz32(hit)), true);
      index >>>= 5;
      mask = (1 << (index & 31)) - 1;
    }
    return -1;
  }

  private descend(fromLevel: number, from: number, highest: boolean): number {
    let index = from;
    for (let level = fromLevel - 1; level >= 0; level--) {
      const word = this.words[level]![index]!;
      index = (index << 5) | (highest ? 31 - Math.clz32(word) : lowestBit(word));
    }
    return index;
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
