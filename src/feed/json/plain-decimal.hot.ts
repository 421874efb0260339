import { PRICE_NONE, PRICE_TICKS_MAX } from '../../core/price.ts';
import { OTHER_SHAPE } from './levels.hot.ts';

/** Digits of the whole part and of the fraction that fit an int32 while they accumulate. */
const DIGITS_MAX = 9;
/** Whole digits and an instrument's decimals together that make a safe integer. */
const UNITS_DIGITS_MAX = 15;
const POWERS = new Float64Array(UNITS_DIGITS_MAX + 1).map((_, power) => 10 ** power);

/**
 * Plain decimal at `p`, `12.5`, in units of `decimals` decimals to `out[slot]`: position after its last digit, or OTHER_SHAPE for
 * a text that the scanner must decide. Any byte that is no digit ends it; the caller checks which.
 */
function unitsInto(bytes: Uint8Array, p: number, decimals: number, out: Float64Array, slot: number): number {
  let whole = 0;
  let at = p;
  let digit = bytes[at]! - 48;
  while (digit >>> 0 < 10) {
    whole = (Math.imul(whole, 10) + digit) | 0;
    digit = bytes[++at]! - 48;
  }
  const digits = at - p;
  if (digits === 0 || digits > DIGITS_MAX || digits + decimals > UNITS_DIGITS_MAX) return OTHER_SHAPE;
  if (digit !== -2) {
    out[slot] = whole * POWERS[decimals]!;
    return at;
  }
  const point = at;
  let rest = 0;
  digit = bytes[++at]! - 48;
  while (digit >>> 0 < 10) {
    rest = (Math.imul(rest, 10) + digit) | 0;
    digit = bytes[++at]! - 48;
  }
  const fraction = at - point - 1;
  if (fraction === 0 || fraction > decimals || fraction > DIGITS_MAX) return OTHER_SHAPE;
  out[slot] = whole * POWERS[decimals]! + rest * POWERS[decimals - fraction]!;
  return at;
}

/** Price at `p` to `ticks[slot]`; position after its last digit or OTHER_SHAPE. `out[scratch]` is free. */
export function plainPriceInto(
  bytes: Uint8Array,
  p: number,
  decimals: number,
  tickUnits: number,
  out: Float64Array,
  scratch: number,
  ticks: Int32Array,
  slot: number,
): number {
  const at = unitsInto(bytes, p, decimals, out, scratch);
  if (at < 0) return OTHER_SHAPE;
  const price = tickUnits === 1 ? out[scratch]! : out[scratch]! / tickUnits;
  if (price !== Math.floor(price) || price > PRICE_TICKS_MAX) return OTHER_SHAPE;
  ticks[slot] = price === 0 ? PRICE_NONE : price;
  return at;
}

/** Quantity at `p` to `lots[slot]`; position after its last digit or OTHER_SHAPE. */
export function plainQtyInto(bytes: Uint8Array, p: number, decimals: number, lotUnits: number, lots: Float64Array, slot: number): number {
  const at = unitsInto(bytes, p, decimals, lots, slot);
  if (at < 0 || lotUnits === 1) return at;
  const qty = lots[slot]! / lotUnits;
  if (qty !== Math.floor(qty)) return OTHER_SHAPE;
  lots[slot] = qty;
  return at;
}
