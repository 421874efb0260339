import { assert } from '../../core/assert.ts';
import type { Counters } from '../../core/counters.ts';
import type { Instrument } from '../../core/instrument.ts';
import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { CONNECTION, type ConnectionEvent, FRAME_TIME } from '../../core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../core/records/market.ts';
import type { Clock } from '../../core/time.ts';
import { APPLIED_EVENT, APPLIED_EVENT_NUMBERS, type AppliedListener } from '../applied.ts';
import type { L2Book } from '../book/l2-book.hot.ts';
import { L3, type L3Book } from '../book/l3-book.hot.ts';
import { FEED_COUNTER, FORMAT_COUNTERS } from '../counters.ts';
import type { Feed, FeedOptions } from '../feed.ts';
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
import { CONTENT, HAVE, MODIFIED_NEW, NO_FAULT, RecordBook, TRADE_ID, TRADE_LOTS } from './book.hot.ts';
import { FORMAT_COUNTER } from './counters.ts';
import type { RecordDecoder } from './decoder.ts';
import { ACTION, N_EVENT_NS, N_EVENT_S, N_LOTS, N_SEQUENCE, RECORD_FLAG, RECORD_MESSAGE, SIDE_NONE } from './message.hot.ts';
import { RECORD, recordRejectIndex } from './status.ts';

/** Slots of `base`. */
const BASE_S = 0;
const BASE_NS = 1;

/**
 * The feed stage for recorded formats (DBN, Tardis, LEAN): records in, validated market records out. Orders make a book per
 * instrument, records of levels are one each; what an event changed is written when its last record came, because between
 * its records the book is none that the venue had. States are worked out from what is known after each event
 * (docs/venues/dbn.md).
 */
export class RecordFeed implements Feed {
  readonly instruments: readonly Instrument[];
  readonly counters: Counters;
  readonly rejects: RejectSamples;
  private readonly decoder: RecordDecoder;
  private readonly books: readonly RecordBook[];
  private readonly publisher: MarketPublisher;
  private readonly frame: Float64Array;
  private readonly clock: Clock;
  private readonly listener: AppliedListener | undefined;
  private readonly applied: Float64Array;
  /** `ids[0]`: the venue's sequence number of the record at hand. */
  private readonly ids: Float64Array;
  private readonly base: Float64Array;
  /** BOOK_STATE of every book while there is no connection, else -1. */
  private connection: number;
  private tick: number;

  constructor(options: FeedOptions, decoder: RecordDecoder) {
    assert(options.instruments.length >= 1, 'Invariant: a feed has at least one instrument');
    this.instruments = options.instruments;
    this.counters = options.counters;
    this.rejects = new RejectSamples();
    this.decoder = decoder;
    this.books = options.instruments.map((instrument) => new RecordBook(instrument, options.bookLevelsMax ?? BOOK_LEVELS_MAX));
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

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const frame = this.frame;
    const status = this.decoder.decode(bytes, start, end);
    if (status === RECORD.HEADER) return;
    this.tick = this.tick + 1;
    frame[FRAME_RECV_NS] = times[FRAME_TIME.RECV_NS]!;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = times[FRAME_TIME.T0_NS]!;
    frame[FRAME_HANDED_NS] = times[FRAME_TIME.HANDED_NS]!;
    this.counters.increment(FEED_COUNTER.FRAMES);
    const message = this.decoder.message;
    const numbers = message.numbers;
    // Two stores: one store of either value would make V8 allocate the computed one.
    if (message.hasTime === 0 || status !== RECORD.OK) frame[FRAME_EXCHANGE_NS] = times[FRAME_TIME.RECV_NS]!;
    else frame[FRAME_EXCHANGE_NS] = (numbers[N_EVENT_S]! - this.base[BASE_S]!) * 1e9 + (numbers[N_EVENT_NS]! - this.base[BASE_NS]!);
    if (status !== RECORD.OK) {
      this.onRefused(status, bytes, start, end);
      return;
    }
    this.ids[0] = numbers[N_SEQUENCE]!;
    const book = this.books[message.instrument]!;
    if (message.kind === RECORD_MESSAGE.ORDER) this.onOrder(book);
    else if (message.kind === RECORD_MESSAGE.LEVELS) this.onLevels(book);
    else if (message.kind === RECORD_MESSAGE.CHANGES) this.onChanges(book);
    else this.onTrade(book);
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

  private onRefused(status: number, bytes: Uint8Array, start: number, end: number): void {
    const counters = this.counters;
    const message = this.decoder.message;
    if (status > 0) {
      counters.increment(status === RECORD.UNKNOWN_KIND ? FEED_COUNTER.UNKNOWN_KIND : FEED_COUNTER.UNKNOWN_SYMBOL);
      return;
    }
    counters.increment(FEED_COUNTER.REJECTED);
    counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.REJECTS + recordRejectIndex(status));
    this.rejects.add(this.tick, status, message.instrument, bytes, start, end);
    if (message.instrument < 0 || message.kind === RECORD_MESSAGE.TRADE) return;
    const book = this.books[message.instrument]!;
    // What an order did is unknown from here on; of levels only this record is, and a trade changes no book.
    if (message.kind === RECORD_MESSAGE.ORDER) {
      if (message.action === ACTION.TRADE || book.content !== CONTENT.ORDERS) return;
      book.lose(BOOK_REASON.DECODE_ERROR);
    } else {
      if (book.content !== CONTENT.LEVELS) return;
      if (message.kind === RECORD_MESSAGE.CHANGES) book.lose(BOOK_REASON.DECODE_ERROR);
      else {
        book.fault = BOOK_STATE.STALE;
        book.faultReason = BOOK_REASON.DECODE_ERROR;
      }
    }
    this.publish(book);
  }

  private onOrder(book: RecordBook): void {
    const message = this.decoder.message;
    const { action, flags } = message;
    book.takeOrders();
    this.counters.increment(FEED_COUNTER.DEPTH);
    book.seenNs[0] = this.frame[FRAME_RECV_NS]!;
    book.aged = 0;
    const snapshot = (flags & RECORD_FLAG.SNAPSHOT) !== 0;
    const begins = action === ACTION.CLEAR || (snapshot && book.inSnapshot === 0);
    if (begins) {
      book.restart();
      this.counters.increment(FEED_COUNTER.SNAPSHOTS);
    }
    book.inSnapshot = snapshot ? 1 : 0;
    if ((flags & RECORD_FLAG.MAYBE_BAD_BOOK) !== 0 && !begins && !snapshot) {
      this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.LOST_RECORDS);
      book.lose(BOOK_REASON.SEQUENCE_GAP);
    }
    if (action === ACTION.TRADE) this.keepTrade(book);
    const changes = action === ACTION.ADD || action === ACTION.CANCEL || action === ACTION.MODIFY;
    if (changes) this.applyOrder(book);
    this.endRecord(book, (flags & RECORD_FLAG.LAST) !== 0, changes || begins);
  }

  private applyOrder(book: RecordBook): void {
    const counters = this.counters;
    if (book.have === HAVE.NONE) {
      counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.WITHOUT_BOOK);
      return;
    }
    const status = book.applyOrder(this.decoder.message);
    if (status >= 0) {
      counters.increment(FEED_COUNTER.APPLIED);
      if (status === MODIFIED_NEW) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_MODIFIED_NEW);
      return;
    }
    if (status === L3.UNKNOWN_REF) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_UNKNOWN);
    else if (status === L3.DUPLICATE_REF) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_DUPLICATE);
    else if (status === L3.BELOW_ZERO) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_BELOW_ZERO);
    book.lose(status === L3.ORDERS_FULL || status === L3.LEVELS_FULL ? BOOK_REASON.BOOK_FULL : BOOK_REASON.ORDER_MISMATCH);
  }

  private onLevels(book: RecordBook): void {
    const message = this.decoder.message;
    const { action, flags } = message;
    // Where there are orders, they say more.
    if (book.content === CONTENT.ORDERS) return;
    book.content = CONTENT.LEVELS;
    this.counters.increment(FEED_COUNTER.DEPTH);
    book.seenNs[0] = this.frame[FRAME_RECV_NS]!;
    book.aged = 0;
    // Each record is the whole book and heals what was wrong before it.
    book.have = HAVE.WHOLE;
    book.fault = NO_FAULT;
    if ((flags & RECORD_FLAG.MAYBE_BAD_BOOK) !== 0) {
      this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.LOST_RECORDS);
      book.fault = BOOK_STATE.STALE;
      book.faultReason = BOOK_REASON.SEQUENCE_GAP;
    }
    if (action === ACTION.TRADE) this.keepTrade(book);
    book.applyLevels(message);
    this.counters.increment(FEED_COUNTER.APPLIED);
    // Records once an interval have no action and are events of their own.
    this.endRecord(book, (flags & RECORD_FLAG.LAST) !== 0 || action === ACTION.NONE, true);
  }

  private onChanges(book: RecordBook): void {
    const message = this.decoder.message;
    if (book.content === CONTENT.ORDERS) return;
    book.content = CONTENT.LEVELS;
    this.counters.increment(FEED_COUNTER.DEPTH);
    book.seenNs[0] = this.frame[FRAME_RECV_NS]!;
    book.aged = 0;
    const snapshot = (message.flags & RECORD_FLAG.SNAPSHOT) !== 0;
    if (snapshot && book.inSnapshot === 0) {
      book.restart();
      this.counters.increment(FEED_COUNTER.SNAPSHOTS);
    }
    if (book.have === HAVE.NONE) this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.WITHOUT_BOOK);
    else if (book.applyChanges(message)) this.counters.increment(FEED_COUNTER.APPLIED);
    else book.lose(BOOK_REASON.BOOK_FULL);
    this.endRecord(book, (message.flags & RECORD_FLAG.LAST) !== 0, true);
    // A snapshot may come in several messages: the next one goes on with it.
    book.inSnapshot = snapshot ? 1 : 0;
  }

  /** A record of trades only; where the instrument has a book, the book's own records bring the trades. */
  private onTrade(book: RecordBook): void {
    const message = this.decoder.message;
    if (book.content !== CONTENT.NONE || this.connection >= 0 || !this.isTrade()) return;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!this.publisher.fits(1)) {
      this.counters.increment(FEED_COUNTER.RING_DROPPED);
      return;
    }
    this.publisher.trade(book.instrument, message.priceTicks, message.side, message.numbers, N_LOTS, N_SEQUENCE);
    this.publisher.finish(true);
  }

  private keepTrade(book: RecordBook): void {
    if (this.isTrade()) book.noteTrade(this.decoder.message);
  }

  /** Counts the trade at hand; false when it names no aggressor. */
  private isTrade(): boolean {
    this.counters.increment(FEED_COUNTER.TRADES);
    if (this.decoder.message.side !== SIDE_NONE) return true;
    this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.TRADES_WITHOUT_SIDE);
    return false;
  }

  /** The record at hand was applied; `changed`: it may have changed the book. */
  private endRecord(book: RecordBook, last: boolean, changed: boolean): void {
    if (last) {
      book.inSnapshot = 0;
      if (book.have === HAVE.LOADING) book.have = HAVE.WHOLE;
      book.crossed = book.view.crossed() ? 1 : 0;
      if (book.crossed === 1) this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.CROSSED);
    }
    if (this.listener !== undefined && (last || changed) && book.have === HAVE.WHOLE) this.tell(this.listener, book, last);
    if (last || (book.fault !== NO_FAULT && book.shown !== book.fault)) this.publish(book);
  }

  /** Writes what an event did to one book: its transition, or its trades and levels while it is LIVE. */
  private publish(book: RecordBook): void {
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

  private tell(listener: AppliedListener, book: RecordBook, last: boolean): void {
    const { applied, frame } = this;
    const { message } = this.decoder;
    applied[APPLIED_EVENT.RECV_NS] = frame[FRAME_RECV_NS]!;
    applied[APPLIED_EVENT.TICK] = frame[FRAME_TICK]!;
    applied[APPLIED_EVENT.EXCHANGE_S] = message.hasTime === 1 ? message.numbers[N_EVENT_S]! : 0;
    applied[APPLIED_EVENT.EXCHANGE_NS] = message.hasTime === 1 ? message.numbers[N_EVENT_NS]! : 0;
    applied[APPLIED_EVENT.UPDATE_ID] = this.ids[0]!;
    listener.onApplied(book.instrument, book.view, applied, last);
  }
}
