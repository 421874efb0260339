import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE, PRICE_TICKS_MAX } from '../../core/price.ts';
import type { GridTable } from '../l2/grid.hot.ts';
import type { L2Message } from '../l2/message.hot.ts';
import { OTHER_SHAPE, priceInto, qtyInto } from './levels.hot.ts';

/** Decimals that a venue writes whatever the instrument's grid. */
const DECIMALS = 8;
/** Whole digits before them: what they make together is a safe integer. */
const WHOLE_DIGITS_MAX = 7;
/** What turns four digits into their values, and what sets the high bit of a byte that was none. */
const FOUR_ZEROS = 0x30303030;
const TO_HIGH_BIT = 0x76767676;
const HIGH_BITS = 0x80808080 | 0;
const POWERS = new Float64Array([1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]);
/** `["`, `,"` and `]]`. */
const OPEN_LEVEL = 0x225b;
const NEXT_TEXT = 0x222c;
const END_LEVELS = 0x5d5d;
const NEXT_LEVEL = 0x2c5d;

/** Number of four digit values, the first one lowest in `word`. */
function fourValues(word: number): number {
  const pairs = (Math.imul(word, 10) + (word >>> 8)) & 0x00ff00ff;
  return Math.imul(pairs, 100 * 65536 + 1) >>> 16;
}

/** `1.00000000"` at `p` in units of the eighth decimal to `out[slot]`; position of the quote or OTHER_SHAPE. */
function eightInto(view: DataView, bytes: Uint8Array, p: number, out: Float64Array, slot: number): number {
  let whole = 0;
  let at = p;
  let digit = bytes[at]! - 48;
  while (digit >>> 0 < 10) {
    whole = (Math.imul(whole, 10) + digit) | 0;
    digit = bytes[++at]! - 48;
  }
  if (digit !== -2 || at === p || at - p > WHOLE_DIGITS_MAX) return OTHER_SHAPE;
  const high = view.getInt32(at + 1, true) ^ FOUR_ZEROS;
  const low = view.getInt32(at + 5, true) ^ FOUR_ZEROS;
  const strange = ((high + TO_HIGH_BIT) | high | (low + TO_HIGH_BIT) | low) & HIGH_BITS;
  if ((strange | (bytes[at + 9]! ^ 34)) !== 0) return OTHER_SHAPE;
  out[slot] = whole * 1e8 + (Math.imul(fourValues(high), 10000) + fourValues(low));
  return at + 9;
}

/** As `priceInto`, for a venue that writes eight decimals. `numbers[scratch]` is free. */
export function eightPriceInto(
  view: DataView,
  bytes: Uint8Array,
  p: number,
  grid: GridTable,
  id: number,
  numbers: Float64Array,
  scratch: number,
  ticks: Int32Array,
  slot: number,
): number {
  const decimals = grid.priceDecimals[id]!;
  const close = decimals <= DECIMALS ? eightInto(view, bytes, p, numbers, scratch) : OTHER_SHAPE;
  if (close >= 0) {
    const price = numbers[scratch]! / (grid.tickUnits[id]! * POWERS[DECIMALS - decimals]!);
    if (price !== Math.floor(price) || price > PRICE_TICKS_MAX) return OTHER_SHAPE;
    ticks[slot] = price === 0 ? PRICE_NONE : price;
    return close;
  }
  return priceInto(bytes, p, decimals, grid.tickUnits[id]!, numbers, ticks, slot);
}

/** As `qtyInto`, for a venue that writes eight decimals. `numbers[scratch]` is free. */
export function eightQtyInto(
  view: DataView,
  bytes: Uint8Array,
  p: number,
  grid: GridTable,
  id: number,
  numbers: Float64Array,
  scratch: number,
  lots: Float64Array,
  slot: number,
): number {
  const decimals = grid.qtyDecimals[id]!;
  const close = decimals <= DECIMALS ? eightInto(view, bytes, p, numbers, scratch) : OTHER_SHAPE;
  if (close >= 0) {
    const units = grid.lotUnits[id]! * POWERS[DECIMALS - decimals]!;
    const qty = units === 1 ? numbers[scratch]! : numbers[scratch]! / units;
    if (qty !== Math.floor(qty)) return OTHER_SHAPE;
    lots[slot] = qty;
    return close;
  }
  return qtyInto(bytes, p, decimals, grid.lotUnits[id]!, numbers, lots, slot);
}

/** As `levelsInto`, for a venue that writes eight decimals. */
export function eightLevelsInto(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  grid: GridTable,
  message: L2Message,
  scratch: number,
  ticks: Int32Array,
  lots: Float64Array,
): number {
  message.levelCount = 0;
  if (bytes[start]! !== 91) return OTHER_SHAPE;
  if (bytes[start + 1]! === 93) return start + 2;
  const id = message.instrument;
  const numbers = message.numbers;
  let at = start + 1;
  for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
    if (view.getUint16(at, true) !== OPEN_LEVEL) return OTHER_SHAPE;
    at = eightPriceInto(view, bytes, at + 2, grid, id, numbers, scratch, ticks, count);
    if (at < 0 || ticks[count]! === PRICE_NONE || view.getUint16(at + 1, true) !== NEXT_TEXT) return OTHER_SHAPE;
    at = eightQtyInto(view, bytes, at + 3, grid, id, numbers, scratch, lots, count);
    if (at < 0) return OTHER_SHAPE;
    message.levelCount = count + 1;
    const next = view.getUint16(at + 1, true);
    at += 3;
    if (next === END_LEVELS) return at;
    if (next !== NEXT_LEVEL) return OTHER_SHAPE;
  }
  return OTHER_SHAPE;
}
