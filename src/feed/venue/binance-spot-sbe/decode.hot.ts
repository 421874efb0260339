import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import type { L2Decoder } from '../../l2/decoder.ts';
import { GridTable } from '../../l2/grid.hot.ts';
import {
  L2Message,
  N_EVENT_MS,
  N_FIRST_ID,
  N_LAST_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
  N_TRANSACT_REST_NS,
} from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import { checkTicker, checkTrade } from '../binance/check.hot.ts';
import type { BinanceDialect } from '../binance/dialect.ts';
import { GeneralDecoder } from '../binance/general.hot.ts';
import { readId, readPrice, readQty, readTime } from './integers.hot.ts';
import {
  BEST,
  DIFF,
  LEVEL_ENTRY,
  LEVELS_DIMENSIONS_BYTES,
  SBE_HEADER_BYTES,
  SBE_SCHEMA_ID,
  SNAPSHOT_ROOT,
  TEMPLATE,
  TRADE_ENTRY,
  TRADES,
  TRADES_DIMENSIONS_BYTES,
} from './layout.ts';

/**
 * Decodes Binance spot SBE stream frames into `message` without allocating; a frame of trades holds a message each. The symbol
 * stands last in a frame and decides the grid, so a first walk over the lengths finds it. JSON frames are read as spot's:
 * control replies, and the REST snapshots that the book begins with.
 */
export class SpotSbeDecoder implements L2Decoder {
  readonly message: L2Message;
  more: number;
  private readonly symbols: SymbolTable;
  private readonly grid: GridTable;
  private readonly json: GeneralDecoder;
  private readonly partial: boolean;
  private bytes: Uint8Array;
  private view: DataView;
  /** Where groups begin, by the walk: first and second. Entries follow their dimensions. */
  private firstGroup: number;
  private secondGroup: number;
  /** Entry of the trade that `next` reads, and the length of one. */
  private trade: number;
  private tradeBytes: number;
  private priceExponent: number;
  private qtyExponent: number;

  constructor(instruments: readonly Instrument[], dialect: BinanceDialect, others = false) {
    this.message = new L2Message();
    this.more = 0;
    this.symbols = new SymbolTable(instruments);
    this.grid = new GridTable(instruments);
    const only = instruments.length === 1 && !others ? 0 : -1;
    this.json = new GeneralDecoder(this.message, this.symbols, this.grid, only, dialect);
    this.partial = dialect.partial;
    this.bytes = new Uint8Array(0);
    this.view = new DataView(this.bytes.buffer);
    this.firstGroup = 0;
    this.secondGroup = 0;
    this.trade = 0;
    this.tradeBytes = 0;
    this.priceExponent = 0;
    this.qtyExponent = 0;
  }

  /** Decodes the first message of `bytes[start, end)`; DECODE. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = MESSAGE.NONE;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    this.more = 0;
    if (end - start > FRAME_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    if (end - start < SBE_HEADER_BYTES) return DECODE.BAD_LENGTH;
    // Frames of one transport lie in one block of memory, so this happens once.
    if (bytes !== this.bytes) this.look(bytes);
    const view = this.view;
    const template = view.getUint16(start + 2, true);
    const known = template >= TEMPLATE.TRADES && template <= TEMPLATE.DEPTH_DIFF;
    // `{`, or `h` of a recorded answer; the ids of templates hold a byte that no JSON text has there.
    if (!known && (bytes[start]! === 123 || bytes[start]! === 104)) return this.json.decode(bytes, start, end);
    if (view.getUint16(start + 4, true) !== SBE_SCHEMA_ID) return DECODE.WRONG_SCHEMA;
    const root = start + SBE_HEADER_BYTES;
    const rootEnd = root + view.getUint16(start, true);
    const later = view.getUint16(start + 6, true) > 0;
    if (template === TEMPLATE.DEPTH_DIFF) return this.diff(root, rootEnd, end, later);
    if (template === TEMPLATE.BEST_BID_ASK) return this.best(root, rootEnd, end, later);
    if (template === TEMPLATE.TRADES) return this.trades(root, rootEnd, end, later);
    return template === TEMPLATE.DEPTH_SNAPSHOT ? this.snapshot(root, rootEnd, end, later) : DECODE.UNKNOWN_KIND;
  }

  /** The next trade of the frame. */
  next(): number {
    this.more--;
    this.trade += this.tradeBytes;
    return this.readTrade();
  }

  private look(bytes: Uint8Array): void {
    this.bytes = bytes;
    // biome-ignore lint/plugin: once a buffer, not once a frame: transports reuse theirs
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the group at `p` ends; below zero when it is longer than the frame or its entries are too short. */
  private skipGroup(p: number, end: number, dimensions: number, entryBytes: number): number {
    if (p + dimensions > end) return DECODE.BAD_LENGTH;
    const length = this.view.getUint16(p, true);
    const count = dimensions === TRADES_DIMENSIONS_BYTES ? this.view.getUint32(p + 2, true) : this.view.getUint16(p + 2, true);
    if (length < entryBytes && count > 0) return DECODE.BAD_LENGTH;
    const after = p + dimensions + length * count;
    return after > end ? DECODE.BAD_LENGTH : after;
  }

  /** The symbol at `p`, the last field; sets the instrument. Only a later version may go on behind it. */
  private symbol(p: number, end: number, later: boolean): number {
    if (p >= end) return DECODE.BAD_LENGTH;
    const close = p + 1 + this.bytes[p]!;
    if (close > end || (close < end && !later)) return DECODE.BAD_LENGTH;
    const id = this.symbols.lookup(this.bytes, p + 1, close, false);
    if (id < 0) return DECODE.UNKNOWN_SYMBOL;
    this.message.instrument = id;
    return DECODE.OK;
  }

  private exponents(price: number, qty: number): void {
    const id = this.message.instrument;
    this.priceExponent = this.view.getInt8(price) + this.grid.priceDecimals[id]!;
    this.qtyExponent = this.view.getInt8(qty) + this.grid.qtyDecimals[id]!;
  }

  private eventTime(p: number): number {
    const numbers = this.message.numbers;
    const status = readTime(this.view, p, numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    return status;
  }

  private diff(root: number, rootEnd: number, end: number, later: boolean): number {
    if (this.partial) return DECODE.UNKNOWN_KIND;
    const message = this.message;
    let status = this.walkSides(rootEnd, end, later, rootEnd - root, DIFF.BYTES);
    if (status !== DECODE.OK) return status;
    message.kind = MESSAGE.DEPTH;
    this.exponents(root + DIFF.PRICE_EXPONENT, root + DIFF.QTY_EXPONENT);
    status = this.eventTime(root + DIFF.EVENT_US);
    if (status === DECODE.OK) status = readId(this.view, root + DIFF.FIRST_ID, message.numbers, N_FIRST_ID);
    if (status === DECODE.OK) status = readId(this.view, root + DIFF.LAST_ID, message.numbers, N_LAST_ID);
    return status === DECODE.OK ? this.sides() : status;
  }

  private snapshot(root: number, rootEnd: number, end: number, later: boolean): number {
    if (!this.partial) return DECODE.UNKNOWN_KIND;
    const message = this.message;
    let status = this.walkSides(rootEnd, end, later, rootEnd - root, SNAPSHOT_ROOT.BYTES);
    if (status !== DECODE.OK) return status;
    message.kind = MESSAGE.SNAPSHOT;
    this.exponents(root + SNAPSHOT_ROOT.PRICE_EXPONENT, root + SNAPSHOT_ROOT.QTY_EXPONENT);
    status = this.eventTime(root + SNAPSHOT_ROOT.EVENT_US);
    if (status === DECODE.OK) status = readId(this.view, root + SNAPSHOT_ROOT.UPDATE_ID, message.numbers, N_LAST_ID);
    return status === DECODE.OK ? this.sides() : status;
  }

  /** Walks bids and asks to the symbol. */
  private walkSides(rootEnd: number, end: number, later: boolean, rootBytes: number, rootBytesMin: number): number {
    if (rootBytes < rootBytesMin || rootEnd > end) return DECODE.BAD_LENGTH;
    this.firstGroup = rootEnd;
    let p = this.skipGroup(rootEnd, end, LEVELS_DIMENSIONS_BYTES, LEVEL_ENTRY.BYTES);
    if (p < 0) return p;
    this.secondGroup = p;
    p = this.skipGroup(p, end, LEVELS_DIMENSIONS_BYTES, LEVEL_ENTRY.BYTES);
    return p < 0 ? p : this.symbol(p, end, later);
  }

  private sides(): number {
    const message = this.message;
    let count = this.levels(this.firstGroup, message.bidTicks, message.bidLots);
    if (count < 0) return count;
    message.bidCount = count;
    count = this.levels(this.secondGroup, message.askTicks, message.askLots);
    if (count < 0) return count;
    message.askCount = count;
    return DECODE.OK;
  }

  /** The levels of the group at `p`; their number or a DECODE status. */
  private levels(p: number, ticks: Int32Array, lots: Float64Array): number {
    const view = this.view;
    const numbers = this.message.numbers;
    const id = this.message.instrument;
    const tickUnits = this.grid.tickUnits[id]!;
    const lotUnits = this.grid.lotUnits[id]!;
    const length = view.getUint16(p, true);
    const count = view.getUint16(p + 2, true);
    if (count > BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
    let at = p + LEVELS_DIMENSIONS_BYTES;
    for (let i = 0; i < count; i++, at += length) {
      let status = readPrice(view, at + LEVEL_ENTRY.PRICE, this.priceExponent, tickUnits, numbers, ticks, i);
      if (status === DECODE.OK && ticks[i]! === PRICE_NONE) status = DECODE.PRICE_RANGE;
      if (status === DECODE.OK) status = readQty(view, at + LEVEL_ENTRY.QTY, this.qtyExponent, lotUnits, numbers, lots, i);
      if (status !== DECODE.OK) return status;
    }
    return count;
  }

  private best(root: number, rootEnd: number, end: number, later: boolean): number {
    const message = this.message;
    const { numbers, bidTicks, bidLots, askTicks, askLots } = message;
    const view = this.view;
    if (rootEnd - root < BEST.BYTES || rootEnd > end) return DECODE.BAD_LENGTH;
    let status = this.symbol(rootEnd, end, later);
    if (status !== DECODE.OK) return status;
    message.kind = MESSAGE.TICKER;
    this.exponents(root + BEST.PRICE_EXPONENT, root + BEST.QTY_EXPONENT);
    const tick = this.grid.tickUnits[message.instrument]!;
    const lot = this.grid.lotUnits[message.instrument]!;
    const { priceExponent, qtyExponent } = this;
    status = this.eventTime(root + BEST.EVENT_US);
    if (status === DECODE.OK) status = readId(view, root + BEST.UPDATE_ID, numbers, N_LAST_ID);
    if (status === DECODE.OK) status = readPrice(view, root + BEST.BID_PRICE, priceExponent, tick, numbers, bidTicks, 0);
    if (status === DECODE.OK) status = readQty(view, root + BEST.BID_QTY, qtyExponent, lot, numbers, bidLots, 0);
    if (status === DECODE.OK) status = readPrice(view, root + BEST.ASK_PRICE, priceExponent, tick, numbers, askTicks, 0);
    if (status === DECODE.OK) status = readQty(view, root + BEST.ASK_QTY, qtyExponent, lot, numbers, askLots, 0);
    if (status !== DECODE.OK) return status;
    message.bidCount = 1;
    message.askCount = 1;
    return checkTicker(message);
  }

  private trades(root: number, rootEnd: number, end: number, later: boolean): number {
    const view = this.view;
    if (rootEnd - root < TRADES.BYTES || rootEnd > end) return DECODE.BAD_LENGTH;
    const p = this.skipGroup(rootEnd, end, TRADES_DIMENSIONS_BYTES, TRADE_ENTRY.BYTES);
    if (p < 0) return p;
    let status = this.symbol(p, end, later);
    if (status !== DECODE.OK) return status;
    this.message.kind = MESSAGE.TRADE;
    this.exponents(root + TRADES.PRICE_EXPONENT, root + TRADES.QTY_EXPONENT);
    status = this.eventTime(root + TRADES.TRANSACT_US);
    if (status !== DECODE.OK) return status;
    const count = view.getUint32(rootEnd + 2, true);
    if (count === 0) return DECODE.UNKNOWN_KIND;
    this.more = count - 1;
    this.tradeBytes = view.getUint16(rootEnd, true);
    this.trade = rootEnd + TRADES_DIMENSIONS_BYTES;
    return this.readTrade();
  }

  /** The trade at `this.trade`, on instrument, exponents and time of its frame. */
  private readTrade(): number {
    const message = this.message;
    const { numbers, bidTicks, bidLots } = message;
    const view = this.view;
    const at = this.trade;
    const id = message.instrument;
    let status = readId(view, at + TRADE_ENTRY.ID, numbers, N_TRADE_ID);
    if (status === DECODE.OK)
      status = readPrice(view, at + TRADE_ENTRY.PRICE, this.priceExponent, this.grid.tickUnits[id]!, numbers, bidTicks, 0);
    if (status === DECODE.OK) status = readQty(view, at + TRADE_ENTRY.QTY, this.qtyExponent, this.grid.lotUnits[id]!, numbers, bidLots, 0);
    if (status !== DECODE.OK) return status;
    const maker = view.getUint8(at + TRADE_ENTRY.IS_BUYER_MAKER);
    if (maker > 1) return DECODE.BAD_FIELD;
    message.tradeSide = maker === 1 ? SIDE.SELL : SIDE.BUY;
    message.tradeIsMarket = 1;
    message.tradeIsAggregate = 0;
    message.tradeTicks = bidTicks[0]!;
    numbers[N_TRADE_LOTS] = bidLots[0]!;
    return checkTrade(message);
  }
}
