import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { SIDE } from '../../../core/records/market.ts';
import { firstElement, nextElement } from '../../json/array.hot.ts';
import { FAR, type FieldReader } from '../../json/field-reader.hot.ts';
import { isText, jsonStatus, KeyTable, noteFields, textEnd } from '../../json/object.hot.ts';
import { skipSpace, skipString, skipValue } from '../../json/scan.hot.ts';
import { scanSeconds } from '../../json/seconds.hot.ts';
import { scanTextId } from '../../json/text-id.hot.ts';
import { checkTicker, takeTrade } from '../../l2/check.hot.ts';
import { type L2Message, N_CHECKSUM, N_LAST_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { KrakenBooks } from './books.hot.ts';

/** `[channelID, payload..., channelName, pair]`: places that are remembered; Kraken sends at most two payloads. */
const ITEMS_MAX = 16;
/** Levels a side of a change: what cutting the book adds to it must still fit the message. */
const CHANGES_MAX = BOOK_LEVELS_MAX / 2;

const K_A = 0;
const K_B = 1;
const K_C = 2;
const K_AS = 3;
const K_BS = 4;
const KEYS = new KeyTable(['a', 'b', 'c', 'as', 'bs']);
const CHANNEL_BOOK = new TextEncoder().encode('book-');
const CHANNEL_TICKER = new TextEncoder().encode('ticker');
const CHANNEL_TRADE = new TextEncoder().encode('trade');
const SIDE_BUY = new TextEncoder().encode('b');
const SIDE_SELL = new TextEncoder().encode('s');

/** Kraken's first websocket API: arrays, decimals as text padded to the pair's precision, times in seconds. */
export class KrakenV1 {
  /** Where the next trade of the frame begins, 0 when there is none. */
  cursor: number;
  /** Whose trades the frame holds. */
  instrument: number;
  private readonly message: L2Message;
  private readonly reader: FieldReader;
  private readonly books: KrakenBooks;
  private readonly items: Int32Array;
  private readonly at: Int32Array;
  private readonly time: Float64Array;
  /** 1 when the message holds a level sent again (`"r"`), which keeps its old time: then its times say nothing of its place. */
  private republished: number;

  constructor(message: L2Message, reader: FieldReader, books: KrakenBooks) {
    this.cursor = 0;
    this.instrument = -1;
    this.message = message;
    this.reader = reader;
    this.books = books;
    this.items = new Int32Array(ITEMS_MAX);
    this.at = new Int32Array(KEYS.size);
    this.time = new Float64Array(2);
    this.republished = 0;
  }

  /** The frame whose array begins at `p`; DECODE. */
  decode(bytes: Uint8Array, p: number, end: number): number {
    this.cursor = 0;
    let count = 0;
    let at = skipSpace(bytes, p + 1, end);
    if (at < end && bytes[at]! === 93) return skipSpace(bytes, at + 1, end) === end ? DECODE.UNKNOWN_KIND : DECODE.BAD_JSON;
    for (;;) {
      if (count < ITEMS_MAX) this.items[count] = at;
      count++;
      at = skipValue(bytes, at, end, 1);
      if (at < 0) return jsonStatus(at);
      at = skipSpace(bytes, at, end);
      if (at >= end) return DECODE.BAD_JSON;
      if (bytes[at]! === 93) break;
      if (bytes[at]! !== 44) return DECODE.BAD_JSON;
      at = skipSpace(bytes, at + 1, end);
    }
    if (skipSpace(bytes, at + 1, end) !== end) return DECODE.BAD_JSON;
    if (count < 4 || count > ITEMS_MAX) return DECODE.BAD_FIELD;
    return this.read(bytes, end, count);
  }

  private read(bytes: Uint8Array, end: number, count: number): number {
    const message = this.message;
    const items = this.items;
    const channel = items[count - 2]!;
    if (textEnd(bytes, channel, end) < 0) return DECODE.BAD_FIELD;
    const isTicker = isText(bytes, channel, end, CHANNEL_TICKER);
    const isTrade = isText(bytes, channel, end, CHANNEL_TRADE);
    if (!isTicker && !isTrade && !beginsWith(bytes, channel + 1, CHANNEL_BOOK)) return DECODE.UNKNOWN_KIND;
    if (isTicker) message.kind = MESSAGE.TICKER;
    else if (isTrade) message.kind = MESSAGE.TRADE;
    const status = this.reader.symbol(bytes, items[count - 1]!, end);
    if (status !== DECODE.OK) return status;
    if (!isTicker && !isTrade) return this.book(bytes, end, count, channel + 1 + CHANNEL_BOOK.length);
    if (count !== 4) return DECODE.BAD_FIELD;
    if (isTicker) return this.ticker(bytes, items[1]!, end);
    this.instrument = message.instrument;
    this.cursor = firstElement(bytes, items[1]!, end);
    return this.cursor === 0 ? DECODE.BAD_FIELD : this.nextTrade(bytes, end);
  }

  /** `name`: the depth in the channel's name. */
  private book(bytes: Uint8Array, end: number, count: number, name: number): number {
    const message = this.message;
    const numbers = message.numbers;
    const depth = smallInt(bytes, name);
    if (depth <= 0) return DECODE.BAD_FIELD;
    const known = this.books.depth[message.instrument]!;
    const first = this.payload(bytes, this.items[1]!, end);
    if (first !== DECODE.OK) return first;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    this.republished = 0;
    if (this.at[K_AS]! !== 0 || this.at[K_BS]! !== 0) {
      if (this.books.only !== 0 && this.books.only !== depth) return DECODE.UNKNOWN_KIND;
      message.kind = MESSAGE.SNAPSHOT;
      return count === 4 ? this.snapshot(bytes, end, depth) : DECODE.BAD_FIELD;
    }
    // A change of a book of another depth, to which the pair is subscribed as well.
    if (known !== 0 && known !== depth) return DECODE.UNKNOWN_KIND;
    for (let i = 1; i < count - 2; i++) {
      const status = this.change(bytes, this.items[i]!, end);
      if (status !== DECODE.OK) return status;
    }
    if (message.hasChecksum === 0) return DECODE.MISSING_FIELD;
    if (this.republished === 0) numbers[N_LAST_ID] = numbers[N_TRANSACT_MS]! * 1000 + Math.floor(numbers[N_TRANSACT_REST_NS]! / 1000);
    return DECODE.OK;
  }

  private payload(bytes: Uint8Array, p: number, end: number): number {
    if (bytes[p]! !== 123) return DECODE.BAD_FIELD;
    const after = noteFields(bytes, p, end, 1, KEYS, this.at);
    return after < 0 ? after : DECODE.OK;
  }

  private snapshot(bytes: Uint8Array, end: number, depth: number): number {
    const message = this.message;
    const { books, at } = this;
    const id = message.instrument;
    if (at[K_AS]! === 0 || at[K_BS]! === 0) return DECODE.MISSING_FIELD;
    if (at[K_A]! !== 0 || at[K_B]! !== 0) return DECODE.BAD_FIELD;
    let count = this.levels(bytes, at[K_AS]!, end, 0, message.askTicks, message.askLots, BOOK_LEVELS_MAX, true);
    if (count < 0) return count;
    message.askCount = count;
    count = this.levels(bytes, at[K_BS]!, end, 0, message.bidTicks, message.bidLots, BOOK_LEVELS_MAX, false);
    if (count < 0) return count;
    message.bidCount = count;
    books.depth[id] = depth;
    const numbers = message.numbers;
    numbers[N_LAST_ID] = numbers[N_TRANSACT_MS]! * 1000 + Math.floor(numbers[N_TRANSACT_REST_NS]! / 1000);
    const level = firstElement(bytes, message.bidCount > 0 ? at[K_BS]! : at[K_AS]!, end);
    if (level !== 0) this.noteDecimals(bytes, firstElement(bytes, level, end), end);
    return DECODE.OK;
  }

  /** Every number of a pair has the same decimals, and the checksum is computed over all of them. `p`: a level's price. */
  private noteDecimals(bytes: Uint8Array, p: number, end: number): void {
    const close = textEnd(bytes, p, end);
    const qty = nextElement(bytes, close + 1, end);
    this.books.priceDecimals[this.message.instrument] = decimalsIn(bytes, p + 1, close);
    this.books.qtyDecimals[this.message.instrument] = decimalsIn(bytes, qty + 1, textEnd(bytes, qty, end));
  }

  /** One of the objects of a change; those of one message are applied together and checked at the end. */
  private change(bytes: Uint8Array, p: number, end: number): number {
    const message = this.message;
    const at = this.at;
    const status = this.payload(bytes, p, end);
    if (status !== DECODE.OK) return status;
    if (at[K_AS]! !== 0 || at[K_BS]! !== 0) return DECODE.BAD_FIELD;
    if (at[K_A]! === 0 && at[K_B]! === 0) return DECODE.MISSING_FIELD;
    if (at[K_A]! !== 0) {
      const count = this.levels(bytes, at[K_A]!, end, message.askCount, message.askTicks, message.askLots, CHANGES_MAX, true);
      if (count < 0) return count;
      message.askCount = count;
    }
    if (at[K_B]! !== 0) {
      const count = this.levels(bytes, at[K_B]!, end, message.bidCount, message.bidTicks, message.bidLots, CHANGES_MAX, false);
      if (count < 0) return count;
      message.bidCount = count;
    }
    if (at[K_C]! === 0) return DECODE.OK;
    if (message.hasChecksum === 1) return DECODE.DUPLICATE_FIELD;
    message.hasChecksum = 1;
    return scanTextId(bytes, at[K_C]!, end, message.numbers, N_CHECKSUM);
  }

  /**
   * `[["price","qty","time", ...], ...]` after `from` levels read before; the number of levels or a DECODE status. Asks beyond
   * the grid are left out: they are the worst of their side, so that cutting it to its depth gives the same without them.
   */
  private levels(
    bytes: Uint8Array,
    p: number,
    end: number,
    from: number,
    ticks: Int32Array,
    lots: Float64Array,
    most: number,
    asks: boolean,
  ): number {
    const { reader, message } = this;
    if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
    let count = from;
    let at = firstElement(bytes, p, end);
    while (at !== 0) {
      if (count >= most) return DECODE.TOO_MANY_LEVELS;
      let field = firstElement(bytes, at, end);
      if (field === 0) return DECODE.BAD_FIELD;
      let status = asks ? reader.askPrice(bytes, field, end, ticks, count) : reader.bidPrice(bytes, field, end, ticks, count);
      const isFar = status === FAR;
      if (status !== DECODE.OK && !isFar) return status;
      field = nextElement(bytes, skipString(bytes, field, end), end);
      if (field === 0) return DECODE.BAD_FIELD;
      status = reader.qty(bytes, field, end, lots, count);
      if (status !== DECODE.OK) return status;
      field = nextElement(bytes, skipString(bytes, field, end), end);
      if (field === 0) return DECODE.BAD_FIELD;
      status = this.latestTime(bytes, field, end);
      if (status !== DECODE.OK) return status;
      let after = skipString(bytes, field, end);
      for (let more = nextElement(bytes, after, end); more !== 0; more = nextElement(bytes, after, end)) {
        this.republished = 1;
        after = skipValue(bytes, more, end, 0);
      }
      if (isFar) message.farCount = message.farCount + 1;
      else count++;
      at = nextElement(bytes, skipSpace(bytes, after, end) + 1, end);
    }
    return count;
  }

  /** The message's time is that of its newest level. */
  private latestTime(bytes: Uint8Array, p: number, end: number): number {
    const time = this.time;
    const numbers = this.message.numbers;
    const close = textEnd(bytes, p, end);
    if (close < 0) return close;
    const status = scanSeconds(bytes, p + 1, close, time, 0, 1);
    if (status !== DECODE.OK) return status;
    const ms = numbers[N_TRANSACT_MS]!;
    if (time[0]! < ms || (time[0]! === ms && time[1]! <= numbers[N_TRANSACT_REST_NS]!)) return DECODE.OK;
    numbers[N_TRANSACT_MS] = time[0]!;
    numbers[N_TRANSACT_REST_NS] = time[1]!;
    return DECODE.OK;
  }

  /** `{"a":[price, whole lots, lots], "b":[...], ...}`. */
  private ticker(bytes: Uint8Array, p: number, end: number): number {
    const message = this.message;
    const at = this.at;
    let status = this.payload(bytes, p, end);
    if (status !== DECODE.OK) return status;
    message.numbers[N_TRANSACT_MS] = 0;
    message.numbers[N_TRANSACT_REST_NS] = 0;
    status = this.tickerSide(bytes, at[K_B]!, end, message.bidTicks, message.bidLots);
    if (status === DECODE.OK) status = this.tickerSide(bytes, at[K_A]!, end, message.askTicks, message.askLots);
    return status === DECODE.OK ? checkTicker(message) : status;
  }

  private tickerSide(bytes: Uint8Array, p: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    if (p === 0) return DECODE.MISSING_FIELD;
    const price = firstElement(bytes, p, end);
    const whole = price === 0 ? 0 : nextElement(bytes, skipValue(bytes, price, end, 0), end);
    const qty = whole === 0 ? 0 : nextElement(bytes, skipValue(bytes, whole, end, 0), end);
    if (qty === 0) return DECODE.BAD_FIELD;
    const status = this.reader.price(bytes, price, end, ticks, 0);
    return status === DECODE.OK ? this.reader.qty(bytes, qty, end, lots, 0) : status;
  }

  /** The trade at `cursor`, `["price","qty","time","b" or "s",order type,misc]`. */
  nextTrade(bytes: Uint8Array, end: number): number {
    const message = this.message;
    const trade = this.cursor;
    this.cursor = nextElement(bytes, skipValue(bytes, trade, end, 0), end);
    const price = firstElement(bytes, trade, end);
    const qty = price === 0 ? 0 : nextElement(bytes, skipValue(bytes, price, end, 0), end);
    const time = qty === 0 ? 0 : nextElement(bytes, skipValue(bytes, qty, end, 0), end);
    const side = time === 0 ? 0 : nextElement(bytes, skipValue(bytes, time, end, 0), end);
    if (side === 0) return DECODE.BAD_FIELD;
    let status = this.reader.price(bytes, price, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = this.reader.qty(bytes, qty, end, message.bidLots, 0);
    if (status !== DECODE.OK) return status;
    const close = textEnd(bytes, time, end);
    if (close < 0) return close;
    status = scanSeconds(bytes, time + 1, close, message.numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
    if (status !== DECODE.OK) return status;
    const buys = isText(bytes, side, end, SIDE_BUY);
    if (!buys && !isText(bytes, side, end, SIDE_SELL)) return DECODE.BAD_FIELD;
    return takeTrade(message, buys ? SIDE.BUY : SIDE.SELL, 1);
  }
}

function beginsWith(bytes: Uint8Array, p: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[p + i]! !== text[i]!) return false;
  return true;
}

/** Up to five digits that a quote ends; -1 for anything else. */
function smallInt(bytes: Uint8Array, p: number): number {
  let value = 0;
  for (let at = p; at < p + 6; at++) {
    const byte = bytes[at]!;
    if (byte === 34) return at === p ? -1 : value;
    if (byte < 48 || byte > 57) return -1;
    value = value * 10 + byte - 48;
  }
  return -1;
}

function decimalsIn(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at]! === 46) return end - at - 1;
  return 0;
}
