import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { PRICE_TICKS_MAX } from '../../../core/price.ts';
import { BOOK_STATE, SIDE } from '../../../core/records/market.ts';
import { takeTrade } from '../../l2/check.hot.ts';
import type { L2Decoder } from '../../l2/decoder.ts';
import { GridTable } from '../../l2/grid.hot.ts';
import { L2Message, N_LAST_ID, N_PREVIOUS_ID, N_TRADE_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS, N_UNITS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import { PackReader } from './pack-reader.hot.ts';
import { FEED_MESSAGE, FEED_MESSAGE_ELEMENTS } from './protocol.ts';

/** In place of the number before: the book of this instrument is no more, whatever its number. */
export const BOOK_GIVEN_UP = -1;
/** How an instrument was defined by the server: not yet, as configured, otherwise. */
const DEFINED = { NOT: 0, ALIKE: 1, OTHERWISE: 2 } as const;
const DEFINITION_NUMBERS = 5;

/**
 * Decodes messages of Tickpath's own protocol into `message` without allocating. Symbols stand in every message, so frames of
 * a recording can be read from anywhere. A heartbeat is a depth message without levels that follows nothing: it shows whether
 * the last number is known. A state other than LIVE is one that nothing can follow.
 */
export class TickpathDecoder implements L2Decoder {
  readonly message: L2Message;
  readonly more: number;
  private readonly symbols: SymbolTable;
  private readonly grid: GridTable;
  private readonly pack: PackReader;
  private readonly defined: Uint8Array;
  private readonly definition: Float64Array;

  constructor(instruments: readonly Instrument[]) {
    this.message = new L2Message();
    this.more = 0;
    this.symbols = new SymbolTable(instruments);
    this.grid = new GridTable(instruments);
    this.pack = new PackReader();
    this.defined = new Uint8Array(instruments.length);
    this.definition = new Float64Array(DEFINITION_NUMBERS);
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const pack = this.pack;
    // Until it is known better it may be a change of any book.
    message.kind = MESSAGE.DEPTH;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    if (end - start > FRAME_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    if (end === start) return DECODE.BAD_LENGTH;
    pack.begin(bytes, start, end);
    const first = bytes[start]!;
    if ((first & 0xf0) === 0x80 || first === 0xde || first === 0xdf) return this.control();
    const elements = pack.array();
    if (elements < 0) return elements === DECODE.BAD_FIELD ? DECODE.WRONG_SCHEMA : elements;
    let status = elements === 0 ? DECODE.MISSING_FIELD : pack.integer(message.numbers, N_UNITS);
    if (status !== DECODE.OK) return status;
    const kind = message.numbers[N_UNITS]!;
    if (kind < 0 || kind >= FEED_MESSAGE_ELEMENTS.length) return DECODE.WRONG_SCHEMA;
    this.setKind(kind);
    const expected = FEED_MESSAGE_ELEMENTS[kind]!;
    if (elements !== expected) return elements < expected ? DECODE.MISSING_FIELD : DECODE.WRONG_SCHEMA;
    status = pack.text();
    if (status !== DECODE.OK) return status;
    const instrument = this.symbols.lookup(bytes, pack.textStart, pack.textEnd, false);
    if (instrument < 0) return DECODE.UNKNOWN_SYMBOL;
    message.instrument = instrument;
    status = kind === FEED_MESSAGE.DEFINITION ? this.define(instrument) : this.data(kind);
    if (status < 0 || pack.atEnd) return status;
    return DECODE.BAD_LENGTH;
  }

  /** A frame holds one message. */
  next(): number {
    return DECODE.UNKNOWN_KIND;
  }

  private setKind(kind: number): void {
    const message = this.message;
    if (kind === FEED_MESSAGE.SNAPSHOT) message.kind = MESSAGE.SNAPSHOT;
    else if (kind === FEED_MESSAGE.TRADE) message.kind = MESSAGE.TRADE;
    else if (kind === FEED_MESSAGE.DEFINITION) message.kind = MESSAGE.NONE;
  }

  /** A map: what server and client agree on. It is not for the books. */
  private control(): number {
    this.message.kind = MESSAGE.NONE;
    const status = this.pack.skip(0);
    if (status !== DECODE.OK) return status;
    return this.pack.atEnd ? DECODE.UNKNOWN_KIND : DECODE.BAD_LENGTH;
  }

  /** Compares what the server says of an instrument with what is configured: prices in other ticks would be other prices. */
  private define(id: number): number {
    const pack = this.pack;
    const definition = this.definition;
    const grid = this.grid;
    for (let i = 0; i < DEFINITION_NUMBERS; i++) {
      const status = pack.integer(definition, i);
      if (status !== DECODE.OK) return status;
    }
    if (!pack.atEnd) return DECODE.BAD_LENGTH;
    const alike =
      definition[0]! === grid.priceDecimals[id]! &&
      definition[1]! === grid.tickUnits[id]! &&
      definition[2]! === grid.qtyDecimals[id]! &&
      definition[3]! === grid.lotUnits[id]!;
    this.defined[id] = alike ? DEFINED.ALIKE : DEFINED.OTHERWISE;
    return alike ? DECODE.UNKNOWN_KIND : DECODE.WRONG_INSTRUMENT;
  }

  /** What follows the symbol of every other kind. */
  private data(kind: number): number {
    const pack = this.pack;
    const message = this.message;
    const numbers = message.numbers;
    if (this.defined[message.instrument]! === DEFINED.OTHERWISE) return DECODE.WRONG_INSTRUMENT;
    let status = pack.integer(numbers, N_LAST_ID);
    if (status !== DECODE.OK) return status;
    const least = kind === FEED_MESSAGE.DELTA ? 1 : 0;
    if (numbers[N_LAST_ID]! < least) return DECODE.ID_RANGE;
    numbers[N_PREVIOUS_ID] = numbers[N_LAST_ID]! - least;
    status = pack.time(numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
    if (status !== DECODE.OK || kind === FEED_MESSAGE.HEARTBEAT) return status;
    if (kind === FEED_MESSAGE.TRADE) return this.trade();
    return kind === FEED_MESSAGE.STATE ? this.state() : this.book();
  }

  private book(): number {
    const message = this.message;
    const bids = this.levels(message.bidTicks, message.bidLots);
    if (bids < 0) return bids;
    const asks = this.levels(message.askTicks, message.askLots);
    if (asks < 0) return asks;
    message.bidCount = bids;
    message.askCount = asks;
    return DECODE.OK;
  }

  /** `[price, lots, price, lots, ...]`; how many levels, or DECODE. */
  private levels(ticks: Int32Array, lots: Float64Array): number {
    const pack = this.pack;
    const numbers = this.message.numbers;
    const elements = pack.array();
    if (elements < 0) return elements;
    const count = elements >> 1;
    if ((elements & 1) !== 0) return DECODE.MISSING_FIELD;
    if (count > BOOK_LEVELS_MAX) return DECODE.TOO_MANY_LEVELS;
    for (let i = 0; i < count; i++) {
      let status = this.price(ticks, i);
      if (status !== DECODE.OK) return status;
      status = pack.integer(lots, i);
      if (status !== DECODE.OK) return status === DECODE.ID_RANGE ? DECODE.QTY_RANGE : status;
      if (lots[i]! < 0) return DECODE.QTY_RANGE;
    }
    numbers[N_UNITS] = 0;
    return count;
  }

  private price(ticks: Int32Array, slot: number): number {
    const numbers = this.message.numbers;
    const status = this.pack.integer(numbers, N_UNITS);
    if (status !== DECODE.OK) return status === DECODE.ID_RANGE ? DECODE.PRICE_RANGE : status;
    const price = numbers[N_UNITS]!;
    if (price > PRICE_TICKS_MAX || price < -PRICE_TICKS_MAX) return DECODE.PRICE_RANGE;
    ticks[slot] = price;
    return DECODE.OK;
  }

  private trade(): number {
    const pack = this.pack;
    const message = this.message;
    const numbers = message.numbers;
    let status = pack.integer(numbers, N_TRADE_ID);
    if (status !== DECODE.OK) return status;
    if (numbers[N_TRADE_ID]! < 0) return DECODE.ID_RANGE;
    status = pack.integer(numbers, N_UNITS);
    if (status !== DECODE.OK) return status;
    const side = numbers[N_UNITS]!;
    if (side !== SIDE.BUY && side !== SIDE.SELL) return DECODE.BAD_FIELD;
    status = this.price(message.bidTicks, 0);
    if (status !== DECODE.OK) return status;
    status = pack.integer(message.bidLots, 0);
    if (status !== DECODE.OK) return status === DECODE.ID_RANGE ? DECODE.QTY_RANGE : status;
    return message.bidLots[0]! < 0 ? DECODE.QTY_RANGE : takeTrade(message, side, 1);
  }

  private state(): number {
    const pack = this.pack;
    const numbers = this.message.numbers;
    let status = pack.integer(numbers, N_UNITS);
    if (status !== DECODE.OK) return status;
    const state = numbers[N_UNITS]!;
    if (state < BOOK_STATE.DISCONNECTED || state > BOOK_STATE.NOT_TRADING) return DECODE.BAD_FIELD;
    status = pack.integer(numbers, N_UNITS);
    if (status !== DECODE.OK) return status;
    numbers[N_PREVIOUS_ID] = BOOK_GIVEN_UP;
    // A snapshot follows.
    return state === BOOK_STATE.LIVE ? DECODE.UNKNOWN_KIND : DECODE.OK;
  }
}
