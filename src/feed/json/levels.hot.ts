import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import type { GridTable } from '../l2/grid.hot.ts';
import type { L2Message } from '../l2/message.hot.ts';
import { scanPrice, scanQty } from './fields.hot.ts';

/** Result of the fast path for a text it does not know: the general path decides. Below every DECODE status. */
export const OTHER_SHAPE = -100;
/** Bytes of a decimal (digits and point) whose digits fit an int32 while they accumulate. */
const INT_TEXT_BYTES_MAX = 9;

/**
 * `[["1.0","2"],...]` without white space at `start`, up to a closing brace: position after it or OTHER_SHAPE; sets
 * `message.levelCount`. The digits are read in place, since most of a depth message is these.
 */
export function levelsInto(
  bytes: Uint8Array,
  start: number,
  grid: GridTable,
  message: L2Message,
  ticks: Int32Array,
  lots: Float64Array,
): number {
  message.levelCount = 0;
  if (bytes[start]! !== 91) return OTHER_SHAPE;
  if (bytes[start + 1]! === 93) return start + 2;
  const id = message.instrument;
  const numbers = message.numbers;
  const priceDecimals = grid.priceDecimals[id]!;
  const qtyDecimals = grid.qtyDecimals[id]!;
  const tickUnits = grid.tickUnits[id]!;
  const lotUnits = grid.lotUnits[id]!;
  const perTick = 1 / tickUnits;
  let at = start + 1;
  for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
    if (((bytes[at]! ^ 91) | (bytes[at + 1]! ^ 34)) !== 0) return OTHER_SHAPE;
    let from = at + 2;
    at = from;
    let value = 0;
    let point = -1;
    let digit = bytes[at]! - 48;
    while (digit >>> 0 < 10 || (digit === -2 && point < 0)) {
      if (digit === -2) point = at;
      else value = (Math.imul(value, 10) + digit) | 0;
      digit = bytes[++at]! - 48;
    }
    // Few digits: the product with the reciprocal is within one of the quotient, and the test by multiplication is exact.
    const price = (value * perTick + 0.5) | 0;
    const isPlain =
      digit === -14 && (point < 0 ? 0 : at - point - 1) === priceDecimals && at - from <= INT_TEXT_BYTES_MAX && point !== from;
    if (isPlain && price > 0 && Math.imul(price, tickUnits) === value) {
      ticks[count] = price;
    } else {
      at = priceInto(bytes, from, priceDecimals, tickUnits, numbers, ticks, count);
      if (at < 0 || ticks[count]! === PRICE_NONE) return OTHER_SHAPE;
    }
    if (((bytes[at + 1]! ^ 44) | (bytes[at + 2]! ^ 34)) !== 0) return OTHER_SHAPE;
    from = at + 3;
    at = from;
    value = 0;
    point = -1;
    digit = bytes[at]! - 48;
    while (digit >>> 0 < 10 || (digit === -2 && point < 0)) {
      if (digit === -2) point = at;
      else value = (Math.imul(value, 10) + digit) | 0;
      digit = bytes[++at]! - 48;
    }
    const isWhole = digit === -14 && (point < 0 ? 0 : at - point - 1) === qtyDecimals && at - from <= INT_TEXT_BYTES_MAX && point !== from;
    if (isWhole && lotUnits === 1 && at > from) {
      lots[count] = value;
    } else {
      at = qtyInto(bytes, from, qtyDecimals, lotUnits, numbers, lots, count);
      if (at < 0) return OTHER_SHAPE;
    }
    if (bytes[at + 1]! !== 93) return OTHER_SHAPE;
    message.levelCount = count + 1;
    const byte = bytes[at + 2]!;
    at += 3;
    if (byte === 93) return at;
    if (byte !== 44) return OTHER_SHAPE;
  }
  return OTHER_SHAPE;
}

/** Position of the quote that closes the text at `p`; OTHER_SHAPE when an escape, a control byte or a brace comes first. */
export function plainTextEnd(bytes: Uint8Array, p: number): number {
  for (let at = p; ; at++) {
    const byte = bytes[at]!;
    if (byte === 34) return at;
    if (byte < 32 || byte === 92 || byte === 125) return OTHER_SHAPE;
  }
}

/**
 * Price text at `p` to `ticks[slot]`; position of its closing quote or OTHER_SHAPE. Text with exactly `decimals` decimals and
 * few digits is read here in int32 arithmetic, other text by the general scanner. `qtyInto` is the same for lots: one
 * function each, because a function that writes to both array types would not be monomorphic.
 */
export function priceInto(
  bytes: Uint8Array,
  p: number,
  decimals: number,
  tickUnits: number,
  numbers: Float64Array,
  ticks: Int32Array,
  slot: number,
): number {
  let value = 0;
  let at = p;
  let digit = bytes[at]! - 48;
  while (digit >>> 0 < 10) {
    value = (Math.imul(value, 10) + digit) | 0;
    digit = bytes[++at]! - 48;
  }
  const whole = at - p;
  let fraction = 0;
  if (digit === -2) {
    const point = at;
    digit = bytes[++at]! - 48;
    while (digit >>> 0 < 10) {
      value = (Math.imul(value, 10) + digit) | 0;
      digit = bytes[++at]! - 48;
    }
    fraction = at - point - 1;
  }
  if (digit === -14 && fraction === decimals && at - p <= INT_TEXT_BYTES_MAX && whole > 0) {
    const price = tickUnits === 1 ? value : value / tickUnits;
    if (price !== Math.floor(price)) return OTHER_SHAPE;
    ticks[slot] = price === 0 ? PRICE_NONE : price;
    return at;
  }
  const close = plainTextEnd(bytes, at);
  return close < 0 || scanPrice(bytes, p, close, decimals, tickUnits, numbers, ticks, slot) < 0 ? OTHER_SHAPE : close;
}

export function qtyInto(
  bytes: Uint8Array,
  p: number,
  decimals: number,
  lotUnits: number,
  numbers: Float64Array,
  lots: Float64Array,
  slot: number,
): number {
  let value = 0;
  let at = p;
  let digit = bytes[at]! - 48;
  while (digit >>> 0 < 10) {
    value = (Math.imul(value, 10) + digit) | 0;
    digit = bytes[++at]! - 48;
  }
  const whole = at - p;
  let fraction = 0;
  if (digit === -2) {
    const point = at;
    digit = bytes[++at]! - 48;
    while (digit >>> 0 < 10) {
      value = (Math.imul(value, 10) + digit) | 0;
      digit = bytes[++at]! - 48;
    }
    fraction = at - point - 1;
  }
  if (digit === -14 && fraction === decimals && at - p <= INT_TEXT_BYTES_MAX && whole > 0) {
    const qty = lotUnits === 1 ? value : value / lotUnits;
    if (qty !== Math.floor(qty)) return OTHER_SHAPE;
    lots[slot] = qty;
    return at;
  }
  const close = plainTextEnd(bytes, at);
  return close < 0 || scanQty(bytes, p, close, decimals, lotUnits, numbers, lots, slot) < 0 ? OTHER_SHAPE : close;
}
