import { assert } from '../../../core/assert.ts';
import type { Counters } from '../../../core/counters.ts';
import { EXIT, TickpathError } from '../../../core/errors.ts';
import type { Instrument } from '../../../core/instrument.ts';
import { CONNECTION, type ConnectionEvent, FRAME_TIME } from '../../../core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../core/records/market.ts';
import type { Clock } from '../../../core/time.ts';
import { APPLIED_EVENT, APPLIED_EVENT_NUMBERS, type AppliedListener } from '../../applied.ts';
import type { L2Book } from '../../book/l2-book.hot.ts';
import type { L3Book } from '../../book/l3-book.hot.ts';
import { FEED_COUNTER } from '../../counters.ts';
import type { Feed, FeedOptions } from '../../feed.ts';
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
import { LobsterBooks } from './books.hot.ts';
import { HALT_PRICE, LobsterRow, N_ID, N_PRICE, N_SIZE, ROW } from './decode.hot.ts';
import { LOBSTER } from './status.ts';

const NO_FAULT = 0;
const PRICE_DECIMALS = 4;
/** Records of a row's trade, its three levels at most, and its end. */
const ROW_RECORDS = 5;

/**
 * The feed stage for LOBSTER files: one row a frame, its book the L levels that the order-book file shows, rebuilt from the
 * messages. The first row of a file starts the book; from then on the order-book row is asked only for a level that scrolls
 * into view. `orders` holds what the messages say of single orders.
 */
export class LobsterFeed implements Feed {
  readonly instruments: readonly Instrument[];
  readonly rejects: RejectSamples;
  readonly counters: Counters;
  private readonly books: LobsterBooks;
  private readonly row: LobsterRow;
  private readonly publisher: MarketPublisher;
  private readonly frame: Float64Array;
  private readonly ids: Float64Array;
  private readonly base: Float64Array;
  private readonly clock: Clock;
  private readonly listener: AppliedListener | undefined;
  private readonly applied: Float64Array;
  private readonly unitsPerTick: number;
  private readonly sharesPerLot: number;
  private tick: number;
  private shown: number;
  private halted: number;
  /** STALE or GAP when the book is not the file's any more, and why; until the next file. */
  private fault: number;
  private faultReason: number;
  private begun: number;
  private lags: number;

  constructor(options: FeedOptions) {
    assert(options.instruments.length === 1, 'Invariant: a LOBSTER file holds one instrument');
    const instrument = options.instruments[0]!;
    if (instrument.priceDecimals > PRICE_DECIMALS || instrument.qtyDecimals > 0)
      throw new TickpathError(
        'ERR_INSTRUMENT',
        `instrument ${instrument.symbol}: expected a tick_size of at most 4 decimals and a lot_size in whole shares`,
        EXIT.USAGE,
      );
    this.instruments = options.instruments;
    this.rejects = new RejectSamples();
    this.counters = options.counters;
    this.books = new LobsterBooks(options.counters);
    this.row = new LobsterRow();
    this.publisher = new MarketPublisher(options.ring, options.room, options.counters);
    this.frame = this.publisher.frame;
    this.ids = new Float64Array(1);
    this.base = new Float64Array(2);
    this.base[0] = Number(options.baseEpochNs / 1_000_000_000n);
    this.base[1] = Number(options.baseEpochNs % 1_000_000_000n);
    this.clock = options.clock;
    this.listener = options.listener;
    this.applied = new Float64Array(APPLIED_EVENT_NUMBERS);
    this.unitsPerTick = instrument.tickUnits * 10 ** (PRICE_DECIMALS - instrument.priceDecimals);
    this.sharesPerLot = instrument.lotUnits;
    this.tick = 0;
    this.shown = BOOK_STATE.DISCONNECTED;
    this.halted = 0;
    this.fault = NO_FAULT;
    this.faultReason = BOOK_REASON.NONE;
    this.begun = 0;
    this.lags = 0;
  }

  get frames(): number {
    return this.tick;
  }

  book(_instrument: number): L2Book {
    return this.books.levels;
  }

  /** The orders that the messages tell of; those from before the first row are not among them. */
  orders(_instrument: number): L3Book {
    return this.books.orders;
  }

  state(_instrument: number): number {
    return this.shown;
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const frame = this.frame;
    this.tick = this.tick + 1;
    frame[FRAME_RECV_NS] = times[FRAME_TIME.RECV_NS]!;
    frame[FRAME_EXCHANGE_NS] = times[FRAME_TIME.RECV_NS]!;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = times[FRAME_TIME.T0_NS]!;
    frame[FRAME_HANDED_NS] = times[FRAME_TIME.HANDED_NS]!;
    this.counters.increment(FEED_COUNTER.FRAMES);
    this.ids[0] = this.tick;
    let status = this.row.decode(bytes, start, end);
    if (status === LOBSTER.OK) status = this.toGrid();
    if (status === LOBSTER.OK) status = this.onRow(bytes);
    if (status < 0) this.onRejected(status, bytes, start, end);
    this.publisher.finish(true);
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    this.stamp(recvTimeNs);
    if (event === CONNECTION.END) {
      if (this.publisher.fits(1)) this.publisher.streamEnd();
    } else {
      this.begun = 0;
      this.fault = NO_FAULT;
      this.books.clear();
      this.moveTo(event === CONNECTION.CONNECTED ? BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT : BOOK_STATE.DISCONNECTED);
    }
    this.publisher.finish(event !== CONNECTION.END);
  }

  /** A file has no age. */
  checkAge(_nowNs: number, _limitNs: number): void {}

  private stamp(nowNs: number): void {
    const frame = this.frame;
    frame[FRAME_RECV_NS] = nowNs;
    frame[FRAME_EXCHANGE_NS] = nowNs;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = this.clock.nowNs();
    frame[FRAME_HANDED_NS] = frame[FRAME_T0_NS]!;
    frame[FRAME_T1_NS] = frame[FRAME_T0_NS]!;
  }

  /** Turns price and size of the row into ticks and lots. */
  private toGrid(): number {
    const { numbers, type } = this.row;
    if (type === ROW.HALT) return LOBSTER.OK;
    if (numbers[N_PRICE]! % this.unitsPerTick !== 0 || numbers[N_SIZE]! % this.sharesPerLot !== 0) return LOBSTER.OFF_GRID;
    numbers[N_PRICE] = numbers[N_PRICE]! / this.unitsPerTick;
    numbers[N_SIZE] = numbers[N_SIZE]! / this.sharesPerLot;
    return LOBSTER.OK;
  }

  private onRow(bytes: Uint8Array): number {
    const row = this.row;
    const { numbers, type } = row;
    if (row.first === 1) {
      this.fault = NO_FAULT;
      this.halted = 0;
      const status = this.books.begin(bytes, row, this.unitsPerTick, this.sharesPerLot);
      if (status < 0) return status;
      // Another file may follow one whose book is live: the lane is told the whole of the new book.
      if (this.shown === BOOK_STATE.LIVE) this.moveTo(BOOK_STATE.SYNCING);
      this.begun = 1;
    }
    if (type === ROW.HALT) this.halted = numbers[N_PRICE] === HALT_PRICE.TRADING_RESUMES ? 0 : 1;
    else if (type >= ROW.EXECUTION) this.publishTrade();
    if (row.first === 0 && this.begun === 1 && type <= ROW.EXECUTION) {
      const status = this.books.apply(bytes, row, this.unitsPerTick, this.sharesPerLot);
      if (status < 0) return status;
      if (this.books.mismatch === 1) this.fail(BOOK_REASON.ORDER_MISMATCH);
      else if (this.halted === 0 && this.books.levels.crossed()) this.fail(BOOK_REASON.CROSSED);
    } else this.books.changed = 0;
    this.counters.increment(FEED_COUNTER.DEPTH);
    this.counters.increment(FEED_COUNTER.APPLIED);
    this.publishBook();
    if (this.listener !== undefined && this.begun === 1) this.tell(this.listener);
    return LOBSTER.OK;
  }

  private onRejected(status: number, bytes: Uint8Array, start: number, end: number): void {
    this.counters.increment(FEED_COUNTER.REJECTED);
    this.rejects.add(this.tick, status, 0, bytes, start, end);
    // A trade off the grid is none of the book's.
    if (status === LOBSTER.OFF_GRID && this.row.type > ROW.EXECUTION) return;
    this.fail(BOOK_REASON.DECODE_ERROR);
    this.moveTo(this.target());
  }

  private fail(reason: number): void {
    if (this.fault !== NO_FAULT) return;
    this.fault = BOOK_STATE.STALE;
    this.faultReason = reason;
  }

  /** An execution trades against the order's side; hidden ones and crosses name a side as well. */
  private publishTrade(): void {
    const { row, publisher } = this;
    this.counters.increment(FEED_COUNTER.TRADES);
    if (this.shown !== BOOK_STATE.LIVE || this.lags === 1) {
      this.counters.increment(FEED_COUNTER.NOT_LIVE);
      return;
    }
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!publisher.fits(ROW_RECORDS)) this.lag();
    else publisher.trade(0, row.numbers[N_PRICE]! | 0, row.side === SIDE.BUY ? SIDE.SELL : SIDE.BUY, row.numbers, N_SIZE, N_ID);
  }

  private publishBook(): void {
    const { books, publisher } = this;
    const live = this.shown === BOOK_STATE.LIVE;
    this.moveTo(this.target());
    if (!live || this.shown !== BOOK_STATE.LIVE || this.lags === 1 || books.changed === 0) return;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!publisher.fits(ROW_RECORDS)) {
      this.lag();
      return;
    }
    this.counters.add(FEED_COUNTER.LEVELS, books.changed);
    publisher.levels(0, this.row.side, books.changedTicks, books.changedLots, books.changed);
    publisher.end(0, 0, books.changed, books.levels, this.ids, 0);
  }

  /** The ring had no room and the policy is not to wait: the lane is told the whole book again. */
  private lag(): void {
    this.counters.increment(FEED_COUNTER.RING_DROPPED);
    this.lags = 1;
    this.moveTo(this.target());
  }

  private target(): number {
    if (this.begun === 0) return BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT;
    if (this.fault !== NO_FAULT) return this.fault;
    if (this.halted === 1) return BOOK_STATE.NOT_TRADING;
    return this.lags === 1 && this.shown === BOOK_STATE.LIVE ? BOOK_STATE.GAP : BOOK_STATE.LIVE;
  }

  private moveTo(state: number): void {
    const { publisher, shown } = this;
    if (state === shown) return;
    const book = this.books.levels;
    const live = state === BOOK_STATE.LIVE;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!publisher.fits(live ? book.levels(SIDE.BUY) + book.levels(SIDE.SELL) + ROW_RECORDS : 1)) return;
    if (live) publisher.wholeBook(0, book, this.ids, 0);
    publisher.state(0, state, shown, this.reasonOf(state, shown), this.ids, 0);
    this.shown = state;
    if (live) this.counters.increment(FEED_COUNTER.SYNCED);
    else {
      this.lags = 0;
      if (state === BOOK_STATE.GAP) this.counters.increment(FEED_COUNTER.GAPS);
      else if (state === BOOK_STATE.STALE) this.counters.increment(FEED_COUNTER.STALE);
    }
  }

  private reasonOf(state: number, previous: number): number {
    switch (state) {
      case BOOK_STATE.LIVE:
        return previous === BOOK_STATE.NOT_TRADING ? BOOK_REASON.TRADING_STATUS : BOOK_REASON.SYNCED;
      case BOOK_STATE.NOT_TRADING:
        return BOOK_REASON.TRADING_STATUS;
      case BOOK_STATE.STALE:
        return this.faultReason;
      case BOOK_STATE.GAP:
        return BOOK_REASON.RING_FULL;
      case BOOK_STATE.DISCONNECTED:
        return BOOK_REASON.DISCONNECT;
      case BOOK_STATE.SYNCING:
        return BOOK_REASON.SNAPSHOT;
      default:
        return BOOK_REASON.SUBSCRIBED;
    }
  }

  private tell(listener: AppliedListener): void {
    const { applied, base, frame } = this;
    const fromS = base[1]! + frame[FRAME_EXCHANGE_NS]!;
    const seconds = Math.floor(fromS / 1e9);
    applied[APPLIED_EVENT.RECV_NS] = frame[FRAME_RECV_NS]!;
    applied[APPLIED_EVENT.TICK] = this.tick;
    applied[APPLIED_EVENT.EXCHANGE_S] = base[0]! + seconds;
    applied[APPLIED_EVENT.EXCHANGE_NS] = fromS - seconds * 1e9;
    applied[APPLIED_EVENT.UPDATE_ID] = this.tick;
    listener.onApplied(0, this.books.levels, applied, true);
  }
}
