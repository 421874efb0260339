import type { Instrument } from '../../../core/instrument.ts';
import { FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { FieldReader } from '../../json/field-reader.hot.ts';
import { jsonStatus } from '../../json/object.hot.ts';
import { skipSpace, skipValue } from '../../json/scan.hot.ts';
import type { L2Decoder } from '../../l2/decoder.ts';
import { GridTable } from '../../l2/grid.hot.ts';
import { L2Message, N_EVENT_MS, N_FIRST_ID, N_LAST_ID, N_PREVIOUS_ID, N_TRADE_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import { KrakenBooks } from './books.hot.ts';
import { KrakenKnownOrder } from './known-order.hot.ts';
import { KrakenV1 } from './v1.hot.ts';
import { KrakenV2 } from './v2.hot.ts';

/**
 * Decodes Kraken's frames of both websocket APIs, which their first byte tells apart: an array is the first, an object the
 * second or a control message. Allocates nothing. A frame that cannot be read may have been a change of any book: it is
 * refused as a DEPTH message of no instrument.
 */
export class KrakenDecoder implements L2Decoder {
  readonly message: L2Message;
  readonly grid: GridTable;
  readonly books: KrakenBooks;
  private readonly known: KrakenKnownOrder;
  private readonly v1: KrakenV1;
  private readonly v2: KrakenV2;
  private bytes: Uint8Array;
  private end: number;

  /** `depth`: levels a side of the books wanted, 0 for what comes. */
  constructor(instruments: readonly Instrument[], depth = 0) {
    this.message = new L2Message();
    this.grid = new GridTable(instruments);
    this.books = new KrakenBooks(instruments, depth);
    const symbols = new SymbolTable(instruments);
    const reader = new FieldReader(this.message, symbols, this.grid);
    this.known = new KrakenKnownOrder(this.message, symbols, this.grid, this.books);
    this.v1 = new KrakenV1(this.message, reader, this.books);
    this.v2 = new KrakenV2(this.message, reader, this.books);
    this.bytes = new Uint8Array(0);
    this.end = 0;
  }

  get more(): number {
    return (this.v1.cursor | this.v2.cursor) === 0 ? 0 : 1;
  }

  decode(bytes: Uint8Array, start: number, end: number): number {
    this.begin();
    this.v1.cursor = 0;
    this.v2.cursor = 0;
    if (this.known.decode(bytes, start, end) === DECODE.OK) return this.ended(DECODE.OK);
    return this.decodeAnyOrder(bytes, start, end);
  }

  /** The general path alone; `decode` without its short cut. */
  decodeAnyOrder(bytes: Uint8Array, start: number, end: number): number {
    this.begin();
    this.v1.cursor = 0;
    this.v2.cursor = 0;
    this.bytes = bytes;
    this.end = end;
    if (end - start > FRAME_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    const p = skipSpace(bytes, start, end);
    if (p >= end) return DECODE.BAD_JSON;
    const first = bytes[p]!;
    if (first === 91) return this.ended(this.v1.decode(bytes, p, end));
    if (first === 123) return this.ended(this.v2.decode(bytes, p, end));
    // "http...": the recorded answer to a request.
    if (first === 104) return DECODE.UNKNOWN_KIND;
    const after = skipValue(bytes, p, end, 0);
    if (after < 0) return jsonStatus(after);
    return skipSpace(bytes, after, end) === end ? DECODE.UNKNOWN_KIND : DECODE.BAD_JSON;
  }

  next(): number {
    this.begin();
    if (this.v1.cursor !== 0) {
      this.message.kind = MESSAGE.TRADE;
      this.message.instrument = this.v1.instrument;
      return this.ended(this.v1.nextTrade(this.bytes, this.end));
    }
    return this.v2.cursor === 0 ? DECODE.BAD_JSON : this.ended(this.v2.nextElement(this.bytes, this.end));
  }

  private begin(): void {
    const message = this.message;
    const numbers = message.numbers;
    message.kind = MESSAGE.DEPTH;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    message.farCount = 0;
    message.hasChecksum = 0;
    numbers[N_FIRST_ID] = 0;
    numbers[N_LAST_ID] = 0;
    numbers[N_PREVIOUS_ID] = 0;
    numbers[N_TRADE_ID] = 0;
    numbers[N_TRANSACT_MS] = 0;
  }

  private ended(status: number): number {
    this.message.numbers[N_EVENT_MS] = this.message.numbers[N_TRANSACT_MS]!;
    return status;
  }
}
