import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import { scanId } from '../../json/fields.hot.ts';
import { isText, jsonStatus, KeyTable, noteFields, textEnd } from '../../json/object.hot.ts';
import { skipSpace, skipValue } from '../../json/scan.hot.ts';
import { readTextLevels, readTextPrice, readTextQty } from '../../json/text-levels.hot.ts';
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

/** Keys of an event or a snapshot, and of the wrapper around them; a value begins at `at[F_...]`, 0 where the key is absent. */
const KEYS = new KeyTable([
  'e',
  'E',
  'T',
  's',
  'U',
  'u',
  'pu',
  'b',
  'a',
  'B',
  'A',
  't',
  'p',
  'q',
  'X',
  'm',
  'lastUpdateId',
  'bids',
  'asks',
  'stream',
  'data',
  'symbol',
]);
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
    this.outer = new Int32Array(KEYS.size);
    this.inner = new Int32Array(KEYS.size);
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
    p = noteFields(bytes, p, end, 0, KEYS, outer);
    if (p < 0) return p;
    if (skipSpace(bytes, p, end) !== end) return DECODE.BAD_JSON;
    const stream = outer[F_STREAM]!;
    const data = outer[F_DATA]!;
    if (stream === 0 || data === 0) return this.read(bytes, end, outer, 0);
    if (bytes[data]! !== 123) return DECODE.UNKNOWN_KIND;
    p = noteFields(bytes, data, end, 1, KEYS, this.inner);
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
    let count = readTextLevels(bytes, bids, end, this.grid, message, message.bidTicks, message.bidLots);
    if (count < 0) return count;
    message.bidCount = count;
    count = readTextLevels(bytes, asks, end, this.grid, message, message.askTicks, message.askLots);
    if (count < 0) return count;
    message.askCount = count;
    return DECODE.OK;
  }

  private readPrice(bytes: Uint8Array, at: number, end: number, ticks: Int32Array): number {
    return readTextPrice(bytes, at, end, this.grid, this.message, ticks, 0);
  }

  private readQty(bytes: Uint8Array, at: number, end: number, lots: Float64Array): number {
    return readTextQty(bytes, at, end, this.grid, this.message, lots, 0);
  }

  private readTicker(bytes: Uint8Array, end: number, at: Int32Array): number {
    const message = this.message;
    if (at[F_BID]! === 0 || at[F_BID_QTY]! === 0 || at[F_ASK]! === 0 || at[F_ASK_QTY]! === 0) return DECODE.MISSING_FIELD;
    let status = this.readId(bytes, end, at[F_LAST_ID]!, N_LAST_ID);
    if (status === DECODE.OK) status = this.readPrice(bytes, at[F_BID]!, end, message.bidTicks);
    if (status === DECODE.OK) status = this.readQty(bytes, at[F_BID_QTY]!, end, message.bidLots);
    if (status === DECODE.OK) status = this.readPrice(bytes, at[F_ASK]!, end, message.askTicks);
    if (status === DECODE.OK) status = this.readQty(bytes, at[F_ASK_QTY]!, end, message.askLots);
    if (status !== DECODE.OK) return status;
    message.bidCount = 1;
    message.askCount = 1;
    return checkTicker(message);
  }

  private readTrade(bytes: Uint8Array, end: number, at: Int32Array): number {
    const message = this.message;
    if (at[F_PRICE]! === 0 || at[F_QTY]! === 0 || at[F_BUYER_MAKER]! === 0) return DECODE.MISSING_FIELD;
    let status = this.readId(bytes, end, at[F_TRADE_ID]!, N_TRADE_ID);
    if (status === DECODE.OK) status = this.readPrice(bytes, at[F_PRICE]!, end, message.bidTicks);
    if (status === DECODE.OK) status = this.readQty(bytes, at[F_QTY]!, end, message.bidLots);
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
