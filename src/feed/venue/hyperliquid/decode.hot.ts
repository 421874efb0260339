import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { SIDE } from '../../../core/records/market.ts';
import { ListDecoder } from '../../json/list-decoder.hot.ts';
import { isText, KeyTable, noteFields, noteFrame, textEnd } from '../../json/object.hot.ts';
import { skipSpace, skipValue } from '../../json/scan.hot.ts';
import { takeTrade } from '../../l2/check.hot.ts';
import { N_EVENT_MS, N_LAST_ID, N_TRADE_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { HyperliquidKnownOrder } from './known-order.hot.ts';

/** Keys of a frame, of a book and of a trade; a REST answer is a book without a frame around it. */
const KEYS = new KeyTable(['channel', 'data', 'coin', 'time', 'levels', 'side', 'px', 'sz', 'tid']);
const F_CHANNEL = 0;
const F_DATA = 1;
const F_COIN = 2;
const F_TIME = 3;
const F_LEVELS = 4;
const F_SIDE = 5;
const F_PRICE = 6;
const F_SIZE = 7;
const F_TRADE_ID = 8;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const L2_BOOK = bytesOf('l2Book');
const TRADES = bytesOf('trades');
const BBO = bytesOf('bbo');
const BUY = bytesOf('B');
const SELL = bytesOf('A');

/**
 * Decodes Hyperliquid's channels l2Book, trades and bbo. A book is always whole; its update id is its block time in ms. A frame
 * of trades holds one message a trade.
 */
export class HyperliquidDecoder extends ListDecoder {
  private readonly known: HyperliquidKnownOrder;
  private readonly frame: Int32Array;
  private readonly data: Int32Array;
  private readonly level: Int32Array;

  constructor(instruments: readonly Instrument[]) {
    super(instruments);
    this.known = new HyperliquidKnownOrder(this.message, this.symbols, this.grid);
    this.frame = new Int32Array(KEYS.size);
    this.data = new Int32Array(KEYS.size);
    this.level = new Int32Array(KEYS.size);
  }

  protected takesShortCut(bytes: Uint8Array, start: number, end: number): boolean {
    return this.known.decode(bytes, start, end) === DECODE.OK;
  }

  protected decodeFrame(bytes: Uint8Array, start: number, end: number): number {
    const { message, frame } = this;
    const status = noteFrame(bytes, start, end, KEYS, frame);
    if (status !== DECODE.OK) return status;
    const channel = frame[F_CHANNEL]!;
    if (channel === 0) {
      if (frame[F_LEVELS]! === 0) return DECODE.UNKNOWN_KIND;
      message.kind = MESSAGE.SNAPSHOT;
      return this.readBook(bytes, end, frame);
    }
    const close = textEnd(bytes, channel, end);
    if (close < 0) return close;
    const isBook = isText(bytes, channel, end, L2_BOOK);
    const isTrades = isText(bytes, channel, end, TRADES);
    if (!isBook && !isTrades && !isText(bytes, channel, end, BBO)) return DECODE.UNKNOWN_KIND;
    message.kind = isBook ? MESSAGE.SNAPSHOT : isTrades ? MESSAGE.TRADE : MESSAGE.TICKER;
    const data = frame[F_DATA]!;
    if (data === 0) return DECODE.MISSING_FIELD;
    if (isTrades) return this.openList(bytes, data, end);
    if (bytes[data]! !== 123) return DECODE.BAD_FIELD;
    const p = noteFields(bytes, data, end, 1, KEYS, this.data);
    if (p < 0) return p;
    return isBook ? this.readBook(bytes, end, this.data) : this.readHead(bytes, end, this.data);
  }

  /** The trade at `cursor`. */
  protected element(bytes: Uint8Array, end: number): number {
    const at = this.advance(bytes, end);
    this.message.kind = MESSAGE.TRADE;
    if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
    const p = noteFields(bytes, at, end, 2, KEYS, this.data);
    if (p < 0) return p;
    const status = this.readHead(bytes, end, this.data);
    return status === DECODE.OK ? this.readTrade(bytes, end) : status;
  }

  /** Coin and time. A message without book has no place among the book's: its update id is 0. */
  private readHead(bytes: Uint8Array, end: number, at: Int32Array): number {
    const numbers = this.message.numbers;
    let status = this.reader.symbol(bytes, at[F_COIN]!, end);
    if (status === DECODE.OK) status = this.reader.id(bytes, at[F_TIME]!, end, N_TRANSACT_MS);
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    numbers[N_LAST_ID] = 0;
    return status;
  }

  /** `levels` holds bids and asks. */
  private readBook(bytes: Uint8Array, end: number, at: Int32Array): number {
    const message = this.message;
    const numbers = message.numbers;
    const status = this.readHead(bytes, end, at);
    if (status !== DECODE.OK) return status;
    numbers[N_LAST_ID] = numbers[N_TRANSACT_MS]!;
    const levels = at[F_LEVELS]!;
    if (levels === 0) return DECODE.MISSING_FIELD;
    if (bytes[levels]! !== 91) return DECODE.BAD_FIELD;
    const bids = skipSpace(bytes, levels + 1, end);
    if (bytes[bids]! !== 91) return DECODE.BAD_FIELD;
    let count = this.readSide(bytes, bids, end, message.bidTicks, message.bidLots);
    if (count < 0) return count;
    message.bidCount = count;
    let p = skipSpace(bytes, skipValue(bytes, bids, end, 2), end);
    if (bytes[p]! !== 44) return DECODE.BAD_FIELD;
    const asks = skipSpace(bytes, p + 1, end);
    if (bytes[asks]! !== 91) return DECODE.BAD_FIELD;
    count = this.readSide(bytes, asks, end, message.askTicks, message.askLots);
    if (count < 0) return count;
    message.askCount = count;
    p = skipSpace(bytes, skipValue(bytes, asks, end, 2), end);
    return bytes[p]! === 93 ? DECODE.OK : DECODE.BAD_FIELD;
  }

  /** `[{"px":"1.5","sz":"2","n":3}, ...]`; the number of levels or a DECODE status. */
  private readSide(bytes: Uint8Array, p: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    const level = this.level;
    const reader = this.reader;
    let at = skipSpace(bytes, p + 1, end);
    if (bytes[at]! === 93) return 0;
    for (let count = 0; ; count++) {
      if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
      if (count >= BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
      const after = noteFields(bytes, at, end, 4, KEYS, level);
      if (after < 0) return after;
      let status = reader.bidPrice(bytes, level[F_PRICE]!, end, ticks, count);
      if (status === DECODE.OK) status = reader.qty(bytes, level[F_SIZE]!, end, lots, count);
      if (status !== DECODE.OK) return status;
      if (lots[count]! === 0) return DECODE.QTY_RANGE;
      at = skipSpace(bytes, after, end);
      if (bytes[at]! === 93) return count + 1;
      at = skipSpace(bytes, at + 1, end);
    }
  }

  /** `side` is the aggressor's: B buys, A sells. */
  private readTrade(bytes: Uint8Array, end: number): number {
    const { message, data, reader } = this;
    let status = reader.id(bytes, data[F_TRADE_ID]!, end, N_TRADE_ID);
    if (status === DECODE.OK) status = reader.price(bytes, data[F_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = reader.qty(bytes, data[F_SIZE]!, end, message.bidLots, 0);
    if (status !== DECODE.OK) return status;
    const side = data[F_SIDE]!;
    if (side === 0) return DECODE.MISSING_FIELD;
    const buys = isText(bytes, side, end, BUY);
    if (!buys && !isText(bytes, side, end, SELL)) return DECODE.BAD_FIELD;
    return takeTrade(message, buys ? SIDE.BUY : SIDE.SELL, 1);
  }
}
