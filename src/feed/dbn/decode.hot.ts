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
import { PRICE, storeTicks, storeTime } from './words.hot.ts';

const MBO_BYTES = 56;
const TRADE_BYTES = 48;
const PUBLISHER_AT = 2;
/** Changes of price levels in a stream of orders: no book of orders can take them. */
const NOT_ORDER_FLAGS = DBN_FLAG.TOB | DBN_FLAG.MBP;
/** DBN prices have nine decimals. */
const DBN_PRICE_DECIMALS = 9;

// Constants of the module itself, which V8 folds.
const { OK, BAD_LENGTH, UNKNOWN_KIND, UNKNOWN_SYMBOL, BAD_ACTION, BAD_SIDE, NO_PRICE, PRICE_RANGE, OFF_TICK } = RECORD;
const { QTY_RANGE, OFF_LOT, NOT_AN_ORDER, LEVELS_UNSORTED } = RECORD;
const { ADD, MODIFY, TRADE, CANCEL, FILL, NONE, CLEAR } = ACTION;
const { MBO, BBO_1S, BBO_1M } = RTYPE;
const { OWN, NONE: NO_TIME } = TIME;
const {
  ORDER: ORDER_AT,
  PRICE: PRICE_AT,
  SIZE: SIZE_AT,
  FLAGS: FLAGS_AT,
  ACTION: ACTION_AT,
  SIDE: SIDE_AT,
  SEQUENCE: SEQUENCE_AT,
} = MBO_AT;
const { BID, ASK, NONE: NO_SIDE } = RECORD_SIDE;
const { BUY, SELL } = SIDE;
const { UNDEFINED, TOO_LARGE } = PRICE;
const HEADER_BYTES = DBN_HEADER_BYTES;
const TYPE_AT = DBN_TYPE_AT;
const NUMBER_AT = DBN_INSTRUMENT_AT;
const TIME_AT = DBN_TS_EVENT_AT;
const TS_OUT_BYTES = DBN_TS_OUT_BYTES;
const EVENT_S = N_EVENT_S;
const LOTS = N_LOTS;
const SEQUENCE = N_SEQUENCE;
const WITHOUT_SIDE = SIDE_NONE;
const WITHOUT_PRICE = PRICE_NONE;
const { NONE: KIND_NONE, ORDER: KIND_ORDER, TRADE: KIND_TRADE, LEVELS: KIND_LEVELS } = RECORD_MESSAGE;

/** Reads records of orders, trades and price levels into `message`; other types are named and left alone. */
export class DbnDecoder implements RecordDecoder {
  readonly message: RecordMessage;
  private readonly ids: IdTable;
  /** Tick size of each instrument in 1e-9, lot size in whole units. */
  private readonly tickNanos: Float64Array;
  private readonly lotUnits: Float64Array;
  /** Price read last, at index 0. */
  private readonly ticks: Int32Array;
  /** Block that the last record lay in. */
  private block: Uint8Array;
  private view: DataView;

  constructor(instruments: readonly Instrument[]) {
    this.message = new RecordMessage(DBN_LEVELS_MAX);
    this.ticks = new Int32Array(1);
    this.block = new Uint8Array(0);
    this.view = new DataView(this.block.buffer);
    this.ids = new IdTable(instruments);
    this.tickNanos = new Float64Array(instruments.map((one) => one.tickUnits * 10 ** (DBN_PRICE_DECIMALS - one.priceDecimals)));
    this.lotUnits = new Float64Array(instruments.map((one) => one.lotUnits));
  }

  /** The record in `bytes[start, end)`; RECORD. Of a refused one the message still names the instrument. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = KIND_NONE;
    message.instrument = -1;
    message.flags = 0;
    message.action = NONE;
    message.bidCount = 0;
    message.askCount = 0;
    const size = end - start;
    if (size < HEADER_BYTES || bytes[start]! * 4 !== size) return BAD_LENGTH;
    const type = bytes[start + TYPE_AT]!;
    const levels = type === MBO ? 0 : levelsOf(type);
    if (levels < 0) return UNKNOWN_KIND;
    const view = bytes === this.block ? this.view : this.viewOf(bytes);
    const instrument = this.ids.lookup(view.getUint16(start + PUBLISHER_AT, true), view.getInt32(start + NUMBER_AT, true));
    if (instrument < 0) return UNKNOWN_SYMBOL;
    message.instrument = instrument;
    message.kind = type === MBO ? KIND_ORDER : levels === 0 ? KIND_TRADE : KIND_LEVELS;
    const needed = type === MBO ? MBO_BYTES : TRADE_BYTES + levels * LEVEL_BYTES;
    if (size !== needed && size !== needed + TS_OUT_BYTES) return BAD_LENGTH;
    message.time = storeTime(view, start + TIME_AT, message.numbers, EVENT_S) ? OWN : NO_TIME;
    return type === MBO ? this.readOrder(bytes, view, start) : this.readLevels(bytes, view, start, type, levels);
  }

  /** Records follow one another in few blocks of memory: a view is made when the block changes. */
  private viewOf(bytes: Uint8Array): DataView {
    this.block = bytes;
    // biome-ignore lint/plugin: once a block, not once a frame: transports reuse theirs
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.view;
  }

  private readOrder(bytes: Uint8Array, view: DataView, start: number): number {
    const message = this.message;
    const action = bytes[start + ACTION_AT]!;
    const flags = bytes[start + FLAGS_AT]!;
    message.action = action;
    message.flags = flags;
    message.orderLow = view.getInt32(start + ORDER_AT, true);
    message.orderHigh = view.getInt32(start + ORDER_AT + 4, true);
    message.numbers[SEQUENCE] = view.getInt32(start + SEQUENCE_AT, true) >>> 0;
    message.priceTicks = WITHOUT_PRICE;
    const side = this.readSide(bytes[start + SIDE_AT]!);
    if (side < 0) return side;
    switch (action) {
      case ADD:
        if (message.side === WITHOUT_SIDE) return BAD_SIDE;
        if ((flags & DBN_FLAG.MBP) !== 0) return NOT_AN_ORDER;
        if ((flags & DBN_FLAG.TOB) !== 0) return this.readTop(view, start);
        break;
      case MODIFY:
        if (message.side === WITHOUT_SIDE) return BAD_SIDE;
        if ((flags & NOT_ORDER_FLAGS) !== 0) return NOT_AN_ORDER;
        break;
      case TRADE:
        break;
      case CANCEL:
        if ((flags & NOT_ORDER_FLAGS) !== 0) return NOT_AN_ORDER;
        return this.readLots(view, start + SIZE_AT);
      case FILL:
      case NONE:
      case CLEAR:
        return OK;
      default:
        return BAD_ACTION;
    }
    const price = this.readPrice(view, start + PRICE_AT);
    return price < 0 ? price : this.readLots(view, start + SIZE_AT);
  }

  /** The best price of a side; without a price there is none, and no size. */
  private readTop(view: DataView, start: number): number {
    const price = this.readPrice(view, start + PRICE_AT);
    if (price === OK) return this.readLots(view, start + SIZE_AT);
    this.message.numbers[LOTS] = 0;
    return price === NO_PRICE ? OK : price;
  }

  private readLevels(bytes: Uint8Array, view: DataView, start: number, type: number, levels: number): number {
    const message = this.message;
    // A record once an interval has no action and repeats the last trade.
    const interval = type === BBO_1S || type === BBO_1M;
    message.action = interval ? NONE : bytes[start + TRADE_AT.ACTION]!;
    message.flags = bytes[start + TRADE_AT.FLAGS]!;
    message.numbers[SEQUENCE] = view.getInt32(start + TRADE_AT.SEQUENCE, true) >>> 0;
    message.priceTicks = WITHOUT_PRICE;
    const side = this.readSide(bytes[start + TRADE_AT.SIDE]!);
    if (side < 0) return side;
    if (!isAction(message.action) || (levels === 0 && message.action !== TRADE)) return BAD_ACTION;
    if (message.action === TRADE) {
      const price = this.readPrice(view, start + TRADE_AT.PRICE);
      if (price < 0) return price;
      const lots = this.readLots(view, start + TRADE_AT.SIZE);
      if (lots < 0) return lots;
    }
    for (let i = 0; i < levels; i++) {
      const status = this.readLevel(view, start + LEVELS_AT + i * LEVEL_BYTES);
      if (status < 0) return status;
    }
    return OK;
  }

  /** Both sides of one level; an empty one has no price, or no size. */
  private readLevel(view: DataView, at: number): number {
    const message = this.message;
    const lotUnits = this.lotUnits[message.instrument]!;
    const bidSize = view.getInt32(at + LEVEL_AT.BID_SIZE, true) >>> 0;
    const askSize = view.getInt32(at + LEVEL_AT.ASK_SIZE, true) >>> 0;
    if (lotUnits !== 1 && (bidSize % lotUnits !== 0 || askSize % lotUnits !== 0)) return OFF_LOT;
    if (bidSize > 0) {
      const status = this.readTicks(view, at + LEVEL_AT.BID);
      if (status < 0) return status;
      if (status === OK) {
        const ticks = this.ticks[0]!;
        const count = message.bidCount;
        if (count > 0 && message.bidTicks[count - 1]! <= ticks) return LEVELS_UNSORTED;
        message.bidTicks[count] = ticks;
        message.bidLots[count] = bidSize / lotUnits;
        message.bidCount = count + 1;
      }
    }
    if (askSize > 0) {
      const status = this.readTicks(view, at + LEVEL_AT.ASK);
      if (status < 0) return status;
      if (status === OK) {
        const ticks = this.ticks[0]!;
        const count = message.askCount;
        if (count > 0 && message.askTicks[count - 1]! >= ticks) return LEVELS_UNSORTED;
        message.askTicks[count] = ticks;
        message.askLots[count] = askSize / lotUnits;
        message.askCount = count + 1;
      }
    }
    return OK;
  }

  /** Leaves the price in `ticks`; 1 when there is none. */
  private readTicks(view: DataView, at: number): number {
    const status = storeTicks(view, at, this.tickNanos[this.message.instrument]!, this.ticks);
    if (status === OK) return OK;
    if (status === UNDEFINED) return 1;
    return status === TOO_LARGE ? PRICE_RANGE : OFF_TICK;
  }

  private readPrice(view: DataView, at: number): number {
    const status = this.readTicks(view, at);
    if (status === 1) return NO_PRICE;
    if (status === OK) this.message.priceTicks = this.ticks[0]!;
    return status;
  }

  private readLots(view: DataView, at: number): number {
    const size = view.getInt32(at, true) >>> 0;
    const lotUnits = this.lotUnits[this.message.instrument]!;
    if (size === 0) return QTY_RANGE;
    if (lotUnits === 1) {
      this.message.numbers[LOTS] = size;
      return OK;
    }
    if (size % lotUnits !== 0) return OFF_LOT;
    this.message.numbers[LOTS] = size / lotUnits;
    return OK;
  }

  private readSide(side: number): number {
    if (side === BID) this.message.side = BUY;
    else if (side === ASK) this.message.side = SELL;
    else if (side === NO_SIDE) this.message.side = WITHOUT_SIDE;
    else return BAD_SIDE;
    return OK;
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
    action === ADD || action === CANCEL || action === MODIFY || action === CLEAR || action === TRADE || action === FILL || action === NONE
  );
}
