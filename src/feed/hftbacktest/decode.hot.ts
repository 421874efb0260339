import type { Instrument } from '../../core/instrument.ts';
import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE, PRICE_TICKS_MAX } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { readI32, readTime } from '../dbn/words.hot.ts';
import type { RecordDecoder } from '../recorded/decoder.ts';
import {
  ACTION,
  CLEARS,
  N_EVENT_NS,
  N_EVENT_S,
  N_LOTS,
  N_SEQUENCE,
  RECORD_FLAG,
  RECORD_MESSAGE,
  RecordMessage,
  SIDE_NONE,
  TIME,
} from '../recorded/message.hot.ts';
import { RECORD } from '../recorded/status.ts';
import { EVENT, EVENT_AT, EVENT_BYTES, EVENT_FLAG } from './layout.ts';

/**
 * How far from a whole number of ticks or lots a price or quantity may lie and still be that number: 1e-6 of one, and four
 * units of the last place for what the division and the writer's own product lose (61594.100000000006 is 615941 ticks of 0.1).
 */
const STEPS_TOLERANCE = 1e-6;
const STEPS_TOLERANCE_RELATIVE = 2 ** -50;
/** Beyond this many lots the tolerance would reach to the next one. */
const LOTS_MAX = 2 ** 48;

/** Reads the rows of one message of hftbacktest events (`EventFramer`) into `message`. */
export class EventDecoder implements RecordDecoder {
  readonly message: RecordMessage;
  private readonly instrument: number;
  private readonly unitsPerPrice: number;
  private readonly tickUnits: number;
  private readonly unitsPerQty: number;
  private readonly lotUnits: number;
  /** One float64 of a row, and its bytes. */
  private readonly double: Float64Array;
  private readonly doubleBytes: Uint8Array;
  /** Side and price of the row read last. */
  private side: number;
  private ticks: number;
  private readonly lots: Float64Array;

  constructor(instruments: readonly Instrument[]) {
    const marked = instruments.findIndex((one) => one.venueId !== undefined);
    this.instrument = Math.max(0, marked);
    const one = instruments[this.instrument]!;
    this.message = new RecordMessage(BOOK_LEVELS_MAX);
    this.unitsPerPrice = 10 ** one.priceDecimals;
    this.tickUnits = one.tickUnits;
    this.unitsPerQty = 10 ** one.qtyDecimals;
    this.lotUnits = one.lotUnits;
    this.double = new Float64Array(1);
    this.doubleBytes = new Uint8Array(this.double.buffer);
    this.side = SIDE_NONE;
    this.ticks = 0;
    this.lots = new Float64Array(1);
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = RECORD_MESSAGE.NONE;
    message.instrument = this.instrument;
    message.action = ACTION.NONE;
    message.side = SIDE_NONE;
    message.flags = RECORD_FLAG.LAST | RECORD_FLAG.ONE_STREAM;
    message.bidCount = 0;
    message.askCount = 0;
    message.clears = 0;
    message.numbers[N_SEQUENCE] = 0;
    if (end === start || (end - start) % EVENT_BYTES !== 0) return RECORD.BAD_LENGTH;
    this.readExchangeTime(bytes, start);
    const kind = bytes[start]!;
    if (kind === EVENT.TRADE) {
      message.kind = RECORD_MESSAGE.TRADE;
      return end - start === EVENT_BYTES ? this.readTrade(bytes, start) : RECORD.BAD_LENGTH;
    }
    if (kind !== EVENT.DEPTH && kind !== EVENT.DEPTH_CLEAR && kind !== EVENT.DEPTH_SNAPSHOT) return RECORD.UNKNOWN_KIND;
    message.kind = RECORD_MESSAGE.CHANGES;
    for (let at = start; at < end; at += EVENT_BYTES) {
      const status = this.readLevel(bytes, at);
      if (status !== RECORD.OK) return status;
    }
    return RECORD.OK;
  }

  private readExchangeTime(bytes: Uint8Array, at: number): void {
    const { message } = this;
    const { numbers } = message;
    const whole = readTime(bytes, at + EVENT_AT.EXCH_TS, numbers, N_EVENT_S) && readI32(bytes, at + EVENT_AT.EXCH_TS + 4) >= 0;
    message.time = whole && (numbers[N_EVENT_S]! > 0 || numbers[N_EVENT_NS]! > 0) ? TIME.OWN : TIME.NONE;
  }

  /** A changed, snapshot or cleared level. */
  private readLevel(bytes: Uint8Array, at: number): number {
    const message = this.message;
    const kind = bytes[at]!;
    const side = this.readSide(bytes, at);
    if (side < 0) return side;
    if (kind === EVENT.DEPTH_CLEAR) return this.readClear(bytes, at);
    if (kind === EVENT.DEPTH_SNAPSHOT) message.flags |= RECORD_FLAG.SNAPSHOT;
    else if (kind !== EVENT.DEPTH) return RECORD.BAD_ACTION;
    if (this.side === SIDE_NONE) return RECORD.BAD_SIDE;
    const price = this.readPrice(bytes, at);
    if (price !== RECORD.OK) return price;
    const qty = this.readLots(bytes, at);
    if (qty !== RECORD.OK) return qty;
    const bid = this.side === SIDE.BUY;
    const count = bid ? message.bidCount : message.askCount;
    if (count >= BOOK_LEVELS_MAX) return RECORD.BAD_LENGTH;
    if (bid) {
      message.bidTicks[count] = this.ticks;
      message.bidLots[count] = this.lots[0]!;
      message.bidCount = count + 1;
    } else {
      message.askTicks[count] = this.ticks;
      message.askLots[count] = this.lots[0]!;
      message.askCount = count + 1;
    }
    return RECORD.OK;
  }

  /** Levels of one side or both from the best through a price; all where the price is no number. */
  private readClear(bytes: Uint8Array, at: number): number {
    const message = this.message;
    this.readDouble(bytes, at + EVENT_AT.PX);
    const all = !Number.isFinite(this.double[0]!);
    if (!all) {
      const price = this.readPrice(bytes, at);
      if (price !== RECORD.OK) return price;
    }
    if (this.side !== SIDE.SELL) {
      const ticks = all ? PRICE_NONE : this.ticks;
      message.clearBidTicks = (message.clears & CLEARS.BIDS) === 0 ? ticks : Math.min(message.clearBidTicks, ticks);
      message.clears |= CLEARS.BIDS;
      message.bidCount = keepBeyond(ticks, -1, message.bidTicks, message.bidLots, message.bidCount);
    }
    if (this.side !== SIDE.BUY) {
      const ticks = all ? PRICE_TICKS_MAX : this.ticks;
      message.clearAskTicks = (message.clears & CLEARS.ASKS) === 0 ? ticks : Math.max(message.clearAskTicks, ticks);
      message.clears |= CLEARS.ASKS;
      message.askCount = keepBeyond(ticks, 1, message.askTicks, message.askLots, message.askCount);
    }
    return RECORD.OK;
  }

  private readTrade(bytes: Uint8Array, at: number): number {
    const message = this.message;
    const side = this.readSide(bytes, at);
    if (side < 0) return side;
    const price = this.readPrice(bytes, at);
    if (price !== RECORD.OK) return price;
    const qty = this.readLots(bytes, at);
    if (qty !== RECORD.OK) return qty;
    if (this.lots[0]! === 0) return RECORD.QTY_RANGE;
    message.action = ACTION.TRADE;
    message.side = this.side;
    message.priceTicks = this.ticks;
    message.numbers[N_LOTS] = this.lots[0]!;
    return RECORD.OK;
  }

  private readSide(bytes: Uint8Array, at: number): number {
    const flags = readI32(bytes, at + EVENT_AT.EV) & (EVENT_FLAG.BUY | EVENT_FLAG.SELL);
    if (flags === EVENT_FLAG.BUY) this.side = SIDE.BUY;
    else if (flags === EVENT_FLAG.SELL) this.side = SIDE.SELL;
    else if (flags === 0) this.side = SIDE_NONE;
    else return RECORD.BAD_SIDE;
    return RECORD.OK;
  }

  private readPrice(bytes: Uint8Array, at: number): number {
    const double = this.double;
    this.readDouble(bytes, at + EVENT_AT.PX);
    const exact = (double[0]! * this.unitsPerPrice) / this.tickUnits;
    const ticks = Math.round(exact);
    if (!(Math.abs(ticks) <= PRICE_TICKS_MAX)) return RECORD.PRICE_RANGE;
    if (Math.abs(exact - ticks) > STEPS_TOLERANCE + Math.abs(ticks) * STEPS_TOLERANCE_RELATIVE) return RECORD.OFF_TICK;
    // Never -0, which integers do not have.
    this.ticks = ticks | 0;
    return RECORD.OK;
  }

  private readLots(bytes: Uint8Array, at: number): number {
    const double = this.double;
    this.readDouble(bytes, at + EVENT_AT.QTY);
    const exact = (double[0]! * this.unitsPerQty) / this.lotUnits;
    const lots = Math.round(exact);
    if (!(lots >= 0 && lots <= LOTS_MAX)) return RECORD.QTY_RANGE;
    if (Math.abs(exact - lots) > STEPS_TOLERANCE + lots * STEPS_TOLERANCE_RELATIVE) return RECORD.OFF_LOT;
    this.lots[0] = lots + 0;
    return RECORD.OK;
  }

  /** Into `double`, whose bytes stand in the machine's order: little endian on every machine that Node has SIMD for. */
  private readDouble(bytes: Uint8Array, at: number): void {
    const doubleBytes = this.doubleBytes;
    for (let i = 0; i < 8; i++) doubleBytes[i] = bytes[at + i]!;
  }
}

/** Drops the levels from the best through `ticks`; how many are left. `sign`: 1 where a higher price is farther. */
function keepBeyond(ticks: number, sign: number, list: Int32Array, lots: Float64Array, count: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (list[i]! * sign <= ticks * sign) continue;
    list[kept] = list[i]!;
    lots[kept] = lots[i]!;
    kept++;
  }
  return kept;
}
