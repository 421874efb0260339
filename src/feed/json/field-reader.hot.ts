import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import type { GridTable } from '../l2/grid.hot.ts';
import type { L2Message } from '../l2/message.hot.ts';
import { DECODE } from '../l2/status.ts';
import type { SymbolTable } from '../symbol-table.hot.ts';
import { scanId, scanPrice, scanQty } from './fields.hot.ts';
import { numberEnd, textEnd } from './object.hot.ts';
import { skipSpace, skipString, skipValue } from './scan.hot.ts';

/** What `askPrice` says of a plain decimal beyond PRICE_TICKS_MAX ticks; above every DECODE status. */
export const FAR = 100;

/**
 * Reads fields of a frame, whose JSON was checked before, into a message on the grid of its instrument. Positions are those
 * of `noteFields`: 0 is an absent field. Every method returns DECODE.OK or what is wrong, `levels` and `numberLevels` a count.
 */
export class FieldReader {
  private readonly message: L2Message;
  private readonly symbols: SymbolTable;
  private readonly grid: GridTable;

  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable) {
    this.message = message;
    this.symbols = symbols;
    this.grid = grid;
  }

  /** Sets the message's instrument. */
  symbol(bytes: Uint8Array, at: number, end: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.symbols.lookup(bytes, at + 1, close, false);
    if (id < 0) return DECODE.UNKNOWN_SYMBOL;
    this.message.instrument = id;
    return DECODE.OK;
  }

  /** An id or time in whole units. */
  id(bytes: Uint8Array, at: number, end: number, slot: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const p = scanId(bytes, at, end, this.message.numbers, slot);
    return p < 0 ? p : DECODE.OK;
  }

  /** Price in text; zero is PRICE_NONE. */
  price(bytes: Uint8Array, at: number, end: number, ticks: Int32Array, slot: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.message.instrument;
    const grid = this.grid;
    return scanPrice(bytes, at + 1, close, grid.priceDecimals[id]!, grid.tickUnits[id]!, this.message.numbers, ticks, slot);
  }

  /**
   * Price of an ask in text, above zero, or FAR: orders that nobody means rest beyond the grid, and no best price is lost with
   * them as long as the asks below stand on it.
   */
  askPrice(bytes: Uint8Array, at: number, end: number, ticks: Int32Array, slot: number): number {
    const status = this.price(bytes, at, end, ticks, slot);
    if (status === DECODE.OK) return ticks[slot]! === PRICE_NONE ? DECODE.PRICE_RANGE : DECODE.OK;
    return status === DECODE.PRICE_RANGE ? farOrBad(bytes, at + 1, textEnd(bytes, at, end)) : status;
  }

  /** Price of a bid in text, above zero. */
  bidPrice(bytes: Uint8Array, at: number, end: number, ticks: Int32Array, slot: number): number {
    const status = this.price(bytes, at, end, ticks, slot);
    return status === DECODE.OK && ticks[slot]! === PRICE_NONE ? DECODE.PRICE_RANGE : status;
  }

  /** Quantity in text. */
  qty(bytes: Uint8Array, at: number, end: number, lots: Float64Array, slot: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.message.instrument;
    const grid = this.grid;
    return scanQty(bytes, at + 1, close, grid.qtyDecimals[id]!, grid.lotUnits[id]!, this.message.numbers, lots, slot);
  }

  /** Price as a JSON number, read from its text; zero is PRICE_NONE. */
  numberPrice(bytes: Uint8Array, at: number, end: number, ticks: Int32Array, slot: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = numberEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.message.instrument;
    const grid = this.grid;
    return scanPrice(bytes, at, close, grid.priceDecimals[id]!, grid.tickUnits[id]!, this.message.numbers, ticks, slot);
  }

  /** As `askPrice`, for a JSON number. */
  numberAskPrice(bytes: Uint8Array, at: number, end: number, ticks: Int32Array, slot: number): number {
    const status = this.numberPrice(bytes, at, end, ticks, slot);
    if (status === DECODE.OK) return ticks[slot]! === PRICE_NONE ? DECODE.PRICE_RANGE : DECODE.OK;
    return status === DECODE.PRICE_RANGE ? farOrBad(bytes, at, numberEnd(bytes, at, end)) : status;
  }

  /** As `bidPrice`, for a JSON number. */
  numberBidPrice(bytes: Uint8Array, at: number, end: number, ticks: Int32Array, slot: number): number {
    const status = this.numberPrice(bytes, at, end, ticks, slot);
    return status === DECODE.OK && ticks[slot]! === PRICE_NONE ? DECODE.PRICE_RANGE : status;
  }

  /** Quantity as a JSON number, read from its text. */
  numberQty(bytes: Uint8Array, at: number, end: number, lots: Float64Array, slot: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = numberEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.message.instrument;
    const grid = this.grid;
    return scanQty(bytes, at, close, grid.qtyDecimals[id]!, grid.lotUnits[id]!, this.message.numbers, lots, slot);
  }

  /**
   * `[["price","qty", ...], ...]`; the number of levels or a DECODE status. `asks`: levels priced beyond the grid are left out
   * and counted in `message.farCount`.
   */
  levels(bytes: Uint8Array, p: number, end: number, ticks: Int32Array, lots: Float64Array, asks: boolean): number {
    if (p === 0) return DECODE.MISSING_FIELD;
    if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
    let at = skipSpace(bytes, p + 1, end);
    if (bytes[at]! === 93) return 0;
    for (let count = 0; ; ) {
      if (bytes[at]! !== 91) return DECODE.BAD_FIELD;
      if (count >= BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
      at = skipSpace(bytes, at + 1, end);
      let status = asks ? this.askPrice(bytes, at, end, ticks, count) : this.bidPrice(bytes, at, end, ticks, count);
      const isFar = status === FAR;
      if (status !== DECODE.OK && !isFar) return status;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      if (bytes[at]! !== 44) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      status = this.qty(bytes, at, end, lots, count);
      if (status !== DECODE.OK) return status;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      while (bytes[at]! === 44) at = skipSpace(bytes, skipValue(bytes, skipSpace(bytes, at + 1, end), end, 0), end);
      at = skipSpace(bytes, at + 1, end);
      if (isFar) this.message.farCount = this.message.farCount + 1;
      else count++;
      if (bytes[at]! === 93) return count;
      at = skipSpace(bytes, at + 1, end);
    }
  }
}

/** FAR when `bytes[start, end)`, a price out of range, is a plain decimal to its end. */
function farOrBad(bytes: Uint8Array, start: number, end: number): number {
  let points = 0;
  for (let p = start; p < end; p++) {
    if (bytes[p]! === 46) points++;
    else if (bytes[p]! < 48 || bytes[p]! > 57) return DECODE.BAD_DECIMAL;
  }
  return points > 1 ? DECODE.BAD_DECIMAL : FAR;
}
