import type { Instrument } from '../../core/instrument.ts';
import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_TICKS_MAX } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { scanNumber } from '../recorded/decimal.hot.ts';
import type { RecordDecoder } from '../recorded/decoder.ts';
import {
  ACTION,
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
import { SymbolTable } from '../symbol-table.hot.ts';
import { isTardisHeader, TARDIS, type TardisColumns } from './columns.ts';
import { readHeader } from './header.ts';

const COLUMNS_MAX = 4_096;
const COMMA = 44;
const LINE_FEED = 10;
const RETURN = 13;
const SECOND_DIGITS = 10;
const TIME_DIGITS = 16;
/** Longest name of an exchange that is told from others. */
const EXCHANGE_BYTES_MAX = 64;
const TRUE: Uint8Array = new TextEncoder().encode('true');
const FALSE: Uint8Array = new TextEncoder().encode('false');
const BID: Uint8Array = new TextEncoder().encode('bid');
const ASK: Uint8Array = new TextEncoder().encode('ask');
const BUY: Uint8Array = new TextEncoder().encode('buy');
const SELL: Uint8Array = new TextEncoder().encode('sell');
const UNKNOWN: Uint8Array = new TextEncoder().encode('unknown');
/** Slot of `numbers` for decimal units on their way to ticks or lots. */
const UNITS = 0;

/** Reads the rows of one message of a Tardis CSV into `message`. */
export class TardisDecoder implements RecordDecoder {
  readonly message: RecordMessage;
  private readonly symbols: SymbolTable;
  private readonly instruments: readonly Instrument[];
  private readonly units: Float64Array;
  private columns: TardisColumns | undefined;
  /** Beginning and end of each column of the row at hand. */
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** Name of the exchange of the first row: those of another have other books. */
  private readonly exchange: Uint8Array;
  private exchangeBytes: number;
  private ticks: number;

  constructor(instruments: readonly Instrument[]) {
    this.message = new RecordMessage(BOOK_LEVELS_MAX);
    this.symbols = new SymbolTable(instruments);
    this.instruments = instruments;
    this.units = new Float64Array(1);
    this.columns = undefined;
    this.starts = new Int32Array(COLUMNS_MAX);
    this.ends = new Int32Array(COLUMNS_MAX);
    this.exchange = new Uint8Array(EXCHANGE_BYTES_MAX);
    this.exchangeBytes = 0;
    this.ticks = 0;
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = RECORD_MESSAGE.NONE;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    if (isTardisHeader(bytes, start)) {
      this.columns = readHeader(bytes, start, end);
      return RECORD.HEADER;
    }
    const columns = this.columns;
    if (columns === undefined) return RECORD.UNKNOWN_KIND;
    message.kind = kindOf(columns.kind);
    message.action = ACTION.NONE;
    message.flags = RECORD_FLAG.LAST;
    let at = start;
    let status = this.splitRow(bytes, at, end, columns);
    if (status !== RECORD.OK) return status;
    status = this.readRowHead(bytes, columns);
    if (status !== RECORD.OK) return status;
    if (columns.kind === TARDIS.TRADES) return this.readTrade(bytes, columns);
    if (columns.kind !== TARDIS.CHANGES) return this.readLevels(bytes, columns);
    for (;;) {
      status = this.readChange(bytes, columns);
      if (status !== RECORD.OK) return status;
      at = this.ends[columns.count - 1]!;
      while (at < end && bytes[at]! !== LINE_FEED) at++;
      at++;
      if (at >= end) return RECORD.OK;
      status = this.splitRow(bytes, at, end, columns);
      if (status !== RECORD.OK) return status;
    }
  }

  /** Finds the columns of the row at `start`. */
  private splitRow(bytes: Uint8Array, start: number, end: number, columns: TardisColumns): number {
    const { starts, ends } = this;
    const count = columns.count;
    let column = 0;
    let at = start;
    if (count > COLUMNS_MAX) return RECORD.BAD_LENGTH;
    starts[0] = start;
    for (; at < end && bytes[at]! !== LINE_FEED; at++) {
      if (bytes[at]! !== COMMA) continue;
      ends[column] = at;
      column++;
      if (column >= count) return RECORD.BAD_LENGTH;
      starts[column] = at + 1;
    }
    if (column !== count - 1) return RECORD.BAD_LENGTH;
    ends[column] = at > starts[column]! && bytes[at - 1]! === RETURN ? at - 1 : at;
    return RECORD.OK;
  }

  /** Exchange, symbol and venue time of the first row. */
  private readRowHead(bytes: Uint8Array, columns: TardisColumns): number {
    const { message, starts, ends } = this;
    const symbol = columns.symbol;
    message.instrument = this.symbols.lookup(bytes, starts[symbol]!, ends[symbol]!, false);
    if (message.instrument < 0 || !this.isExchange(bytes, starts[columns.exchange]!, ends[columns.exchange]!)) return RECORD.UNKNOWN_SYMBOL;
    const at = starts[columns.timestamp]!;
    if (ends[columns.timestamp]! - at !== TIME_DIGITS) return RECORD.BAD_FIELD;
    let seconds = 0;
    let micros = 0;
    for (let i = 0; i < TIME_DIGITS; i++) {
      const digit = bytes[at + i]! - 48;
      if (digit < 0 || digit > 9) return RECORD.BAD_FIELD;
      if (i < SECOND_DIGITS) seconds = seconds * 10 + digit;
      else micros = micros * 10 + digit;
    }
    message.time = TIME.OWN;
    message.numbers[N_EVENT_S] = seconds;
    message.numbers[N_EVENT_NS] = micros * 1000;
    message.numbers[N_SEQUENCE] = 0;
    return RECORD.OK;
  }

  private isExchange(bytes: Uint8Array, start: number, end: number): boolean {
    const exchange = this.exchange;
    const length = Math.min(end - start, EXCHANGE_BYTES_MAX);
    if (this.exchangeBytes === 0) {
      for (let i = 0; i < length; i++) exchange[i] = bytes[start + i]!;
      this.exchangeBytes = length;
    }
    if (length !== this.exchangeBytes) return false;
    for (let i = 0; i < length; i++) if (exchange[i]! !== bytes[start + i]!) return false;
    return true;
  }

  private readChange(bytes: Uint8Array, columns: TardisColumns): number {
    const { message, starts, ends } = this;
    const flagAt = starts[columns.isSnapshot]!;
    const flagEnd = ends[columns.isSnapshot]!;
    if (isWord(bytes, flagAt, flagEnd, TRUE)) message.flags = RECORD_FLAG.LAST | RECORD_FLAG.SNAPSHOT;
    else if (!isWord(bytes, flagAt, flagEnd, FALSE)) return RECORD.BAD_FIELD;
    const side = sideOf(bytes, starts[columns.side]!, ends[columns.side]!);
    if (side < 0) return RECORD.BAD_SIDE;
    const status = this.readPrice(bytes, columns.price);
    if (status !== RECORD.OK) return status;
    const amount = this.readAmount(bytes, columns.amount);
    if (amount !== RECORD.OK) return amount;
    const bid = side === SIDE.BUY;
    const count = bid ? message.bidCount : message.askCount;
    if (count >= BOOK_LEVELS_MAX) return RECORD.BAD_LENGTH;
    if (bid) {
      message.bidTicks[count] = this.ticks;
      message.bidLots[count] = this.units[UNITS]!;
      message.bidCount = count + 1;
    } else {
      message.askTicks[count] = this.ticks;
      message.askLots[count] = this.units[UNITS]!;
      message.askCount = count + 1;
    }
    return RECORD.OK;
  }

  private readTrade(bytes: Uint8Array, columns: TardisColumns): number {
    const { message, starts, ends } = this;
    const start = starts[columns.side]!;
    const end = ends[columns.side]!;
    // unknown: the venue does not say
    if (isWord(bytes, start, end, BUY)) message.side = SIDE.BUY;
    else if (isWord(bytes, start, end, SELL)) message.side = SIDE.SELL;
    else if (isWord(bytes, start, end, UNKNOWN)) message.side = SIDE_NONE;
    else return RECORD.BAD_SIDE;
    const status = this.readPrice(bytes, columns.price);
    if (status !== RECORD.OK) return status;
    const amount = this.readAmount(bytes, columns.amount);
    if (amount !== RECORD.OK) return amount;
    if (this.units[UNITS]! === 0) return RECORD.QTY_RANGE;
    message.action = ACTION.TRADE;
    message.priceTicks = this.ticks;
    message.numbers[N_LOTS] = this.units[UNITS]!;
    return RECORD.OK;
  }

  /** Quotes and whole books; a level without price or amount is none. */
  private readLevels(bytes: Uint8Array, columns: TardisColumns): number {
    const { message, units } = this;
    const { levels } = columns;
    for (let i = 0; i < levels.length; i += 2) {
      const bid = i % 4 === 0;
      if (this.isEmpty(levels[i]!) || this.isEmpty(levels[i + 1]!)) continue;
      const amount = this.readAmount(bytes, levels[i + 1]!);
      if (amount !== RECORD.OK) return amount;
      if (units[UNITS]! === 0) continue;
      const lots = bid ? message.bidLots : message.askLots;
      const ticks = bid ? message.bidTicks : message.askTicks;
      const count = bid ? message.bidCount : message.askCount;
      lots[count] = units[UNITS]!;
      const status = this.readPrice(bytes, levels[i]!);
      if (status !== RECORD.OK) return status;
      if (count > 0 && (bid ? ticks[count - 1]! <= this.ticks : ticks[count - 1]! >= this.ticks)) return RECORD.LEVELS_UNSORTED;
      ticks[count] = this.ticks;
      if (bid) message.bidCount = count + 1;
      else message.askCount = count + 1;
    }
    return RECORD.OK;
  }

  private isEmpty(column: number): boolean {
    return this.starts[column]! === this.ends[column]!;
  }

  /** Leaves the price of a column in `ticks`. */
  private readPrice(bytes: Uint8Array, column: number): number {
    const instrument = this.instruments[this.message.instrument]!;
    const units = this.units;
    const status = scanNumber(bytes, this.starts[column]!, this.ends[column]!, instrument.priceDecimals, units, UNITS);
    if (status !== RECORD.OK) return status === RECORD.QTY_RANGE ? RECORD.PRICE_RANGE : status;
    const value = units[UNITS]!;
    if (value === 0) return RECORD.NO_PRICE;
    if (value % instrument.tickUnits !== 0) return RECORD.OFF_TICK;
    if (value / instrument.tickUnits > PRICE_TICKS_MAX) return RECORD.PRICE_RANGE;
    this.ticks = value / instrument.tickUnits;
    return RECORD.OK;
  }

  /** Leaves the lots of a column in `units`. */
  private readAmount(bytes: Uint8Array, column: number): number {
    const instrument = this.instruments[this.message.instrument]!;
    const units = this.units;
    const status = scanNumber(bytes, this.starts[column]!, this.ends[column]!, instrument.qtyDecimals, units, UNITS);
    if (status !== RECORD.OK) return status;
    if (units[UNITS]! % instrument.lotUnits !== 0) return RECORD.OFF_LOT;
    units[UNITS] = units[UNITS]! / instrument.lotUnits;
    return RECORD.OK;
  }
}

function kindOf(kind: number): number {
  if (kind === TARDIS.CHANGES) return RECORD_MESSAGE.CHANGES;
  return kind === TARDIS.TRADES ? RECORD_MESSAGE.TRADE : RECORD_MESSAGE.LEVELS;
}

/** SIDE of bid or ask, -1 for anything else. */
function sideOf(bytes: Uint8Array, start: number, end: number): number {
  if (isWord(bytes, start, end, BID)) return SIDE.BUY;
  return isWord(bytes, start, end, ASK) ? SIDE.SELL : -1;
}

/** True when `bytes[start, end)` is `word`. */
function isWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[start + i]! !== word[i]!) return false;
  return true;
}
