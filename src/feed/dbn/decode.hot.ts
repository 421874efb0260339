import type { Instrument } from '../../core/instrument.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import type { RecordDecoder } from '../recorded/decoder.ts';
import {
  ACTION,
  N_EVENT_S,
  N_LOTS,
  N_SEQUENCE,
  RECORD_MESSAGE,
  RECORD_SIDE,
  RecordMessage,
  SIDE_NONE,
  TIME,
} from '../recorded/message.hot.ts';
import { RECORD } from '../recorded/status.ts';
import { IdTable } from './id-table.hot.ts';
import {
  DBN_FLAG,
  DBN_HEADER_BYTES,
  DBN_INSTRUMENT_AT,
  DBN_LEVELS_MAX,
  DBN_TS_EVENT_AT,
  DBN_TS_OUT_BYTES,
  DBN_TYPE_AT,
  LEVEL_AT,
  LEVEL_BYTES,
  LEVELS_AT,
  MBO_AT,
  RTYPE,
  TRADE_AT,
} from './layout.ts';
import { PRICE_TOO_LARGE, PRICE_UNDEFINED, priceTicks, readI32, readTime } from './words.hot.ts';

const MBO_BYTES = 56;
const TRADE_BYTES = 48;
const PUBLISHER_AT = 2;
/** Changes of price levels in a stream of orders: no book of orders can take them. */
const NOT_ORDER_FLAGS = DBN_FLAG.TOB | DBN_FLAG.MBP;
/** DBN prices have nine decimals. */
const DBN_PRICE_DECIMALS = 9;

/** Reads records of orders, trades and price levels into `message`; other types are named and left alone. */
export class DbnDecoder implements RecordDecoder {
  readonly message: RecordMessage;
  private readonly ids: IdTable;
  /** Tick size of each instrument in 1e-9, lot size in whole units. */
  private readonly tickNanos: Float64Array;
  private readonly lotUnits: Float64Array;
  /** Price read last. */
  private ticks: number;

  constructor(instruments: readonly Instrument[]) {
    this.message = new RecordMessage(DBN_LEVELS_MAX);
    this.ticks = 0;
    this.ids = new IdTable(instruments);
    this.tickNanos = new Float64Array(instruments.map((one) => one.tickUnits * 10 ** (DBN_PRICE_DECIMALS - one.priceDecimals)));
    this.lotUnits = new Float64Array(instruments.map((one) => one.lotUnits));
  }

  /** The record in `bytes[start, end)`; RECORD. Of a refused one the message still names the instrument. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = RECORD_MESSAGE.NONE;
    message.instrument = -1;
    message.flags = 0;
    message.action = ACTION.NONE;
    message.bidCount = 0;
    message.askCount = 0;
    const size = end - start;
    if (size < DBN_HEADER_BYTES || bytes[start]! * 4 !== size) return RECORD.BAD_LENGTH;
    const type = bytes[start + DBN_TYPE_AT]!;
    const levels = levelsOf(type);
    if (type !== RTYPE.MBO && levels < 0) return RECORD.UNKNOWN_KIND;
    const publisher = bytes[start + PUBLISHER_AT]! | (bytes[start + PUBLISHER_AT + 1]! << 8);
    const instrument = this.ids.lookup(publisher, readI32(bytes, start + DBN_INSTRUMENT_AT));
    if (instrument < 0) return RECORD.UNKNOWN_SYMBOL;
    message.instrument = instrument;
    message.kind = type === RTYPE.MBO ? RECORD_MESSAGE.ORDER : levels === 0 ? RECORD_MESSAGE.TRADE : RECORD_MESSAGE.LEVELS;
    const needed = type === RTYPE.MBO ? MBO_BYTES : TRADE_BYTES + levels * LEVEL_BYTES;
    if (size !== needed && size !== needed + DBN_TS_OUT_BYTES) return RECORD.BAD_LENGTH;
    message.time = readTime(bytes, start + DBN_TS_EVENT_AT, message.numbers, N_EVENT_S) ? TIME.OWN : TIME.NONE;
    if (type === RTYPE.MBO) return this.readOrder(bytes, start);
    return this.readLevels(bytes, start, type, levels);
  }

  private readOrder(bytes: Uint8Array, start: number): number {
    const message = this.message;
    const action = bytes[start + MBO_AT.ACTION]!;
    message.action = action;
    message.flags = bytes[start + MBO_AT.FLAGS]!;
    message.orderLow = readI32(bytes, start + MBO_AT.ORDER);
    message.orderHigh = readI32(bytes, start + MBO_AT.ORDER + 4);
    message.numbers[N_SEQUENCE] = readI32(bytes, start + MBO_AT.SEQUENCE) >>> 0;
    message.priceTicks = PRICE_NONE;
    const side = this.readSide(bytes[start + MBO_AT.SIDE]!);
    if (side < 0) return side;
    switch (action) {
      case ACTION.ADD:
        if (message.side === SIDE_NONE) return RECORD.BAD_SIDE;
        if ((message.flags & DBN_FLAG.MBP) !== 0) return RECORD.NOT_AN_ORDER;
        if ((message.flags & DBN_FLAG.TOB) !== 0) return this.readTop(bytes, start);
        break;
      case ACTION.MODIFY:
        if (message.side === SIDE_NONE) return RECORD.BAD_SIDE;
        if ((message.flags & NOT_ORDER_FLAGS) !== 0) return RECORD.NOT_AN_ORDER;
        break;
      case ACTION.TRADE:
        break;
      case ACTION.CANCEL:
        if ((message.flags & NOT_ORDER_FLAGS) !== 0) return RECORD.NOT_AN_ORDER;
        return this.readLots(bytes, start + MBO_AT.SIZE);
      case ACTION.FILL:
      case ACTION.NONE:
      case ACTION.CLEAR:
        return RECORD.OK;
      default:
        return RECORD.BAD_ACTION;
    }
    const price = this.readPrice(bytes, start + MBO_AT.PRICE);
    return price < 0 ? price : this.readLots(bytes, start + MBO_AT.SIZE);
  }

  /** The best price of a side; without a price there is none, and no size. */
  private readTop(bytes: Uint8Array, start: number): number {
    const price = this.readPrice(bytes, start + MBO_AT.PRICE);
    if (price === RECORD.OK) return this.readLots(bytes, start + MBO_AT.SIZE);
    this.message.numbers[N_LOTS] = 0;
    return price === RECORD.NO_PRICE ? RECORD.OK : price;
  }

  private readLevels(bytes: Uint8Array, start: number, type: number, levels: number): number {
    const message = this.message;
    // A record once an interval has no action and repeats the last trade.
    const interval = type === RTYPE.BBO_1S || type === RTYPE.BBO_1M;
    message.action = interval ? ACTION.NONE : bytes[start + TRADE_AT.ACTION]!;
    message.flags = bytes[start + TRADE_AT.FLAGS]!;
    message.numbers[N_SEQUENCE] = readI32(bytes, start + TRADE_AT.SEQUENCE) >>> 0;
    message.priceTicks = PRICE_NONE;
    const side = this.readSide(bytes[start + TRADE_AT.SIDE]!);
    if (side < 0) return side;
    if (!isAction(message.action) || (levels === 0 && message.action !== ACTION.TRADE)) return RECORD.BAD_ACTION;
    if (message.action === ACTION.TRADE) {
      const price = this.readPrice(bytes, start + TRADE_AT.PRICE);
      if (price < 0) return price;
      const lots = this.readLots(bytes, start + TRADE_AT.SIZE);
      if (lots < 0) return lots;
    }
    for (let i = 0; i < levels; i++) {
      const status = this.readLevel(bytes, start + LEVELS_AT + i * LEVEL_BYTES);
      if (status < 0) return status;
    }
    return RECORD.OK;
  }

  /** Both sides of one level; an empty one has no price, or no size. */
  private readLevel(bytes: Uint8Array, at: number): number {
    const message = this.message;
    const lotUnits = this.lotUnits[message.instrument]!;
    const bidSize = readI32(bytes, at + LEVEL_AT.BID_SIZE) >>> 0;
    const askSize = readI32(bytes, at + LEVEL_AT.ASK_SIZE) >>> 0;
    if (bidSize % lotUnits !== 0 || askSize % lotUnits !== 0) return RECORD.OFF_LOT;
    if (bidSize > 0) {
      const status = this.readTicks(bytes, at + LEVEL_AT.BID);
      if (status < 0) return status;
      if (status === RECORD.OK) {
        const count = message.bidCount;
        if (count > 0 && message.bidTicks[count - 1]! <= this.ticks) return RECORD.LEVELS_UNSORTED;
        message.bidTicks[count] = this.ticks;
        message.bidLots[count] = bidSize / lotUnits;
        message.bidCount = count + 1;
      }
    }
    if (askSize > 0) {
      const status = this.readTicks(bytes, at + LEVEL_AT.ASK);
      if (status < 0) return status;
      if (status === RECORD.OK) {
        const count = message.askCount;
        if (count > 0 && message.askTicks[count - 1]! >= this.ticks) return RECORD.LEVELS_UNSORTED;
        message.askTicks[count] = this.ticks;
        message.askLots[count] = askSize / lotUnits;
        message.askCount = count + 1;
      }
    }
    return RECORD.OK;
  }

  /** Leaves the price in `ticks`; 1 when there is none. */
  private readTicks(bytes: Uint8Array, at: number): number {
    const ticks = priceTicks(bytes, at, this.tickNanos[this.message.instrument]!);
    if (ticks === PRICE_UNDEFINED) return 1;
    if (ticks < PRICE_UNDEFINED) return ticks === PRICE_TOO_LARGE ? RECORD.PRICE_RANGE : RECORD.OFF_TICK;
    this.ticks = ticks;
    return RECORD.OK;
  }

  private readPrice(bytes: Uint8Array, at: number): number {
    const status = this.readTicks(bytes, at);
    if (status === 1) return RECORD.NO_PRICE;
    if (status === RECORD.OK) this.message.priceTicks = this.ticks;
    return status;
  }

  private readLots(bytes: Uint8Array, at: number): number {
    const size = readI32(bytes, at) >>> 0;
    const lotUnits = this.lotUnits[this.message.instrument]!;
    if (size === 0) return RECORD.QTY_RANGE;
    if (size % lotUnits !== 0) return RECORD.OFF_LOT;
    this.message.numbers[N_LOTS] = size / lotUnits;
    return RECORD.OK;
  }

  private readSide(side: number): number {
    if (side === RECORD_SIDE.BID) this.message.side = SIDE.BUY;
    else if (side === RECORD_SIDE.ASK) this.message.side = SIDE.SELL;
    else if (side === RECORD_SIDE.NONE) this.message.side = SIDE_NONE;
    else return RECORD.BAD_SIDE;
    return RECORD.OK;
  }
}

/** Price levels of a type that has them or is a trade, else -1. */
function levelsOf(type: number): number {
  switch (type) {
    case RTYPE.TRADE:
      return 0;
    case RTYPE.MBP_1:
    case RTYPE.BBO_1S:
    case RTYPE.BBO_1M:
      return 1;
    case RTYPE.MBP_10:
      return 10;
    default:
      return -1;
  }
}

function isAction(action: number): boolean {
  return (
    action === ACTION.ADD ||
    action === ACTION.CANCEL ||
    action === ACTION.MODIFY ||
    action === ACTION.CLEAR ||
    action === ACTION.TRADE ||
    action === ACTION.FILL ||
    action === ACTION.NONE
  );
}
