import { PRICE_NONE } from '../../../core/price.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../core/records/market.ts';
import { FEED_COUNTER, ORDER_COUNTERS } from '../../counters.ts';
import type { FeedOptions } from '../../feed.ts';
import { FRAME_EXCHANGE_NS, FRAME_RECV_NS } from '../../publisher.hot.ts';
import { ItchBooks, LATEST_NS, MIDNIGHT_NS } from './books.hot.ts';
import { ORDER_COUNTER } from './counters.ts';
import { ItchDecoder } from './decode.hot.ts';
import { ITCH_INDEX, TYPE } from './layout.ts';
import { N_MATCH, N_SHARES, N_TIME_NS } from './message.hot.ts';
import { LOCATE, LOCATES, ORIGIN } from './session.ts';
import { ITCH, itchRejectIndex } from './status.ts';
import { haltBit, type ItchStock, NO_SESSION } from './stock.hot.ts';

/** "No followed stock". */
const NONE = -1;
/** Codes of system events, trading states and operational halts. */
const EVENT_START_OF_MESSAGES = 79;
const EVENT_END_OF_SYSTEM_HOURS = 69;
const EVENT_END_OF_MESSAGES = 67;
const STATE_TRADING = 84;
const ACTION_HALTED = 72;
/** Midnights of two files further apart than this are of two days, and times of one day go back by less than that. */
const OTHER_DAY_NS = 43_200e9;
const BACK_NS = 1e9;
/** Offsets of those codes. */
const EVENT = 11;
const TRADING_STATE = 19;
const HALT_MARKET = 19;
const HALT_ACTION = 20;

// Constants of the module itself, which V8 folds.
const {
  ADD,
  ADD_MPID,
  CANCEL,
  CROSS_TRADE,
  DELETE,
  EXECUTED,
  EXECUTED_WITH_PRICE,
  OPERATIONAL_HALT,
  REPLACE,
  STOCK_DIRECTORY,
  SYSTEM_EVENT,
  TRADE,
  TRADING_ACTION,
} = TYPE;
const ACCEPTED = ITCH.OK;
const TIME_NS = N_TIME_NS;
const SHARES = N_SHARES;

/**
 * What each ITCH 5.0 message does: session, trading status, orders of the followed stocks, trades. Messages of other stocks
 * are told apart by their locate and cost a table look-up. A followed stock's locate is learnt from the first message that
 * carries its name.
 */
export class ItchMessages extends ItchBooks {
  readonly decoder: ItchDecoder;
  /** By session and locate: number of a followed stock, or LOCATE. */
  private readonly locates: Int16Array;
  /** 1: venue times are counted from the midnight in `numbers`; 0: the frame's receive time is the venue's. */
  private readonly countsFromMidnight: number;

  constructor(options: FeedOptions, sessionsMax: number, countsFromMidnight: number) {
    super(options, sessionsMax);
    this.countsFromMidnight = countsFromMidnight;
    this.decoder = new ItchDecoder();
    this.locates = new Int16Array(sessionsMax * LOCATES).fill(LOCATE.UNBOUND);
  }

  /** One message of a session; its number stands in `ids`. */
  protected onMessage(session: number, bytes: Uint8Array, start: number, end: number): void {
    const status = this.decoder.decode(bytes, start, end);
    const message = this.decoder.message;
    const type = message.type;
    if (this.countsFromMidnight === 0 && status === ACCEPTED) this.followFileDay(session);
    if (this.origins[session]! === ORIGIN.UNKNOWN) this.join(session, status === ACCEPTED && beginsDay(bytes, start, type));
    if (status !== ACCEPTED) {
      this.onRejected(session, status, bytes, start, end);
      return;
    }
    if (this.countsFromMidnight === 1) this.frame[FRAME_EXCHANGE_NS] = this.numbers[MIDNIGHT_NS]! + message.numbers[TIME_NS]!;
    this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.TYPES + ITCH_INDEX[type]!);
    if (type === SYSTEM_EVENT) {
      this.onSystemEvent(session, bytes[start + EVENT]!);
      return;
    }
    const i = this.stockOf(session, bytes);
    if (i < 0) {
      this.counters.increment(FEED_COUNTER.UNKNOWN_SYMBOL);
      return;
    }
    const stock = this.stocks[i]!;
    if (message.stockAt >= 0 && !stock.isNamed(bytes, message.stockAt)) {
      this.onRejected(session, ITCH.WRONG_STOCK, bytes, start, end);
      return;
    }
    switch (type) {
      case ADD:
      case ADD_MPID:
      case EXECUTED:
      case EXECUTED_WITH_PRICE:
      case CANCEL:
      case DELETE:
      case REPLACE:
        this.counters.increment(FEED_COUNTER.DEPTH);
        this.onOrder(session, i, stock, bytes, start, end);
        return;
      case TRADE:
      case CROSS_TRADE:
        this.onTrade(i, stock, bytes, start, end);
        return;
      case TRADING_ACTION:
        stock.trading = bytes[start + TRADING_STATE] === STATE_TRADING ? 1 : 0;
        this.settle(i);
        return;
      case OPERATIONAL_HALT:
        this.onOperationalHalt(stock, bytes[start + HALT_MARKET]!, bytes[start + HALT_ACTION]!);
        this.settle(i);
        return;
      case STOCK_DIRECTORY:
        return;
      default:
        this.counters.increment(FEED_COUNTER.UNKNOWN_KIND);
    }
  }

  /** The packet or message cannot be read; `i`: the followed stock it was for, or NONE. */
  protected countReject(status: number, i: number, bytes: Uint8Array, start: number, end: number): void {
    this.counters.increment(FEED_COUNTER.REJECTED);
    this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.REJECTS + itchRejectIndex(status));
    this.rejects.add(this.tick, status, i, bytes, start, end);
  }

  protected override forgetSessions(): void {
    super.forgetSessions();
    this.locates.fill(LOCATE.UNBOUND);
  }

  /** A session begins of which nothing is known. */
  protected forgetSession(session: number): void {
    this.origins[session] = ORIGIN.UNKNOWN;
    this.closed[session] = 0;
    this.ended[session] = 0;
    this.locates.fill(LOCATE.UNBOUND, session * LOCATES, (session + 1) * LOCATES);
  }

  /** A session's first message came; `complete`: it is the first of the day. */
  private join(session: number, complete: boolean): void {
    this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.SESSIONS);
    if (!complete) this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.SESSIONS_LATE);
    this.origins[session] = complete ? ORIGIN.COMPLETE : ORIGIN.LATE;
  }

  /**
   * A file begins a new day without saying so when its date is another one, or when time jumps back: what it holds cannot follow
   * the orders of before.
   */
  private followFileDay(session: number): void {
    const numbers = this.numbers;
    const timeNs = this.decoder.message.numbers[N_TIME_NS]!;
    const midnightNs = this.frame[FRAME_RECV_NS]! - timeNs;
    const apartNs = midnightNs - numbers[MIDNIGHT_NS]!;
    const another = apartNs > OTHER_DAY_NS || apartNs < -OTHER_DAY_NS || timeNs < numbers[LATEST_NS]! - BACK_NS;
    if (another && this.origins[session]! !== ORIGIN.UNKNOWN) {
      this.forgetSession(session);
      this.forgetStocksOf(session);
    }
    numbers[MIDNIGHT_NS] = midnightNs;
    if (another || timeNs > numbers[LATEST_NS]!) numbers[LATEST_NS] = timeNs;
  }

  private onSystemEvent(session: number, event: number): void {
    if (event === EVENT_START_OF_MESSAGES) {
      this.forgetSession(session);
      this.origins[session] = ORIGIN.COMPLETE;
      this.forgetStocksOf(session);
    } else if (event === EVENT_END_OF_SYSTEM_HOURS || event === EVENT_END_OF_MESSAGES) {
      this.closed[session] = 1;
      this.settleStocksOf(session);
    }
  }

  /** Number of the followed stock that the message at hand is for, below zero when there is none. */
  private stockOf(session: number, bytes: Uint8Array): number {
    const message = this.decoder.message;
    const at = session * LOCATES + message.locate;
    const bound = this.locates[at]!;
    if (bound !== LOCATE.UNBOUND) return bound;
    if (message.stockAt < 0) return NONE;
    for (let i = 0; i < this.stocks.length; i++) {
      const stock = this.stocks[i]!;
      if (!stock.isNamed(bytes, message.stockAt)) continue;
      // Another market has a stock of the same name: the first to name it keeps the book.
      if (stock.session !== NO_SESSION && stock.session !== session) {
        if (this.ended[stock.session]! === 0) break;
        stock.reset();
      }
      stock.session = session;
      this.locates[at] = i;
      this.settle(i);
      return i;
    }
    this.locates[at] = LOCATE.OTHER;
    return NONE;
  }

  private onRejected(session: number, status: number, bytes: Uint8Array, start: number, end: number): void {
    const message = this.decoder.message;
    const bound = message.locate < 0 ? NONE : this.locates[session * LOCATES + message.locate]!;
    this.countReject(status, bound < 0 ? NONE : bound, bytes, start, end);
    if (bound < 0 || !changesOrders(message.type)) return;
    this.stocks[bound]!.fail(BOOK_STATE.STALE, BOOK_REASON.DECODE_ERROR);
    this.settle(bound);
  }

  /** Turns price and shares of the message at hand into ticks and lots of `stock`; ITCH. */
  private toGrid(stock: ItchStock): number {
    const { numbers, type } = this.decoder.message;
    // A remainder of doubles takes as long as all the rest of a message.
    if (type !== DELETE && stock.sharesPerLot !== 1) {
      if (numbers[SHARES]! % stock.sharesPerLot !== 0) return ITCH.OFF_LOT;
      numbers[SHARES] = numbers[SHARES]! / stock.sharesPerLot;
    }
    if (type === EXECUTED || type === EXECUTED_WITH_PRICE || type === CANCEL || type === DELETE) return ACCEPTED;
    return this.priceToTicks(stock);
  }

  private priceToTicks(stock: ItchStock): number {
    const message = this.decoder.message;
    const ticks = (message.price / stock.unitsPerTick) | 0;
    if (ticks * stock.unitsPerTick !== message.price) return ITCH.OFF_TICK;
    message.price = ticks;
    return ACCEPTED;
  }

  private onOrder(session: number, i: number, stock: ItchStock, bytes: Uint8Array, start: number, end: number): void {
    const message = this.decoder.message;
    const { numbers, refLow, refHigh, type } = message;
    const status = this.toGrid(stock);
    if (status < 0) {
      this.onRejected(session, status, bytes, start, end);
      return;
    }
    const book = stock.book;
    if (type === ADD || type === ADD_MPID) this.afterOrder(i, book.add(refLow, refHigh, message.side, message.price, numbers, SHARES));
    else if (type === DELETE) this.afterOrder(i, book.delete(refLow, refHigh));
    else if (type === REPLACE)
      this.afterOrder(i, book.replace(refLow, refHigh, message.newLow, message.newHigh, message.price, numbers, SHARES));
    // Taking nothing from an order that is there changes nothing.
    else if (numbers[SHARES]! === 0 && book.orderOf(refLow, refHigh) >= 0) return;
    else this.take(i, stock, type, book.reduce(refLow, refHigh, numbers, SHARES));
  }

  /** Shares were executed or cancelled: an execution is a trade against the order's side, before the book shows it. */
  private take(i: number, stock: ItchStock, type: number, status: number): void {
    const message = this.decoder.message;
    const book = stock.book;
    if (status >= 0 && type !== CANCEL) {
      const aggressor = book.changedSide === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
      if (message.printable === 0) this.counters.increment(FEED_COUNTER.TRADES_NOT_MARKET);
      else if (type === EXECUTED) this.trade(i, book.changedTicks[0]!, aggressor, message.numbers, SHARES, N_MATCH);
      else if (this.priceToTicks(stock) < 0)
        this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.REJECTS + itchRejectIndex(ITCH.OFF_TICK));
      else this.trade(i, message.price, aggressor, message.numbers, SHARES, N_MATCH);
    }
    this.afterOrder(i, status);
  }

  /** A trade against an order that was not displayed, or a cross. */
  private onTrade(i: number, stock: ItchStock, bytes: Uint8Array, start: number, end: number): void {
    const { numbers, type, side } = this.decoder.message;
    if (numbers[SHARES]! === 0) return;
    const status = this.toGrid(stock);
    if (status < 0) {
      this.countReject(status, i, bytes, start, end);
      return;
    }
    const ticks = this.decoder.message.price;
    this.trade(i, ticks, aggressorOf(stock, ticks, type === TRADE ? side : SIDE.BUY), numbers, SHARES, N_MATCH);
  }

  private onOperationalHalt(stock: ItchStock, market: number, action: number): void {
    const bit = haltBit(market);
    if (action === ACTION_HALTED) stock.halts |= bit;
    else stock.halts &= ~bit;
  }
}

/** A day begins with the start of messages; a file may leave that out and begin with the directory. */
function beginsDay(bytes: Uint8Array, start: number, type: number): boolean {
  return type === STOCK_DIRECTORY || (type === SYSTEM_EVENT && bytes[start + EVENT] === EVENT_START_OF_MESSAGES);
}

function changesOrders(type: number): boolean {
  switch (type) {
    case ADD:
    case ADD_MPID:
    case EXECUTED:
    case EXECUTED_WITH_PRICE:
    case CANCEL:
    case DELETE:
    case REPLACE:
      return true;
    default:
      return false;
  }
}

/**
 * The feed does not say who took liquidity in a trade with a hidden order (its side is B since 2014, whatever the order
 * was): above the middle of the book a buyer is taken for it, below a seller, at the middle the other side of `resting`.
 */
function aggressorOf(stock: ItchStock, ticks: number, resting: number): number {
  const { bidTicks, askTicks } = stock.book;
  const known = bidTicks !== PRICE_NONE && askTicks !== PRICE_NONE;
  if (known && 2 * ticks > bidTicks + askTicks) return SIDE.BUY;
  if (known && 2 * ticks < bidTicks + askTicks) return SIDE.SELL;
  return resting === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
}
