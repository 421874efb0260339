import { DECIMAL } from '../core/price.ts';

const DIGITS_MAX = 15;

/**
 * `parseDecimal` of core that leaves its value in `out[slot]` and returns 0 or a DECIMAL status: a function that returns
 * a large number makes V8 allocate it, one that stores it does not.
 */
export function scanDecimal(bytes: Uint8Array, start: number, end: number, decimals: number, out: Float64Array, slot: number): number {
  let value = 0;
  let digits = 0;
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
    if (digits > 0 || digit !== 0) digits++;
    if (digits > DIGITS_MAX) return DECIMAL.TOO_LARGE;
    value = value * 10 + digit;
  }
  if (seen === 0) return DECIMAL.EMPTY;
  for (let missing = decimals - (fraction < 0 ? 0 : fraction); missing > 0; missing--) {
    if (value !== 0 && ++digits > DIGITS_MAX) return DECIMAL.TOO_LARGE;
    value *= 10;
  }
  out[slot] = value;
  return 0;
}
