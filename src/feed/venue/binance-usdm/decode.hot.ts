import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import { checkTicker, checkTrade, GeneralDecoder, GridTable } from './decode-general.hot.ts';
import { N_EVENT_MS, N_FIRST_ID, N_LAST_ID, N_PREVIOUS_ID, N_TRADE_ID, N_TRADE_LOTS, N_TRANSACT_MS, UsdmMessage } from './message.hot.ts';
import { scanId, scanPrice, scanQty } from './scan.hot.ts';
import { DECODE, MESSAGE } from './status.ts';

/** Inner result of the fast path: not the order of keys it knows; the general path decides. Below every DECODE status. */
const OTHER_SHAPE = -100;
/** Bytes of a decimal (digits and point) whose digits fit an int32 while they accumulate. */
const INT_TEXT_BYTES_MAX = 9;

const text = (literal: string): Uint8Array => new TextEncoder().encode(literal);
const OPEN_STREAM = text('{"stream":"');
const OPEN_DATA = text(',"data":{"e":"');
const OPEN_EVENT = text('{"e":"');
const DEPTH_TO_TIME = text('depthUpdate","E":');
const TICKER_TO_ID = text('bookTicker","u":');
const TRADE_TO_TIME = text('trade","E":');
const KEY_SYMBOL = text(',"s":"');
const KEY_PREVIOUS = text(',"pu":');
const KEY_MARKET_MAKER = text('","X":"MARKET","m":');
const WORD_TRUE = text('true');
const WORD_FALSE = text('false');

/**
 * Decodes Binance USD-M frames (combined-stream wrapper, raw events, REST depth snapshots) into `message` without
 * allocating. The key order that the venue uses today has a fast path of literal comparisons; anything else goes through
 * the general path, which accepts any order. Both give the same result.
 */
export class UsdmDecoder {
  readonly message: UsdmMessage;
  private readonly symbols: SymbolTable;
  private readonly grid: GridTable;
  private readonly general: GeneralDecoder;
  /** Where the last scan of the fast path stopped: symbol and levels are read by methods that return a status or a count. */
  private at: number;

  constructor(instruments: readonly Instrument[]) {
    this.message = new UsdmMessage();
    this.symbols = new SymbolTable(instruments);
    this.grid = new GridTable(instruments);
    this.general = new GeneralDecoder(this.message, this.symbols, this.grid, instruments.length === 1 ? 0 : -1);
    this.at = 0;
  }

  /** Decodes `bytes[start, end)` into `message`; DECODE. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = MESSAGE.NONE;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    if (end - start > FRAME_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    // The closing brace is the sentinel of the fast path: none of its loops runs over it, so none needs a bound of its own.
    if (end - start > OPEN_STREAM.length && bytes[end - 1]! === 125) {
      const status = this.decodeKnownOrder(bytes, start, end);
      if (status !== OTHER_SHAPE) return status;
      message.bidCount = 0;
      message.askCount = 0;
    }
    return this.decodeAnyOrder(bytes, start, end);
  }

  /** The general path alone; `decode` without its short cut. */
  decodeAnyOrder(bytes: Uint8Array, start: number, end: number): number {
    this.message.kind = MESSAGE.NONE;
    this.message.instrument = -1;
    return this.general.decode(bytes, start, end);
  }

  private decodeKnownOrder(bytes: Uint8Array, start: number, end: number): number {
    let p = start;
    let closing = 1;
    if (matches(bytes, p, OPEN_STREAM)) {
      p = plainTextEnd(bytes, p + OPEN_STREAM.length);
      if (p < 0 || !matches(bytes, p + 1, OPEN_DATA)) return OTHER_SHAPE;
      p += 1 + OPEN_DATA.length;
      closing = 2;
    } else {
      if (!matches(bytes, p, OPEN_EVENT)) return OTHER_SHAPE;
      p += OPEN_EVENT.length;
    }
    const letter = bytes[p]!;
    if (letter === 98) return this.ticker(bytes, p, end, closing);
    if (letter === 116) return this.trade(bytes, p, end, closing);
    return letter === 100 ? this.depth(bytes, p, end, closing) : OTHER_SHAPE;
  }

  /** `depthUpdate","E":1,"T":1,"s":"X","U":1,"u":1,"pu":1,"b":[...],"a":[...]` */
  private depth(bytes: Uint8Array, start: number, end: number, closing: number): number {
    const message = this.message;
    const numbers = message.numbers;
    if (!matches(bytes, start, DEPTH_TO_TIME)) return OTHER_SHAPE;
    let p = scanId(bytes, start + DEPTH_TO_TIME.length, end, numbers, N_EVENT_MS);
    if (p < 0 || !isKey(bytes, p, 84)) return OTHER_SHAPE;
    p = scanId(bytes, p + 5, end, numbers, N_TRANSACT_MS);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(bytes, p, 85)) return OTHER_SHAPE;
    p = scanId(bytes, p + 5, end, numbers, N_FIRST_ID);
    if (p < 0 || !isKey(bytes, p, 117)) return OTHER_SHAPE;
    p = scanId(bytes, p + 5, end, numbers, N_LAST_ID);
    if (p < 0 || !matches(bytes, p, KEY_PREVIOUS)) return OTHER_SHAPE;
    p = scanId(bytes, p + KEY_PREVIOUS.length, end, numbers, N_PREVIOUS_ID);
    if (p < 0 || !isKey(bytes, p, 98)) return OTHER_SHAPE;
    const bids = this.levels(bytes, p + 5, message.bidTicks, message.bidLots);
    if (bids < 0 || !isKey(bytes, this.at, 97)) return OTHER_SHAPE;
    const asks = this.levels(bytes, this.at + 5, message.askTicks, message.askLots);
    if (asks < 0 || !isClosed(bytes, this.at, end, closing)) return OTHER_SHAPE;
    message.bidCount = bids;
    message.askCount = asks;
    message.kind = MESSAGE.DEPTH;
    return DECODE.OK;
  }

  /** `bookTicker","u":1,"s":"X","b":"1","B":"1","a":"1","A":"1","T":1,"E":1` */
  private ticker(bytes: Uint8Array, start: number, end: number, closing: number): number {
    const message = this.message;
    const numbers = message.numbers;
    if (!matches(bytes, start, TICKER_TO_ID)) return OTHER_SHAPE;
    let p = scanId(bytes, start + TICKER_TO_ID.length, end, numbers, N_LAST_ID);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isTextKey(bytes, p, 98)) return OTHER_SHAPE;
    p = this.price(bytes, p + 6, message.bidTicks, 0);
    if (p < 0 || !isTextKey(bytes, p + 1, 66)) return OTHER_SHAPE;
    p = this.qty(bytes, p + 7, message.bidLots, 0);
    if (p < 0 || !isTextKey(bytes, p + 1, 97)) return OTHER_SHAPE;
    p = this.price(bytes, p + 7, message.askTicks, 0);
    if (p < 0 || !isTextKey(bytes, p + 1, 65)) return OTHER_SHAPE;
    p = this.qty(bytes, p + 7, message.askLots, 0);
    if (p < 0 || !isKey(bytes, p + 1, 84)) return OTHER_SHAPE;
    p = scanId(bytes, p + 6, end, numbers, N_TRANSACT_MS);
    if (p < 0 || !isKey(bytes, p, 69)) return OTHER_SHAPE;
    p = scanId(bytes, p + 5, end, numbers, N_EVENT_MS);
    if (p < 0 || !isClosed(bytes, p, end, closing)) return OTHER_SHAPE;
    message.bidCount = 1;
    message.askCount = 1;
    message.kind = MESSAGE.TICKER;
    return checkTicker(message);
  }

  /** `trade","E":1,"T":1,"s":"X","t":1,"p":"1","q":"1","X":"MARKET","m":true` */
  private trade(bytes: Uint8Array, start: number, end: number, closing: number): number {
    const message = this.message;
    const numbers = message.numbers;
    if (!matches(bytes, start, TRADE_TO_TIME)) return OTHER_SHAPE;
    let p = scanId(bytes, start + TRADE_TO_TIME.length, end, numbers, N_EVENT_MS);
    if (p < 0 || !isKey(bytes, p, 84)) return OTHER_SHAPE;
    p = scanId(bytes, p + 5, end, numbers, N_TRANSACT_MS);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(bytes, p, 116)) return OTHER_SHAPE;
    p = scanId(bytes, p + 5, end, numbers, N_TRADE_ID);
    if (p < 0 || !isTextKey(bytes, p, 112)) return OTHER_SHAPE;
    p = this.price(bytes, p + 6, message.bidTicks, 0);
    if (p < 0 || !isTextKey(bytes, p + 1, 113)) return OTHER_SHAPE;
    p = this.qty(bytes, p + 7, message.bidLots, 0);
    if (p < 0 || !matches(bytes, p, KEY_MARKET_MAKER)) return OTHER_SHAPE;
    p += KEY_MARKET_MAKER.length;
    const isMaker = matches(bytes, p, WORD_TRUE);
    if (!isMaker && !matches(bytes, p, WORD_FALSE)) return OTHER_SHAPE;
    p += isMaker ? 4 : 5;
    if (!isClosed(bytes, p, end, closing)) return OTHER_SHAPE;
    message.tradeTicks = message.bidTicks[0]!;
    numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    message.tradeSide = isMaker ? SIDE.SELL : SIDE.BUY;
    message.tradeIsMarket = 1;
    message.kind = MESSAGE.TRADE;
    return checkTrade(message);
  }

  /** `,"s":"X"`; sets the instrument and `at`. An unknown symbol goes the general way, which names it. */
  private symbol(bytes: Uint8Array, p: number): boolean {
    if (!matches(bytes, p, KEY_SYMBOL)) return false;
    const start = p + KEY_SYMBOL.length;
    const close = plainTextEnd(bytes, start);
    if (close < 0) return false;
    const id = this.symbols.lookup(bytes, start, close, false);
    if (id < 0) return false;
    this.message.instrument = id;
    this.at = close + 1;
    return true;
  }

  /** `[["1.0","2"],...]` without white space; the number of levels or OTHER_SHAPE, and sets `at`. */
  private levels(bytes: Uint8Array, start: number, ticks: Int32Array, lots: Float64Array): number {
    if (bytes[start]! !== 91) return OTHER_SHAPE;
    if (bytes[start + 1]! === 93) {
      this.at = start + 2;
      return 0;
    }
    const id = this.message.instrument;
    const grid = this.grid;
    const numbers = this.message.numbers;
    const priceDecimals = grid.priceDecimals[id]!;
    const qtyDecimals = grid.qtyDecimals[id]!;
    const tickUnits = grid.tickUnits[id]!;
    const lotUnits = grid.lotUnits[id]!;
    let p = start + 1;
    for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
      if (bytes[p]! !== 91 || bytes[p + 1]! !== 34) return OTHER_SHAPE;
      p = priceInto(bytes, p + 2, priceDecimals, tickUnits, numbers, ticks, count);
      if (p < 0 || ticks[count]! === PRICE_NONE || bytes[p + 1]! !== 44 || bytes[p + 2]! !== 34) return OTHER_SHAPE;
      p = qtyInto(bytes, p + 3, qtyDecimals, lotUnits, numbers, lots, count);
      if (p < 0 || bytes[p + 1]! !== 93) return OTHER_SHAPE;
      const byte = bytes[p + 2]!;
      p += 3;
      if (byte === 93) {
        this.at = p;
        return count + 1;
      }
      if (byte !== 44) return OTHER_SHAPE;
    }
    return OTHER_SHAPE;
  }

  private price(bytes: Uint8Array, p: number, ticks: Int32Array, slot: number): number {
    const id = this.message.instrument;
    const grid = this.grid;
    return priceInto(bytes, p, grid.priceDecimals[id]!, grid.tickUnits[id]!, this.message.numbers, ticks, slot);
  }

  private qty(bytes: Uint8Array, p: number, lots: Float64Array, slot: number): number {
    const id = this.message.instrument;
    const grid = this.grid;
    return qtyInto(bytes, p, grid.qtyDecimals[id]!, grid.lotUnits[id]!, this.message.numbers, lots, slot);
  }
}

/** True when `literal` stands at `p`. Its bytes hold no `}` but at their end, so the sentinel stops the comparison. */
function matches(bytes: Uint8Array, p: number, literal: Uint8Array): boolean {
  for (let i = 0; i < literal.length; i++) if (bytes[p + i]! !== literal[i]!) return false;
  return true;
}

/** `,"x":` at `p`, `letter` being the byte of x. Differences are gathered without branches. */
function isKey(bytes: Uint8Array, p: number, letter: number): boolean {
  return ((bytes[p]! ^ 44) | (bytes[p + 1]! ^ 34) | (bytes[p + 2]! ^ letter) | (bytes[p + 3]! ^ 34) | (bytes[p + 4]! ^ 58)) === 0;
}

/** `,"x":"` at `p`. */
function isTextKey(bytes: Uint8Array, p: number, letter: number): boolean {
  return (
    ((bytes[p]! ^ 44) |
      (bytes[p + 1]! ^ 34) |
      (bytes[p + 2]! ^ letter) |
      (bytes[p + 3]! ^ 34) |
      (bytes[p + 4]! ^ 58) |
      (bytes[p + 5]! ^ 34)) ===
    0
  );
}

/** `closing` braces and nothing more. */
function isClosed(bytes: Uint8Array, p: number, end: number, closing: number): boolean {
  return p + closing === end && (closing === 1 || bytes[p]! === 125);
}

/** Position of the quote that closes the text at `p`; OTHER_SHAPE when an escape, a control byte or a brace comes first. */
function plainTextEnd(bytes: Uint8Array, p: number): number {
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
function priceInto(
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

function qtyInto(
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
