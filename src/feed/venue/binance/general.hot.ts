import { SIDE } from '../../../core/records/market.ts';
import { FieldReader } from '../../json/field-reader.hot.ts';
import { scanId } from '../../json/fields.hot.ts';
import { isText, jsonStatus, KeyTable, noteFields, textEnd } from '../../json/object.hot.ts';
import { skipSpace, skipValue } from '../../json/scan.hot.ts';
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
  N_TRANSACT_REST_NS,
} from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';
import { AnswerLine } from './answer.hot.ts';
import { checkTicker, checkTrade } from './check.hot.ts';
import type { BinanceDialect } from './dialect.ts';

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
const TYPE_AGGREGATE = new TextEncoder().encode('aggTrade');
const DEPTH_STREAM = new TextEncoder().encode('@depth');
const TRADE_KIND_MARKET = new TextEncoder().encode('MARKET');

/** Times from here on are microseconds: in milliseconds it is the year 5138. */
export const MICROSECONDS_FROM = 1e14;

/**
 * Decodes a frame with its keys in any order, white space anywhere, and unknown keys: a first pass checks the JSON and
 * notes where the known fields begin, a second reads the fields the message kind needs.
 */
export class GeneralDecoder {
  private readonly message: L2Message;
  private readonly symbols: SymbolTable;
  private readonly fields: FieldReader;
  private readonly only: number;
  private readonly dialect: BinanceDialect;
  private readonly answer: AnswerLine;
  private readonly outer: Int32Array;
  private readonly inner: Int32Array;

  /** `only`: instrument of a snapshot that names no symbol, or -1. */
  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable, only: number, dialect: BinanceDialect) {
    this.message = message;
    this.symbols = symbols;
    this.fields = new FieldReader(message, symbols, grid);
    this.only = only;
    this.dialect = dialect;
    this.answer = new AnswerLine();
    this.outer = new Int32Array(KEYS.size);
    this.inner = new Int32Array(KEYS.size);
  }

  /** DECODE status; the message is complete only when it is 0. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    let p = skipSpace(bytes, start, end);
    if (p >= end) return DECODE.BAD_JSON;
    if (bytes[p]! === 104) return this.readAnswer(bytes, p, end);
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

  /** The answer to a REST request with the URL before it, as recordings hold it; `h` of `https` stands at `start`. */
  private readAnswer(bytes: Uint8Array, start: number, end: number): number {
    const answer = this.answer;
    const at = this.outer;
    if (!answer.read(bytes, start, end) || bytes[answer.body]! !== 123) return DECODE.BAD_JSON;
    const p = noteFields(bytes, answer.body, end, 0, KEYS, at);
    if (p < 0) return p;
    if (skipSpace(bytes, p, end) !== end) return DECODE.BAD_JSON;
    if (at[F_E_TYPE]! !== 0 || at[F_SNAPSHOT_ID]! === 0) return DECODE.UNKNOWN_KIND;
    const message = this.message;
    message.kind = MESSAGE.SNAPSHOT;
    if (answer.symbolStart === answer.symbolEnd) return this.readSnapshot(bytes, end, at, 0);
    const asked = this.symbols.lookup(bytes, answer.symbolStart, answer.symbolEnd, true);
    if (asked < 0) return DECODE.UNKNOWN_SYMBOL;
    message.instrument = asked;
    if (at[F_SYMBOL_LONG]! !== 0) {
      const status = this.fields.symbol(bytes, at[F_SYMBOL_LONG]!, end);
      if (status !== DECODE.OK) return status;
      // Asked for one book and answered with another: neither is to be believed.
      if (message.instrument !== asked) return DECODE.BAD_FIELD;
    }
    return this.readBook(bytes, end, at);
  }

  private read(bytes: Uint8Array, end: number, at: Int32Array, stream: number): number {
    const type = at[F_E_TYPE]!;
    if (type === 0) return this.readUntyped(bytes, end, at, stream);
    if (bytes[type]! !== 34) return DECODE.UNKNOWN_KIND;
    const depth = isText(bytes, type, end, TYPE_DEPTH);
    const ticker = isText(bytes, type, end, TYPE_TICKER);
    const aggregate = isText(bytes, type, end, TYPE_AGGREGATE);
    if (!depth && !ticker && !aggregate && !isText(bytes, type, end, TYPE_TRADE)) return DECODE.UNKNOWN_KIND;
    // Partial depth of futures looks like changes, and each message is a whole book: applied as changes it would leave levels behind.
    if (depth && (this.dialect.partial || isPartialStream(bytes, stream, end))) return DECODE.UNKNOWN_KIND;
    this.message.kind = depth ? MESSAGE.DEPTH : ticker ? MESSAGE.TICKER : MESSAGE.TRADE;
    let status = this.fields.symbol(bytes, at[F_SYMBOL]!, end);
    if (status !== DECODE.OK) return status;
    status = this.readTimes(bytes, end, at, !(ticker && this.dialect.spot));
    if (status !== DECODE.OK) return status;
    if (depth) return this.readDepth(bytes, end, at);
    return ticker ? this.readTicker(bytes, end, at) : this.readTrade(bytes, end, at, aggregate);
  }

  /** An object without event type: a snapshot, or a ticker of spot. */
  private readUntyped(bytes: Uint8Array, end: number, at: Int32Array, stream: number): number {
    const dialect = this.dialect;
    if (at[F_SNAPSHOT_ID]! !== 0) {
      if (!dialect.partial && isPartialStream(bytes, stream, end)) return DECODE.UNKNOWN_KIND;
      return this.readSnapshot(bytes, end, at, stream);
    }
    if (!dialect.spot || at[F_LAST_ID]! === 0 || at[F_BID]! === 0 || at[F_ASK]! === 0) return DECODE.UNKNOWN_KIND;
    this.message.kind = MESSAGE.TICKER;
    let status = this.fields.symbol(bytes, at[F_SYMBOL]!, end);
    if (status === DECODE.OK) status = this.readTimes(bytes, end, at, false);
    return status === DECODE.OK ? this.readTicker(bytes, end, at) : status;
  }

  private readTimes(bytes: Uint8Array, end: number, at: Int32Array, required: boolean): number {
    const numbers = this.message.numbers;
    numbers[N_EVENT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
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
    if (this.dialect.spot) splitMicroseconds(numbers);
    return DECODE.OK;
  }

  private readDepth(bytes: Uint8Array, end: number, at: Int32Array): number {
    let status = this.fields.id(bytes, at[F_FIRST_ID]!, end, N_FIRST_ID);
    if (status === DECODE.OK) status = this.fields.id(bytes, at[F_LAST_ID]!, end, N_LAST_ID);
    if (status === DECODE.OK && this.dialect.linked) status = this.fields.id(bytes, at[F_PREVIOUS_ID]!, end, N_PREVIOUS_ID);
    if (status !== DECODE.OK) return status;
    return this.readSides(bytes, end, at[F_BID]!, at[F_ASK]!);
  }

  private readSnapshot(bytes: Uint8Array, end: number, at: Int32Array, stream: number): number {
    const message = this.message;
    message.kind = MESSAGE.SNAPSHOT;
    message.instrument = this.only;
    if (at[F_SYMBOL_LONG]! !== 0) {
      const status = this.fields.symbol(bytes, at[F_SYMBOL_LONG]!, end);
      if (status !== DECODE.OK) return status;
    } else if (stream !== 0) {
      const close = textEnd(bytes, stream, end);
      if (close < 0) return close;
      let dash = stream + 1;
      while (dash < close && bytes[dash]! !== 64) dash++;
      message.instrument = this.symbols.lookup(bytes, stream + 1, dash, true);
      if (message.instrument < 0) return DECODE.UNKNOWN_SYMBOL;
    }
    return message.instrument < 0 ? DECODE.SNAPSHOT_WITHOUT_SYMBOL : this.readBook(bytes, end, at);
  }

  /** Id, times and levels of a snapshot whose instrument is known. */
  private readBook(bytes: Uint8Array, end: number, at: Int32Array): number {
    let status = this.fields.id(bytes, at[F_SNAPSHOT_ID]!, end, N_LAST_ID);
    if (status === DECODE.OK) status = this.readTimes(bytes, end, at, false);
    return status === DECODE.OK ? this.readSides(bytes, end, at[F_BIDS]!, at[F_ASKS]!) : status;
  }

  private readSides(bytes: Uint8Array, end: number, bids: number, asks: number): number {
    const message = this.message;
    let count = this.fields.levels(bytes, bids, end, message.bidTicks, message.bidLots, false);
    if (count < 0) return count;
    message.bidCount = count;
    count = this.fields.levels(bytes, asks, end, message.askTicks, message.askLots, false);
    if (count < 0) return count;
    message.askCount = count;
    return DECODE.OK;
  }

  private readTicker(bytes: Uint8Array, end: number, at: Int32Array): number {
    const message = this.message;
    let status = this.fields.id(bytes, at[F_LAST_ID]!, end, N_LAST_ID);
    if (status === DECODE.OK) status = this.fields.price(bytes, at[F_BID]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = this.fields.qty(bytes, at[F_BID_QTY]!, end, message.bidLots, 0);
    if (status === DECODE.OK) status = this.fields.price(bytes, at[F_ASK]!, end, message.askTicks, 0);
    if (status === DECODE.OK) status = this.fields.qty(bytes, at[F_ASK_QTY]!, end, message.askLots, 0);
    if (status !== DECODE.OK) return status;
    message.bidCount = 1;
    message.askCount = 1;
    return checkTicker(message);
  }

  /** `trade`, or `aggTrade` (fills of one taker order at one price), whose id is `a`. */
  private readTrade(bytes: Uint8Array, end: number, at: Int32Array, aggregate: boolean): number {
    const message = this.message;
    if (at[F_BUYER_MAKER]! === 0) return DECODE.MISSING_FIELD;
    let status = this.fields.id(bytes, aggregate ? at[F_ASK]! : at[F_TRADE_ID]!, end, N_TRADE_ID);
    if (status === DECODE.OK) status = this.fields.price(bytes, at[F_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = this.fields.qty(bytes, at[F_QTY]!, end, message.bidLots, 0);
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
    message.tradeIsAggregate = aggregate ? 1 : 0;
    message.tradeTicks = message.bidTicks[0]!;
    message.numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    return checkTrade(message);
  }
}

/** Turns a matching-engine time in microseconds into milliseconds and the nanoseconds beyond them. */
function splitMicroseconds(numbers: Float64Array): void {
  const time = numbers[N_TRANSACT_MS]!;
  if (time < MICROSECONDS_FROM) return;
  const ms = Math.floor(time / 1000);
  numbers[N_TRANSACT_MS] = ms;
  numbers[N_TRANSACT_REST_NS] = (time - ms * 1000) * 1000;
}

/** True when the stream name at `stream` (0: none) is one of partial depth: `@depth` and a digit, as in `btcusdt@depth20@100ms`. */
function isPartialStream(bytes: Uint8Array, stream: number, end: number): boolean {
  if (stream === 0) return false;
  for (let at = stream + 1; at + DEPTH_STREAM.length < end && bytes[at]! !== 34; at++) {
    let i = 0;
    while (i < DEPTH_STREAM.length && bytes[at + i]! === DEPTH_STREAM[i]!) i++;
    const next = bytes[at + i]!;
    if (i === DEPTH_STREAM.length && next >= 48 && next <= 57) return true;
  }
  return false;
}
