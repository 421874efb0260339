import { DECODE } from '../l2/status.ts';
import { OTHER_SHAPE } from './levels.hot.ts';
import { fourDigits, isDigits } from './words.hot.ts';

const NANO_DIGITS = 9;
const SECOND_DIGITS = 10;

/**
 * Epoch seconds `1618678133.365913` in `bytes[start, end)` (ten digits, up to nine decimals) to epoch milliseconds in
 * `out[msSlot]` and the nanoseconds beyond them in `out[restSlot]`, digit by digit; 0 or DECODE.BAD_FIELD.
 */
export function scanSeconds(bytes: Uint8Array, start: number, end: number, out: Float64Array, msSlot: number, restSlot: number): number {
  const point = start + SECOND_DIGITS;
  if (end < point || end > point + 1 + NANO_DIGITS || end === point + 1 || (end > point && bytes[point]! !== 46)) return DECODE.BAD_FIELD;
  let seconds = 0;
  for (let i = start; i < point; i++) {
    const digit = bytes[i]! - 48;
    if (digit >>> 0 > 9) return DECODE.BAD_FIELD;
    seconds = seconds * 10 + digit;
  }
  let nanos = 0;
  for (let i = point + 1; i < point + 1 + NANO_DIGITS; i++) {
    const digit = i < end ? bytes[i]! - 48 : 0;
    if (digit >>> 0 > 9) return DECODE.BAD_FIELD;
    nanos = nanos * 10 + digit;
  }
  const millis = (nanos / 1_000_000) | 0;
  out[msSlot] = seconds * 1000 + millis;
  out[restSlot] = nanos - millis * 1_000_000;
  return DECODE.OK;
}

/** Reads epoch seconds as `scanSeconds` does, up to a quote. Their first eight digits stay the same for many levels. */
export class SecondsReader {
  /** Milliseconds, and the nanoseconds beyond them. */
  private readonly out: Float64Array;
  private readonly known: Float64Array;
  private readonly scales: Int32Array;

  constructor(out: Float64Array) {
    this.out = out;
    // Eight digits as they stood there last, and their value; no text is equal to NaN.
    this.known = new Float64Array([Number.NaN, 0]);
    this.scales = Int32Array.from({ length: NANO_DIGITS + 1 }, (_, digits) => 10 ** (NANO_DIGITS - digits));
  }

  /** Position of the quote after the time at `p`, or OTHER_SHAPE. */
  read(view: DataView, bytes: Uint8Array, p: number): number {
    const known = this.known;
    if (view.getFloat64(p, true) !== known[0]! && !this.learn(view, p)) return OTHER_SHAPE;
    const tens = bytes[p + 8]! - 48;
    const ones = bytes[p + 9]! - 48;
    if (tens >>> 0 > 9 || ones >>> 0 > 9) return OTHER_SHAPE;
    let at = p + SECOND_DIGITS;
    let value = 0;
    let digits = 0;
    if (bytes[at]! === 46) {
      let digit = bytes[++at]! - 48;
      for (; digit >>> 0 < 10 && digits < NANO_DIGITS; digits++) {
        value = (Math.imul(value, 10) + digit) | 0;
        digit = bytes[++at]! - 48;
      }
      if (digits === 0) return OTHER_SHAPE;
    }
    if (bytes[at]! !== 34) return OTHER_SHAPE;
    const nanos = Math.imul(value, this.scales[digits]!);
    const millis = (nanos / 1_000_000) | 0;
    this.out[0] = (known[1]! * 100 + (tens * 10 + ones)) * 1000 + millis;
    this.out[1] = nanos - Math.imul(millis, 1_000_000);
    return at;
  }

  private learn(view: DataView, p: number): boolean {
    const high = view.getInt32(p, true);
    const low = view.getInt32(p + 4, true);
    if (!isDigits(high) || !isDigits(low)) return false;
    this.known[0] = view.getFloat64(p, true);
    this.known[1] = Math.imul(fourDigits(high), 10000) + fourDigits(low);
    return true;
  }
}
