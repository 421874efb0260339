import { scanId } from './fields.hot.ts';

/** `,"` and `"` around a one-letter key; `:"` after it. */
const WORD_KEY = 0x2200222c;
const HALF_COLON_QUOTE = 0x223a;

/**
 * ASCII text of 8 bytes and more as doubles, the last one overlapping: comparing doubles compares eight bytes at once. No
 * double made of ASCII is NaN or zero, so equal doubles are equal bytes.
 */
export class Literal {
  readonly length: number;
  readonly words: Float64Array;

  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.words = new Float64Array(Math.ceil(bytes.length / 8));
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getFloat64(Math.min(8 * i, bytes.length - 8), true);
  }
}

/** True when `literal` stands at `p`. */
export function matches(view: DataView, p: number, literal: Literal): boolean {
  const words = literal.words;
  const last = words.length - 1;
  for (let i = 0; i < last; i++) if (view.getFloat64(p + 8 * i, true) !== words[i]!) return false;
  return view.getFloat64(p + literal.length - 8, true) === words[last]!;
}

/** ASCII text of 4 to 8 bytes as two words of four, which may overlap. */
export class ShortLiteral {
  readonly length: number;
  readonly first: number;
  readonly last: number;

  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.first = view.getInt32(0, true);
    this.last = view.getInt32(bytes.length - 4, true);
  }
}

/** True when `literal` stands at `p`. */
export function matchesShort(view: DataView, p: number, literal: ShortLiteral): boolean {
  return view.getInt32(p, true) === literal.first && view.getInt32(p + literal.length - 4, true) === literal.last;
}

/** Longest text that is learned. */
const SEEN_BYTES_MAX = 128;

/** Text that stood in a frame before and is likely to come again; compared as a `Literal` is. */
export class SeenText {
  length: number;
  private readonly words: Float64Array;

  constructor() {
    this.length = 0;
    this.words = new Float64Array(SEEN_BYTES_MAX / 8);
  }

  /** Takes over the text of `length` bytes at `p`, unless it is too short or too long for it. */
  learn(view: DataView, p: number, length: number): void {
    this.length = 0;
    if (length < 8 || length > SEEN_BYTES_MAX) return;
    const words = this.words;
    let i = 0;
    for (; 8 * (i + 1) < length; i++) words[i] = view.getFloat64(p + 8 * i, true);
    words[i] = view.getFloat64(p + length - 8, true);
    this.length = length;
  }

  forget(): void {
    this.length = 0;
  }

  /** True when the text stands at `p`, before `end`. */
  stands(view: DataView, p: number, end: number): boolean {
    const { length, words } = this;
    if (length === 0 || length > end - p) return false;
    let i = 0;
    for (; 8 * (i + 1) < length; i++) if (view.getFloat64(p + 8 * i, true) !== words[i]!) return false;
    return view.getFloat64(p + length - 8, true) === words[i]!;
  }
}

/** `,"x":` at `p`, `letter` being the byte of x. */
export function isKey(view: DataView, p: number, letter: number): boolean {
  return view.getInt32(p, true) === (WORD_KEY | (letter << 16)) && view.getUint8(p + 4) === 58;
}

/** `,"x":"` at `p`. */
export function isTextKey(view: DataView, p: number, letter: number): boolean {
  return view.getInt32(p, true) === (WORD_KEY | (letter << 16)) && view.getUint16(p + 4, true) === HALF_COLON_QUOTE;
}

/** True when the four bytes of `word` are digits. */
export function isDigits(word: number): boolean {
  return (((word & 0xf0f0f0f0) ^ 0x30303030) | (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030)) === 0;
}

/** Value of four digit bytes, the first one lowest in `word`. */
export function fourDigits(word: number): number {
  const low = word & 0x0f0f0f0f;
  const pairs = (Math.imul(low, 10) + (low >>> 8)) & 0x00ff00ff;
  return (Math.imul(pairs, 100) + (pairs >>> 16)) & 0xffff;
}

/**
 * Reads ids and times. The first eight digits of a long one stay the same for many messages: then they are one comparison, and
 * only the others are read.
 */
export class IdReader {
  private readonly out: Float64Array;
  /** For each slot of `out`: eight digits as they stood there last, and their value. */
  private readonly texts: Float64Array;
  private readonly values: Float64Array;

  constructor(out: Float64Array) {
    this.out = out;
    // No text is equal to NaN.
    this.texts = new Float64Array(out.length).fill(Number.NaN);
    this.values = new Float64Array(out.length);
  }

  /** `scanId`: value to `out[slot]`, returns the position after it or a DECODE status. */
  read(view: DataView, bytes: Uint8Array, p: number, end: number, slot: number): number {
    if (view.getFloat64(p, true) !== this.texts[slot]! && !this.learn(view, p, slot)) return scanId(bytes, p, end, this.out, slot);
    const low = view.getInt32(p + 8, true);
    const last = bytes[p + 12]! - 48;
    const next = bytes[p + 13]!;
    if (isDigits(low) && last >>> 0 < 10 && (next === 44 || next === 125)) {
      // 13 digits, what times and most update ids have.
      this.out[slot] = this.values[slot]! * 100000 + (Math.imul(fourDigits(low), 10) + last);
      return p + 13;
    }
    return this.readRest(bytes, p, end, slot);
  }

  /** 13 digits that a quote ends: its position, or -1 when something else stands there. */
  readText(view: DataView, bytes: Uint8Array, p: number, slot: number): number {
    if (view.getFloat64(p, true) !== this.texts[slot]! && !this.learn(view, p, slot)) return -1;
    const low = view.getInt32(p + 8, true);
    const last = bytes[p + 12]! - 48;
    if (!isDigits(low) || last >>> 0 > 9 || bytes[p + 13]! !== 34) return -1;
    this.out[slot] = this.values[slot]! * 100000 + (Math.imul(fourDigits(low), 10) + last);
    return p + 13;
  }

  private readRest(bytes: Uint8Array, p: number, end: number, slot: number): number {
    let value = 0;
    let scale = 1;
    let at = p + 8;
    for (; at < p + 15; at++) {
      const digit = bytes[at]! - 48;
      if (digit >>> 0 > 9) break;
      value = (Math.imul(value, 10) + digit) | 0;
      scale = Math.imul(scale, 10);
    }
    const next = bytes[at]!;
    if (next !== 44 && next !== 125) return scanId(bytes, p, end, this.out, slot);
    this.out[slot] = this.values[slot]! * scale + value;
    return at;
  }

  /** False when the eight bytes at `p` are no number's first eight digits. */
  private learn(view: DataView, p: number, slot: number): boolean {
    const high = view.getInt32(p, true);
    const low = view.getInt32(p + 4, true);
    if (!isDigits(high) || !isDigits(low) || (high & 0xff) === 48) return false;
    this.texts[slot] = view.getFloat64(p, true);
    this.values[slot] = Math.imul(fourDigits(high), 10000) + fourDigits(low);
    return true;
  }
}
