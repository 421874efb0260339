import { assert } from '../../../core/assert.ts';
import type { Counters } from '../../../core/counters.ts';
import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX, BOOK_ORDERS_MAX } from '../../../core/limits.ts';
import { CONNECTION, type ConnectionEvent, FRAME_TIME } from '../../../core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../core/records/market.ts';
import type { Clock } from '../../../core/time.ts';
import { APPLIED_EVENT, APPLIED_EVENT_NUMBERS, type AppliedListener } from '../../applied.ts';
import type { L3Book } from '../../book/l3-book.hot.ts';
import { feedPool, giveBackPool, type L3Pool } from '../../book/l3-pool.ts';
import { L3 } from '../../book/l3-status.ts';
import { FEED_COUNTER, ORDER_COUNTERS } from '../../counters.ts';
import type { FeedOptions } from '../../feed.ts';
import {
  FRAME_EXCHANGE_NS,
  FRAME_HANDED_NS,
  FRAME_RECV_NS,
  FRAME_T0_NS,
  FRAME_T1_NS,
  FRAME_TICK,
  MarketPublisher,
} from '../../publisher.hot.ts';
import { RejectSamples } from '../../rejects.ts';
import { ORDER_COUNTER } from './counters.ts';
import { ORIGIN } from './session.ts';
import { ItchStock, NO_FAULT, NO_SESSION } from './stock.hot.ts';

/** Slots of `numbers`. */
export const BASE_S = 0;
export const BASE_NS = 1;
/** Local receive time of the last frame. */
const SEEN_NS = 2;
/** Midnight of the venue's day, ns since the run's base. */
export const MIDNIGHT_NS = 3;
/** Latest message time of the day, ns since that midnight. */
export const LATEST_NS = 4;
const NUMBERS = 5;
/** Records of a message's trade, its two levels and its end. */
const MESSAGE_RECORDS = 4;

/**
 * The books of the followed stocks and what of them reaches the ring: levels and trades while a book is LIVE, transitions
 * always. A state is worked out from what is known (connection, session, faults, trading status) after each message, and a
 * book that becomes LIVE is written whole.
 */
export class ItchBooks {
  readonly instruments: readonly Instrument[];
  readonly rejects: RejectSamples;
  readonly counters: Counters;
  readonly stocks: readonly ItchStock[];
  protected readonly publisher: MarketPublisher;
  protected readonly frame: Float64Array;
  /** `ids[0]`: number of the message at hand. */
  protected readonly ids: Float64Array;
  /** ORIGIN by session. */
  protected readonly origins: Int32Array;
  /** 1 after the end of a session's system hours. */
  protected readonly closed: Int32Array;
  /** 1 once nothing more of a session can come: another one may name its stocks. */
  protected readonly ended: Int32Array;
  protected tick: number;
  protected readonly numbers: Float64Array;
  private readonly pool: L3Pool;
  private readonly clock: Clock;
  private readonly listener: AppliedListener | undefined;
  private readonly applied: Float64Array;
  /** BOOK_STATE of every stock while there is no connection, else -1. */
  private connection: number;
  private aged: number;
  /** 1 while the transport fetches messages that are missing: books are exact, and not the present. */
  private behind: number;
  /** 1 when a transition found no room in the ring. */
  private unsettled: number;

  constructor(options: FeedOptions, sessionsMax: number) {
    assert(options.instruments.length >= 1, 'Invariant: a feed has at least one instrument');
    this.instruments = options.instruments;
    this.rejects = new RejectSamples(true);
    this.counters = options.counters;
    const levelsMax = options.bookLevelsMax ?? BOOK_LEVELS_MAX;
    const ordersMax = options.bookOrdersMax ?? BOOK_ORDERS_MAX;
    this.pool = feedPool(options.instruments.length, levelsMax, ordersMax);
    this.stocks = options.instruments.map((instrument) => new ItchStock(instrument, levelsMax, ordersMax, this.pool));
    this.publisher = new MarketPublisher(options.ring, options.room, options.counters);
    this.frame = this.publisher.frame;
    this.ids = new Float64Array(1);
    this.origins = new Int32Array(sessionsMax);
    this.closed = new Int32Array(sessionsMax);
    this.ended = new Int32Array(sessionsMax);
    this.tick = 0;
    this.numbers = new Float64Array(NUMBERS);
    this.numbers[BASE_S] = Number(options.baseEpochNs / 1_000_000_000n);
    this.numbers[BASE_NS] = Number(options.baseEpochNs % 1_000_000_000n);
    this.clock = options.clock;
    this.listener = options.listener;
    this.applied = new Float64Array(APPLIED_EVENT_NUMBERS);
    this.connection = BOOK_STATE.DISCONNECTED;
    this.aged = 0;
    this.behind = 0;
    this.unsettled = 0;
  }

  /** Frames received so far. */
  get frames(): number {
    return this.tick;
  }

  book(instrument: number): L3Book {
    return this.stocks[instrument]!.book;
  }

  /** BOOK_STATE of an instrument. */
  state(instrument: number): number {
    return this.stocks[instrument]!.shown;
  }

  release(): void {
    for (let i = 0; i < this.stocks.length; i++) this.stocks[i]!.book.clear();
    giveBackPool(this.pool);
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    this.stamp(recvTimeNs);
    if (event === CONNECTION.BEHIND || event === CONNECTION.CAUGHT_UP) {
      this.behind = event === CONNECTION.BEHIND ? 1 : 0;
      this.settleAll();
    } else if (event !== CONNECTION.END) {
      this.behind = 0;
      this.connection =
        event === CONNECTION.CONNECTED ? -1 : event === CONNECTION.CONNECTING ? BOOK_STATE.CONNECTING : BOOK_STATE.DISCONNECTED;
      this.forgetSessions();
      for (let i = 0; i < this.stocks.length; i++) {
        this.stocks[i]!.reset();
        this.stocks[i]!.session = NO_SESSION;
        this.settle(i);
      }
    } else if (this.publisher.fits(1)) this.publisher.streamEnd();
    this.publisher.finish(event !== CONNECTION.END);
  }

  /** Makes LIVE books STALE when nothing at all came for `limitNs`: a quiet stock is normal, a quiet feed is not. */
  checkAge(nowNs: number, limitNs: number): void {
    this.stamp(nowNs);
    if (this.connection >= 0 || this.tick === 0 || nowNs - this.numbers[SEEN_NS]! <= limitNs) return;
    this.aged = 1;
    this.settleAll();
    this.publisher.finish(true);
  }

  /** Drops what is known of every session. */
  protected forgetSessions(): void {
    this.origins.fill(ORIGIN.UNKNOWN);
    this.closed.fill(0);
    this.ended.fill(0);
  }

  /** A frame begins. */
  protected beginFrame(times: Float64Array): void {
    const frame = this.frame;
    this.tick = this.tick + 1;
    frame[FRAME_RECV_NS] = times[FRAME_TIME.RECV_NS]!;
    frame[FRAME_EXCHANGE_NS] = times[FRAME_TIME.RECV_NS]!;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = times[FRAME_TIME.T0_NS]!;
    frame[FRAME_HANDED_NS] = times[FRAME_TIME.HANDED_NS]!;
    this.numbers[SEEN_NS] = times[FRAME_TIME.RECV_NS]!;
    this.counters.increment(FEED_COUNTER.FRAMES);
    if (this.aged === 0 && this.unsettled === 0) return;
    this.aged = 0;
    this.settleAll();
  }

  /** The frame at hand is done. */
  protected endFrame(): void {
    this.publisher.finish(true);
  }

  /** Puts the times of something that no frame caused. */
  private stamp(nowNs: number): void {
    const frame = this.frame;
    frame[FRAME_RECV_NS] = nowNs;
    frame[FRAME_EXCHANGE_NS] = nowNs;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = this.clock.nowNs();
    frame[FRAME_HANDED_NS] = frame[FRAME_T0_NS]!;
    frame[FRAME_T1_NS] = frame[FRAME_T0_NS]!;
  }

  /** A new day begins in a session: no orders, nothing trades. */
  protected forgetStocksOf(session: number): void {
    for (let i = 0; i < this.stocks.length; i++) {
      const stock = this.stocks[i]!;
      if (stock.session !== session) continue;
      stock.reset();
      this.settle(i);
    }
  }

  /** A session's number is given to another one: its stocks are nobody's. */
  protected releaseStocksOf(session: number): void {
    for (let i = 0; i < this.stocks.length; i++) {
      const stock = this.stocks[i]!;
      if (stock.session !== session) continue;
      stock.reset();
      stock.session = NO_SESSION;
      this.settle(i);
    }
  }

  /** Messages of a session are missing: its books are discarded and stay so until its next start of messages. */
  protected loseStocksOf(session: number, reason: number): void {
    for (let i = 0; i < this.stocks.length; i++) {
      const stock = this.stocks[i]!;
      if (stock.session !== session) continue;
      stock.book.clear();
      stock.fail(BOOK_STATE.GAP, reason);
      this.settle(i);
    }
  }

  private settleAll(): void {
    this.unsettled = 0;
    for (let i = 0; i < this.stocks.length; i++) this.settle(i);
  }

  protected settleStocksOf(session: number): void {
    for (let i = 0; i < this.stocks.length; i++) if (this.stocks[i]!.session === session) this.settle(i);
  }

  /** A trade of a followed stock; quantity in lots and trade id in `numbers`. */
  protected trade(i: number, priceTicks: number, side: number, numbers: Float64Array, lotsSlot: number, idSlot: number): void {
    const stock = this.stocks[i]!;
    this.counters.increment(FEED_COUNTER.TRADES);
    if (stock.shown !== BOOK_STATE.LIVE || stock.lags === 1) {
      this.counters.increment(FEED_COUNTER.NOT_LIVE);
      return;
    }
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!this.publisher.fits(MESSAGE_RECORDS)) this.lag(stock);
    else this.publisher.trade(stock.instrument, priceTicks, side, numbers, lotsSlot, idSlot);
  }

  /** An operation on the book of a stock said `status`; `changed...` of the book holds what it did. */
  protected afterOrder(i: number, status: number): void {
    const stock = this.stocks[i]!;
    const complete = stock.session !== NO_SESSION && this.origins[stock.session]! === ORIGIN.COMPLETE;
    if (status < 0) this.refused(stock, status, complete);
    else {
      this.counters.increment(FEED_COUNTER.APPLIED);
      if (stock.shown === BOOK_STATE.LIVE && stock.book.crossed()) stock.fail(BOOK_STATE.STALE, BOOK_REASON.CROSSED);
    }
    const live = stock.shown === BOOK_STATE.LIVE;
    this.settle(i);
    if (status < 0) return;
    if (live && stock.shown === BOOK_STATE.LIVE && stock.lags === 0) this.publishChange(stock);
    if (this.listener !== undefined) this.tell(this.listener, stock);
  }

  private refused(stock: ItchStock, status: number, complete: boolean): void {
    const counters = this.counters;
    if (status === L3.UNKNOWN_REF) counters.increment(ORDER_COUNTERS + ORDER_COUNTER.UNKNOWN);
    else if (status === L3.DUPLICATE_REF) counters.increment(ORDER_COUNTERS + ORDER_COUNTER.DUPLICATE);
    else if (status === L3.BELOW_ZERO) counters.increment(ORDER_COUNTERS + ORDER_COUNTER.BELOW_ZERO);
    if (status === L3.ORDERS_FULL || status === L3.LEVELS_FULL) stock.fail(BOOK_STATE.GAP, BOOK_REASON.BOOK_FULL);
    else if (complete) stock.fail(BOOK_STATE.STALE, BOOK_REASON.ORDER_MISMATCH);
  }

  private publishChange(stock: ItchStock): void {
    const { book, instrument } = stock;
    const publisher = this.publisher;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!publisher.fits(MESSAGE_RECORDS)) {
      this.lag(stock);
      return;
    }
    this.counters.add(FEED_COUNTER.LEVELS, book.changedCount);
    publisher.levels(instrument, book.changedSide, book.changedTicks, book.changedLots, book.changedCount);
    publisher.end(instrument, 0, book.changedCount, book, this.ids, 0);
  }

  /** The ring had no room and the policy is not to wait: what the lane was told is not this book any more. */
  private lag(stock: ItchStock): void {
    this.counters.increment(FEED_COUNTER.RING_DROPPED);
    stock.lags = 1;
    this.settle(stock.instrument);
  }

  /** The state that what is known of a stock amounts to. */
  private target(stock: ItchStock): number {
    if (this.connection >= 0) return this.connection;
    if (stock.fault !== NO_FAULT) return stock.fault;
    if (stock.session === NO_SESSION || this.origins[stock.session]! !== ORIGIN.COMPLETE) return BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT;
    if (this.behind === 1) return wasPresent(stock.shown) ? BOOK_STATE.GAP : BOOK_STATE.SYNCING;
    if (this.aged === 1) return BOOK_STATE.STALE;
    if (stock.trading === 0 || stock.halts !== 0 || this.closed[stock.session]! === 1) return BOOK_STATE.NOT_TRADING;
    // Trading resumed, and the orders that cross are about to be executed or removed.
    if (stock.shown !== BOOK_STATE.LIVE && stock.book.crossed()) return BOOK_STATE.NOT_TRADING;
    return BOOK_STATE.LIVE;
  }

  /** Writes a stock's transition, if it has one; a book that becomes LIVE before it is said to be so. */
  protected settle(i: number): void {
    const stock = this.stocks[i]!;
    const publisher = this.publisher;
    let target = this.target(stock);
    if (stock.lags === 1 && stock.shown === BOOK_STATE.LIVE && target === BOOK_STATE.LIVE) target = BOOK_STATE.GAP;
    const previous = stock.shown;
    if (target === previous) return;
    const book = stock.book;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    const live = target === BOOK_STATE.LIVE;
    if (!publisher.fits(live ? book.levels(SIDE.BUY) + book.levels(SIDE.SELL) + MESSAGE_RECORDS : 1)) {
      this.unsettled = 1;
      return;
    }
    const reason = this.reasonOf(stock, target, previous);
    if (live) publisher.wholeBook(stock.instrument, book, this.ids, 0);
    publisher.state(stock.instrument, target, previous, reason, this.ids, 0);
    stock.shown = target;
    if (target !== BOOK_STATE.LIVE) stock.lags = 0;
    if (live) this.counters.increment(FEED_COUNTER.SYNCED);
    else if (target === BOOK_STATE.GAP) this.counters.increment(FEED_COUNTER.GAPS);
    else if (target === BOOK_STATE.STALE) this.counters.increment(FEED_COUNTER.STALE);
  }

  private reasonOf(stock: ItchStock, state: number, previous: number): number {
    switch (state) {
      case BOOK_STATE.LIVE:
        return previous === BOOK_STATE.NOT_TRADING ? BOOK_REASON.TRADING_STATUS : BOOK_REASON.SYNCED;
      case BOOK_STATE.NOT_TRADING:
        return BOOK_REASON.TRADING_STATUS;
      case BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT:
      case BOOK_STATE.SYNCING:
        return BOOK_REASON.SUBSCRIBED;
      case BOOK_STATE.DISCONNECTED:
        return BOOK_REASON.DISCONNECT;
      case BOOK_STATE.CONNECTING:
        return BOOK_REASON.NONE;
      default:
        if (stock.fault !== NO_FAULT) return stock.faultReason;
        if (this.behind === 1) return BOOK_REASON.SEQUENCE_GAP;
        return this.aged === 1 ? BOOK_REASON.DATA_AGE : BOOK_REASON.RING_FULL;
    }
  }

  private tell(listener: AppliedListener, stock: ItchStock): void {
    const { applied, numbers, frame } = this;
    const fromS = numbers[BASE_NS]! + frame[FRAME_EXCHANGE_NS]!;
    const seconds = Math.floor(fromS / 1e9);
    applied[APPLIED_EVENT.RECV_NS] = frame[FRAME_RECV_NS]!;
    applied[APPLIED_EVENT.TICK] = frame[FRAME_TICK]!;
    applied[APPLIED_EVENT.EXCHANGE_S] = numbers[BASE_S]! + seconds;
    applied[APPLIED_EVENT.EXCHANGE_NS] = fromS - seconds * 1e9;
    applied[APPLIED_EVENT.UPDATE_ID] = this.ids[0]!;
    listener.onApplied(stock.instrument, stock.book, applied, true);
  }
}

/** True when a book in this state was the venue's of the moment, or had been before messages went missing. */
function wasPresent(state: number): boolean {
  return state === BOOK_STATE.LIVE || state === BOOK_STATE.NOT_TRADING || state === BOOK_STATE.STALE || state === BOOK_STATE.GAP;
}
