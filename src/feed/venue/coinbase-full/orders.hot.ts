import { BOOK_LEVELS_MAX, BOOK_ORDERS_MAX } from '../../../core/limits.ts';
import { PRICE_NONE } from '../../../core/price.ts';
import { L3Book } from '../../book/l3-book.hot.ts';
import { L3, PRIORITY } from '../../book/l3-status.ts';
import type { FullDecoder } from './decode.hot.ts';
import { FULL } from './order.ts';
import { OrderIds } from './order-ids.hot.ts';

/** What an event did to the orders. */
export const ORDERS = {
  /** It names no order of the book: normal for takers, stops and orders that never rested. */
  NOTHING: 0,
  /** The book's `changed...` fields say what changed. */
  CHANGED: 1,
  /** The event cannot be true of this book: something was missed. */
  MISMATCH: -1,
  FULL: -2,
} as const;

/**
 * The orders of one product under the ids of the venue. Asks priced beyond the grid have an id here and no place in the book:
 * their owner may give them another price.
 */
export class FullOrders {
  readonly book: L3Book;
  /** Asks that were left out of the book. */
  farCount: number;
  private readonly ids: OrderIds;

  constructor(ordersMax: number = BOOK_ORDERS_MAX, levelsMax: number = BOOK_LEVELS_MAX) {
    this.book = new L3Book(ordersMax, levelsMax);
    this.ids = new OrderIds(ordersMax);
    this.farCount = 0;
  }

  clear(): void {
    this.book.clear();
    this.ids.clear();
  }

  /** The venue's id of an order of the book, as four words. */
  idOf(order: number, id: Int32Array): void {
    this.ids.copy(this.book.lowOf(order), id);
  }

  /** Applies the event in `event`; ORDERS. */
  apply(event: FullDecoder): number {
    switch (event.kind) {
      case FULL.OPEN:
        return this.open(event);
      case FULL.DONE:
        return this.done(event);
      case FULL.MATCH:
        return this.match(event);
      case FULL.CHANGE:
        return this.change(event);
      default:
        return ORDERS.NOTHING;
    }
  }

  /** A new order at the end of its level's queue. */
  open(event: FullDecoder): number {
    if (this.ids.find(event.orderId) >= 0) return ORDERS.MISMATCH;
    const order = this.ids.insert(event.orderId);
    if (order < 0) return ORDERS.FULL;
    if (event.isFar === 1) {
      this.farCount++;
      return ORDERS.NOTHING;
    }
    return this.add(event, order);
  }

  private add(event: FullDecoder, order: number): number {
    const status = this.book.add(order, 0, event.side, event.ticks[0]!, event.lots, 0);
    if (status === L3.OK) return this.checked();
    return status === L3.BAD_QTY || status === L3.DUPLICATE_REF ? ORDERS.MISMATCH : ORDERS.FULL;
  }

  /** An order leaves; what it says of price and size that were left must be what the book has. */
  private done(event: FullDecoder): number {
    const order = this.ids.find(event.orderId);
    if (order < 0) return ORDERS.NOTHING;
    this.ids.remove(order);
    const book = this.book;
    const at = book.orderOf(order, 0);
    if (at < 0) return ORDERS.NOTHING;
    if (!this.agrees(event, at)) return ORDERS.MISMATCH;
    if (event.hasLots === 1 && event.lots[0]! !== book.lotsOf(at)) return ORDERS.MISMATCH;
    book.delete(order, 0);
    return ORDERS.CHANGED;
  }

  /** A maker always rests, at the price of the match. */
  private match(event: FullDecoder): number {
    const order = this.ids.find(event.orderId);
    if (order < 0) return ORDERS.MISMATCH;
    const book = this.book;
    const at = book.orderOf(order, 0);
    if (at < 0) return event.isFar === 1 ? ORDERS.NOTHING : ORDERS.MISMATCH;
    if (!this.agrees(event, at)) return ORDERS.MISMATCH;
    if (book.reduce(order, 0, event.lots, 0) !== L3.OK) return ORDERS.MISMATCH;
    if (book.orderOf(order, 0) < 0) this.ids.remove(order);
    return ORDERS.CHANGED;
  }

  /** A new size, by self-trade prevention or by its owner, or a new price. */
  private change(event: FullDecoder): number {
    const order = this.ids.find(event.orderId);
    if (order < 0) return ORDERS.NOTHING;
    const book = this.book;
    const at = book.orderOf(order, 0);
    if (event.hasLots === 0) return ORDERS.MISMATCH;
    if (at < 0) {
      if (event.isFar === 1 || event.ticks[0]! === PRICE_NONE || event.lots[0]! === 0) return ORDERS.NOTHING;
      return event.side < 0 ? ORDERS.MISMATCH : this.add(event, order);
    }
    if (event.side >= 0 && event.side !== book.sideOf(at)) return ORDERS.MISMATCH;
    if (event.isFar === 1 || event.lots[0]! === 0) {
      if (event.isFar === 1) this.farCount++;
      else this.ids.remove(order);
      book.delete(order, 0);
      return ORDERS.CHANGED;
    }
    const ticks = event.ticks[0]! === PRICE_NONE ? book.priceOf(at) : event.ticks[0]!;
    const status = book.modify(order, 0, ticks, event.lots, 0, PRIORITY.LOST_BY_PRICE_OR_GROWTH);
    if (status === L3.OK) return this.checked();
    return status === L3.LEVELS_FULL ? ORDERS.FULL : ORDERS.MISMATCH;
  }

  private agrees(event: FullDecoder, at: number): boolean {
    const book = this.book;
    if (event.side >= 0 && event.side !== book.sideOf(at)) return false;
    if (event.isFar === 1) return false;
    return event.ticks[0]! === PRICE_NONE || event.ticks[0]! === book.priceOf(at);
  }

  /** A level's quantity must stay exact. */
  private checked(): number {
    const book = this.book;
    for (let i = 0; i < book.changedCount; i++) if (book.changedLots[i]! > Number.MAX_SAFE_INTEGER) return ORDERS.FULL;
    return ORDERS.CHANGED;
  }
}
