import { DECIMAL, PRICE_NONE, PRICE_TICKS_MAX } from '../../core/price.ts';
import { scanDecimal } from '../decimal.hot.ts';
import { N_UNITS } from '../l2/message.hot.ts';
import { DECODE } from '../l2/status.ts';

/** An unsigned integer up to 2^53 - 1 in JSON form at `p`; value to `out[slot]`, returns the position after it or a DECODE status. */
export function scanId(bytes: Uint8Array, p: number, end: number, out: Float64Array, slot: number): number {
  let at = p;
  let high = 0;
  let low = 0;
  const highEnd = p + 8 < end ? p + 8 : end;
  for (; at < highEnd; at++) {
    const digit = bytes[at]! - 48;
    if (digit >>> 0 > 9) break;
    high = (Math.imul(high, 10) + digit) | 0;
  }
  const highDigits = at - p;
  if (highDigits === 0) return DECODE.BAD_FIELD;
  if (highDigits > 1 && bytes[p]! === 48) return DECODE.BAD_JSON;
  let scale = 1;
  if (highDigits === 8) {
    const lowEnd = p + 16 < end ? p + 16 : end;
    for (; at < lowEnd; at++) {
      const digit = bytes[at]! - 48;
      if (digit >>> 0 > 9) break;
      low = (Math.imul(low, 10) + digit) | 0;
      scale = Math.imul(scale, 10);
    }
  }
  if (at < end) {
    const next = bytes[at]!;
    // Another digit makes 17; '.', 'e' and 'E' make a number that is no id.
    if ((next >= 48 && next <= 57) || next === 46 || (next | 32) === 101) return DECODE.ID_RANGE;
  }
  const value = high * scale + low;
  if (value > 9007199254740991) return DECODE.ID_RANGE;
  out[slot] = value;
  return at;
}

/** DECODE status of a refused decimal text. */
function decimalStatus(status: number): number {
  if (status === DECIMAL.TOO_MANY_DECIMALS) return DECODE.TOO_MANY_DECIMALS;
  return status === DECIMAL.TOO_LARGE ? DECODE.QTY_RANGE : DECODE.BAD_DECIMAL;
}

/** Price text in `bytes[start, end)` to `ticks[at]`; 0 or a DECODE status. A price of zero is PRICE_NONE here. */
export function scanPrice(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimals: number,
  tickUnits: number,
  numbers: Float64Array,
  ticks: Int32Array,
  at: number,
): number {
  const status = scanDecimal(bytes, start, end, decimals, numbers, N_UNITS);
  if (status < 0) return status === DECIMAL.TOO_LARGE ? DECODE.PRICE_RANGE : decimalStatus(status);
  const price = numbers[N_UNITS]! / tickUnits;
  if (price !== Math.floor(price)) return DECODE.OFF_TICK;
  if (price > PRICE_TICKS_MAX) return DECODE.PRICE_RANGE;
  ticks[at] = price === 0 ? PRICE_NONE : price;
  return 0;
}

/** Quantity text in `bytes[start, end)` to `lots[at]`; 0 or a DECODE status. */
export function scanQty(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimals: number,
  lotUnits: number,
  numbers: Float64Array,
  lots: Float64Array,
  at: number,
): number {
  const status = scanDecimal(bytes, start, end, decimals, numbers, N_UNITS);
  if (status < 0) return decimalStatus(status);
  const qty = numbers[N_UNITS]! / lotUnits;
  if (qty !== Math.floor(qty)) return DECODE.OFF_LOT;
  lots[at] = qty;
  return 0;
}
