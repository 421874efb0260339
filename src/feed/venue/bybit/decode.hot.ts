import type { Instrument } from '../../../core/instrument.ts';
import { SIDE } from '../../../core/records/market.ts';
import { firstElement } from '../../json/array.hot.ts';
import { ListDecoder } from '../../json/list-decoder.hot.ts';
import { isText, KeyTable, noteFields, noteFrame, textEnd } from '../../json/object.hot.ts';
import { skipSpace } from '../../json/scan.hot.ts';
import { scanTextId } from '../../json/text-id.hot.ts';
import { takeTrade } from '../../l2/check.hot.ts';
import { N_EVENT_MS, N_FIRST_ID, N_LAST_ID, N_TRADE_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { BybitBooks } from './books.hot.ts';
import { BybitKnownOrder } from './known-order.hot.ts';
import { N_CROSS_SEQUENCE } from './rule.hot.ts';

const O_TOPIC = 0;
const O_TYPE = 1;
const O_TIME = 2;
const O_MATCHING_TIME = 3;
const O_DATA = 4;
const OUTER = new KeyTable(['topic', 'type', 'ts', 'cts', 'data']);

const F_SYMBOL = 0;
const F_BIDS = 1;
const F_ASKS = 2;
const F_ID = 3;
const F_SEQUENCE = 4;
const F_TIME = 5;
const F_SIDE = 6;
const F_SIZE = 7;
const F_PRICE = 8;
const F_TRADE_ID = 9;
const F_BLOCK = 10;
const FIELDS = new KeyTable(['s', 'b', 'a', 'u', 'seq', 'T', 'S', 'v', 'p', 'i', 'BT']);

const TOPIC_BOOK = new TextEncoder().encode('"orderbook.');
const TOPIC_TRADE = new TextEncoder().encode('"publicTrade.');
const SNAPSHOT = new TextEncoder().encode('snapshot');
const DELTA = new TextEncoder().encode('delta');
const BUY = new TextEncoder().encode('Buy');
const SELL = new TextEncoder().encode('Sell');
const DEPTH_DIGITS_MAX = 5;

/**
 * Decodes Bybit's frames (API v5, public topics `orderbook.DEPTH.SYMBOL` and `publicTrade.SYMBOL`) without allocating. A frame that
 * cannot be read, not even its symbol, may have been a change of any book: it is refused as a DEPTH message of no instrument.
 */
export class BybitDecoder extends ListDecoder {
  readonly books: BybitBooks;
  private readonly known: BybitKnownOrder;
  private readonly outer: Int32Array;
  private readonly at: Int32Array;

  /** `depth`: levels a side of the books wanted, 0 for the deepest that comes. */
  constructor(instruments: readonly Instrument[], depth = 0) {
    super(instruments);
    this.books = new BybitBooks(instruments, depth);
    this.known = new BybitKnownOrder(this.message, this.symbols, this.grid, this.books);
    this.outer = new Int32Array(OUTER.size);
    this.at = new Int32Array(FIELDS.size);
  }

  protected takesShortCut(bytes: Uint8Array, start: number, end: number): boolean {
    return this.known.decode(bytes, start, end) === DECODE.OK;
  }

  protected decodeFrame(bytes: Uint8Array, start: number, end: number): number {
    const { message, outer } = this;
    // "http...": the recorded answer to a request.
    const p = skipSpace(bytes, start, end);
    if (p < end && bytes[p]! === 104) return DECODE.UNKNOWN_KIND;
    const status = noteFrame(bytes, start, end, OUTER, outer);
    if (status !== DECODE.OK) return status;
    const topic = outer[O_TOPIC]!;
    if (topic === 0) return DECODE.UNKNOWN_KIND;
    if (textEnd(bytes, topic, end) < 0) return DECODE.BAD_FIELD;
    if (standsAt(bytes, topic, TOPIC_TRADE)) {
      message.kind = MESSAGE.TRADE;
      this.cursor = outer[O_DATA]! === 0 ? 0 : firstElement(bytes, outer[O_DATA]!, end);
      return this.cursor === 0 ? DECODE.BAD_FIELD : this.element(bytes, end);
    }
    if (!standsAt(bytes, topic, TOPIC_BOOK)) return DECODE.UNKNOWN_KIND;
    const depth = smallInt(bytes, topic + TOPIC_BOOK.length);
    // "orderbook.rpi...." is another kind of book.
    return depth <= 0 ? DECODE.UNKNOWN_KIND : this.book(bytes, topic, end, depth);
  }

  /** Whatever cannot be read may have been a change of any book. */
  protected override begin(): void {
    const message = this.message;
    const numbers = message.numbers;
    super.begin();
    message.kind = MESSAGE.DEPTH;
    numbers[N_FIRST_ID] = 0;
    numbers[N_LAST_ID] = 0;
    numbers[N_CROSS_SEQUENCE] = 0;
    numbers[N_TRADE_ID] = 0;
  }

  private book(bytes: Uint8Array, topic: number, end: number, depth: number): number {
    const { message, outer, at, reader } = this;
    const data = outer[O_DATA]!;
    if (data === 0 || bytes[data]! !== 123) return DECODE.BAD_FIELD;
    const after = noteFields(bytes, data, end, 1, FIELDS, at);
    if (after < 0) return after;
    let status = reader.symbol(bytes, at[F_SYMBOL]!, end);
    if (status !== DECODE.OK) return status;
    const type = outer[O_TYPE]!;
    const isSnapshot = type !== 0 && isText(bytes, type, end, SNAPSHOT);
    if (!isSnapshot && (type === 0 || !isText(bytes, type, end, DELTA))) return DECODE.BAD_FIELD;
    if (!namesSymbol(bytes, topic, at[F_SYMBOL]!)) return DECODE.BAD_FIELD;
    if (this.books.takes(message.instrument, depth, isSnapshot)) message.kind = isSnapshot ? MESSAGE.SNAPSHOT : MESSAGE.DEPTH;
    else if (isSnapshot && depth === 1) message.kind = MESSAGE.TICKER;
    else return DECODE.UNKNOWN_KIND;
    status = this.times(bytes, end);
    if (status === DECODE.OK) status = this.sides(bytes, at[F_BIDS]!, at[F_ASKS]!, end, depth > 1);
    if (status !== DECODE.OK) return status;
    // A book of one level beside a deeper one. Its `u` counts for itself.
    if (message.kind === MESSAGE.TICKER) return this.topOfBook();
    status = reader.id(bytes, at[F_ID]!, end, N_LAST_ID);
    if (status === DECODE.OK && at[F_SEQUENCE]! !== 0) status = reader.id(bytes, at[F_SEQUENCE]!, end, N_CROSS_SEQUENCE);
    return status;
  }

  /** `cts` is the matching engine's time, `ts` that of the message; both as number or as string. */
  private times(bytes: Uint8Array, end: number): number {
    const outer = this.outer;
    const numbers = this.message.numbers;
    const status = scanTextId(bytes, outer[O_TIME]!, end, numbers, N_EVENT_MS);
    if (status !== DECODE.OK) return status;
    numbers[N_TRANSACT_MS] = numbers[N_EVENT_MS]!;
    return outer[O_MATCHING_TIME]! === 0 ? DECODE.OK : scanTextId(bytes, outer[O_MATCHING_TIME]!, end, numbers, N_TRANSACT_MS);
  }

  /** The trade at `cursor`. */
  protected element(bytes: Uint8Array, end: number): number {
    const { message, at, reader } = this;
    const numbers = message.numbers;
    const element = this.advance(bytes, end);
    message.kind = MESSAGE.TRADE;
    if (bytes[element]! !== 123) return DECODE.BAD_FIELD;
    const after = noteFields(bytes, element, end, 2, FIELDS, at);
    if (after < 0) return after;
    let status = reader.symbol(bytes, at[F_SYMBOL]!, end);
    if (status === DECODE.OK) status = scanTextId(bytes, at[F_TIME]!, end, numbers, N_TRANSACT_MS);
    if (status === DECODE.OK) status = reader.price(bytes, at[F_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = reader.qty(bytes, at[F_SIZE]!, end, message.bidLots, 0);
    if (status !== DECODE.OK) return status;
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    // Most ids are UUIDs, those of spot have up to 19 digits: then the trade has none.
    if (scanTextId(bytes, at[F_TRADE_ID]!, end, numbers, N_TRADE_ID) !== DECODE.OK) numbers[N_TRADE_ID] = 0;
    const side = at[F_SIDE]!;
    if (side === 0) return DECODE.MISSING_FIELD;
    const buys = isText(bytes, side, end, BUY);
    if (!buys && !isText(bytes, side, end, SELL)) return DECODE.BAD_FIELD;
    // Block trades are agreed off the book. 116: true.
    const isBlock = at[F_BLOCK]! !== 0 && bytes[at[F_BLOCK]!]! === 116;
    return takeTrade(message, buys ? SIDE.BUY : SIDE.SELL, isBlock ? 0 : 1);
  }
}

function standsAt(bytes: Uint8Array, p: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[p + i]! !== text[i]!) return false;
  return true;
}

/** Up to five digits that a point ends; -1 for anything else. */
function smallInt(bytes: Uint8Array, p: number): number {
  let value = 0;
  for (let at = p; at <= p + DEPTH_DIGITS_MAX; at++) {
    const byte = bytes[at]!;
    if (byte === 46) return at === p ? -1 : value;
    if (byte < 48 || byte > 57) return -1;
    value = value * 10 + byte - 48;
  }
  return -1;
}

/** True when the topic at `topic` ends with the symbol of the string at `symbol`. */
function namesSymbol(bytes: Uint8Array, topic: number, symbol: number): boolean {
  let from = topic + TOPIC_BOOK.length;
  while (bytes[from]! !== 46) from++;
  for (let i = 1; ; i++) {
    if (bytes[from + i]! !== bytes[symbol + i]!) return false;
    if (bytes[symbol + i]! === 34) return true;
  }
}
