import type { Instrument } from '../../core/instrument.ts';
import { PRICE_TICKS_MAX } from '../../core/price.ts';
import { scanDecimal } from '../decimal.hot.ts';
import type { RecordDecoder } from '../recorded/decoder.ts';
import { ACTION, N_LOTS, N_SEQUENCE, RECORD_FLAG, RECORD_MESSAGE, RecordMessage, SIDE_NONE, TIME } from '../recorded/message.hot.ts';
import { RECORD } from '../recorded/status.ts';

/** Decimals that LEAN's integer prices stand for. */
export const LEAN_PRICE_DECIMALS = 4;
const QUOTE_COLUMNS = 8;
const TRADE_COLUMNS = 6;
const COMMA = 44;
const LINE_FEED = 10;
const RETURN = 13;
/** Slots of `numbers`: integers on their way, and for each side the ticks and lots of the last row that had it. */
const UNITS = 0;
const BID_TICKS = 1;
const BID_LOTS = 2;
const ASK_TICKS = 3;
const ASK_LOTS = 4;
const NUMBERS = 5;
/** `readSide` of a row that brings nothing of this side. */
const ABSENT = 1;

/**
 * Reads LEAN ticks: a state of best bid and ask, in one row or in two, or a trade. A row of one side alone leaves the other as
 * it was. The files name no instrument: the feed's is the one that discovery marked.
 */
export class LeanDecoder implements RecordDecoder {
  readonly message: RecordMessage;
  private readonly instrument: number;
  private readonly unitsPerTick: number;
  private readonly lotUnits: number;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly numbers: Float64Array;
  /** `numbers` after the last frame that was taken: a refused one leaves nothing behind. */
  private readonly kept: Float64Array;
  private columns: number;

  constructor(instruments: readonly Instrument[]) {
    const marked = instruments.findIndex((one) => one.venueId !== undefined);
    const one = instruments[Math.max(0, marked)]!;
    this.message = new RecordMessage(1);
    this.instrument = Math.max(0, marked);
    this.unitsPerTick = one.tickUnits * 10 ** (LEAN_PRICE_DECIMALS - one.priceDecimals);
    this.lotUnits = one.lotUnits;
    this.starts = new Int32Array(QUOTE_COLUMNS);
    this.ends = new Int32Array(QUOTE_COLUMNS);
    this.numbers = new Float64Array(NUMBERS);
    this.kept = new Float64Array(NUMBERS);
    this.columns = 0;
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = RECORD_MESSAGE.LEVELS;
    message.instrument = this.instrument;
    message.action = ACTION.NONE;
    message.flags = RECORD_FLAG.LAST;
    message.side = SIDE_NONE;
    message.time = TIME.RECEIVED;
    message.numbers[N_SEQUENCE] = 0;
    this.numbers.set(this.kept);
    for (let at = start; at < end; ) {
      const next = this.splitRow(bytes, at, end);
      if (this.columns === TRADE_COLUMNS) return this.readTrade(bytes);
      if (this.columns !== QUOTE_COLUMNS) return RECORD.BAD_LENGTH;
      const status = this.readQuote(bytes);
      if (status !== RECORD.OK) return status;
      at = next;
    }
    const numbers = this.numbers;
    this.kept.set(numbers);
    message.bidCount = numbers[BID_LOTS]! > 0 ? 1 : 0;
    message.bidTicks[0] = numbers[BID_TICKS]!;
    message.bidLots[0] = numbers[BID_LOTS]!;
    message.askCount = numbers[ASK_LOTS]! > 0 ? 1 : 0;
    message.askTicks[0] = numbers[ASK_TICKS]!;
    message.askLots[0] = numbers[ASK_LOTS]!;
    return RECORD.OK;
  }

  /** Finds the columns of the row at `start`; where the next row begins. */
  private splitRow(bytes: Uint8Array, start: number, end: number): number {
    const { starts, ends } = this;
    let column = 0;
    let at = start;
    starts[0] = start;
    for (; at < end && bytes[at]! !== LINE_FEED; at++) {
      if (bytes[at]! !== COMMA) continue;
      if (column < QUOTE_COLUMNS) ends[column] = at;
      column++;
      if (column < QUOTE_COLUMNS) starts[column] = at + 1;
    }
    if (column < QUOTE_COLUMNS) ends[column] = at > start && bytes[at - 1]! === RETURN ? at - 1 : at;
    this.columns = column + 1;
    return at + 1;
  }

  private readQuote(bytes: Uint8Array): number {
    const { numbers } = this;
    const bid = this.readSide(bytes, 1, BID_TICKS);
    if (bid < 0) return bid;
    const ask = this.readSide(bytes, 3, ASK_TICKS);
    if (ask < 0) return ask;
    // A row of neither side says that there is none.
    if (bid === ABSENT && ask === ABSENT) {
      numbers[BID_LOTS] = 0;
      numbers[ASK_LOTS] = 0;
    }
    return RECORD.OK;
  }

  /** Price and size of a side into `numbers[slot]` and the one behind it; ABSENT and nothing kept when both are 0. */
  private readSide(bytes: Uint8Array, column: number, slot: number): number {
    const numbers = this.numbers;
    const price = this.readInteger(bytes, column);
    if (price < 0) return price;
    const units = numbers[UNITS]!;
    const size = this.readInteger(bytes, column + 1);
    if (size < 0) return size;
    const shares = numbers[UNITS]!;
    if (units === 0) return shares === 0 ? ABSENT : RECORD.NO_PRICE;
    if (units % this.unitsPerTick !== 0) return RECORD.OFF_TICK;
    if (units / this.unitsPerTick > PRICE_TICKS_MAX) return RECORD.PRICE_RANGE;
    if (shares % this.lotUnits !== 0) return RECORD.OFF_LOT;
    numbers[slot] = units / this.unitsPerTick;
    numbers[slot + 1] = shares / this.lotUnits;
    return RECORD.OK;
  }

  private readTrade(bytes: Uint8Array): number {
    const { message, numbers, starts, ends } = this;
    message.kind = RECORD_MESSAGE.TRADE;
    const price = this.readInteger(bytes, 1);
    if (price < 0) return price;
    const units = numbers[UNITS]!;
    if (units === 0) return RECORD.NO_PRICE;
    if (units % this.unitsPerTick !== 0) return RECORD.OFF_TICK;
    if (units / this.unitsPerTick > PRICE_TICKS_MAX) return RECORD.PRICE_RANGE;
    const size = this.readInteger(bytes, 2);
    if (size < 0) return size;
    if (numbers[UNITS]! === 0) return RECORD.QTY_RANGE;
    if (numbers[UNITS]! % this.lotUnits !== 0) return RECORD.OFF_LOT;
    // 0 or 1
    const flag = bytes[starts[TRADE_COLUMNS - 1]!]! - 48;
    if (ends[TRADE_COLUMNS - 1]! - starts[TRADE_COLUMNS - 1]! !== 1 || (flag !== 0 && flag !== 1)) return RECORD.BAD_FIELD;
    message.action = ACTION.TRADE;
    message.priceTicks = units / this.unitsPerTick;
    message.numbers[N_LOTS] = numbers[UNITS]! / this.lotUnits;
    return RECORD.OK;
  }

  /** An integer of a column into `numbers[UNITS]`; RECORD. */
  private readInteger(bytes: Uint8Array, column: number): number {
    const status = scanDecimal(bytes, this.starts[column]!, this.ends[column]!, 0, this.numbers, UNITS);
    return status >= 0 ? RECORD.OK : RECORD.BAD_DECIMAL;
  }
}
