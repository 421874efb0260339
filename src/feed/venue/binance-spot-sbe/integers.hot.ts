import { PRICE_NONE, PRICE_TICKS_MAX } from '../../../core/price.ts';
import { N_UNITS } from '../../l2/message.hot.ts';
import { DECODE } from '../../l2/status.ts';

/** Most units of a price or quantity, 2^53 - 1: up to here every integer is exact in a double. */
const UNITS_MAX = 9007199254740991;
const POWERS_MAX = 15;
/** 10^0 to 10^15, each exact. */
const POWERS = Float64Array.from({ length: POWERS_MAX + 1 }, (_, power) => 10 ** power);
const WORD = 4294967296;
/** High words of i64 from here on are above 2^53 - 1. */
const HIGH_MAX = 0x1fffff;

/** The i64 at `p` to `out[slot]`: DECODE.OK, or ID_RANGE when it is negative or above 2^53 - 1. */
export function readId(view: DataView, p: number, out: Float64Array, slot: number): number {
  const high = view.getInt32(p + 4, true);
  if (high < 0 || high > HIGH_MAX) return DECODE.ID_RANGE;
  out[slot] = high * WORD + view.getUint32(p, true);
  return DECODE.OK;
}

/** Epoch microseconds at `p` to milliseconds in `out[msSlot]` and the nanoseconds beyond them in `out[restSlot]`; DECODE. */
export function readTime(view: DataView, p: number, out: Float64Array, msSlot: number, restSlot: number): number {
  const status = readId(view, p, out, restSlot);
  if (status !== DECODE.OK) return status;
  const micros = out[restSlot]!;
  const ms = Math.floor(micros / 1000);
  out[msSlot] = ms;
  out[restSlot] = (micros - ms * 1000) * 1000;
  return DECODE.OK;
}

/**
 * The mantissa at `p` times 10^`power` to `out[N_UNITS]`, exactly: DECODE.OK, BAD_DECIMAL when it is negative, QTY_RANGE when
 * it is above 2^53 - 1, TOO_MANY_DECIMALS when it is no integer.
 */
function readUnits(view: DataView, p: number, power: number, out: Float64Array): number {
  const high = view.getInt32(p + 4, true);
  const low = view.getUint32(p, true);
  if (high < 0) return DECODE.BAD_DECIMAL;
  if (high > HIGH_MAX) return DECODE.QTY_RANGE;
  const mantissa = high * WORD + low;
  let units = mantissa;
  if (mantissa !== 0 && power > 0) {
    if (power > POWERS_MAX || mantissa > UNITS_MAX / POWERS[power]!) return DECODE.QTY_RANGE;
    // A product beyond the limit is not exact, and never rounded to below it.
    units = mantissa * POWERS[power]!;
  } else if (mantissa !== 0 && power < 0) {
    if (power < -POWERS_MAX) return DECODE.TOO_MANY_DECIMALS;
    const divisor = POWERS[-power]!;
    units = Math.floor(mantissa / divisor);
    // The product is an integer below 2^53, so this comparison is exact whatever the quotient was rounded to.
    if (units * divisor !== mantissa) return DECODE.TOO_MANY_DECIMALS;
  }
  if (units > UNITS_MAX) return DECODE.QTY_RANGE;
  out[N_UNITS] = units;
  return DECODE.OK;
}

/** Price at `p` to `ticks[slot]`; DECODE. A price of zero is PRICE_NONE. */
export function readPrice(
  view: DataView,
  p: number,
  power: number,
  tickUnits: number,
  numbers: Float64Array,
  ticks: Int32Array,
  slot: number,
): number {
  const status = readUnits(view, p, power, numbers);
  if (status !== DECODE.OK) return status === DECODE.QTY_RANGE ? DECODE.PRICE_RANGE : status;
  const price = numbers[N_UNITS]! / tickUnits;
  if (price !== Math.floor(price)) return DECODE.OFF_TICK;
  if (price > PRICE_TICKS_MAX) return DECODE.PRICE_RANGE;
  ticks[slot] = price === 0 ? PRICE_NONE : price;
  return DECODE.OK;
}

/** Quantity at `p` to `lots[slot]`; DECODE. */
export function readQty(
  view: DataView,
  p: number,
  power: number,
  lotUnits: number,
  numbers: Float64Array,
  lots: Float64Array,
  slot: number,
): number {
  const status = readUnits(view, p, power, numbers);
  if (status !== DECODE.OK) return status;
  const qty = numbers[N_UNITS]! / lotUnits;
  if (qty !== Math.floor(qty)) return DECODE.OFF_LOT;
  lots[slot] = qty;
  return DECODE.OK;
}
