import type { Counters } from '../../../core/counters.ts';
import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import { FAR, FieldReader } from '../../json/field-reader.hot.ts';
import { isText, KeyTable, noteFrame, textEnd } from '../../json/object.hot.ts';
import { isRestAnswer } from '../../json/rest-answer.hot.ts';
import { skipSpace, skipString, skipValue } from '../../json/scan.hot.ts';
import { scanTime } from '../../json/time.hot.ts';
import type { L2Decoder } from '../../l2/decoder.ts';
import { GridTable } from '../../l2/grid.hot.ts';
import { L2Message, N_EVENT_MS, N_LAST_ID, N_TRADE_ID, N_TRADE_LOTS, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import { AdvancedDecoder } from './decode-advanced.hot.ts';
import { CoinbaseKnownOrder } from './known-order.hot.ts';
import { TradeIds } from './trade-ids.hot.ts';
import { TEXT, timeAsId } from './words.hot.ts';

const KEYS = new KeyTable([
  'type',
  'product_id',
  'time',
  'changes',
  'bids',
  'asks',
  'trade_id',
  'price',
  'size',
  'side',
  'channel',
  'events',
  'timestamp',
  'sequence_num',
  'last_trade_id',
]);
const F_TYPE = 0;
const F_PRODUCT = 1;
const F_TIME = 2;
const F_CHANGES = 3;
const F_BIDS = 4;
const F_ASKS = 5;
const F_TRADE_ID = 6;
const F_PRICE = 7;
const F_SIZE = 8;
const F_SIDE = 9;
const F_CHANNEL = 10;
const F_EVENTS = 11;
const F_TIMESTAMP = 12;
const F_SEQUENCE = 13;
const F_LAST_TRADE_ID = 14;

/**
 * Decodes frames of the Coinbase Exchange channels level2, level2_batch, ticker and matches, and of Coinbase Advanced Trade,
 * told apart by their shape: only Advanced Trade names a channel. Keys may come in any order. level2 numbers nothing, so a
 * frame is taken for a change of any book until its type is known: one that cannot be read costs the books it may concern.
 *
 * The update id of a message is the venue's time in microseconds: it is what orders book events of one product.
 */
export class CoinbaseDecoder implements L2Decoder {
  readonly message: L2Message;
  private readonly reader: FieldReader;
  private readonly known: CoinbaseKnownOrder;
  private readonly advanced: AdvancedDecoder;
  private readonly tradeIds: TradeIds;
  private readonly at: Int32Array;

  constructor(instruments: readonly Instrument[], counters: Counters) {
    this.message = new L2Message();
    const symbols = new SymbolTable(instruments);
    const grid = new GridTable(instruments);
    this.reader = new FieldReader(this.message, symbols, grid);
    this.known = new CoinbaseKnownOrder(this.message, symbols, grid);
    this.advanced = new AdvancedDecoder(this.message, this.reader, counters);
    this.tradeIds = new TradeIds(instruments.length, counters);
    this.at = new Int32Array(KEYS.size);
  }

  /** 1 while an Advanced Trade frame holds another message. */
  get more(): number {
    return this.advanced.more;
  }

  next(): number {
    return this.advanced.next();
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    this.begin();
    if (this.known.decode(bytes, start, end) === DECODE.OK) return DECODE.OK;
    return this.decodeAnyOrder(bytes, start, end);
  }

  private begin(): void {
    const message = this.message;
    message.kind = MESSAGE.DEPTH;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    message.farCount = 0;
    this.advanced.reset();
  }

  /** The general path alone; `decode` without its short cut. */
  decodeAnyOrder(bytes: Uint8Array, start: number, end: number): number {
    const at = this.at;
    this.begin();
    if (end - start > FRAME_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    if (isRestAnswer(bytes, start, end)) return DECODE.UNKNOWN_KIND;
    const status = noteFrame(bytes, start, end, KEYS, at);
    if (status !== DECODE.OK) return status;
    if (at[F_CHANNEL]! !== 0) {
      return this.advanced.begin(bytes, end, at[F_CHANNEL]!, at[F_EVENTS]!, at[F_TIMESTAMP]!, at[F_SEQUENCE]!);
    }
    return this.read(bytes, end);
  }

  private read(bytes: Uint8Array, end: number): number {
    const message = this.message;
    const at = this.at;
    const type = at[F_TYPE]!;
    if (type === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, type, end);
    if (close < 0) return close;
    const isUpdate = isText(bytes, type, end, TEXT.L2UPDATE);
    const isSnapshot = isText(bytes, type, end, TEXT.SNAPSHOT);
    const isTicker = isText(bytes, type, end, TEXT.TICKER);
    const isMatch = isText(bytes, type, end, TEXT.MATCH);
    const isLastMatch = isText(bytes, type, end, TEXT.LAST_MATCH);
    if (isText(bytes, type, end, TEXT.HEARTBEAT)) return this.readHeartbeat(bytes, end);
    if (!isUpdate && !isSnapshot && !isTicker && !isMatch && !isLastMatch) return DECODE.UNKNOWN_KIND;
    message.kind = isUpdate ? MESSAGE.DEPTH : isSnapshot ? MESSAGE.SNAPSHOT : isTicker ? MESSAGE.TICKER : MESSAGE.TRADE;
    let status = this.reader.symbol(bytes, at[F_PRODUCT]!, end);
    if (status !== DECODE.OK) return status;
    status = this.readTime(bytes, end, isSnapshot);
    if (status !== DECODE.OK) return status;
    if (isUpdate) return this.readChanges(bytes, at[F_CHANGES]!, end);
    if (isSnapshot) return this.readSnapshot(bytes, end);
    return isTicker ? this.readTicker() : this.readMatch(bytes, end, isMatch);
  }

  /** `optional`: snapshots of the Exchange carry no time. */
  private readTime(bytes: Uint8Array, end: number, optional: boolean): number {
    const numbers = this.message.numbers;
    const time = this.at[F_TIME]!;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    numbers[N_LAST_ID] = 0;
    if (time === 0) {
      numbers[N_EVENT_MS] = 0;
      return optional ? DECODE.OK : DECODE.MISSING_FIELD;
    }
    const close = textEnd(bytes, time, end);
    if (close < 0) return close;
    const status = scanTime(bytes, time + 1, close, numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    if (status === 0) timeAsId(numbers);
    return status;
  }

  private readSnapshot(bytes: Uint8Array, end: number): number {
    const message = this.message;
    let count = this.reader.levels(bytes, this.at[F_BIDS]!, end, message.bidTicks, message.bidLots, false);
    if (count < 0) return count;
    message.bidCount = count;
    count = this.reader.levels(bytes, this.at[F_ASKS]!, end, message.askTicks, message.askLots, true);
    if (count < 0) return count;
    message.askCount = count;
    return DECODE.OK;
  }

  /** `[["buy","price","size"], ...]`: sizes are absolute, "0" removes; changes of one side stay in their order. */
  private readChanges(bytes: Uint8Array, p: number, end: number): number {
    if (p === 0) return DECODE.MISSING_FIELD;
    if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
    const message = this.message;
    const reader = this.reader;
    let at = skipSpace(bytes, p + 1, end);
    if (bytes[at]! === 93) return DECODE.OK;
    for (;;) {
      if (bytes[at]! !== 91) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      const isBuy = isText(bytes, at, end, TEXT.BUY);
      if (!isBuy && !isText(bytes, at, end, TEXT.SELL)) return DECODE.BAD_FIELD;
      const ticks = isBuy ? message.bidTicks : message.askTicks;
      const count = isBuy ? message.bidCount : message.askCount;
      if (count >= BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      if (bytes[at]! !== 44) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      let status = isBuy ? reader.bidPrice(bytes, at, end, ticks, count) : reader.askPrice(bytes, at, end, ticks, count);
      const isFar = status === FAR;
      if (status !== DECODE.OK && !isFar) return status;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      if (bytes[at]! !== 44) return DECODE.BAD_FIELD;
      at = skipSpace(bytes, at + 1, end);
      status = reader.qty(bytes, at, end, isBuy ? message.bidLots : message.askLots, count);
      if (status !== DECODE.OK) return status;
      if (isFar) message.farCount = message.farCount + 1;
      else if (isBuy) message.bidCount = count + 1;
      else message.askCount = count + 1;
      at = skipSpace(bytes, skipString(bytes, at, end), end);
      while (bytes[at]! === 44) at = skipSpace(bytes, skipValue(bytes, skipSpace(bytes, at + 1, end), end, 0), end);
      at = skipSpace(bytes, at + 1, end);
      if (bytes[at]! === 93) return DECODE.OK;
      at = skipSpace(bytes, at + 1, end);
    }
  }

  /** The best prices of a ticker are those at its match, without a place among the changes that share its microsecond. */
  private readTicker(): number {
    this.message.numbers[N_LAST_ID] = 0;
    return DECODE.OK;
  }

  /** `side` is that of the maker. The last match from before the subscription is told again on subscribing: it is no news. */
  private readMatch(bytes: Uint8Array, end: number, isNew: boolean): number {
    const message = this.message;
    const at = this.at;
    const reader = this.reader;
    let status = reader.id(bytes, at[F_TRADE_ID]!, end, N_TRADE_ID);
    if (status === DECODE.OK) status = reader.price(bytes, at[F_PRICE]!, end, message.bidTicks, 0);
    if (status === DECODE.OK) status = reader.qty(bytes, at[F_SIZE]!, end, message.bidLots, 0);
    if (status !== DECODE.OK) return status;
    if (at[F_SIDE]! === 0) return DECODE.MISSING_FIELD;
    const makerBuys = isText(bytes, at[F_SIDE]!, end, TEXT.BUY);
    if (!makerBuys && !isText(bytes, at[F_SIDE]!, end, TEXT.SELL)) return DECODE.BAD_FIELD;
    if (message.bidTicks[0]! === PRICE_NONE) return DECODE.PRICE_RANGE;
    if (message.bidLots[0]! === 0) return DECODE.QTY_RANGE;
    message.tradeTicks = message.bidTicks[0]!;
    message.numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    message.tradeSide = makerBuys ? SIDE.SELL : SIDE.BUY;
    message.tradeIsMarket = isNew ? 1 : 0;
    this.tradeIds.onTrade(message.instrument, message.numbers, N_TRADE_ID, message.tradeIsMarket);
    return DECODE.OK;
  }

  /** Checked, and nothing for the books. */
  private readHeartbeat(bytes: Uint8Array, end: number): number {
    const message = this.message;
    message.kind = MESSAGE.NONE;
    let status = this.reader.symbol(bytes, this.at[F_PRODUCT]!, end);
    if (status === DECODE.OK) status = this.reader.id(bytes, this.at[F_LAST_TRADE_ID]!, end, N_TRADE_ID);
    if (status !== DECODE.OK) return status;
    this.tradeIds.onHeartbeat(message.instrument, message.numbers, N_TRADE_ID);
    return DECODE.UNKNOWN_KIND;
  }
}
