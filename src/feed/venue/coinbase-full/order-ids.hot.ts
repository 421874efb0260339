/** 32-bit words of an order id (UUID). */
export const ID_WORDS = 4;
const TEXT_BYTES = 36;
/** Value of each byte as a hexadecimal digit, -1 for a byte that is none. */
const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  HEX[text.charCodeAt(0)] = digit;
  HEX[text.toUpperCase().charCodeAt(0)] = digit;
}

/**
 * Orders ids of 128 bits and the small numbers that stand for them in the book: exact, because every look-up compares all
 * 128 bits. A number is valid until its id is removed. Open addressing with linear probing and backward shift; everything is
 * allocated at the start, an operation allocates nothing.
 */
export class OrderIds {
  readonly max: number;
  private readonly words: Int32Array;
  /** Number + 1 of the id whose look-up ends here, 0 where none does. */
  private readonly slots: Int32Array;
  private readonly mask: number;
  private readonly nextFree: Int32Array;
  private firstFree: number;
  /** Numbers from here on were never taken. */
  private fresh: number;
  private live: number;

  constructor(max: number) {
    let size = 4;
    while (size < 2 * max) size *= 2;
    this.max = max;
    this.words = new Int32Array(ID_WORDS * max);
    this.slots = new Int32Array(size);
    this.mask = size - 1;
    this.nextFree = new Int32Array(max);
    this.firstFree = -1;
    this.fresh = 0;
    this.live = 0;
  }

  /** Ids in the table. */
  get size(): number {
    return this.live;
  }

  /** Number of `id`, -1 when it is not there. */
  find(id: Int32Array): number {
    const slots = this.slots;
    for (let slot = this.homeOf(id, 0); ; slot = (slot + 1) & this.mask) {
      const number = slots[slot]! - 1;
      if (number < 0 || this.isAt(number, id)) return number;
    }
  }

  /** Number of an id that is not there yet; -1 when the table holds its maximum. */
  insert(id: Int32Array): number {
    if (this.live >= this.max) return -1;
    let number = this.firstFree;
    if (number >= 0) this.firstFree = this.nextFree[number]!;
    else number = this.fresh++;
    const words = this.words;
    for (let i = 0; i < ID_WORDS; i++) words[ID_WORDS * number + i] = id[i]!;
    let slot = this.homeOf(id, 0);
    while (this.slots[slot]! !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = number + 1;
    this.live++;
    return number;
  }

  /** Copies the id of `number`, which is in the table, to `id`. */
  copy(number: number, id: Int32Array): void {
    for (let i = 0; i < ID_WORDS; i++) id[i] = this.words[ID_WORDS * number + i]!;
  }

  /** Removes the id of `number`, which is in the table. */
  remove(number: number): void {
    const slots = this.slots;
    const mask = this.mask;
    let hole = this.homeOf(this.words, ID_WORDS * number);
    while (slots[hole]! !== number + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot]! !== 0; slot = (slot + 1) & mask) {
      const home = this.homeOf(this.words, ID_WORDS * (slots[slot]! - 1));
      // What probed past the hole on its way from home moves into it.
      if (((slot - home) & mask) >= ((slot - hole) & mask)) {
        slots[hole] = slots[slot]!;
        hole = slot;
      }
    }
    slots[hole] = 0;
    this.nextFree[number] = this.firstFree;
    this.firstFree = number;
    this.live--;
  }

  clear(): void {
    this.slots.fill(0);
    this.firstFree = -1;
    this.fresh = 0;
    this.live = 0;
  }

  private isAt(number: number, id: Int32Array): boolean {
    const words = this.words;
    const base = ID_WORDS * number;
    return words[base]! === id[0]! && words[base + 1]! === id[1]! && words[base + 2]! === id[2]! && words[base + 3]! === id[3]!;
  }

  private homeOf(words: Int32Array, base: number): number {
    let hash = Math.imul(words[base]! ^ (words[base + 2]! >>> 3), 0x9e3779b1);
    hash = Math.imul(hash ^ words[base + 1]! ^ (hash >>> 15), 0x85ebca6b);
    hash = Math.imul(hash ^ words[base + 3]! ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) & this.mask;
  }
}

/** UUID text `8-4-4-4-12` in `bytes[start, end)` to four words; false for any other text. Upper and lower case are one. */
export function scanOrderId(bytes: Uint8Array, start: number, end: number, id: Int32Array): boolean {
  if (end - start !== TEXT_BYTES) return false;
  const dashes = (bytes[start + 8]! ^ 45) | (bytes[start + 13]! ^ 45) | (bytes[start + 18]! ^ 45) | (bytes[start + 23]! ^ 45);
  const a = fourHex(bytes, start);
  const b = fourHex(bytes, start + 4);
  const c = fourHex(bytes, start + 9);
  const d = fourHex(bytes, start + 14);
  const e = fourHex(bytes, start + 19);
  const f = fourHex(bytes, start + 24);
  const g = fourHex(bytes, start + 28);
  const h = fourHex(bytes, start + 32);
  if (dashes !== 0 || (a | b | c | d | e | f | g | h) < 0) return false;
  id[0] = (a << 16) | b;
  id[1] = (c << 16) | d;
  id[2] = (e << 16) | f;
  id[3] = (g << 16) | h;
  return true;
}

/** Value of four hexadecimal digits, below zero when one of them is none. */
function fourHex(bytes: Uint8Array, p: number): number {
  return (HEX[bytes[p]!]! << 12) | (HEX[bytes[p + 1]!]! << 8) | (HEX[bytes[p + 2]!]! << 4) | HEX[bytes[p + 3]!]!;
}
