import type { Instrument } from '../../../core/instrument.ts';
import { SIDE } from '../../../core/records/market.ts';
import { firstElement, nextElement } from '../../json/array.hot.ts';
import { clearTop, ListDecoder } from '../../json/list-decoder.hot.ts';
import { isText, KeyTable, noteFields, noteFrame, textEnd } from '../../json/object.hot.ts';
import { skipSpace, skipValue } from '../../json/scan.hot.ts';
import { scanSignedId, scanTextId } from '../../json/text-id.hot.ts';
import { checkTicker, takeTrade } from '../../l2/check.hot.ts';
import { N_CHECKSUM, N_EVENT_MS, N_FIRST_ID, N_LAST_ID, N_PREVIOUS_ID, N_TRADE_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { OkxKnownOrder } from './known-order.hot.ts';
import type { OkxBooks } from './modes.ts';

/** Channel that `okxSnapshotFrame` gives to the answer of a REST request; OKX has none of this name. */
export const OKX_REST_CHANNEL = 'rest-books';

const O_ARG = 0;
const O_ACTION = 1;
const O_DATA = 2;
const O_CHANNEL = 3;
const O_INSTRUMENT = 4;
const OUTER = new KeyTable(['arg', 'action', 'data', 'channel', 'instId']);

const F_BIDS = 0;
const F_ASKS = 1;
const F_TIME = 2;
const F_SEQUENCE = 3;
const F_PREVIOUS = 4;
const F_CHECKSUM = 5;
const F_PRICE = 6;
const F_SIZE = 7;
const F_SIDE = 8;
const F_TRADE_ID = 9;
const F_BID_PRICE = 10;
const F_BID_SIZE = 11;
const F_ASK_PRICE = 12;
const F_ASK_SIZE = 13;
const FIELDS = new KeyTable([
  'bids',
  'asks',
  'ts',
  'seqId',
  'prevSeqId',
  'checksum',
  'px',
  'sz',
  'side',
  'tradeId',
  'bidPx',
  'bidSz',
  'askPx',
  'askSz',
]);

const REST_HEAD = new TextEncoder().encode(`{"arg":{"channel":"${OKX_REST_CHANNEL}"`);
const CHANNEL_BOOKS = ['books', 'books-l2-tbt', 'books50-l2-tbt'].map((name) => new TextEncoder().encode(name));
const CHANNEL_BOOKS5 = new TextEncoder().encode('books5');
const CHANNEL_BBO = new TextEncoder().encode('bbo-tbt');
const CHANNEL_REST = new TextEncoder().encode(OKX_REST_CHANNEL);
const CHANNEL_TICKERS = new TextEncoder().encode('tickers');
const CHANNEL_TRADES = ['trades', 'trades-all'].map((name) => new TextEncoder().encode(name));
const SNAPSHOT = new TextEncoder().encode('snapshot');
const UPDATE = new TextEncoder().encode('update');
const BUY = new TextEncoder().encode('buy');
const SELL = new TextEncoder().encode('sell');
const PONG = new TextEncoder().encode('pong');

/** What a channel carries for a feed of the chosen books. */
const CARRIES = { NOTHING: 0, CHANGES: 1, WHOLE_BOOKS: 2, REST: 3, TICKERS: 4, TOPS: 5, TRADES: 6 } as const;

/**
 * Decodes OKX's frames (API v5, public channels) without allocating. A frame that cannot be read, not even its instrument, may
 * have been a change of any book: it is refused as a DEPTH message of no instrument.
 */
export class OkxDecoder extends ListDecoder {
  private readonly books: OkxBooks;
  private readonly known: OkxKnownOrder;
  private readonly outer: Int32Array;
  private readonly argument: Int32Array;
  private readonly at: Int32Array;
  /** CARRIES and instrument of the frame. */
  private carries: number;
  private instrument: number;

  constructor(instruments: readonly Instrument[], books: OkxBooks) {
    super(instruments);
    this.books = books;
    this.known = new OkxKnownOrder(this.message, this.symbols, this.grid);
    this.outer = new Int32Array(OUTER.size);
    this.argument = new Int32Array(OUTER.size);
    this.at = new Int32Array(FIELDS.size);
    this.carries = CARRIES.NOTHING;
    this.instrument = -1;
  }

  /** The short cut knows the channel `books`, which is not that of every choice of books. */
  protected takesShortCut(bytes: Uint8Array, start: number, end: number): boolean {
    return this.books === 'books' && this.known.decode(bytes, start, end) === DECODE.OK;
  }

  protected decodeFrame(bytes: Uint8Array, start: number, end: number): number {
    const { message, outer } = this;
    // The answer to a request costs no book, whatever it holds.
    if (standsAt(bytes, start, end, REST_HEAD)) message.kind = MESSAGE.SNAPSHOT;
    const p = skipSpace(bytes, start, end);
    // "pong" answers our "ping"; "http..." is the recorded answer to a request.
    if (p < end && (bytes[p]! === 104 || (standsAt(bytes, p, end, PONG) && skipSpace(bytes, p + PONG.length, end) === end))) {
      return DECODE.UNKNOWN_KIND;
    }
    const status = noteFrame(bytes, start, end, OUTER, outer);
    if (status !== DECODE.OK) return status;
    if (outer[O_ARG]! === 0 || outer[O_DATA]! === 0) return DECODE.UNKNOWN_KIND;
    if (bytes[outer[O_ARG]!]! !== 123) return DECODE.BAD_FIELD;
    return this.readArgument(bytes, end);
  }

  /** Whatever cannot be read may have been a change of any book. */
  protected override begin(): void {
    const message = this.message;
    const numbers = message.numbers;
    super.begin();
    message.kind = MESSAGE.DEPTH;
    message.hasChecksum = 0;
    message.beginsAnew = 0;
    numbers[N_FIRST_ID] = 0;
    numbers[N_LAST_ID] = 0;
    numbers[N_PREVIOUS_ID] = 0;
    numbers[N_TRADE_ID] = 0;
  }

  private readArgument(bytes: Uint8Array, end: number): number {
    const { argument, message } = this;
    const after = noteFields(bytes, this.outer[O_ARG]!, end, 1, OUTER, argument);
    if (after < 0) return after;
    const channel = argument[O_CHANNEL]!;
    if (channel === 0) return DECODE.MISSING_FIELD;
    if (textEnd(bytes, channel, end) < 0) return DECODE.BAD_FIELD;
    const carries = this.carriesOf(bytes, channel, end);
    if (carries === CARRIES.NOTHING) return DECODE.UNKNOWN_KIND;
    this.carries = carries;
    this.kindOf(carries);
    const status = this.reader.symbol(bytes, argument[O_INSTRUMENT]!, end);
    if (status !== DECODE.OK) return status;
    this.instrument = message.instrument;
    let data = this.outer[O_DATA]!;
    if (carries === CARRIES.REST) {
      if (bytes[data]! !== 123) return DECODE.BAD_FIELD;
      const closed = noteFields(bytes, data, end, 1, OUTER, this.outer);
      if (closed < 0) return closed;
      data = this.outer[O_DATA]!;
      if (data === 0) return DECODE.MISSING_FIELD;
    }
    this.cursor = firstElement(bytes, data, end);
    if (this.cursor === 0) return DECODE.BAD_FIELD;
    if (carries > CARRIES.REST) return this.element(bytes, end);
    // A message of a book holds one element, and the books stand on it: a sync buffer keeps frames.
    const element = this.cursor;
    this.cursor = 0;
    if (nextElement(bytes, skipValue(bytes, element, end, 0), end) !== 0) return DECODE.BAD_FIELD;
    return this.book(bytes, element, end);
  }

  private carriesOf(bytes: Uint8Array, channel: number, end: number): number {
    const books = this.books;
    for (let i = 0; i < CHANNEL_BOOKS.length; i++) {
      if (isText(bytes, channel, end, CHANNEL_BOOKS[i]!))
        return books === 'books' || books === 'books-rest' ? CARRIES.CHANGES : CARRIES.NOTHING;
    }
    if (isText(bytes, channel, end, CHANNEL_TICKERS)) return CARRIES.TICKERS;
    for (let i = 0; i < CHANNEL_TRADES.length; i++) if (isText(bytes, channel, end, CHANNEL_TRADES[i]!)) return CARRIES.TRADES;
    if (isText(bytes, channel, end, CHANNEL_BBO)) return books === 'bbo-tbt' ? CARRIES.WHOLE_BOOKS : CARRIES.TOPS;
    if (isText(bytes, channel, end, CHANNEL_BOOKS5)) return books === 'books5' ? CARRIES.WHOLE_BOOKS : CARRIES.NOTHING;
    return isText(bytes, channel, end, CHANNEL_REST) && books === 'books-rest' ? CARRIES.REST : CARRIES.NOTHING;
  }

  private kindOf(carries: number): void {
    const message = this.message;
    if (carries === CARRIES.TRADES) message.kind = MESSAGE.TRADE;
    else if (carries === CARRIES.TICKERS || carries === CARRIES.TOPS) message.kind = MESSAGE.TICKER;
    else message.kind = carries === CARRIES.CHANGES ? MESSAGE.DEPTH : MESSAGE.SNAPSHOT;
  }

  /** The ticker or trade at `cursor`. */
  protected element(bytes: Uint8Array, end: number): number {
    const element = this.advance(bytes, end);
    this.message.instrument = this.instrument;
    this.kindOf(this.carries);
    const status = this.fields(bytes, element, end);
    if (status !== DECODE.OK) return status;
    if (this.carries === CARRIES.TRADES) return this.trade(bytes, end);
    return this.carries === CARRIES.TICKERS ? this.ticker(bytes, end) : this.top(bytes, end);
  }

  /** Notes the fields of an element and reads its time. */
  private fields(bytes: Uint8Array, p: number, end: number): number {
    const numbers = this.message.numbers;
    if (bytes[p]! !== 123) return DECODE.BAD_FIELD;
    const after = noteFields(bytes, p, end, 2, FIELDS, this.at);
    if (after < 0) return after;
    const status = scanTextId(bytes, this.at[F_TIME]!, end, numbers, N_TRANSACT_MS);
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    return status;
  }

  private book(bytes: Uint8Array, p: number, end: number): number {
    const { message, outer, at } = this;
    const isChanges = this.carries === CARRIES.CHANGES;
    if (isChanges) {
      const action = outer[O_ACTION]!;
      if (action === 0) return DECODE.MISSING_FIELD;
      if (isText(bytes, action, end, SNAPSHOT)) {
        // The procedure by REST says to ignore it, and that it is to disappear.
        if (this.books === 'books-rest') return DECODE.UNKNOWN_KIND;
        message.kind = MESSAGE.SNAPSHOT;
      } else if (!isText(bytes, action, end, UPDATE)) return DECODE.BAD_FIELD;
    }
    let status = this.fields(bytes, p, end);
    if (status === DECODE.OK) status = this.sides(bytes, at[F_BIDS]!, at[F_ASKS]!, end, this.carries !== CARRIES.WHOLE_BOOKS);
    if (status === DECODE.OK) status = this.sequence(bytes, end);
    if (status !== DECODE.OK || at[F_CHECKSUM]! === 0) return this.hasIntegrity(status);
    status = scanSignedId(bytes, at[F_CHECKSUM]!, end, message.numbers, N_CHECKSUM);
    message.hasChecksum = message.numbers[N_CHECKSUM]! === 0 ? 0 : 1;
    return this.hasIntegrity(status);
  }

  /** Something must show when a message of a book is missing: its number, or its checksum. */
  private hasIntegrity(status: number): number {
    const message = this.message;
    if (status !== DECODE.OK || this.carries === CARRIES.WHOLE_BOOKS) return status;
    return this.at[F_SEQUENCE]! === 0 && (message.hasChecksum === 0 || this.books === 'books-rest') ? DECODE.MISSING_FIELD : DECODE.OK;
  }

  /** `seqId` and `prevSeqId`, which messages from before 2022 have not: then both are 0. */
  private sequence(bytes: Uint8Array, end: number): number {
    const { message, at } = this;
    const numbers = message.numbers;
    if (at[F_SEQUENCE]! === 0) return DECODE.OK;
    const status = this.reader.id(bytes, at[F_SEQUENCE]!, end, N_LAST_ID);
    if (status !== DECODE.OK || message.kind !== MESSAGE.DEPTH) return status;
    const linked = scanSignedId(bytes, at[F_PREVIOUS]!, end, numbers, N_PREVIOUS_ID);
    if (linked !== DECODE.OK) return linked;
    message.beginsAnew = numbers[N_LAST_ID]! < numbers[N_PREVIOUS_ID]! ? 1 : 0;
    return DECODE.OK;
  }

  private trade(bytes: Uint8Array, end: number): number {
    const { message, at, reader } = this;
    let status = reader.price(bytes, at[F_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = reader.qty(bytes, at[F_SIZE]!, end, message.bidLots, 0);
    if (status === DECODE.OK) status = scanTextId(bytes, at[F_TRADE_ID]!, end, message.numbers, N_TRADE_ID);
    if (status !== DECODE.OK) return status;
    const side = at[F_SIDE]!;
    if (side === 0) return DECODE.MISSING_FIELD;
    const buys = isText(bytes, side, end, BUY);
    if (!buys && !isText(bytes, side, end, SELL)) return DECODE.BAD_FIELD;
    return takeTrade(message, buys ? SIDE.BUY : SIDE.SELL, 1);
  }

  private ticker(bytes: Uint8Array, end: number): number {
    const { message, at } = this;
    let status = this.tickerSide(bytes, at[F_BID_PRICE]!, at[F_BID_SIZE]!, end, message.bidTicks, message.bidLots);
    if (status === DECODE.OK) status = this.tickerSide(bytes, at[F_ASK_PRICE]!, at[F_ASK_SIZE]!, end, message.askTicks, message.askLots);
    return status === DECODE.OK ? checkTicker(message) : status;
  }

  /** An empty side is two empty strings. */
  private tickerSide(bytes: Uint8Array, price: number, size: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    if (price === 0 || size === 0) return DECODE.MISSING_FIELD;
    if (isEmpty(bytes, price) && isEmpty(bytes, size)) {
      clearTop(ticks, lots);
      return DECODE.OK;
    }
    const status = this.reader.price(bytes, price, end, ticks, 0);
    return status === DECODE.OK ? this.reader.qty(bytes, size, end, lots, 0) : status;
  }

  /** `bbo-tbt` beside a deeper book: its levels, one a side or none, as a ticker. */
  private top(bytes: Uint8Array, end: number): number {
    const status = this.sides(bytes, this.at[F_BIDS]!, this.at[F_ASKS]!, end, false);
    return status === DECODE.OK ? this.topOfBook() : status;
  }
}

/** True when the value at `at` is `""`. */
function isEmpty(bytes: Uint8Array, at: number): boolean {
  return bytes[at]! === 34 && bytes[at + 1]! === 34;
}

function standsAt(bytes: Uint8Array, p: number, end: number, text: Uint8Array): boolean {
  if (p + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[p + i]! !== text[i]!) return false;
  return true;
}
