import { SIDE } from '../../../core/records/market.ts';
import { KnownOrder } from '../../json/known-order.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { TimeReader } from '../../json/time.hot.ts';
import { Literal, matches, matchesShort, ShortLiteral } from '../../json/words.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_EVENT_MS, N_LAST_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';
import { FULL, type FullOrder } from './order.ts';
import { scanOrderId } from './order-ids.hot.ts';

const OPEN = new Literal('{"type":"open","sequence":');
const DONE = new Literal('{"type":"done","order_type":"limit","side":"');
const RECEIVED = new Literal('{"type":"received","sequence":');
const LINE = new Literal('{"product_id": "');
const SIDE_TEXT = new Literal(',"side":"');
const BUY_TO_PRICE = new Literal('buy","price":"');
const SELL_TO_PRICE = new Literal('sell","price":"');
const BUY_TO_SEQUENCE = new Literal('buy","sequence":');
const SELL_TO_SEQUENCE = new Literal('sell","sequence":');
const QUOTE_ORDER = new Literal('","order_id":"');
const ORDER = new Literal(',"order_id":"');
const REMAINING = new Literal('","remaining_size":"');
const PRODUCT = new Literal('","product_id":"');
const TIME = new Literal('","time":"');
const REASON = new Literal('","reason":"');
const PRICE = new Literal('","price":"');
const TYPE_TO_SIZE = new Literal('","order_type":"limit","size":"');
const SIDE_AFTER_PRICE = new Literal('","side":"');
const FUNDS_TO_CLIENT = new Literal('","funds":null,"client_oid":"');
const LINE_REMAINING = new Literal('", "remaining_size": "');
const LINE_TIME_TO_ORDER = new Literal('", "time": "", "order_id": "');
const LINE_PRICE = new Literal('", "price": "');
const LINE_SEQUENCE = new Literal('", "sequence": ');
const LINE_TYPE_TO_SIDE = new Literal(', "type": "open", "side": "');
const LINE_BUY = new ShortLiteral('buy"}');
const LINE_SELL = new ShortLiteral('sell"}');
const ID_BYTES = 36;
/** `"}` */
const CLOSE_FRAME = 0x7d22;

/** The kinds of messages that are most of the channel `full`, and the lines that a recording begins with. */
export class FullKnownOrder extends KnownOrder {
  private readonly order: FullOrder;
  private readonly time: TimeReader;

  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable, order: FullOrder) {
    super(message, symbols, grid, 125);
    this.order = order;
    this.time = new TimeReader(message.numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
  }

  protected read(bytes: Uint8Array, start: number, end: number): number {
    // Prices stand before the product: that of the last message is taken, and compared when it comes.
    const expected = this.lastInstrument;
    this.message.instrument = expected;
    const letter = bytes[start + 9]!;
    let kind: number;
    if (letter === 111) kind = this.open(bytes, start, end);
    else if (letter === 100) kind = this.done(bytes, start, end);
    else if (letter === 114) kind = this.received(bytes, start, end);
    else kind = this.line(bytes, start, end);
    if (kind < 0 || this.message.instrument !== expected) return OTHER_SHAPE;
    this.order.kind = kind;
    return DECODE.OK;
  }

  /** `{"type":"open","sequence":1,"side":"buy","price":"1","order_id":"...","remaining_size":"2","product_id":"X","time":"..."}` */
  private open(bytes: Uint8Array, start: number, end: number): number {
    const { view, order } = this;
    if (!matches(view, start, OPEN)) return OTHER_SHAPE;
    let p = this.ids.read(view, bytes, start + OPEN.length, end, N_LAST_ID);
    if (p < 0 || !matches(view, p, SIDE_TEXT)) return OTHER_SHAPE;
    p = this.sideAndText(p + SIDE_TEXT.length, BUY_TO_PRICE, SELL_TO_PRICE);
    if (p < 0) return OTHER_SHAPE;
    p = this.price(bytes, p, order.ticks, 0);
    if (p < 0 || !matches(view, p, QUOTE_ORDER)) return OTHER_SHAPE;
    p = this.orderId(bytes, p + QUOTE_ORDER.length);
    if (p < 0 || !matches(view, p, REMAINING)) return OTHER_SHAPE;
    p = this.size(bytes, p + REMAINING.length);
    if (p < 0 || order.lots[0]! === 0 || !matches(view, p, PRODUCT)) return OTHER_SHAPE;
    p = this.productAndTime(bytes, p + PRODUCT.length, end - 2);
    return p === end - 2 && view.getUint16(p, true) === CLOSE_FRAME ? FULL.OPEN : OTHER_SHAPE;
  }

  /** `{"type":"done","order_type":"limit","side":"buy","sequence":1,"order_id":"...","reason":"...","product_id":"X","time":"...","price":"1","remaining_size":"2"}` */
  private done(bytes: Uint8Array, start: number, end: number): number {
    const { view, order } = this;
    if (!matches(view, start, DONE)) return OTHER_SHAPE;
    let p = this.sideAndText(start + DONE.length, BUY_TO_SEQUENCE, SELL_TO_SEQUENCE);
    if (p < 0) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p, end, N_LAST_ID);
    if (p < 0 || !matches(view, p, ORDER)) return OTHER_SHAPE;
    p = this.orderId(bytes, p + ORDER.length);
    if (p < 0 || !matches(view, p, REASON)) return OTHER_SHAPE;
    p = this.textEnd(bytes, p + REASON.length);
    if (p < 0 || !matches(view, p, PRODUCT)) return OTHER_SHAPE;
    p += PRODUCT.length;
    if (!this.symbol(bytes, p) || !matches(view, this.at, TIME)) return OTHER_SHAPE;
    const time = this.at + TIME.length;
    p = this.textEnd(bytes, time);
    if (p < 0 || !matches(view, p, PRICE) || !this.isTime(bytes, time, p)) return OTHER_SHAPE;
    p = this.price(bytes, p + PRICE.length, order.ticks, 0);
    if (p < 0 || !matches(view, p, REMAINING)) return OTHER_SHAPE;
    p = this.size(bytes, p + REMAINING.length);
    return p === end - 2 && view.getUint16(p, true) === CLOSE_FRAME ? FULL.DONE : OTHER_SHAPE;
  }

  /**
   * `{"type":"received","sequence":1,"order_id":"...","order_type":"limit","size":"1","price":"1","side":"buy","funds":null,
   * "client_oid":"...","product_id":"X","time":"..."}`: nothing for the book but its number.
   */
  private received(bytes: Uint8Array, start: number, end: number): number {
    const view = this.view;
    if (!matches(view, start, RECEIVED)) return OTHER_SHAPE;
    let p = this.ids.read(view, bytes, start + RECEIVED.length, end, N_LAST_ID);
    if (p < 0 || !matches(view, p, ORDER)) return OTHER_SHAPE;
    p = this.textEnd(bytes, p + ORDER.length);
    if (p < 0 || !matches(view, p, TYPE_TO_SIZE)) return OTHER_SHAPE;
    p = this.textEnd(bytes, p + TYPE_TO_SIZE.length);
    if (p < 0 || !matches(view, p, PRICE)) return OTHER_SHAPE;
    p = this.textEnd(bytes, p + PRICE.length);
    if (p < 0 || !matches(view, p, SIDE_AFTER_PRICE)) return OTHER_SHAPE;
    p = this.textEnd(bytes, p + SIDE_AFTER_PRICE.length);
    if (p < 0 || !matches(view, p, FUNDS_TO_CLIENT)) return OTHER_SHAPE;
    p = this.textEnd(bytes, p + FUNDS_TO_CLIENT.length);
    if (p < 0 || !matches(view, p, PRODUCT)) return OTHER_SHAPE;
    p = this.productAndTime(bytes, p + PRODUCT.length, end - 2);
    return p === end - 2 && view.getUint16(p, true) === CLOSE_FRAME ? FULL.OTHER : OTHER_SHAPE;
  }

  /** `{"product_id": "X", "remaining_size": "1", "time": "", "order_id": "...", "price": "1", "sequence": 1, "type": "open", "side": "buy"}` */
  private line(bytes: Uint8Array, start: number, end: number): number {
    const { view, order, message } = this;
    const numbers = message.numbers;
    if (!matches(view, start, LINE) || !this.symbol(bytes, start + LINE.length) || !matches(view, this.at, LINE_REMAINING))
      return OTHER_SHAPE;
    let p = this.size(bytes, this.at + LINE_REMAINING.length);
    if (p < 0 || order.lots[0]! === 0 || !matches(view, p, LINE_TIME_TO_ORDER)) return OTHER_SHAPE;
    p = this.orderId(bytes, p + LINE_TIME_TO_ORDER.length);
    if (p < 0 || !matches(view, p, LINE_PRICE)) return OTHER_SHAPE;
    p = this.price(bytes, p + LINE_PRICE.length, order.ticks, 0);
    if (p < 0 || !matches(view, p, LINE_SEQUENCE)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + LINE_SEQUENCE.length, end, N_LAST_ID);
    if (p < 0 || !matches(view, p, LINE_TYPE_TO_SIDE)) return OTHER_SHAPE;
    p += LINE_TYPE_TO_SIDE.length;
    if (p + LINE_BUY.length === end && matchesShort(view, p, LINE_BUY)) order.side = SIDE.BUY;
    else if (p + LINE_SELL.length === end && matchesShort(view, p, LINE_SELL)) order.side = SIDE.SELL;
    else return OTHER_SHAPE;
    order.isFar = 0;
    numbers[N_EVENT_MS] = 0;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    return FULL.SNAPSHOT_LINE;
  }

  /** The side at `p` with what stands behind it; position after that or OTHER_SHAPE. */
  private sideAndText(p: number, buy: Literal, sell: Literal): number {
    const { view, order } = this;
    order.isFar = 0;
    order.side = matches(view, p, buy) ? SIDE.BUY : SIDE.SELL;
    if (order.side === SIDE.BUY) return p + buy.length;
    return matches(view, p, sell) ? p + sell.length : OTHER_SHAPE;
  }

  private orderId(bytes: Uint8Array, p: number): number {
    return scanOrderId(bytes, p, p + ID_BYTES, this.order.orderId) ? p + ID_BYTES : OTHER_SHAPE;
  }

  private size(bytes: Uint8Array, p: number): number {
    this.order.hasLots = 1;
    return this.qty(bytes, p, this.order.lots, 0);
  }

  /** `X","time":"..."` up to the quote at `close`; its position or OTHER_SHAPE. */
  private productAndTime(bytes: Uint8Array, p: number, close: number): number {
    if (!this.symbol(bytes, p) || !matches(this.view, this.at, TIME)) return OTHER_SHAPE;
    return this.isTime(bytes, this.at + TIME.length, close) ? close : OTHER_SHAPE;
  }

  /** A time that is not 0, which says that there is none. */
  private isTime(bytes: Uint8Array, start: number, end: number): boolean {
    const numbers = this.message.numbers;
    if (!this.time.read(this.view, bytes, start, end)) return false;
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    return numbers[N_EVENT_MS]! !== 0;
  }
}
