import type { Instrument } from '../../../core/instrument.ts';
import { FRAME_BYTES_MAX, SNAPSHOT_BYTES_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { SIDE } from '../../../core/records/market.ts';
import { FAR, FieldReader } from '../../json/field-reader.hot.ts';
import { isText, KeyTable, noteFields, noteFrame, textEnd } from '../../json/object.hot.ts';
import { skipSpace, skipString, skipValue } from '../../json/scan.hot.ts';
import { scanTime } from '../../json/time.hot.ts';
import { GridTable } from '../../l2/grid.hot.ts';
import { L2Message, N_EVENT_MS, N_LAST_ID, N_TRADE_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE } from '../../l2/status.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import { FullKnownOrder } from './known-order.hot.ts';
import { FULL, type FullOrder } from './order.ts';
import { ID_WORDS, scanOrderId } from './order-ids.hot.ts';

/** What `nextOrder` says beside DECODE statuses: no more orders. */
export const NO_ORDER = 1;

const KEYS = new KeyTable([
  'type',
  'product_id',
  'sequence',
  'time',
  'order_id',
  'side',
  'price',
  'remaining_size',
  'size',
  'new_size',
  'new_price',
  'maker_order_id',
  'trade_id',
  'book',
]);
const F_TYPE = 0;
const F_PRODUCT = 1;
const F_SEQUENCE = 2;
const F_TIME = 3;
const F_ORDER = 4;
const F_SIDE = 5;
const F_PRICE = 6;
const F_REMAINING = 7;
const F_SIZE = 8;
const F_NEW_SIZE = 9;
const F_NEW_PRICE = 10;
const F_MAKER = 11;
const F_TRADE_ID = 12;
const F_BOOK = 13;

const BOOK_KEYS = new KeyTable(['sequence', 'bids', 'asks']);
const B_SEQUENCE = 0;
const B_BIDS = 1;
const B_ASKS = 2;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const TYPE_OPEN = bytesOf('open');
const TYPE_DONE = bytesOf('done');
const TYPE_MATCH = bytesOf('match');
const TYPE_CHANGE = bytesOf('change');
const TYPE_RECEIVED = bytesOf('received');
const TYPE_ACTIVATE = bytesOf('activate');
const TYPE_SNAPSHOT = bytesOf('snapshot');
const SIDE_BUY = bytesOf('buy');
const SIDE_SELL = bytesOf('sell');

/**
 * Decodes one frame of the channel `full`: an event of one order. `message` holds product, sequence (N_LAST_ID), time and trade
 * id; the fields beside it the order. Keys may come in any order, and fields that the venue sets to null count as absent.
 */
export class FullDecoder implements FullOrder {
  /** Instrument and numbers only; its levels are scratch. */
  readonly message: L2Message;
  kind: number;
  side: number;
  readonly orderId: Int32Array;
  readonly ticks: Int32Array;
  isFar: number;
  readonly lots: Float64Array;
  hasLots: number;
  private readonly reader: FieldReader;
  private readonly known: FullKnownOrder;
  private readonly at: Int32Array;
  private readonly book: Int32Array;
  /** The frame that holds a snapshot, and where its next order begins; 0 where a side is over. */
  private bytes: Uint8Array;
  private end: number;
  private nextAt: number;

  constructor(instruments: readonly Instrument[]) {
    this.message = new L2Message();
    this.kind = FULL.NONE;
    this.side = -1;
    this.orderId = new Int32Array(ID_WORDS);
    this.ticks = new Int32Array([PRICE_NONE]);
    this.isFar = 0;
    this.lots = new Float64Array(1);
    this.hasLots = 0;
    const symbols = new SymbolTable(instruments);
    const grid = new GridTable(instruments);
    this.reader = new FieldReader(this.message, symbols, grid);
    this.known = new FullKnownOrder(this.message, symbols, grid, this);
    this.at = new Int32Array(KEYS.size);
    this.book = new Int32Array(BOOK_KEYS.size);
    this.bytes = new Uint8Array(0);
    this.end = 0;
    this.nextAt = 0;
  }

  /** Decodes `bytes[start, end)`; DECODE. A frame that is refused without an instrument may have been any product's. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    if (this.known.decode(bytes, start, end) === DECODE.OK) return DECODE.OK;
    return this.decodeAnyOrder(bytes, start, end);
  }

  /** The general path alone; `decode` without its short cut. */
  decodeAnyOrder(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const at = this.at;
    message.instrument = -1;
    this.kind = FULL.NONE;
    if (end - start > SNAPSHOT_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    let status = noteFrame(bytes, start, end, KEYS, at);
    if (status !== DECODE.OK) return status;
    const type = at[F_TYPE]!;
    if (type === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, type, end);
    if (close < 0) return close;
    const kind = kindOf(bytes, type, end);
    if (kind === FULL.NONE) return DECODE.UNKNOWN_KIND;
    if (kind !== FULL.SNAPSHOT && end - start > FRAME_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    status = this.reader.symbol(bytes, at[F_PRODUCT]!, end);
    if (status !== DECODE.OK) return status;
    if (kind === FULL.SNAPSHOT) return this.openSnapshot(bytes, end);
    status = this.reader.id(bytes, at[F_SEQUENCE]!, end, N_LAST_ID);
    if (status === DECODE.OK) status = this.readTime(bytes, end);
    if (status !== DECODE.OK) return status;
    const hasTime = message.numbers[N_EVENT_MS]! !== 0;
    if (!hasTime && kind !== FULL.OPEN) return DECODE.MISSING_FIELD;
    if (kind !== FULL.OTHER) status = this.readOrder(bytes, end, kind);
    this.kind = hasTime ? kind : FULL.SNAPSHOT_LINE;
    return status;
  }

  /** The next order of the snapshot at hand: DECODE.OK, NO_ORDER, or what is wrong with it. Bids first, both best to worst. */
  nextOrder(): number {
    const bytes = this.bytes;
    const end = this.end;
    if (this.nextAt === 0) {
      if (this.side === SIDE.SELL) return NO_ORDER;
      this.side = SIDE.SELL;
      const status = this.openSide(this.book[B_ASKS]!);
      if (status !== DECODE.OK) return status;
      if (this.nextAt === 0) return NO_ORDER;
    }
    let p = this.nextAt;
    if (bytes[p]! !== 91) return DECODE.BAD_FIELD;
    p = skipSpace(bytes, p + 1, end);
    let status = this.readPrice(bytes, p, end, this.side === SIDE.SELL);
    if (status !== DECODE.OK) return status;
    p = skipSpace(bytes, skipString(bytes, p, end), end);
    if (bytes[p]! !== 44) return DECODE.BAD_FIELD;
    p = skipSpace(bytes, p + 1, end);
    status = this.readSize(bytes, p, end);
    if (status !== DECODE.OK) return status;
    p = skipSpace(bytes, skipString(bytes, p, end), end);
    if (bytes[p]! !== 44) return DECODE.BAD_FIELD;
    p = skipSpace(bytes, p + 1, end);
    status = this.readOrderId(bytes, p, end);
    if (status !== DECODE.OK) return status;
    p = skipSpace(bytes, skipString(bytes, p, end), end);
    while (bytes[p]! === 44) p = skipSpace(bytes, skipValue(bytes, skipSpace(bytes, p + 1, end), end, 0), end);
    p = skipSpace(bytes, p + 1, end);
    this.nextAt = bytes[p]! === 44 ? skipSpace(bytes, p + 1, end) : 0;
    return DECODE.OK;
  }

  /** `{"type":"snapshot","product_id":"X","book":{"sequence":1,"bids":[["price","size","order id"],...],"asks":[...]}}` */
  private openSnapshot(bytes: Uint8Array, end: number): number {
    const at = this.at[F_BOOK]!;
    const numbers = this.message.numbers;
    if (at === 0) return DECODE.MISSING_FIELD;
    if (bytes[at]! !== 123) return DECODE.BAD_FIELD;
    const p = noteFields(bytes, at, end, 1, BOOK_KEYS, this.book);
    if (p < 0) return p;
    const status = this.reader.id(bytes, this.book[B_SEQUENCE]!, end, N_LAST_ID);
    if (status !== DECODE.OK) return status;
    if (this.book[B_ASKS]! === 0) return DECODE.MISSING_FIELD;
    numbers[N_EVENT_MS] = 0;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    this.bytes = bytes;
    this.end = end;
    this.side = SIDE.BUY;
    this.kind = FULL.SNAPSHOT;
    return this.openSide(this.book[B_BIDS]!);
  }

  private openSide(at: number): number {
    this.nextAt = 0;
    if (at === 0) return DECODE.MISSING_FIELD;
    if (this.bytes[at]! !== 91) return DECODE.BAD_FIELD;
    const first = skipSpace(this.bytes, at + 1, this.end);
    if (this.bytes[first]! !== 93) this.nextAt = first;
    return DECODE.OK;
  }

  /** An empty text is no time: N_EVENT_MS is 0. */
  private readTime(bytes: Uint8Array, end: number): number {
    const numbers = this.message.numbers;
    const time = this.at[F_TIME]!;
    numbers[N_EVENT_MS] = 0;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    if (time === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, time, end);
    if (close < 0) return close;
    if (close === time + 1) return DECODE.OK;
    const status = scanTime(bytes, time + 1, close, numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
    if (status < 0) return status;
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    return numbers[N_EVENT_MS]! === 0 ? DECODE.BAD_FIELD : DECODE.OK;
  }

  private readOrder(bytes: Uint8Array, end: number, kind: number): number {
    const at = this.at;
    const isMatch = kind === FULL.MATCH;
    let status = this.readOrderId(bytes, at[isMatch ? F_MAKER : F_ORDER]!, end);
    if (status === DECODE.OK) status = this.readSide(bytes, end, kind === FULL.OPEN || isMatch);
    if (status !== DECODE.OK) return status;
    const needed = kind === FULL.OPEN || isMatch;
    const newPrice = kind === FULL.CHANGE && !isAbsent(bytes, at[F_NEW_PRICE]!);
    const price = at[newPrice ? F_NEW_PRICE : F_PRICE]!;
    this.ticks[0] = PRICE_NONE;
    this.isFar = 0;
    if (needed || !isAbsent(bytes, price)) {
      status = this.readPrice(bytes, price, end, this.side !== SIDE.BUY);
      if (status !== DECODE.OK) return status;
    }
    const size = at[isMatch ? F_SIZE : kind === FULL.CHANGE ? F_NEW_SIZE : F_REMAINING]!;
    this.hasLots = 0;
    if (needed || !isAbsent(bytes, size)) {
      status = this.readSize(bytes, size, end);
      if (status !== DECODE.OK) return status;
      if (needed && this.lots[0]! === 0) return DECODE.QTY_RANGE;
    }
    return isMatch ? this.reader.id(bytes, at[F_TRADE_ID]!, end, N_TRADE_ID) : DECODE.OK;
  }

  private readOrderId(bytes: Uint8Array, at: number, end: number): number {
    if (at === 0) return DECODE.MISSING_FIELD;
    const close = textEnd(bytes, at, end);
    if (close < 0) return close;
    return scanOrderId(bytes, at + 1, close, this.orderId) ? DECODE.OK : DECODE.BAD_FIELD;
  }

  private readSide(bytes: Uint8Array, end: number, needed: boolean): number {
    const at = this.at[F_SIDE]!;
    this.side = -1;
    if (isAbsent(bytes, at)) return needed ? DECODE.MISSING_FIELD : DECODE.OK;
    if (isText(bytes, at, end, SIDE_BUY)) this.side = SIDE.BUY;
    else if (isText(bytes, at, end, SIDE_SELL)) this.side = SIDE.SELL;
    else return DECODE.BAD_FIELD;
    return DECODE.OK;
  }

  private readPrice(bytes: Uint8Array, at: number, end: number, mayBeFar: boolean): number {
    const status = mayBeFar ? this.reader.askPrice(bytes, at, end, this.ticks, 0) : this.reader.bidPrice(bytes, at, end, this.ticks, 0);
    this.isFar = status === FAR ? 1 : 0;
    return status === FAR ? DECODE.OK : status;
  }

  private readSize(bytes: Uint8Array, at: number, end: number): number {
    this.hasLots = 1;
    return this.reader.qty(bytes, at, end, this.lots, 0);
  }
}

/** True for a key that is not there or null. */
function isAbsent(bytes: Uint8Array, at: number): boolean {
  return at === 0 || bytes[at]! === 110;
}

function kindOf(bytes: Uint8Array, type: number, end: number): number {
  if (isText(bytes, type, end, TYPE_RECEIVED) || isText(bytes, type, end, TYPE_ACTIVATE)) return FULL.OTHER;
  if (isText(bytes, type, end, TYPE_OPEN)) return FULL.OPEN;
  if (isText(bytes, type, end, TYPE_DONE)) return FULL.DONE;
  if (isText(bytes, type, end, TYPE_MATCH)) return FULL.MATCH;
  if (isText(bytes, type, end, TYPE_CHANGE)) return FULL.CHANGE;
  return isText(bytes, type, end, TYPE_SNAPSHOT) ? FULL.SNAPSHOT : FULL.NONE;
}
