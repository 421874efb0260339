import { DECODE } from '../l2/status.ts';
import { SeenText } from './words.hot.ts';

const MS_PER_DAY = 86_400_000;
const MS_PER_MINUTE = 60_000;
const NANO_DIGITS = 9;
/** What a fraction of so many digits is multiplied with. */
const NANO_SCALES = Int32Array.from({ length: NANO_DIGITS + 1 }, (_, digits) => 10 ** (NANO_DIGITS - digits));
/** Bytes of `2021-04-17T16:43:`. */
const MINUTE_BYTES = 17;
/** Days before each month of a year that is no leap year. */
const DAYS_BEFORE = new Int32Array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]);

/** Two digits at `p`, or -1. */
function twoDigits(bytes: Uint8Array, p: number): number {
  const tens = bytes[p]! - 48;
  const ones = bytes[p + 1]! - 48;
  return tens >>> 0 < 10 && ones >>> 0 < 10 ? tens * 10 + ones : -1;
}

/**
 * RFC 3339 time `2021-04-17T16:43:30.244075Z` in `bytes[start, end)` (years 1970 to 2099, up to nine decimals, `Z` only) to
 * epoch milliseconds in `out[msSlot]` and the nanoseconds beyond them in `out[restSlot]`, digit by digit; 0 or
 * DECODE.BAD_FIELD. A leap second is refused, because epoch time has no place for it.
 */
export function scanTime(bytes: Uint8Array, start: number, end: number, out: Float64Array, msSlot: number, restSlot: number): number {
  if (end - start < 20 || bytes[end - 1]! !== 90) return DECODE.BAD_FIELD;
  const century = twoDigits(bytes, start);
  const years = twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  const separators =
    (bytes[start + 4]! ^ 45) | (bytes[start + 7]! ^ 45) | (bytes[start + 10]! ^ 84) | (bytes[start + 13]! ^ 58) | (bytes[start + 16]! ^ 58);
  if (separators !== 0 || (century | years | month | day | hour | minute | second) < 0) return DECODE.BAD_FIELD;
  const year = century * 100 + years;
  if (year < 1970 || year > 2099 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return DECODE.BAD_FIELD;
  // From 1970 to 2099 every fourth year is a leap year.
  const leap = (year & 3) === 0;
  const daysInMonth = DAYS_BEFORE[month]! - DAYS_BEFORE[month - 1]! + (leap && month === 2 ? 1 : 0);
  if (day < 1 || day > daysInMonth) return DECODE.BAD_FIELD;
  const nanos = fraction(bytes, start + 19, end - 1);
  if (nanos < 0) return DECODE.BAD_FIELD;
  const days = (year - 1970) * 365 + ((year - 1969) >> 2) + DAYS_BEFORE[month - 1]! + (leap && month > 2 ? 1 : 0) + day - 1;
  const millis = (nanos / 1_000_000) | 0;
  out[msSlot] = days * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + millis;
  out[restSlot] = nanos - millis * 1_000_000;
  return 0;
}

/** Nanoseconds of `.123456` in `bytes[p, end)`, 0 when it is empty, -1 when it is anything else. */
function fraction(bytes: Uint8Array, p: number, end: number): number {
  if (p === end) return 0;
  const digits = end - p - 1;
  if (bytes[p]! !== 46 || digits < 1 || digits > NANO_DIGITS) return -1;
  let nanos = 0;
  for (let i = p + 1; i < end; i++) {
    const digit = bytes[i]! - 48;
    if (digit >>> 0 > 9) return -1;
    nanos = (Math.imul(nanos, 10) + digit) | 0;
  }
  return Math.imul(nanos, NANO_SCALES[digits]!);
}

/** Reads times as `scanTime` does. Year to minute stay the same for many messages: then they are one comparison. */
export class TimeReader {
  private readonly out: Float64Array;
  private readonly msSlot: number;
  private readonly restSlot: number;
  private readonly minute: SeenText;
  /** Epoch milliseconds at which that minute begins. */
  private readonly began: Float64Array;

  constructor(out: Float64Array, msSlot: number, restSlot: number) {
    this.out = out;
    this.msSlot = msSlot;
    this.restSlot = restSlot;
    this.minute = new SeenText();
    this.began = new Float64Array(1);
  }

  /** True when `bytes[start, end)` is a time. */
  read(view: DataView, bytes: Uint8Array, start: number, end: number): boolean {
    const { out, msSlot, restSlot, minute, began } = this;
    if (!minute.stands(view, start, end)) {
      if (scanTime(bytes, start, end, out, msSlot, restSlot) < 0) return false;
      minute.learn(view, start, MINUTE_BYTES);
      began[0] = Math.floor(out[msSlot]! / MS_PER_MINUTE) * MS_PER_MINUTE;
      return true;
    }
    const second = twoDigits(bytes, start + MINUTE_BYTES);
    if (end - start < MINUTE_BYTES + 3 || second < 0 || second > 59 || bytes[end - 1]! !== 90) return false;
    const nanos = fraction(bytes, start + MINUTE_BYTES + 2, end - 1);
    if (nanos < 0) return false;
    const millis = (nanos / 1_000_000) | 0;
    out[msSlot] = began[0]! + second * 1000 + millis;
    out[restSlot] = nanos - millis * 1_000_000;
    return true;
  }
}
