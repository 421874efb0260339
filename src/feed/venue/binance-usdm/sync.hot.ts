import type { Counters } from '../../../core/counters.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../core/records/market.ts';
import { APPLIED_EVENT, APPLIED_EVENT_NUMBERS, type AppliedListener } from '../../applied.ts';
import { BOOK_APPLY, type L2Book } from '../../book/l2-book.hot.ts';
import { FEED_COUNTER } from '../../counters.ts';
import type { StateLog } from '../../state-log.hot.ts';
import type { SyncBuffer } from '../../sync-buffer.hot.ts';
import type { UsdmDecoder } from './decode.hot.ts';
import { N_FIRST_ID, N_LAST_ID, N_PREVIOUS_ID, N_TRANSACT_MS, type UsdmMessage } from './message.hot.ts';
import { DECODE, MESSAGE } from './status.ts';

/** What a depth message or snapshot did to a book. */
export const SYNC = {
  /** Nothing to publish but state transitions. */
  NONE: 0,
  /** Applied to a live book; the message's levels are now those that changed it. */
  APPLIED: 1,
  /** The book became live: publish all of it. */
  BECAME_LIVE: 2,
} as const;

/** Index into `UsdmSync.ids`. */
const LAST_ID = 0;

/**
 * Keeps one book by the venue's procedure for USD-M futures (Binance developer documentation, "How to manage a local order
 * book correctly"): buffer events, take a snapshot, drop events with u < lastUpdateId, join, then demand pu = previous u.
 *
 * Joining: the first kept event must cover the snapshot's id, U <= lastUpdateId <= u, or follow it, pu = lastUpdateId. Ids
 * are shared by all symbols, so the snapshot's id may also fall between two events of this one, pu < lastUpdateId < U. All
 * three say pu <= lastUpdateId <= u: no event of this symbol is missing. Each case is counted. When pu > lastUpdateId the
 * snapshot is too old and another one is needed.
 */
export class UsdmSync {
  /** BOOK_STATE. */
  state: number;
  readonly instrument: number;
  readonly book: L2Book;
  /** `ids[0]`: last applied `u`, or the snapshot's id while it waits for its first event; 0 when there is none. */
  readonly ids: Float64Array;
  /** Local receive time of the last event applied, ns since the run's base, at index 0. */
  readonly appliedNs: Float64Array;
  /** 1 when a snapshot is wanted. Set here, cleared by the snapshot. */
  wantsSnapshot: number;
  listener: AppliedListener | undefined;
  private readonly buffer: SyncBuffer;
  private readonly decoder: UsdmDecoder;
  private readonly log: StateLog;
  private readonly counters: Counters;
  private readonly eventFrame: Float64Array;
  private readonly applied: Float64Array;
  /** 1 while a STALE book is kept because only its age is in doubt. */
  private aged: number;

  constructor(instrument: number, book: L2Book, buffer: SyncBuffer, decoder: UsdmDecoder, log: StateLog, counters: Counters) {
    this.state = BOOK_STATE.DISCONNECTED;
    this.instrument = instrument;
    this.book = book;
    this.ids = new Float64Array(1);
    this.appliedNs = new Float64Array(1);
    this.wantsSnapshot = 0;
    this.listener = undefined;
    this.buffer = buffer;
    this.decoder = decoder;
    this.log = log;
    this.counters = counters;
    this.eventFrame = new Float64Array(2);
    this.applied = new Float64Array(APPLIED_EVENT_NUMBERS);
    this.aged = 0;
  }

  /** Logs a transition; a state that stays is none. */
  move(state: number, reason: number): void {
    const previous = this.state;
    if (previous === state) return;
    this.state = state;
    this.log.add(this.instrument, state, previous, reason, this.ids, LAST_ID);
    if (state === BOOK_STATE.GAP) this.counters.increment(FEED_COUNTER.GAPS);
    else if (state === BOOK_STATE.STALE) this.counters.increment(FEED_COUNTER.STALE);
    else if (state === BOOK_STATE.LIVE) this.counters.increment(FEED_COUNTER.SYNCED);
  }

  /** Discards the book and what was buffered and goes to `state`; `asks`: a snapshot is wanted. */
  discard(state: number, reason: number, asks: number): void {
    this.move(state, reason);
    this.book.clear();
    this.buffer.clear();
    this.ids[LAST_ID] = 0;
    this.aged = 0;
    this.wantsSnapshot = asks;
  }

  /** No event for too long: the book is not trusted until the next one proves the chain whole. */
  age(): void {
    this.move(BOOK_STATE.STALE, BOOK_REASON.DATA_AGE);
    this.aged = 1;
  }

  /** A depth message stands in the decoder, its bytes in `bytes[start, end)`; SYNC. `frame`: receive time and number. */
  onDepth(bytes: Uint8Array, start: number, end: number, frame: Float64Array): number {
    const state = this.state;
    const numbers = this.decoder.message.numbers;
    const ids = this.ids;
    if (state === BOOK_STATE.LIVE || this.aged === 1) {
      if (numbers[N_PREVIOUS_ID]! !== ids[LAST_ID]!) return this.restart(BOOK_REASON.SEQUENCE_GAP, bytes, start, end, frame);
      if (!this.applyDepth(frame)) return SYNC.NONE;
      if (state === BOOK_STATE.LIVE) return SYNC.APPLIED;
      this.aged = 0;
      this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
      return SYNC.BECAME_LIVE;
    }
    if (state === BOOK_STATE.SYNCING) return this.joinNext(bytes, start, end, frame);
    if (state === BOOK_STATE.DISCONNECTED || state === BOOK_STATE.CONNECTING) {
      this.counters.increment(FEED_COUNTER.NOT_CONNECTED);
      return SYNC.NONE;
    }
    this.keep(bytes, start, end, frame);
    return SYNC.NONE;
  }

  /** A snapshot stands in the decoder; SYNC. */
  onSnapshot(): number {
    const state = this.state;
    const counters = this.counters;
    if (state === BOOK_STATE.LIVE || this.aged === 1) {
      counters.increment(FEED_COUNTER.SNAPSHOTS_IGNORED);
      return SYNC.NONE;
    }
    if (state === BOOK_STATE.DISCONNECTED || state === BOOK_STATE.CONNECTING) {
      counters.increment(FEED_COUNTER.NOT_CONNECTED);
      return SYNC.NONE;
    }
    const message = this.decoder.message;
    const book = this.book;
    book.clear();
    const full = fill(book, message) < 0;
    if (full || book.crossed()) {
      counters.increment(FEED_COUNTER.SNAPSHOTS_REFUSED);
      book.clear();
      this.ids[LAST_ID] = 0;
      this.move(BOOK_STATE.GAP, full ? BOOK_REASON.BOOK_FULL : BOOK_REASON.CROSSED);
      this.wantsSnapshot = 1;
      return SYNC.NONE;
    }
    this.ids[LAST_ID] = message.numbers[N_LAST_ID]!;
    this.wantsSnapshot = 0;
    this.move(BOOK_STATE.SYNCING, BOOK_REASON.SNAPSHOT);
    return this.replayBuffer();
  }

  /** Applies the buffered events to the snapshot just loaded. */
  private replayBuffer(): number {
    const buffer = this.buffer;
    const decoder = this.decoder;
    const event = this.eventFrame;
    const count = buffer.count;
    let joined = false;
    for (let i = 0; i < count; i++) {
      const status = decoder.decode(buffer.bytes, buffer.starts[i]!, buffer.ends[i]!);
      if (status !== DECODE.OK || decoder.message.kind !== MESSAGE.DEPTH) continue;
      event[0] = buffer.times[2 * i]!;
      event[1] = buffer.times[2 * i + 1]!;
      if (!joined) {
        if (this.isBeforeSnapshot()) continue;
        if (!this.joins()) return this.refuseSnapshot(i);
        joined = true;
      } else if (decoder.message.numbers[N_PREVIOUS_ID]! !== this.ids[LAST_ID]!) {
        return this.refuseSnapshot(i);
      }
      if (!this.applyDepth(event)) return SYNC.NONE;
    }
    buffer.clear();
    if (!joined) return SYNC.NONE;
    this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
    return SYNC.BECAME_LIVE;
  }

  /** The event after a snapshot that came first. */
  private joinNext(bytes: Uint8Array, start: number, end: number, frame: Float64Array): number {
    if (this.isBeforeSnapshot()) return SYNC.NONE;
    if (!this.joins()) {
      this.keep(bytes, start, end, frame);
      return this.refuseSnapshot(0);
    }
    if (!this.applyDepth(frame)) return SYNC.NONE;
    this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
    return SYNC.BECAME_LIVE;
  }

  private isBeforeSnapshot(): boolean {
    if (this.decoder.message.numbers[N_LAST_ID]! >= this.ids[LAST_ID]!) return false;
    this.counters.increment(FEED_COUNTER.BEFORE_SNAPSHOT);
    return true;
  }

  /** True when the message at hand may be the first after the snapshot. */
  private joins(): boolean {
    const numbers = this.decoder.message.numbers;
    const snapshotId = this.ids[LAST_ID]!;
    const previousId = numbers[N_PREVIOUS_ID]!;
    if (numbers[N_FIRST_ID]! <= snapshotId) this.counters.increment(FEED_COUNTER.FIRST_COVERS);
    else if (previousId === snapshotId) this.counters.increment(FEED_COUNTER.FIRST_LINKED);
    else if (previousId < snapshotId) this.counters.increment(FEED_COUNTER.FIRST_BETWEEN);
    else return false;
    return true;
  }

  /** The snapshot cannot be joined to the buffered events from `first` on: keep those and want a newer one. */
  private refuseSnapshot(first: number): number {
    this.counters.increment(FEED_COUNTER.SNAPSHOTS_REFUSED);
    this.book.clear();
    this.ids[LAST_ID] = 0;
    this.buffer.dropBefore(first);
    this.move(BOOK_STATE.GAP, BOOK_REASON.SEQUENCE_GAP);
    this.wantsSnapshot = 1;
    return SYNC.NONE;
  }

  /** Discards the book and begins to buffer with the message at hand. */
  private restart(reason: number, bytes: Uint8Array, start: number, end: number, frame: Float64Array): number {
    this.discard(BOOK_STATE.GAP, reason, 1);
    this.keep(bytes, start, end, frame);
    return SYNC.NONE;
  }

  private keep(bytes: Uint8Array, start: number, end: number, frame: Float64Array): void {
    const buffer = this.buffer;
    this.counters.increment(FEED_COUNTER.BUFFERED);
    this.wantsSnapshot = 1;
    if (buffer.push(bytes, start, end, frame)) return;
    this.counters.increment(FEED_COUNTER.BUFFER_OVERFLOWS);
    this.discard(BOOK_STATE.GAP, BOOK_REASON.BUFFER_OVERFLOW, 1);
    buffer.push(bytes, start, end, frame);
  }

  private tell(listener: AppliedListener, frame: Float64Array): void {
    const applied = this.applied;
    const ms = this.decoder.message.numbers[N_TRANSACT_MS]!;
    applied[APPLIED_EVENT.RECV_NS] = frame[0]!;
    applied[APPLIED_EVENT.TICK] = frame[1]!;
    applied[APPLIED_EVENT.EXCHANGE_S] = Math.floor(ms / 1000);
    applied[APPLIED_EVENT.EXCHANGE_NS] = (ms % 1000) * 1e6;
    applied[APPLIED_EVENT.UPDATE_ID] = this.ids[LAST_ID]!;
    listener.onApplied(this.instrument, this.book, applied, true);
  }

  /** Applies the message at hand as a whole; false when the book had to be given up. */
  private applyDepth(frame: Float64Array): boolean {
    const message = this.decoder.message;
    const book = this.book;
    const status = fill(book, message);
    if (status < 0) {
      this.discard(BOOK_STATE.GAP, BOOK_REASON.BOOK_FULL, 1);
      return false;
    }
    this.ids[LAST_ID] = message.numbers[N_LAST_ID]!;
    if (book.crossed()) {
      this.discard(BOOK_STATE.STALE, BOOK_REASON.CROSSED, 1);
      return false;
    }
    this.appliedNs[0] = frame[0]!;
    this.counters.increment(FEED_COUNTER.APPLIED);
    if (this.listener !== undefined) this.tell(this.listener, frame);
    return true;
  }
}

/** Applies every level of `message`, keeps in it only those that changed the book; BOOK_APPLY.FULL when one did not fit. */
function fill(book: L2Book, message: UsdmMessage): number {
  const bids = fillSide(book, SIDE.BUY, message.bidTicks, message.bidLots, message.bidCount);
  if (bids < 0) return bids;
  message.bidCount = bids;
  const asks = fillSide(book, SIDE.SELL, message.askTicks, message.askLots, message.askCount);
  if (asks < 0) return asks;
  message.askCount = asks;
  return BOOK_APPLY.CHANGED;
}

function fillSide(book: L2Book, side: number, ticks: Int32Array, lots: Float64Array, count: number): number {
  let changed = 0;
  for (let i = 0; i < count; i++) {
    const price = ticks[i]!;
    const qty = lots[i]!;
    const status = book.apply(side, price, qty);
    if (status === BOOK_APPLY.FULL) return status;
    if (status === BOOK_APPLY.CHANGED) {
      ticks[changed] = price;
      lots[changed] = qty;
      changed++;
    }
  }
  return changed;
}
