import type { Instrument } from '../../core/instrument.ts';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { checkTicker } from '../l2/check.hot.ts';
import type { L2Decoder } from '../l2/decoder.ts';
import { GridTable } from '../l2/grid.hot.ts';
import { L2Message, N_TRANSACT_REST_NS } from '../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../l2/status.ts';
import { SymbolTable } from '../symbol-table.hot.ts';
import { firstElement, nextElement } from './array.hot.ts';
import { FieldReader } from './field-reader.hot.ts';
import { skipValue } from './scan.hot.ts';

/**
 * What the decoders of venues share whose frames hold one book, or a list of trades or tickers with a message each. A frame in
 * the venue's own key order has a short cut; any other goes the general way, key by key. Both say the same.
 */
export abstract class ListDecoder implements L2Decoder {
  readonly message: L2Message;
  readonly grid: GridTable;
  protected readonly symbols: SymbolTable;
  protected readonly reader: FieldReader;
  /** Where the next message of the frame begins, 0 when there is none. */
  protected cursor: number;
  private bytes: Uint8Array;
  private end: number;

  constructor(instruments: readonly Instrument[]) {
    this.message = new L2Message();
    this.grid = new GridTable(instruments);
    this.symbols = new SymbolTable(instruments);
    this.reader = new FieldReader(this.message, this.symbols, this.grid);
    this.cursor = 0;
    this.bytes = new Uint8Array(0);
    this.end = 0;
  }

  get more(): number {
    return this.cursor === 0 ? 0 : 1;
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    this.begin();
    this.cursor = 0;
    return this.takesShortCut(bytes, start, end) ? DECODE.OK : this.decodeAnyOrder(bytes, start, end);
  }

  /** The general path alone; `decode` without its short cut. */
  decodeAnyOrder(bytes: Uint8Array, start: number, end: number): number {
    this.begin();
    this.cursor = 0;
    this.bytes = bytes;
    this.end = end;
    return end - start > FRAME_BYTES_MAX ? DECODE.FRAME_TOO_LARGE : this.decodeFrame(bytes, start, end);
  }

  next(): number {
    this.begin();
    return this.cursor === 0 ? DECODE.BAD_JSON : this.element(this.bytes, this.end);
  }

  /** The message is empty. */
  protected begin(): void {
    const message = this.message;
    message.kind = MESSAGE.NONE;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    message.farCount = 0;
    message.numbers[N_TRANSACT_REST_NS] = 0;
  }

  /** True when the frame was taken whole. */
  protected abstract takesShortCut(bytes: Uint8Array, start: number, end: number): boolean;
  protected abstract decodeFrame(bytes: Uint8Array, start: number, end: number): number;
  /** The message at `cursor`. */
  protected abstract element(bytes: Uint8Array, end: number): number;

  /** The first message of the list at `at`. */
  protected openList(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at]! !== 91) return DECODE.BAD_FIELD;
    this.cursor = firstElement(bytes, at, end);
    return this.cursor === 0 ? DECODE.UNKNOWN_KIND : this.element(bytes, end);
  }

  /** Where the element at `cursor` begins; moves on to the next one. */
  protected advance(bytes: Uint8Array, end: number): number {
    const element = this.cursor;
    this.cursor = nextElement(bytes, skipValue(bytes, element, end, 0), end);
    return element;
  }

  /** Levels of both sides, 0 being an absent field. `mayBeFar`: asks beyond the grid are left out. */
  protected sides(bytes: Uint8Array, bids: number, asks: number, end: number, mayBeFar: boolean): number {
    const { message, reader } = this;
    let count = reader.levels(bytes, bids, end, message.bidTicks, message.bidLots, false);
    if (count < 0) return count;
    message.bidCount = count;
    count = reader.levels(bytes, asks, end, message.askTicks, message.askLots, mayBeFar);
    if (count < 0) return count;
    message.askCount = count;
    return DECODE.OK;
  }

  /** A book of at most one level a side as a ticker. */
  protected topOfBook(): number {
    const message = this.message;
    if (message.bidCount === 0) clearTop(message.bidTicks, message.bidLots);
    if (message.askCount === 0) clearTop(message.askTicks, message.askLots);
    return checkTicker(message);
  }
}

/** An empty side of a ticker. */
export function clearTop(ticks: Int32Array, lots: Float64Array): void {
  ticks[0] = PRICE_NONE;
  lots[0] = 0;
}
