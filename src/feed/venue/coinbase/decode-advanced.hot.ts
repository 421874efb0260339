import type { Counters } from '../../../core/counters.ts';
import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import { FEED_COUNTER } from '../../counters.ts';
import { FAR, type FieldReader } from '../../json/field-reader.hot.ts';
import { scanId } from '../../json/fields.hot.ts';
import { isText, KeyTable, noteFields, textEnd } from '../../json/object.hot.ts';
import { skipSpace, skipValue } from '../../json/scan.hot.ts';
import { scanTime } from '../../json/time.hot.ts';
import {
  type L2Message,
  N_EVENT_MS,
  N_LAST_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
  N_TRANSACT_REST_NS,
} from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { TEXT, timeAsId } from './words.hot.ts';

const EVENT_KEYS = new KeyTable(['type', 'product_id', 'updates', 'trades', 'tickers']);
const E_TYPE = 0;
const E_PRODUCT = 1;
const E_UPDATES = 2;
const E_TRADES = 3;
const E_TICKERS = 4;

const ITEM_KEYS = new KeyTable(['side', 'event_time', 'price_level', 'new_quantity', 'trade_id', 'product_id', 'price', 'size', 'time']);
const I_SIDE = 0;
const I_EVENT_TIME = 1;
const I_PRICE_LEVEL = 2;
const I_NEW_QUANTITY = 3;
const I_TRADE_ID = 4;
const I_PRODUCT = 5;
const I_PRICE = 6;
const I_SIZE = 7;
const I_TIME = 8;

/** What `begin` finds a channel to be. */
const CHANNEL = { BOOK: 0, TRADES: 1, TICKER: 2 } as const;
/** Slots of `sent`: the frame's own time. */
const SENT_MS = 0;
const SENT_REST_NS = 1;

/**
 * The Advanced Trade half of the decoder: one frame holds events, a book event is one message, and so is each trade and each
 * ticker. `begin` reads the first message, `next` the others. The update id of a book message is the frame's `timestamp`.
 */
export class AdvancedDecoder {
  /** 1 while the frame holds another message. */
  more: number;
  private readonly counters: Counters;
  private readonly message: L2Message;
  private readonly reader: FieldReader;
  private readonly event: Int32Array;
  private readonly item: Int32Array;
  private readonly sent: Float64Array;
  private readonly sequence: Float64Array;
  private bytes: Uint8Array;
  private end: number;
  private channel: number;
  /** Where the next event begins, and the next trade or ticker of the event at hand; 0: none. */
  private eventAt: number;
  private itemAt: number;
  private isHistory: boolean;

  constructor(message: L2Message, reader: FieldReader, counters: Counters) {
    this.more = 0;
    this.counters = counters;
    this.message = message;
    this.reader = reader;
    this.event = new Int32Array(EVENT_KEYS.size);
    this.item = new Int32Array(ITEM_KEYS.size);
    this.sent = new Float64Array(2);
    // The number of the frame at hand and the one expected; -1 before the first.
    this.sequence = new Float64Array([0, -1]);
    this.bytes = new Uint8Array(0);
    this.end = 0;
    this.channel = CHANNEL.BOOK;
    this.eventAt = 0;
    this.itemAt = 0;
    this.isHistory = false;
  }

  /** Another frame begins. */
  reset(): void {
    this.more = 0;
    this.eventAt = 0;
    this.itemAt = 0;
  }

  /** The positions of the frame's fields, 0 for an absent one; decodes the first message. */
  begin(bytes: Uint8Array, end: number, channel: number, events: number, timestamp: number, sequence: number): number {
    let close = textEnd(bytes, channel, end);
    if (close < 0) return close;
    const count = this.countSequence(bytes, end, sequence);
    if (count !== DECODE.OK) return count;
    const isBook = isText(bytes, channel, end, TEXT.L2_DATA);
    const isTrades = isText(bytes, channel, end, TEXT.MARKET_TRADES);
    const isTicker = isText(bytes, channel, end, TEXT.TICKER) || isText(bytes, channel, end, TEXT.TICKER_BATCH);
    if (!isBook && !isTrades && !isTicker) return DECODE.UNKNOWN_KIND;
    this.channel = isBook ? CHANNEL.BOOK : isTrades ? CHANNEL.TRADES : CHANNEL.TICKER;
    this.message.kind = isBook ? MESSAGE.DEPTH : isTrades ? MESSAGE.TRADE : MESSAGE.TICKER;
    if (timestamp === 0 || events === 0) return DECODE.MISSING_FIELD;
    close = textEnd(bytes, timestamp, end);
    if (close < 0) return close;
    const status = scanTime(bytes, timestamp + 1, close, this.sent, SENT_MS, SENT_REST_NS);
    if (status < 0) return status;
    if (bytes[events]! !== 91) return DECODE.BAD_FIELD;
    this.bytes = bytes;
    this.end = end;
    const first = skipSpace(bytes, events + 1, end);
    if (bytes[first]! === 93) return DECODE.UNKNOWN_KIND;
    this.eventAt = first;
    return this.next();
  }

  /** Decodes the message after the one at hand. */
  next(): number {
    const message = this.message;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    message.farCount = 0;
    while (this.itemAt === 0) {
      if (this.eventAt === 0) {
        this.more = 0;
        return DECODE.UNKNOWN_KIND;
      }
      const status = this.openEvent();
      if (this.channel === CHANNEL.BOOK || status !== DECODE.OK) {
        this.more = this.eventAt === 0 ? 0 : 1;
        return status;
      }
    }
    const status = this.readItem();
    this.more = this.itemAt === 0 && this.eventAt === 0 ? 0 : 1;
    return status;
  }

  /** Whether numbers of one connection must follow each other is not documented: a break is counted and no more. */
  private countSequence(bytes: Uint8Array, end: number, at: number): number {
    const numbers = this.sequence;
    if (at === 0) return DECODE.MISSING_FIELD;
    const p = scanId(bytes, at, end, numbers, 0);
    if (p < 0) return p;
    // A new connection begins at 0.
    if (numbers[1]! >= 0 && numbers[0]! !== numbers[1]! && numbers[0]! !== 0) {
      this.counters.increment(FEED_COUNTER.SEQUENCE_BREAKS);
    }
    numbers[1] = numbers[0]! + 1;
    return DECODE.OK;
  }

  /** Reads the event at `eventAt` and moves on to the next; of a channel of items only what is common to them. */
  private openEvent(): number {
    const bytes = this.bytes;
    const end = this.end;
    const at = this.eventAt;
    const after = skipSpace(bytes, skipValue(bytes, at, end, 1), end);
    this.eventAt = bytes[after]! === 44 ? skipSpace(bytes, after + 1, end) : 0;
    if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
    const event = this.event;
    const p = noteFields(bytes, at, end, 1, EVENT_KEYS, event);
    if (p < 0) return p;
    if (event[E_TYPE]! === 0) return DECODE.MISSING_FIELD;
    const isSnapshot = isText(bytes, event[E_TYPE]!, end, TEXT.SNAPSHOT);
    if (!isSnapshot && !isText(bytes, event[E_TYPE]!, end, TEXT.UPDATE)) return DECODE.BAD_FIELD;
    if (this.channel === CHANNEL.BOOK) return this.readBook(isSnapshot);
    this.isHistory = isSnapshot;
    const items = this.channel === CHANNEL.TRADES ? event[E_TRADES]! : event[E_TICKERS]!;
    if (items === 0) return DECODE.MISSING_FIELD;
    if (bytes[items]! !== 91) return DECODE.BAD_FIELD;
    const first = skipSpace(bytes, items + 1, end);
    this.itemAt = bytes[first]! === 93 ? 0 : first;
    return DECODE.OK;
  }

  private readBook(isSnapshot: boolean): number {
    const bytes = this.bytes;
    const end = this.end;
    const message = this.message;
    const numbers = message.numbers;
    message.kind = isSnapshot ? MESSAGE.SNAPSHOT : MESSAGE.DEPTH;
    const status = this.reader.symbol(bytes, this.event[E_PRODUCT]!, end);
    if (status !== DECODE.OK) return status;
    this.useSentTime();
    timeAsId(numbers);
    const updates = this.event[E_UPDATES]!;
    if (updates === 0) return DECODE.MISSING_FIELD;
    if (bytes[updates]! !== 91) return DECODE.BAD_FIELD;
    let at = skipSpace(bytes, updates + 1, end);
    while (bytes[at]! !== 93) {
      const p = this.readUpdate(at);
      if (p < 0) return p;
      at = skipSpace(bytes, p, end);
      if (bytes[at]! === 44) at = skipSpace(bytes, at + 1, end);
    }
    return DECODE.OK;
  }

  /** One changed level, its size absolute; the position after it or a DECODE status. */
  private readUpdate(p: number): number {
    const bytes = this.bytes;
    const end = this.end;
    const message = this.message;
    const item = this.item;
    if (bytes[p]! !== 123) return DECODE.BAD_FIELD;
    const after = noteFields(bytes, p, end, 2, ITEM_KEYS, item);
    if (after < 0) return after;
    if (item[I_SIDE]! === 0) return DECODE.MISSING_FIELD;
    const isBid = isText(bytes, item[I_SIDE]!, end, TEXT.BID);
    if (!isBid && !isText(bytes, item[I_SIDE]!, end, TEXT.OFFER)) return DECODE.BAD_FIELD;
    const count = isBid ? message.bidCount : message.askCount;
    if (count >= BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
    const ticks = isBid ? message.bidTicks : message.askTicks;
    const price = item[I_PRICE_LEVEL]!;
    const reader = this.reader;
    let status = isBid ? reader.bidPrice(bytes, price, end, ticks, count) : reader.askPrice(bytes, price, end, ticks, count);
    const isFar = status === FAR;
    if (isFar) status = DECODE.OK;
    if (status === DECODE.OK) status = reader.qty(bytes, item[I_NEW_QUANTITY]!, end, isBid ? message.bidLots : message.askLots, count);
    if (status === DECODE.OK) status = this.readTime(item[I_EVENT_TIME]!);
    if (status !== DECODE.OK) return status;
    if (isFar) message.farCount = message.farCount + 1;
    else if (isBid) message.bidCount = count + 1;
    else message.askCount = count + 1;
    return after;
  }

  /** Reads the trade or ticker at `itemAt` and moves on to the next. */
  private readItem(): number {
    const bytes = this.bytes;
    const end = this.end;
    const message = this.message;
    const at = this.itemAt;
    const after = skipSpace(bytes, skipValue(bytes, at, end, 3), end);
    this.itemAt = bytes[after]! === 44 ? skipSpace(bytes, after + 1, end) : 0;
    if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
    const item = this.item;
    const p = noteFields(bytes, at, end, 3, ITEM_KEYS, item);
    if (p < 0) return p;
    const status = this.reader.symbol(bytes, item[I_PRODUCT]!, end);
    if (status !== DECODE.OK) return status;
    this.useSentTime();
    message.numbers[N_LAST_ID] = 0;
    return this.channel === CHANNEL.TICKER ? DECODE.OK : this.readTrade();
  }

  /** `side` is that of the maker, and `trade_id` a number in a text. Trades of a snapshot happened before: they are no news. */
  private readTrade(): number {
    const bytes = this.bytes;
    const end = this.end;
    const message = this.message;
    const item = this.item;
    if (item[I_TRADE_ID]! === 0 || item[I_SIDE]! === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, item[I_TRADE_ID]!, end);
    if (close < 0) return close;
    const id = scanId(bytes, item[I_TRADE_ID]! + 1, close, message.numbers, N_TRADE_ID);
    if (id < 0) return id;
    if (id !== close) return DECODE.BAD_FIELD;
    let status = this.reader.price(bytes, item[I_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = this.reader.qty(bytes, item[I_SIZE]!, end, message.bidLots, 0);
    if (status === DECODE.OK) status = this.readTime(item[I_TIME]!);
    if (status !== DECODE.OK) return status;
    const makerBuys = isText(bytes, item[I_SIDE]!, end, TEXT.BUYER);
    if (!makerBuys && !isText(bytes, item[I_SIDE]!, end, TEXT.SELLER)) return DECODE.BAD_FIELD;
    if (message.bidTicks[0]! === PRICE_NONE) return DECODE.PRICE_RANGE;
    if (message.bidLots[0]! === 0) return DECODE.QTY_RANGE;
    message.tradeTicks = message.bidTicks[0]!;
    message.numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    message.tradeSide = makerBuys ? SIDE.SELL : SIDE.BUY;
    message.tradeIsMarket = this.isHistory ? 0 : 1;
    return DECODE.OK;
  }

  private useSentTime(): void {
    const numbers = this.message.numbers;
    numbers[N_EVENT_MS] = this.sent[SENT_MS]!;
    numbers[N_TRANSACT_MS] = this.sent[SENT_MS]!;
    numbers[N_TRANSACT_REST_NS] = this.sent[SENT_REST_NS]!;
  }

  /** The venue's own time of an update or trade; that of the last update of an event stands. */
  private readTime(at: number): number {
    const bytes = this.bytes;
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, at, this.end);
    if (close < 0) return close;
    return scanTime(bytes, at + 1, close, this.message.numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
  }
}
