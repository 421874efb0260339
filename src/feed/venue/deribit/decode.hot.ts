import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import { ListDecoder } from '../../json/list-decoder.hot.ts';
import { isText, KeyTable, noteFields, noteFrame, numberEnd, textEnd } from '../../json/object.hot.ts';
import { isRestAnswer } from '../../json/rest-answer.hot.ts';
import { skipSpace, skipString } from '../../json/scan.hot.ts';
import { takeTrade } from '../../l2/check.hot.ts';
import { N_EVENT_MS, N_LAST_ID, N_PREVIOUS_ID, N_TRADE_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { CHANNEL, channelOf } from './channel.hot.ts';
import { DeribitKnownOrder } from './known-order.hot.ts';

const FRAME_KEYS = new KeyTable(['method', 'params']);
const M_METHOD = 0;
const M_PARAMS = 1;
const PARAM_KEYS = new KeyTable(['channel', 'data']);
const P_CHANNEL = 0;
const P_DATA = 1;
const DATA_KEYS = new KeyTable([
  'type',
  'timestamp',
  'instrument_name',
  'change_id',
  'prev_change_id',
  'bids',
  'asks',
  'price',
  'amount',
  'direction',
  'trade_seq',
  'block_trade_id',
  'block_rfq_id',
  'combo_id',
  'combo_trade_id',
]);
const D_TYPE = 0;
const D_TIMESTAMP = 1;
const D_INSTRUMENT = 2;
const D_CHANGE_ID = 3;
const D_PREVIOUS = 4;
const D_BIDS = 5;
const D_ASKS = 6;
const D_PRICE = 7;
const D_AMOUNT = 8;
const D_DIRECTION = 9;
const D_TRADE_SEQ = 10;
const D_BLOCK = 11;
const D_RFQ = 12;
const D_COMBO = 13;
const D_COMBO_TRADE = 14;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const SUBSCRIPTION = bytesOf('subscription');
const SNAPSHOT = bytesOf('snapshot');
const CHANGE = bytesOf('change');
const NEW = bytesOf('new');
const DELETE = bytesOf('delete');
const BUY = bytesOf('buy');
const SELL = bytesOf('sell');

/**
 * Decodes Deribit's notifications of the channels book (raw, 100ms and agg2), trades and ticker. Prices and amounts are JSON
 * numbers and are read from their text. A frame of trades holds one message a trade.
 */
export class DeribitDecoder extends ListDecoder {
  private readonly known: DeribitKnownOrder;
  private readonly frame: Int32Array;
  private readonly params: Int32Array;
  private readonly data: Int32Array;

  constructor(instruments: readonly Instrument[]) {
    super(instruments);
    this.known = new DeribitKnownOrder(this.message, this.symbols, this.grid);
    this.frame = new Int32Array(FRAME_KEYS.size);
    this.params = new Int32Array(PARAM_KEYS.size);
    this.data = new Int32Array(DATA_KEYS.size);
  }

  protected takesShortCut(bytes: Uint8Array, start: number, end: number): boolean {
    return this.known.decode(bytes, start, end) === DECODE.OK || this.ticker(bytes, start, end);
  }

  /** True for a ticker whose frame is as expected: then its data is all that must be checked key by key. */
  private ticker(bytes: Uint8Array, start: number, end: number): boolean {
    const at = this.known.tickerData(bytes, start, end);
    if (at < 0 || bytes[at]! !== 123) return false;
    const p = noteFields(bytes, at, end, 2, DATA_KEYS, this.data);
    if (p + 2 !== end || bytes[p]! !== 125 || bytes[p + 1]! !== 125) return false;
    this.message.kind = MESSAGE.TICKER;
    this.message.numbers[N_LAST_ID] = 0;
    return this.readHead(bytes, end) === DECODE.OK;
  }

  protected decodeFrame(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    if (isRestAnswer(bytes, start, end)) return DECODE.UNKNOWN_KIND;
    const status = noteFrame(bytes, start, end, FRAME_KEYS, this.frame);
    if (status !== DECODE.OK) return status;
    const method = this.frame[M_METHOD]!;
    const at = this.frame[M_PARAMS]!;
    // Answers to requests, heartbeats and errors.
    if (method === 0 || at === 0 || !isText(bytes, method, end, SUBSCRIPTION)) return DECODE.UNKNOWN_KIND;
    if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
    const p = noteFields(bytes, at, end, 1, PARAM_KEYS, this.params);
    if (p < 0) return p;
    const channel = this.params[P_CHANNEL]!;
    const data = this.params[P_DATA]!;
    if (channel === 0 || data === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, channel, end);
    if (close < 0) return close;
    const kind = channelOf(bytes, channel + 1, close);
    if (kind === CHANNEL.OTHER) return DECODE.UNKNOWN_KIND;
    message.kind = kind === CHANNEL.BOOK ? MESSAGE.DEPTH : kind === CHANNEL.TRADES ? MESSAGE.TRADE : MESSAGE.TICKER;
    return kind === CHANNEL.TRADES ? this.openList(bytes, data, end) : this.readData(bytes, data, end);
  }

  /** The trade at `cursor`. */
  protected element(bytes: Uint8Array, end: number): number {
    const at = this.advance(bytes, end);
    this.message.kind = MESSAGE.TRADE;
    if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
    const p = noteFields(bytes, at, end, 3, DATA_KEYS, this.data);
    if (p < 0) return p;
    const status = this.readHead(bytes, end);
    return status === DECODE.OK ? this.readTrade(bytes, end) : status;
  }

  private readData(bytes: Uint8Array, at: number, end: number): number {
    const message = this.message;
    if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
    const p = noteFields(bytes, at, end, 2, DATA_KEYS, this.data);
    if (p < 0) return p;
    let status = this.readHead(bytes, end);
    if (status !== DECODE.OK) return status;
    // A ticker names no change: it has no place among the book's events.
    message.numbers[N_LAST_ID] = 0;
    if (message.kind === MESSAGE.TICKER) return DECODE.OK;
    status = this.readBookHead(bytes, end);
    if (status !== DECODE.OK) return status;
    let count = this.readSide(bytes, this.data[D_BIDS]!, end, message.bidTicks, message.bidLots);
    if (count < 0) return count;
    message.bidCount = count;
    count = this.readSide(bytes, this.data[D_ASKS]!, end, message.askTicks, message.askLots);
    if (count < 0) return count;
    message.askCount = count;
    return DECODE.OK;
  }

  private readHead(bytes: Uint8Array, end: number): number {
    const numbers = this.message.numbers;
    let status = this.reader.symbol(bytes, this.data[D_INSTRUMENT]!, end);
    if (status === DECODE.OK) status = this.reader.id(bytes, this.data[D_TIMESTAMP]!, end, N_TRANSACT_MS);
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    return status;
  }

  /** Type and numbers: a snapshot names no change before it, or null. */
  private readBookHead(bytes: Uint8Array, end: number): number {
    const { message, data, reader } = this;
    const type = data[D_TYPE]!;
    if (type === 0) return DECODE.MISSING_FIELD;
    const isSnapshot = isText(bytes, type, end, SNAPSHOT);
    if (!isSnapshot && !isText(bytes, type, end, CHANGE)) return DECODE.BAD_FIELD;
    if (isSnapshot) message.kind = MESSAGE.SNAPSHOT;
    const status = reader.id(bytes, data[D_CHANGE_ID]!, end, N_LAST_ID);
    if (status !== DECODE.OK || isSnapshot) return status;
    return reader.id(bytes, data[D_PREVIOUS]!, end, N_PREVIOUS_ID);
  }

  /** `[["new"|"change"|"delete",price,amount], ...]`; the number of levels or a DECODE status. A deleted level is one of 0 lots. */
  private readSide(bytes: Uint8Array, p: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    if (p === 0) return DECODE.MISSING_FIELD;
    if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
    const reader = this.reader;
    let at = skipSpace(bytes, p + 1, end);
    if (bytes[at]! === 93) return 0;
    for (let count = 0; ; count++) {
      if (bytes[at]! !== 91) return DECODE.BAD_FIELD;
      if (count >= BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
      at = skipSpace(bytes, at + 1, end);
      const isDelete = isText(bytes, at, end, DELETE);
      if (!isDelete && !isText(bytes, at, end, NEW) && !isText(bytes, at, end, CHANGE)) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      if (bytes[at]! !== 44) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      let status = reader.numberPrice(bytes, at, end, ticks, count);
      if (status === DECODE.OK && ticks[count]! === PRICE_NONE) status = DECODE.PRICE_RANGE;
      if (status !== DECODE.OK) return status;
      at = skipSpace(bytes, numberEnd(bytes, at, end), end);
      if (bytes[at]! !== 44) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      status = reader.numberQty(bytes, at, end, lots, count);
      if (status !== DECODE.OK) return status;
      if (isDelete) lots[count] = 0;
      else if (lots[count]! === 0) return DECODE.QTY_RANGE;
      at = skipSpace(bytes, numberEnd(bytes, at, end), end);
      if (bytes[at]! !== 93) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      if (bytes[at]! === 93) return count + 1;
      at = skipSpace(bytes, at + 1, end);
    }
  }

  /** `direction` is the aggressor's. Block trades, and those of a combination's legs, were not made in this book. */
  private readTrade(bytes: Uint8Array, end: number): number {
    const { message, data, reader } = this;
    let status = reader.id(bytes, data[D_TRADE_SEQ]!, end, N_TRADE_ID);
    if (status === DECODE.OK) status = reader.numberPrice(bytes, data[D_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = reader.numberQty(bytes, data[D_AMOUNT]!, end, message.bidLots, 0);
    if (status !== DECODE.OK) return status;
    const direction = data[D_DIRECTION]!;
    if (direction === 0) return DECODE.MISSING_FIELD;
    const buys = isText(bytes, direction, end, BUY);
    if (!buys && !isText(bytes, direction, end, SELL)) return DECODE.BAD_FIELD;
    const elsewhere =
      isGiven(bytes, data[D_BLOCK]!) ||
      isGiven(bytes, data[D_RFQ]!) ||
      isGiven(bytes, data[D_COMBO]!) ||
      isGiven(bytes, data[D_COMBO_TRADE]!);
    return takeTrade(message, buys ? SIDE.BUY : SIDE.SELL, elsewhere ? 0 : 1);
  }
}

/** True for a key that is there and not null. */
function isGiven(bytes: Uint8Array, at: number): boolean {
  return at !== 0 && bytes[at]! !== 110;
}
