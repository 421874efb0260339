import type { Instrument } from '../../core/instrument.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../core/records/market.ts';
import { BOOK_APPLY, L2Book } from '../book/l2-book.hot.ts';
import type { L3Book } from '../book/l3-book.hot.ts';
import { L3, PRIORITY } from '../book/l3-status.ts';
import type { RecordOrders } from './create-orders.ts';
import { ACTION, CLEARS, N_LOTS, N_SEQUENCE, RECORD_FLAG, type RecordMessage, SIDE_NONE } from './message.hot.ts';

/** What the records of an instrument have been so far. */
export const CONTENT = { NONE: 0, LEVELS: 1, ORDERS: 2 } as const;
/** How much of its book is there. */
export const HAVE = { NONE: 0, LOADING: 1, WHOLE: 2 } as const;
/** `fault` of a book that is right as far as is known. */
export const NO_FAULT = 0;
/** Changed levels and trades of one event; more levels make the whole book be published, more trades are not published. */
const CHANGES_MAX = 512;
const TRADES_MAX = 512;
/** Newest changed levels that a further one is compared with. */
const REPEATS_SEEN = 8;
/** Upper half of the reference of a best price: numbers of orders this high are not given. */
const TOP_REFERENCE_HIGH = -1;
/** Slots of a trade in `tradeNumbers`. */
export const TRADE_LOTS = 0;
export const TRADE_ID = 1;

/** `apply` of an order: a change of an order that the book does not have, taken as a new one. */
export const MODIFIED_NEW = 1;
/** `apply` of an order: the record names another side than the order has. */
export const WRONG_SIDE = -100;

/** One instrument: its book, what is known to be wrong with it, and what the event at hand changed. */
export class RecordBook {
  readonly instrument: number;
  /** CONTENT. */
  content: number;
  /** HAVE. */
  have: number;
  /** 1 while records of a snapshot arrive. */
  inSnapshot: number;
  /** STALE or GAP when the book is not the venue's, and why. */
  fault: number;
  faultReason: number;
  /** 1 when bid stood at or above ask at the end of the last event. */
  crossed: number;
  /** 1 while records were not delivered: the lane has to be told the whole book again. */
  lags: number;
  aged: number;
  /** BOOK_STATE as last written to the ring. */
  shown: number;
  /** Local receive time of the last record of the book, at index 0. */
  readonly seenNs: Float64Array;
  readonly levels: L2Book;
  orders: L3Book | undefined;
  /** Levels that the event changed; the whole book when `changedAll` is 1. */
  changedAll: number;
  bidCount: number;
  askCount: number;
  readonly bidTicks: Int32Array;
  readonly askTicks: Int32Array;
  /** Quantities there now; `fillChanges` sets them. */
  readonly bidLots: Float64Array;
  readonly askLots: Float64Array;
  /** Trades of the event. */
  tradeCount: number;
  readonly tradeTicks: Int32Array;
  readonly tradeSide: Int32Array;
  /** Lots and sequence number of each. */
  readonly tradeNumbers: Float64Array;
  private readonly memory: RecordOrders;

  constructor(instrument: Instrument, levelsMax: number, memory: RecordOrders) {
    this.instrument = instrument.id;
    this.content = CONTENT.NONE;
    this.have = HAVE.NONE;
    this.inSnapshot = 0;
    this.fault = NO_FAULT;
    this.faultReason = BOOK_REASON.NONE;
    this.crossed = 0;
    this.lags = 0;
    this.aged = 0;
    this.shown = BOOK_STATE.DISCONNECTED;
    this.seenNs = new Float64Array(1);
    this.levels = new L2Book(levelsMax);
    this.orders = undefined;
    this.changedAll = 0;
    this.bidCount = 0;
    this.askCount = 0;
    this.bidTicks = new Int32Array(CHANGES_MAX);
    this.askTicks = new Int32Array(CHANGES_MAX);
    this.bidLots = new Float64Array(CHANGES_MAX);
    this.askLots = new Float64Array(CHANGES_MAX);
    this.tradeCount = 0;
    this.tradeTicks = new Int32Array(TRADES_MAX);
    this.tradeSide = new Int32Array(TRADES_MAX);
    this.tradeNumbers = new Float64Array(2 * TRADES_MAX);
    this.memory = memory;
  }

  /** The book that is kept. */
  get view(): L2Book | L3Book {
    const orders = this.orders;
    return this.content === CONTENT.ORDERS && orders !== undefined ? orders : this.levels;
  }

  /** Forgets everything: a connection begins. */
  reset(): void {
    this.empty();
    this.have = HAVE.NONE;
    this.inSnapshot = 0;
    this.fault = NO_FAULT;
    this.faultReason = BOOK_REASON.NONE;
    this.content = CONTENT.NONE;
    this.aged = 0;
  }

  /** From now on the instrument's records are orders; the first time memory for them is made. */
  takeOrders(): void {
    if (this.content === CONTENT.ORDERS) return;
    this.reset();
    if (this.orders === undefined) this.orders = this.memory.create();
    this.content = CONTENT.ORDERS;
  }

  /** The book begins again from nothing: a clear, or the first record of a snapshot. */
  restart(): void {
    this.empty();
    this.have = HAVE.LOADING;
    this.fault = NO_FAULT;
    this.faultReason = BOOK_REASON.NONE;
  }

  /** A snapshot makes the book whole with the levels that it has. */
  begin(): void {
    if (this.have === HAVE.NONE) this.have = HAVE.LOADING;
    this.fault = NO_FAULT;
    this.faultReason = BOOK_REASON.NONE;
  }

  /** The book is not the venue's any more and is given up; the first cause stands. */
  lose(reason: number): void {
    this.empty();
    this.have = HAVE.NONE;
    this.inSnapshot = 0;
    if (this.fault !== NO_FAULT) return;
    this.fault = BOOK_STATE.GAP;
    this.faultReason = reason;
  }

  private empty(): void {
    this.levels.clear();
    this.orders?.clear();
    this.crossed = 0;
    this.changedAll = 1;
    this.bidCount = 0;
    this.askCount = 0;
    this.tradeCount = 0;
  }

  /** An add, cancel or modify; L3, MODIFIED_NEW or WRONG_SIDE. */
  applyOrder(message: RecordMessage): number {
    const orders = this.orders!;
    const low = message.orderLow;
    const high = message.orderHigh;
    const side = message.side;
    const numbers = message.numbers;
    if (message.action === ACTION.ADD && (message.flags & RECORD_FLAG.TOP_OF_BOOK) !== 0) return this.applyTop(orders, message);
    if (message.action === ACTION.ADD) return this.noted(orders, orders.add(low, high, side, message.priceTicks, numbers, N_LOTS));
    const order = orders.orderOf(low, high);
    if (order < 0) {
      if (message.action === ACTION.CANCEL) return L3.UNKNOWN_REF;
      const status = this.noted(orders, orders.add(low, high, side, message.priceTicks, numbers, N_LOTS));
      return status === L3.OK ? MODIFIED_NEW : status;
    }
    if (side !== SIDE_NONE && orders.sideOf(order) !== side) return WRONG_SIDE;
    if (message.action === ACTION.CANCEL) return this.noted(orders, orders.reduce(low, high, numbers, N_LOTS));
    return this.noted(orders, orders.modify(low, high, message.priceTicks, numbers, N_LOTS, PRIORITY.LOST_BY_PRICE_OR_GROWTH));
  }

  /** The best price of a side and all that there is of it; such records name no order, so it has a reference of its own. */
  private applyTop(orders: L3Book, message: RecordMessage): number {
    const side = message.side;
    while (orders.levels(side) > 0) {
      const order = orders.frontOf(side, 0);
      this.noted(orders, orders.delete(orders.lowOf(order), orders.highOf(order)));
    }
    if (message.priceTicks === PRICE_NONE) return L3.OK;
    return this.noted(orders, orders.add(side, TOP_REFERENCE_HIGH, side, message.priceTicks, message.numbers, N_LOTS));
  }

  private noted(orders: L3Book, status: number): number {
    if (status < 0) return status;
    for (let i = 0; i < orders.changedCount; i++) this.note(orders.changedSide, orders.changedTicks[i]!);
    return status;
  }

  /** Makes the book the levels of `message`. */
  applyLevels(message: RecordMessage): void {
    this.applySide(SIDE.BUY, message.bidTicks, message.bidLots, message.bidCount);
    this.applySide(SIDE.SELL, message.askTicks, message.askLots, message.askCount);
  }

  /** Both lists stand best first; levels that are not in the new one go. */
  private applySide(side: number, ticks: Int32Array, lots: Float64Array, count: number): void {
    const levels = this.levels;
    const sign = side === SIDE.BUY ? -1 : 1;
    let next = 0;
    let at = 0;
    while (at < levels.levels(side)) {
      const price = levels.priceAt(side, at);
      while (next < count && ticks[next]! * sign < price * sign) next++;
      if (next < count && ticks[next]! === price) at++;
      else {
        levels.apply(side, price, 0);
        this.note(side, price);
      }
    }
    for (let i = 0; i < count; i++) if (levels.apply(side, ticks[i]!, lots[i]!) !== BOOK_APPLY.UNCHANGED) this.note(side, ticks[i]!);
  }

  /** Applies changed levels one by one; false when one did not fit. */
  applyChanges(message: RecordMessage): boolean {
    const levels = this.levels;
    if ((message.clears & CLEARS.BIDS) !== 0) this.clearThrough(SIDE.BUY, message.clearBidTicks);
    if ((message.clears & CLEARS.ASKS) !== 0) this.clearThrough(SIDE.SELL, message.clearAskTicks);
    for (let i = 0; i < message.bidCount; i++) {
      const status = levels.apply(SIDE.BUY, message.bidTicks[i]!, message.bidLots[i]!);
      if (status === BOOK_APPLY.FULL) return false;
      if (status === BOOK_APPLY.CHANGED) this.note(SIDE.BUY, message.bidTicks[i]!);
    }
    for (let i = 0; i < message.askCount; i++) {
      const status = levels.apply(SIDE.SELL, message.askTicks[i]!, message.askLots[i]!);
      if (status === BOOK_APPLY.FULL) return false;
      if (status === BOOK_APPLY.CHANGED) this.note(SIDE.SELL, message.askTicks[i]!);
    }
    return true;
  }

  /** Removes the levels of a side from the best through `ticks`. */
  private clearThrough(side: number, ticks: number): void {
    const levels = this.levels;
    while (levels.levels(side) > 0) {
      const best = levels.priceAt(side, 0);
      if (side === SIDE.BUY ? best < ticks : best > ticks) return;
      levels.apply(side, best, 0);
      this.note(side, best);
    }
  }

  private note(side: number, ticks: number): void {
    if (this.changedAll === 1) return;
    const bid = side === SIDE.BUY;
    const list = bid ? this.bidTicks : this.askTicks;
    const count = bid ? this.bidCount : this.askCount;
    // The levels of one event are few, and often the same one again.
    for (let i = count - 1; i >= 0 && i >= count - REPEATS_SEEN; i--) if (list[i]! === ticks) return;
    if (count >= CHANGES_MAX) {
      this.changedAll = 1;
      return;
    }
    list[count] = ticks;
    if (bid) this.bidCount = count + 1;
    else this.askCount = count + 1;
  }

  /** Reads from the book what stands at the changed levels now. */
  fillChanges(): void {
    const view = this.view;
    for (let i = 0; i < this.bidCount; i++) this.bidLots[i] = view.qtyOf(SIDE.BUY, this.bidTicks[i]!);
    for (let i = 0; i < this.askCount; i++) this.askLots[i] = view.qtyOf(SIDE.SELL, this.askTicks[i]!);
  }

  /** Keeps a trade until its event ends. */
  noteTrade(message: RecordMessage): void {
    const count = this.tradeCount;
    if (count >= TRADES_MAX) return;
    this.tradeTicks[count] = message.priceTicks;
    this.tradeSide[count] = message.side;
    this.tradeNumbers[2 * count + TRADE_LOTS] = message.numbers[N_LOTS]!;
    this.tradeNumbers[2 * count + TRADE_ID] = message.numbers[N_SEQUENCE]!;
    this.tradeCount = count + 1;
  }

  /** The event was published, or will not be. */
  endEvent(): void {
    this.changedAll = 0;
    this.bidCount = 0;
    this.askCount = 0;
    this.tradeCount = 0;
  }
}
