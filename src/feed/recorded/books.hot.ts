import { assert } from '../../core/assert.ts';
import type { Counters } from '../../core/counters.ts';
import type { Instrument } from '../../core/instrument.ts';
import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { CONNECTION, type ConnectionEvent } from '../../core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../core/records/market.ts';
import type { Clock } from '../../core/time.ts';
import { APPLIED_EVENT, APPLIED_EVENT_NUMBERS, type AppliedListener } from '../applied.ts';
import type { L2Book } from '../book/l2-book.hot.ts';
import type { L3Book } from '../book/l3-book.hot.ts';
import { FEED_COUNTER } from '../counters.ts';
import type { FeedOptions } from '../feed.ts';
import {
  FRAME_EXCHANGE_NS,
  FRAME_HANDED_NS,
  FRAME_RECV_NS,
  FRAME_T0_NS,
  FRAME_T1_NS,
  FRAME_TICK,
  MarketPublisher,
} from '../publisher.hot.ts';
import { RejectSamples } from '../rejects.ts';
import { HAVE, NO_FAULT, RecordBook, TRADE_ID, TRADE_LOTS } from './book.hot.ts';
import { RecordOrders } from './create-orders.ts';
import { N_EVENT_NS, N_EVENT_S, type RecordMessage, TIME } from './message.hot.ts';

/** Slots of `base`. */
export const BASE_S = 0;
export const BASE_NS = 1;

/**
 * The books of a feed of records and what of them reaches the ring: trades and levels while a book is LIVE, transitions
 * always. A state is worked out from what is known after each event, and a book that becomes LIVE is written whole.
 */
export class RecordBooks {
  readonly instruments: readonly Instrument[];
  readonly counters: Counters;
  readonly rejects: RejectSamples;
  protected readonly books: readonly RecordBook[];
  protected readonly publisher: MarketPublisher;
  protected readonly frame: Float64Array;
  protected readonly clock: Clock;
  protected readonly listener: AppliedListener | undefined;
  private readonly orders: RecordOrders;
  private readonly applied: Float64Array;
  /** `ids[0]`: the venue's sequence number of the record at hand. */
  protected readonly ids: Float64Array;
  protected readonly base: Float64Array;
  /** BOOK_STATE of every book while there is no connection, else -1. */
  protected connection: number;
  protected tick: number;

  constructor(options: FeedOptions) {
    assert(options.instruments.length >= 1, 'Invariant: a feed has at least one instrument');
    this.instruments = options.instruments;
    this.counters = options.counters;
    this.rejects = new RejectSamples();
    const levelsMax = options.bookLevelsMax ?? BOOK_LEVELS_MAX;
    this.orders = new RecordOrders(options.instruments.length, levelsMax);
    this.books = options.instruments.map((instrument) => new RecordBook(instrument, levelsMax, this.orders));
    this.publisher = new MarketPublisher(options.ring, options.room, options.counters);
    this.frame = this.publisher.frame;
    this.clock = options.clock;
    this.listener = options.listener;
    this.applied = new Float64Array(APPLIED_EVENT_NUMBERS);
    this.ids = new Float64Array(1);
    this.base = new Float64Array(2);
    this.base[BASE_S] = Number(options.baseEpochNs / 1_000_000_000n);
    this.base[BASE_NS] = Number(options.baseEpochNs % 1_000_000_000n);
    this.connection = BOOK_STATE.DISCONNECTED;
    this.tick = 0;
  }

  /** Frames received so far. */
  get frames(): number {
    return this.tick;
  }

  book(instrument: number): L2Book | L3Book {
    return this.books[instrument]!.view;
  }

  /** BOOK_STATE of an instrument. */
  state(instrument: number): number {
    return this.books[instrument]!.shown;
  }

  release(): void {
    for (let i = 0; i < this.books.length; i++) this.books[i]!.orders?.clear();
    this.orders.release();
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    const books = this.books;
    this.stamp(recvTimeNs);
    if (event !== CONNECTION.END) {
      this.connection =
        event === CONNECTION.CONNECTED ? -1 : event === CONNECTION.CONNECTING ? BOOK_STATE.CONNECTING : BOOK_STATE.DISCONNECTED;
      for (let i = 0; i < books.length; i++) {
        books[i]!.reset();
        this.settle(books[i]!);
        books[i]!.endEvent();
      }
    } else if (this.publisher.fits(1)) this.publisher.streamEnd();
    this.publisher.finish(event !== CONNECTION.END);
  }

  /** Makes LIVE books without a record in `limitNs` STALE, until their next one. */
  checkAge(nowNs: number, limitNs: number): void {
    const books = this.books;
    this.stamp(nowNs);
    for (let i = 0; i < books.length; i++) {
      const book = books[i]!;
      if (book.shown !== BOOK_STATE.LIVE || nowNs - book.seenNs[0]! <= limitNs) continue;
      book.aged = 1;
      this.settle(book);
    }
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
  }

  /** Writes what an event did to one book: its transition, or its trades and levels while it is LIVE. */
  protected publish(book: RecordBook): void {
    const live = book.shown === BOOK_STATE.LIVE && book.lags === 0 && this.target(book) === BOOK_STATE.LIVE;
    if (!live || book.changedAll === 1) {
      if (book.tradeCount > 0) this.counters.add(FEED_COUNTER.NOT_LIVE, book.tradeCount);
      this.settle(book);
    } else this.publishEvent(book);
    book.endEvent();
    this.publisher.finish(true);
  }

  private publishEvent(book: RecordBook): void {
    const { instrument, bidCount, askCount, tradeCount, tradeNumbers } = book;
    const publisher = this.publisher;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!publisher.fits(tradeCount + bidCount + askCount + 1)) {
      this.counters.increment(FEED_COUNTER.RING_DROPPED);
      book.lags = 1;
      this.settle(book);
      return;
    }
    for (let i = 0; i < tradeCount; i++)
      publisher.trade(instrument, book.tradeTicks[i]!, book.tradeSide[i]!, tradeNumbers, 2 * i + TRADE_LOTS, 2 * i + TRADE_ID);
    if (bidCount + askCount === 0) return;
    book.fillChanges();
    this.counters.add(FEED_COUNTER.LEVELS, bidCount + askCount);
    publisher.levels(instrument, SIDE.BUY, book.bidTicks, book.bidLots, bidCount);
    publisher.levels(instrument, SIDE.SELL, book.askTicks, book.askLots, askCount);
    publisher.end(instrument, 0, bidCount + askCount, book.view, this.ids, 0);
  }

  /** The state that what is known of a book amounts to. */
  private target(book: RecordBook): number {
    if (this.connection >= 0) return this.connection;
    if (book.fault !== NO_FAULT) return book.fault;
    if (book.have === HAVE.NONE) return BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT;
    if (book.have === HAVE.LOADING) return BOOK_STATE.SYNCING;
    if (book.aged === 1) return BOOK_STATE.STALE;
    // Bids at or above asks are an auction or a pre-open: the book is exact, and not one to trade on.
    return book.crossed === 1 ? BOOK_STATE.NOT_TRADING : BOOK_STATE.LIVE;
  }

  /** Writes a book's transition, if it has one; a book that becomes LIVE, or began again, whole before it is said to be so. */
  private settle(book: RecordBook): void {
    const publisher = this.publisher;
    const { instrument, view, shown } = book;
    let target = this.target(book);
    if (book.lags === 1 && shown === BOOK_STATE.LIVE && target === BOOK_STATE.LIVE) target = BOOK_STATE.GAP;
    const live = target === BOOK_STATE.LIVE;
    if (target === shown && !(live && book.changedAll === 1)) return;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!publisher.fits(live ? view.levels(SIDE.BUY) + view.levels(SIDE.SELL) + 3 : 1)) {
      if (shown === BOOK_STATE.LIVE) book.lags = 1;
      return;
    }
    if (live) publisher.wholeBook(instrument, view, this.ids, 0);
    if (target === shown) return;
    publisher.state(instrument, target, shown, this.reasonOf(book, target), this.ids, 0);
    book.shown = target;
    if (!live) book.lags = 0;
    if (live) this.counters.increment(FEED_COUNTER.SYNCED);
    else if (target === BOOK_STATE.GAP) this.counters.increment(FEED_COUNTER.GAPS);
    else if (target === BOOK_STATE.STALE) this.counters.increment(FEED_COUNTER.STALE);
  }

  private reasonOf(book: RecordBook, state: number): number {
    switch (state) {
      case BOOK_STATE.LIVE:
        return BOOK_REASON.SYNCED;
      case BOOK_STATE.SYNCING:
        return BOOK_REASON.SNAPSHOT;
      case BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT:
        return BOOK_REASON.SUBSCRIBED;
      case BOOK_STATE.DISCONNECTED:
        return BOOK_REASON.DISCONNECT;
      case BOOK_STATE.CONNECTING:
        return BOOK_REASON.NONE;
      case BOOK_STATE.NOT_TRADING:
        return BOOK_REASON.CROSSED;
      default:
        if (book.fault !== NO_FAULT) return book.faultReason;
        return book.aged === 1 ? BOOK_REASON.DATA_AGE : BOOK_REASON.RING_FULL;
    }
  }

  protected tell(listener: AppliedListener, book: RecordBook, message: RecordMessage, last: boolean): void {
    const { applied, frame } = this;
    applied[APPLIED_EVENT.RECV_NS] = frame[FRAME_RECV_NS]!;
    applied[APPLIED_EVENT.TICK] = frame[FRAME_TICK]!;
    applied[APPLIED_EVENT.EXCHANGE_S] = 0;
    applied[APPLIED_EVENT.EXCHANGE_NS] = 0;
    if (message.time === TIME.OWN) {
      applied[APPLIED_EVENT.EXCHANGE_S] = message.numbers[N_EVENT_S]!;
      applied[APPLIED_EVENT.EXCHANGE_NS] = message.numbers[N_EVENT_NS]!;
    } else if (message.time === TIME.RECEIVED) {
      const sinceNs = this.base[BASE_NS]! + frame[FRAME_RECV_NS]!;
      const seconds = Math.floor(sinceNs / 1e9);
      applied[APPLIED_EVENT.EXCHANGE_S] = this.base[BASE_S]! + seconds;
      applied[APPLIED_EVENT.EXCHANGE_NS] = sinceNs - seconds * 1e9;
    }
    applied[APPLIED_EVENT.UPDATE_ID] = this.ids[0]!;
    listener.onApplied(book.instrument, book.view, applied, last);
  }
}
