import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { SIDE } from '../../../core/records/market.ts';
import { firstElement, nextElement } from '../../json/array.hot.ts';
import { FAR, type FieldReader } from '../../json/field-reader.hot.ts';
import { isText, KeyTable, noteFields, noteFrame, textEnd } from '../../json/object.hot.ts';
import { skipValue } from '../../json/scan.hot.ts';
import { scanTime } from '../../json/time.hot.ts';
import { checkTicker, takeTrade } from '../../l2/check.hot.ts';
import { type L2Message, N_CHECKSUM, N_LAST_ID, N_TRADE_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS, N_UNITS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { KrakenBooks } from './books.hot.ts';

/** Levels a side of an update: what cutting the book adds to it must still fit the message. */
const CHANGES_MAX = BOOK_LEVELS_MAX / 2;
const DECIMALS_MAX = 15;

const O_CHANNEL = 0;
const O_TYPE = 1;
const O_DATA = 2;
const O_RESULT = 3;
const OUTER = new KeyTable(['channel', 'type', 'data', 'result']);

const F_SYMBOL = 0;
const F_TIME = 1;
const F_BIDS = 2;
const F_ASKS = 3;
const F_CHECKSUM = 4;
const F_SIDE = 5;
const F_PRICE = 6;
const F_QTY = 7;
const F_TRADE_ID = 8;
const F_BID = 9;
const F_BID_QTY = 10;
const F_ASK = 11;
const F_ASK_QTY = 12;
const F_PRICE_PRECISION = 13;
const F_QTY_PRECISION = 14;
const F_PAIRS = 15;
const F_CHANNEL = 16;
const F_DEPTH = 17;
const FIELDS = new KeyTable([
  'symbol',
  'timestamp',
  'bids',
  'asks',
  'checksum',
  'side',
  'price',
  'qty',
  'trade_id',
  'bid',
  'bid_qty',
  'ask',
  'ask_qty',
  'price_precision',
  'qty_precision',
  'pairs',
  'channel',
  'depth',
]);

const L_PRICE = 0;
const L_QTY = 1;
const LEVEL = new KeyTable(['price', 'qty']);

const BOOK = new TextEncoder().encode('book');
const TRADE = new TextEncoder().encode('trade');
const TICKER = new TextEncoder().encode('ticker');
const INSTRUMENT = new TextEncoder().encode('instrument');
const SNAPSHOT = new TextEncoder().encode('snapshot');
const UPDATE = new TextEncoder().encode('update');
const BUY = new TextEncoder().encode('buy');
const SELL = new TextEncoder().encode('sell');

/** Kraken's second websocket API: objects, decimals as JSON numbers, which are read from their text. */
export class KrakenV2 {
  /** Where the next element of `data` begins, 0 when there is none. */
  cursor: number;
  private readonly message: L2Message;
  private readonly reader: FieldReader;
  private readonly books: KrakenBooks;
  private readonly outer: Int32Array;
  private readonly at: Int32Array;
  private readonly level: Int32Array;
  /** MESSAGE of every element of the frame at hand; DEPTH for both types of `book`. */
  private kind: number;
  private isSnapshot: boolean;

  constructor(message: L2Message, reader: FieldReader, books: KrakenBooks) {
    this.cursor = 0;
    this.message = message;
    this.reader = reader;
    this.books = books;
    this.outer = new Int32Array(OUTER.size);
    this.at = new Int32Array(FIELDS.size);
    this.level = new Int32Array(LEVEL.size);
    this.kind = MESSAGE.NONE;
    this.isSnapshot = false;
  }

  /** The frame whose object begins at `p`; DECODE. */
  decode(bytes: Uint8Array, p: number, end: number): number {
    const outer = this.outer;
    this.cursor = 0;
    const status = noteFrame(bytes, p, end, OUTER, outer);
    if (status !== DECODE.OK) return status;
    const channel = outer[O_CHANNEL]!;
    if (channel === 0) {
      if (outer[O_RESULT]! !== 0) this.noteSubscription(bytes, outer[O_RESULT]!, end);
      return DECODE.UNKNOWN_KIND;
    }
    if (textEnd(bytes, channel, end) < 0) return DECODE.BAD_FIELD;
    if (isText(bytes, channel, end, BOOK)) this.kind = MESSAGE.DEPTH;
    else if (isText(bytes, channel, end, TRADE)) this.kind = MESSAGE.TRADE;
    else if (isText(bytes, channel, end, TICKER)) this.kind = MESSAGE.TICKER;
    else {
      if (isText(bytes, channel, end, INSTRUMENT) && outer[O_DATA]! !== 0) this.notePairs(bytes, outer[O_DATA]!, end);
      return DECODE.UNKNOWN_KIND;
    }
    this.message.kind = this.kind;
    const type = outer[O_TYPE]!;
    this.isSnapshot = type !== 0 && isText(bytes, type, end, SNAPSHOT);
    if (!this.isSnapshot && (type === 0 || !isText(bytes, type, end, UPDATE))) return DECODE.BAD_FIELD;
    // The snapshot of trades is history: it happened before the subscription.
    if (this.isSnapshot && this.kind === MESSAGE.TRADE) return DECODE.UNKNOWN_KIND;
    this.cursor = outer[O_DATA]! === 0 ? 0 : firstElement(bytes, outer[O_DATA]!, end);
    return this.cursor === 0 ? DECODE.BAD_FIELD : this.nextElement(bytes, end);
  }

  /** The element at `cursor`; the frame is known to be JSON. */
  nextElement(bytes: Uint8Array, end: number): number {
    const element = this.cursor;
    const message = this.message;
    message.kind = this.kind;
    this.cursor = nextElement(bytes, skipValue(bytes, element, end, 0), end);
    if (bytes[element]! !== 123) return DECODE.BAD_FIELD;
    const after = noteFields(bytes, element, end, 2, FIELDS, this.at);
    if (after < 0) return after;
    let status = this.reader.symbol(bytes, this.at[F_SYMBOL]!, end);
    if (status === DECODE.OK) status = this.time(bytes, this.at[F_TIME]!, end);
    if (status !== DECODE.OK) return status;
    if (this.kind === MESSAGE.DEPTH) return this.book(bytes, end);
    return this.kind === MESSAGE.TICKER ? this.ticker(bytes, end) : this.trade(bytes, end);
  }

  /** Snapshots of the book had no time at first. */
  private time(bytes: Uint8Array, at: number, end: number): number {
    const numbers = this.message.numbers;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    if (at === 0) return DECODE.OK;
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    return scanTime(bytes, at + 1, close, numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
  }

  private book(bytes: Uint8Array, end: number): number {
    const message = this.message;
    const at = this.at;
    const most = this.isSnapshot ? BOOK_LEVELS_MAX : CHANGES_MAX;
    if (this.isSnapshot) message.kind = MESSAGE.SNAPSHOT;
    if (at[F_BIDS]! === 0 || at[F_ASKS]! === 0 || at[F_CHECKSUM]! === 0) return DECODE.MISSING_FIELD;
    let count = this.levels(bytes, at[F_BIDS]!, end, message.bidTicks, message.bidLots, most, false);
    if (count < 0) return count;
    message.bidCount = count;
    count = this.levels(bytes, at[F_ASKS]!, end, message.askTicks, message.askLots, most, true);
    if (count < 0) return count;
    message.askCount = count;
    const status = this.reader.id(bytes, at[F_CHECKSUM]!, end, N_CHECKSUM);
    if (status !== DECODE.OK) return status;
    message.hasChecksum = 1;
    // How the time of a snapshot compares with those of updates Kraken does not say.
    if (this.isSnapshot)
      this.books.guessDepth(message.instrument, message.bidCount > message.askCount ? message.bidCount : message.askCount);
    else message.numbers[N_LAST_ID] = message.numbers[N_TRANSACT_MS]! * 1000 + Math.floor(message.numbers[N_TRANSACT_REST_NS]! / 1000);
    return DECODE.OK;
  }

  /** `[{"price":1.0,"qty":2},...]`; the number of levels or a DECODE status. Asks beyond the grid are left out, as in v1. */
  private levels(bytes: Uint8Array, p: number, end: number, ticks: Int32Array, lots: Float64Array, most: number, asks: boolean): number {
    const { reader, level, message } = this;
    if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
    let count = 0;
    let element = firstElement(bytes, p, end);
    while (element !== 0) {
      if (count >= most) return DECODE.TOO_MANY_LEVELS;
      if (bytes[element]! !== 123) return DECODE.BAD_FIELD;
      const after = noteFields(bytes, element, end, 4, LEVEL, level);
      if (after < 0) return after;
      const price = level[L_PRICE]!;
      let status = asks ? reader.numberAskPrice(bytes, price, end, ticks, count) : reader.numberBidPrice(bytes, price, end, ticks, count);
      const isFar = status === FAR;
      if (status !== DECODE.OK && !isFar) return status;
      status = reader.numberQty(bytes, level[L_QTY]!, end, lots, count);
      if (status !== DECODE.OK) return status;
      if (isFar) message.farCount = message.farCount + 1;
      else count++;
      element = nextElement(bytes, after, end);
    }
    return count;
  }

  private ticker(bytes: Uint8Array, end: number): number {
    const { reader, at, message } = this;
    let status = reader.numberPrice(bytes, at[F_BID]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = reader.numberQty(bytes, at[F_BID_QTY]!, end, message.bidLots, 0);
    if (status === DECODE.OK) status = reader.numberPrice(bytes, at[F_ASK]!, end, message.askTicks, 0);
    if (status === DECODE.OK) status = reader.numberQty(bytes, at[F_ASK_QTY]!, end, message.askLots, 0);
    return status === DECODE.OK ? checkTicker(message) : status;
  }

  private trade(bytes: Uint8Array, end: number): number {
    const { reader, at, message } = this;
    let status = reader.numberPrice(bytes, at[F_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = reader.numberQty(bytes, at[F_QTY]!, end, message.bidLots, 0);
    if (status === DECODE.OK) status = reader.id(bytes, at[F_TRADE_ID]!, end, N_TRADE_ID);
    if (status !== DECODE.OK) return status;
    const side = at[F_SIDE]!;
    if (side === 0) return DECODE.MISSING_FIELD;
    const buys = isText(bytes, side, end, BUY);
    if (!buys && !isText(bytes, side, end, SELL)) return DECODE.BAD_FIELD;
    return takeTrade(message, buys ? SIDE.BUY : SIDE.SELL, 1);
  }

  /** The answer to a subscription says how deep the book will be. */
  private noteSubscription(bytes: Uint8Array, p: number, end: number): void {
    const { at, message, books } = this;
    if (bytes[p]! !== 123 || noteFields(bytes, p, end, 1, FIELDS, at) < 0) return;
    const channel = at[F_CHANNEL]!;
    if (channel === 0 || !isText(bytes, channel, end, BOOK) || at[F_DEPTH]! === 0) return;
    if (this.reader.symbol(bytes, at[F_SYMBOL]!, end) !== DECODE.OK) return;
    if (this.reader.id(bytes, at[F_DEPTH]!, end, N_UNITS) !== DECODE.OK) return;
    const depth = message.numbers[N_UNITS]!;
    if (depth >= 1 && depth <= BOOK_LEVELS_MAX && books.only === 0) books.depth[message.instrument] = depth;
  }

  /** Channel `instrument`: the precisions that checksums are computed with. */
  private notePairs(bytes: Uint8Array, p: number, end: number): void {
    const { at, message, books, reader } = this;
    if (bytes[p]! !== 123 || noteFields(bytes, p, end, 1, FIELDS, at) < 0) return;
    let pair = at[F_PAIRS]! === 0 ? 0 : firstElement(bytes, at[F_PAIRS]!, end);
    for (; pair !== 0; pair = nextElement(bytes, skipValue(bytes, pair, end, 0), end)) {
      if (bytes[pair]! !== 123 || noteFields(bytes, pair, end, 3, FIELDS, at) < 0) continue;
      if (reader.symbol(bytes, at[F_SYMBOL]!, end) !== DECODE.OK) continue;
      const numbers = message.numbers;
      if (reader.id(bytes, at[F_PRICE_PRECISION]!, end, N_UNITS) !== DECODE.OK || numbers[N_UNITS]! > DECIMALS_MAX) continue;
      const priceDecimals = numbers[N_UNITS]!;
      if (reader.id(bytes, at[F_QTY_PRECISION]!, end, N_UNITS) !== DECODE.OK || numbers[N_UNITS]! > DECIMALS_MAX) continue;
      books.priceDecimals[message.instrument] = priceDecimals;
      books.qtyDecimals[message.instrument] = numbers[N_UNITS]!;
    }
  }
}
