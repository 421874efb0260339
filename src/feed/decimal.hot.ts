import { DECIMAL } from '../core/price.ts';

/** 2^53 - 1: every integer up to here is exact in a double. */
const UNITS_MAX = 9007199254740991;

/**
 * `parseDecimal` of core, for values up to 2^53 - 1, that leaves its value in `out[slot]` and returns 0 or a DECIMAL status: a
 * function that returns a large number makes V8 allocate it, one that stores it does not.
 */
export function scanDecimal(bytes: Uint8Array, start: number, end: number, decimals: number, out: Float64Array, slot: number): number {
  let value = 0;
  let seen = 0;
  let fraction = -1;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 48;
    if (digit === -2) {
      if (fraction >= 0) return DECIMAL.BAD_BYTE;
      fraction = 0;
      continue;
    }
    if (digit < 0 || digit > 9) return DECIMAL.BAD_BYTE;
    seen++;
    if (fraction >= decimals) {
      if (digit !== 0) return DECIMAL.TOO_MANY_DECIMALS;
      continue;
    }
    if (fraction >= 0) fraction++;
    // Rounding is monotone and 2^53 a double: a sum beyond the limit is never rounded to below it.
    value = value * 10 + digit;
    if (value > UNITS_MAX) return DECIMAL.TOO_LARGE;
  }
  if (seen === 0) return DECIMAL.EMPTY;
  for (let missing = decimals - (fraction < 0 ? 0 : fraction); missing > 0; missing--) {
    value *= 10;
    if (value > UNITS_MAX) return DECIMAL.TOO_LARGE;
  }
  out[slot] = value;
  return 0;
}
