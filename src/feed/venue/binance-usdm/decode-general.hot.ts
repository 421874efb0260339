import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import { scanId, scanPrice, scanQty } from '../../json/fields.hot.ts';
import { JSON_SCAN, skipColon, skipSpace, skipString, skipValue } from '../../json/scan.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import {
  type L2Message,
  N_EVENT_MS,
  N_FIRST_ID,
  N_LAST_ID,
  N_PREVIOUS_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
} from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';

/** Known keys; a field's value begins at `at[F_...]`, 0 where the key is absent. */
const F_E_TYPE = 0;
const F_EVENT_TIME = 1;
const F_TRANSACT_TIME = 2;
const F_SYMBOL = 3;
const F_FIRST_ID = 4;
const F_LAST_ID = 5;
const F_PREVIOUS_ID = 6;
const F_BID = 7;
const F_ASK = 8;
const F_BID_QTY = 9;
const F_ASK_QTY = 10;
const F_TRADE_ID = 11;
const F_PRICE = 12;
const F_QTY = 13;
const F_TRADE_KIND = 14;
const F_BUYER_MAKER = 15;
const F_SNAPSHOT_ID = 16;
const F_BIDS = 17;
const F_ASKS = 18;
const F_STREAM = 19;
const F_DATA = 20;
const F_SYMBOL_LONG = 21;
export const FIELDS = 22;

/** Field of each one-letter key by byte, -1 for keys that no message of ours has. */
const FIELD_OF_LETTER = new Int8Array(256).fill(-1);
for (const [letter, field] of [
  ['e', F_E_TYPE],
  ['E', F_EVENT_TIME],
  ['T', F_TRANSACT_TIME],
  ['s', F_SYMBOL],
  ['U', F_FIRST_ID],
  ['u', F_LAST_ID],
  ['b', F_BID],
  ['a', F_ASK],
  ['B', F_BID_QTY],
  ['A', F_ASK_QTY],
  ['t', F_TRADE_ID],
  ['p', F_PRICE],
  ['q', F_QTY],
  ['X', F_TRADE_KIND],
  ['m', F_BUYER_MAKER],
] as const) {
  FIELD_OF_LETTER[letter.charCodeAt(0)] = field;
}

const LONG_KEYS: readonly Uint8Array[] = ['pu', 'lastUpdateId', 'bids', 'asks', 'stream', 'data', 'symbol'].map((key) =>
  new TextEncoder().encode(key),
);
const LONG_KEY_FIELDS = new Int8Array([F_PREVIOUS_ID, F_SNAPSHOT_ID, F_BIDS, F_ASKS, F_STREAM, F_DATA, F_SYMBOL_LONG]);
const TYPE_DEPTH = new TextEncoder().encode('depthUpdate');
const TYPE_TICKER = new TextEncoder().encode('bookTicker');
const TYPE_TRADE = new TextEncoder().encode('trade');
const TRADE_KIND_MARKET = new TextEncoder().encode('MARKET');

/**
 * Decodes a frame with its keys in any order, white space anywhere, and unknown keys: a first pass checks the JSON and
 * notes where the known fields begin, a second reads the fields the message kind needs.
 */
export class GeneralDecoder {
  private readonly message: L2Message;
  private readonly symbols: SymbolTable;
  private readonly grid: GridTable;
  private readonly only: number;
  private readonly outer: Int32Array;
  private readonly inner: Int32Array;

  /** `only`: instrument of a snapshot that names no symbol, or -1. */
  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable, only: number) {
    this.message = message;
    this.symbols = symbols;
    this.grid = grid;
    this.only = only;
    this.outer = new Int32Array(FIELDS);
    this.inner = new Int32Array(FIELDS);
  }

  /** DECODE status; the message is complete only when it is 0. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    let p = skipSpace(bytes, start, end);
    if (p >= end) return DECODE.BAD_JSON;
    if (bytes[p]! !== 123) {
      p = skipValue(bytes, p, end, 0);
      if (p < 0) return jsonStatus(p);
      return skipSpace(bytes, p, end) === end ? DECODE.UNKNOWN_KIND : DECODE.BAD_JSON;
    }
    const outer = this.outer;
    p = noteFields(bytes, p, end, 0, outer);
    if (p < 0) return p;
    if (skipSpace(bytes, p, end) !== end) return DECODE.BAD_JSON;
    const stream = outer[F_STREAM]!;
    const data = outer[F_DATA]!;
    if (stream === 0 || data === 0) return this.read(bytes, end, outer, 0);
    if (bytes[data]! !== 123) return DECODE.UNKNOWN_KIND;
    p = noteFields(bytes, data, end, 1, this.inner);
    if (p < 0) return p;
    return this.read(bytes, end, this.inner, stream);
  }

  private read(bytes: Uint8Array, end: number, at: Int32Array, stream: number): number {
    const type = at[F_E_TYPE]!;
    if (type === 0) return at[F_SNAPSHOT_ID]! === 0 ? DECODE.UNKNOWN_KIND : this.readSnapshot(bytes, end, at, stream);
    if (bytes[type]! !== 34) return DECODE.UNKNOWN_KIND;
    const depth = isText(bytes, type, end, TYPE_DEPTH);
    const ticker = isText(bytes, type, end, TYPE_TICKER);
    const trade = isText(bytes, type, end, TYPE_TRADE);
    if (!depth && !ticker && !trade) return DECODE.UNKNOWN_KIND;
    this.message.kind = depth ? MESSAGE.DEPTH : ticker ? MESSAGE.TICKER : MESSAGE.TRADE;
    let status = this.readSymbol(bytes, end, at[F_SYMBOL]!);
    if (status !== DECODE.OK) return status;
    status = this.readTimes(bytes, end, at, true);
    if (status !== DECODE.OK) return status;
    if (depth) return this.readDepth(bytes, end, at);
    return ticker ? this.readTicker(bytes, end, at) : this.readTrade(bytes, end, at);
  }

  private readSymbol(bytes: Uint8Array, end: number, at: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.symbols.lookup(bytes, at + 1, close, false);
    if (id < 0) return DECODE.UNKNOWN_SYMBOL;
    this.message.instrument = id;
    return DECODE.OK;
  }

  private readTimes(bytes: Uint8Array, end: number, at: Int32Array, required: boolean): number {
    const numbers = this.message.numbers;
    numbers[N_EVENT_MS] = 0;
    if (at[F_EVENT_TIME]! !== 0) {
      const p = scanId(bytes, at[F_EVENT_TIME]!, end, numbers, N_EVENT_MS);
      if (p < 0) return p;
    } else if (required) {
      return DECODE.MISSING_FIELD;
    }
    numbers[N_TRANSACT_MS] = numbers[N_EVENT_MS]!;
    if (at[F_TRANSACT_TIME]! !== 0) {
      const p = scanId(bytes, at[F_TRANSACT_TIME]!, end, numbers, N_TRANSACT_MS);
      if (p < 0) return p;
    }
    return DECODE.OK;
  }

  private readId(bytes: Uint8Array, end: number, at: number, slot: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const p = scanId(bytes, at, end, this.message.numbers, slot);
    return p < 0 ? p : DECODE.OK;
  }

  private readDepth(bytes: Uint8Array, end: number, at: Int32Array): number {
    let status = this.readId(bytes, end, at[F_FIRST_ID]!, N_FIRST_ID);
    if (status === DECODE.OK) status = this.readId(bytes, end, at[F_LAST_ID]!, N_LAST_ID);
    if (status === DECODE.OK) status = this.readId(bytes, end, at[F_PREVIOUS_ID]!, N_PREVIOUS_ID);
    if (status !== DECODE.OK) return status;
    return this.readSides(bytes, end, at[F_BID]!, at[F_ASK]!);
  }

  private readSnapshot(bytes: Uint8Array, end: number, at: Int32Array, stream: number): number {
    const message = this.message;
    message.kind = MESSAGE.SNAPSHOT;
    message.instrument = this.only;
    if (at[F_SYMBOL_LONG]! !== 0) {
      const status = this.readSymbol(bytes, end, at[F_SYMBOL_LONG]!);
      if (status !== DECODE.OK) return status;
    } else if (stream !== 0) {
      const close = textEnd(bytes, stream, end);
      if (close < 0) return close;
      let dash = stream + 1;
      while (dash < close && bytes[dash]! !== 64) dash++;
      message.instrument = this.symbols.lookup(bytes, stream + 1, dash, true);
      if (message.instrument < 0) return DECODE.UNKNOWN_SYMBOL;
    }
    if (message.instrument < 0) return DECODE.SNAPSHOT_WITHOUT_SYMBOL;
    let status = this.readId(bytes, end, at[F_SNAPSHOT_ID]!, N_LAST_ID);
    if (status === DECODE.OK) status = this.readTimes(bytes, end, at, false);
    return status === DECODE.OK ? this.readSides(bytes, end, at[F_BIDS]!, at[F_ASKS]!) : status;
  }

  private readSides(bytes: Uint8Array, end: number, bids: number, asks: number): number {
    const message = this.message;
    if (bids === 0 || asks === 0) return DECODE.MISSING_FIELD;
    let count = this.readLevels(bytes, bids, end, message.bidTicks, message.bidLots);
    if (count < 0) return count;
    message.bidCount = count;
    count = this.readLevels(bytes, asks, end, message.askTicks, message.askLots);
    if (count < 0) return count;
    message.askCount = count;
    return DECODE.OK;
  }

  /** `[["price","qty", ...], ...]`, already known to be JSON; the number of levels or a DECODE status. */
  private readLevels(bytes: Uint8Array, p: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
    let at = skipSpace(bytes, p + 1, end);
    if (bytes[at]! === 93) return 0;
    for (let count = 0; ; count++) {
      if (bytes[at]! !== 91) return DECODE.BAD_FIELD;
      if (count >= BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
      at = skipSpace(bytes, at + 1, end);
      let status = this.readPrice(bytes, at, end, ticks, count);
      if (status === DECODE.OK && ticks[count]! === PRICE_NONE) status = DECODE.PRICE_RANGE;
      if (status !== DECODE.OK) return status;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      if (bytes[at]! !== 44) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      status = this.readQty(bytes, at, end, lots, count);
      if (status !== DECODE.OK) return status;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      while (bytes[at]! === 44) at = skipSpace(bytes, skipValue(bytes, skipSpace(bytes, at + 1, end), end, 0), end);
      at = skipSpace(bytes, at + 1, end);
      if (bytes[at]! === 93) return count + 1;
      at = skipSpace(bytes, at + 1, end);
    }
  }

  private readPrice(bytes: Uint8Array, at: number, end: number, ticks: Int32Array, slot: number): number {
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.message.instrument;
    const grid = this.grid;
    return scanPrice(bytes, at + 1, close, grid.priceDecimals[id]!, grid.tickUnits[id]!, this.message.numbers, ticks, slot);
  }

  private readQty(bytes: Uint8Array, at: number, end: number, lots: Float64Array, slot: number): number {
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    const id = this.message.instrument;
    const grid = this.grid;
    return scanQty(bytes, at + 1, close, grid.qtyDecimals[id]!, grid.lotUnits[id]!, this.message.numbers, lots, slot);
  }

  private readTicker(bytes: Uint8Array, end: number, at: Int32Array): number {
    const message = this.message;
    if (at[F_BID]! === 0 || at[F_BID_QTY]! === 0 || at[F_ASK]! === 0 || at[F_ASK_QTY]! === 0) return DECODE.MISSING_FIELD;
    let status = this.readId(bytes, end, at[F_LAST_ID]!, N_LAST_ID);
    if (status === DECODE.OK) status = this.readPrice(bytes, at[F_BID]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = this.readQty(bytes, at[F_BID_QTY]!, end, message.bidLots, 0);
    if (status === DECODE.OK) status = this.readPrice(bytes, at[F_ASK]!, end, message.askTicks, 0);
    if (status === DECODE.OK) status = this.readQty(bytes, at[F_ASK_QTY]!, end, message.askLots, 0);
    if (status !== DECODE.OK) return status;
    message.bidCount = 1;
    message.askCount = 1;
    return checkTicker(message);
  }

  private readTrade(bytes: Uint8Array, end: number, at: Int32Array): number {
    const message = this.message;
    if (at[F_PRICE]! === 0 || at[F_QTY]! === 0 || at[F_BUYER_MAKER]! === 0) return DECODE.MISSING_FIELD;
    let status = this.readId(bytes, end, at[F_TRADE_ID]!, N_TRADE_ID);
    if (status === DECODE.OK) status = this.readPrice(bytes, at[F_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = this.readQty(bytes, at[F_QTY]!, end, message.bidLots, 0);
    if (status !== DECODE.OK) return status;
    const maker = bytes[at[F_BUYER_MAKER]!]!;
    if (maker !== 116 && maker !== 102) return DECODE.BAD_FIELD;
    message.tradeSide = maker === 116 ? SIDE.SELL : SIDE.BUY;
    const kind = at[F_TRADE_KIND]!;
    if (kind !== 0) {
      const close = textEnd(bytes, kind, end);
      if (close < 0) return close;
    }
    message.tradeIsMarket = kind === 0 || isText(bytes, kind, end, TRADE_KIND_MARKET) ? 1 : 0;
    message.tradeTicks = message.bidTicks[0]!;
    message.numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    return checkTrade(message);
  }
}

/** An empty side is price 0 with quantity 0; a price without quantity, or the reverse, is refused. */
export function checkTicker(message: L2Message): number {
  if ((message.bidTicks[0]! === PRICE_NONE) !== (message.bidLots[0]! === 0)) return DECODE.PRICE_RANGE;
  if ((message.askTicks[0]! === PRICE_NONE) !== (message.askLots[0]! === 0)) return DECODE.PRICE_RANGE;
  return DECODE.OK;
}

/** Off-book trade kinds may carry zeros, a market trade may not. */
export function checkTrade(message: L2Message): number {
  if (message.tradeIsMarket === 0) return DECODE.OK;
  if (message.tradeTicks === PRICE_NONE) return DECODE.PRICE_RANGE;
  return message.numbers[N_TRADE_LOTS]! === 0 ? DECODE.QTY_RANGE : DECODE.OK;
}

function jsonStatus(status: number): number {
  return status === JSON_SCAN.TOO_DEEP ? DECODE.TOO_DEEP : DECODE.BAD_JSON;
}

/** True when the string value at `at` is `text`. */
function isText(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  const length = text.length;
  if (at + length + 2 > end) return false;
  for (let i = 0; i < length; i++) if (bytes[at + 1 + i]! !== text[i]!) return false;
  return bytes[at + 1 + length]! === 34;
}

/** Position of the closing quote of the string value at `at`; refuses other values and escapes. */
function textEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at]! !== 34) return DECODE.BAD_FIELD;
  for (let p = at + 1; p < end; p++) {
    const byte = bytes[p]!;
    if (byte === 34) return p;
    if (byte === 92) return DECODE.ESCAPED_TEXT;
  }
  return DECODE.BAD_JSON;
}

/** Walks the object at `p`, checks its JSON and notes where known fields begin; the position after it or a DECODE status. */
function noteFields(bytes: Uint8Array, p: number, end: number, depth: number, at: Int32Array): number {
  for (let i = 0; i < FIELDS; i++) at[i] = 0;
  let pos = skipSpace(bytes, p + 1, end);
  if (pos < end && bytes[pos]! === 125) return pos + 1;
  for (;;) {
    if (pos >= end || bytes[pos]! !== 34) return DECODE.BAD_JSON;
    const keyStart = pos + 1;
    pos = skipString(bytes, pos, end);
    if (pos < 0) return DECODE.BAD_JSON;
    const field = fieldOf(bytes, keyStart, pos - 1);
    if (field === DECODE.ESCAPED_TEXT) return field;
    pos = skipColon(bytes, pos, end);
    if (pos < 0) return DECODE.BAD_JSON;
    if (field >= 0) {
      if (at[field]! !== 0) return DECODE.DUPLICATE_FIELD;
      at[field] = pos;
    }
    pos = skipValue(bytes, pos, end, depth + 1);
    if (pos < 0) return jsonStatus(pos);
    pos = skipSpace(bytes, pos, end);
    if (pos >= end) return DECODE.BAD_JSON;
    const byte = bytes[pos]!;
    if (byte === 125) return pos + 1;
    if (byte !== 44) return DECODE.BAD_JSON;
    pos = skipSpace(bytes, pos + 1, end);
  }
}

/** Field of the key in `bytes[start, end)`, -1 for an unknown key, DECODE.ESCAPED_TEXT for one with a backslash. */
function fieldOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 1) return FIELD_OF_LETTER[bytes[start]!]!;
  for (let i = start; i < end; i++) if (bytes[i]! === 92) return DECODE.ESCAPED_TEXT;
  for (let k = 0; k < LONG_KEYS.length; k++) {
    const key = LONG_KEYS[k]!;
    if (key.length !== length) continue;
    let i = 0;
    while (i < length && bytes[start + i]! === key[i]!) i++;
    if (i === length) return LONG_KEY_FIELDS[k]!;
  }
  return -1;
}
