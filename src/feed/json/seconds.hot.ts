import { DECODE } from '../l2/status.ts';

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
