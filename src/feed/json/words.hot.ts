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

/** `,"x":` at `p`, `letter` being the byte of x. */
export function isKey(view: DataView, p: number, letter: number): boolean {
  return view.getInt32(p, true) === (WORD_KEY | (letter << 16)) && view.getUint8(p + 4) === 58;
}

/** `,"x":"` at `p`. */
export function isTextKey(view: DataView, p: number, letter: number): boolean {
  return view.getInt32(p, true) === (WORD_KEY | (letter << 16)) && view.getUint16(p + 4, true) === HALF_COLON_QUOTE;
}

/** True when the four bytes of `word` are digits. */
function isDigits(word: number): boolean {
  return (((word & 0xf0f0f0f0) ^ 0x30303030) | (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030)) === 0;
}

/** Value of four digit bytes, the first one lowest in `word`. */
function fourDigits(word: number): number {
  const low = word & 0x0f0f0f0f;
  const pairs = (Math.imul(low, 10) + (low >>> 8)) & 0x00ff00ff;
  return (Math.imul(pairs, 100) + (pairs >>> 16)) & 0xffff;
}

/** `scanId` with a short cut for 13 digits, what times and most update ids have. */
export function idInto(view: DataView, bytes: Uint8Array, p: number, end: number, out: Float64Array, slot: number): number {
  const a = view.getInt32(p, true);
  const b = view.getInt32(p + 4, true);
  const c = view.getInt32(p + 8, true);
  const last = bytes[p + 12]! - 48;
  const next = bytes[p + 13]!;
  if (isDigits(a) && isDigits(b) && isDigits(c) && last >>> 0 < 10 && (next === 44 || next === 125) && (a & 0xff) !== 48) {
    out[slot] = (Math.imul(fourDigits(a), 10000) + fourDigits(b)) * 100000 + (Math.imul(fourDigits(c), 10) + last);
    return p + 13;
  }
  return scanId(bytes, p, end, out, slot);
}
