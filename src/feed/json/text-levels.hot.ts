import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import type { GridTable } from '../l2/grid.hot.ts';
import type { L2Message } from '../l2/message.hot.ts';
import { DECODE } from '../l2/status.ts';
import { scanPrice, scanQty } from './fields.hot.ts';
import { textEnd } from './object.hot.ts';
import { skipSpace, skipString, skipValue } from './scan.hot.ts';

/**
 * `[["price","qty", ...], ...]` at `p`, already known to be JSON, white space anywhere, further elements of a level passed
 * over; the number of levels or a DECODE status. The general path beside `levelsInto`; `message.instrument` says the grid.
 */
export function readTextLevels(
  bytes: Uint8Array,
  p: number,
  end: number,
  grid: GridTable,
  message: L2Message,
  ticks: Int32Array,
  lots: Float64Array,
): number {
  if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
  let at = skipSpace(bytes, p + 1, end);
  if (bytes[at]! === 93) return 0;
  for (let count = 0; ; count++) {
    if (bytes[at]! !== 91) return DECODE.BAD_FIELD;
    if (count >= BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
    at = skipSpace(bytes, at + 1, end);
    let status = readTextPrice(bytes, at, end, grid, message, ticks, count);
    if (status === DECODE.OK && ticks[count]! === PRICE_NONE) status = DECODE.PRICE_RANGE;
    if (status !== DECODE.OK) return status;
    at = skipSpace(bytes, skipString(bytes, at, end), end);
    if (bytes[at]! !== 44) return DECODE.BAD_FIELD;
    at = skipSpace(bytes, at + 1, end);
    status = readTextQty(bytes, at, end, grid, message, lots, count);
    if (status !== DECODE.OK) return status;
    at = skipSpace(bytes, skipString(bytes, at, end), end);
    while (bytes[at]! === 44) at = skipSpace(bytes, skipValue(bytes, skipSpace(bytes, at + 1, end), end, 0), end);
    at = skipSpace(bytes, at + 1, end);
    if (bytes[at]! === 93) return count + 1;
    at = skipSpace(bytes, at + 1, end);
  }
}

/** The string value at `at` as a price to `ticks[slot]`; DECODE. A price of zero is PRICE_NONE. */
export function readTextPrice(
  bytes: Uint8Array,
  at: number,
  end: number,
  grid: GridTable,
  message: L2Message,
  ticks: Int32Array,
  slot: number,
): number {
  const close = textEnd(bytes, at, end);
  if (close < 0) return close;
  const id = message.instrument;
  return scanPrice(bytes, at + 1, close, grid.priceDecimals[id]!, grid.tickUnits[id]!, message.numbers, ticks, slot);
}

/** The string value at `at` as a quantity to `lots[slot]`; DECODE. */
export function readTextQty(
  bytes: Uint8Array,
  at: number,
  end: number,
  grid: GridTable,
  message: L2Message,
  lots: Float64Array,
  slot: number,
): number {
  const close = textEnd(bytes, at, end);
  if (close < 0) return close;
  const id = message.instrument;
  return scanQty(bytes, at + 1, close, grid.qtyDecimals[id]!, grid.lotUnits[id]!, message.numbers, lots, slot);
}
