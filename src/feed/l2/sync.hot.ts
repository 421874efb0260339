import type { Counters } from '../../core/counters.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../core/records/market.ts';
import { APPLIED_EVENT, APPLIED_EVENT_NUMBERS, type AppliedListener } from '../applied.ts';
import type { L2Book } from '../book/l2-book.hot.ts';
import { FEED_COUNTER } from '../counters.ts';
import { dropBeyond, fill } from './apply.hot.ts';
import type { L2Decoder } from './decoder.ts';
import { N_LAST_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from './message.hot.ts';
import { NewestApplied } from './newest.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from './rule.ts';
import type { StateLog } from './state-log.hot.ts';
import { DECODE, MESSAGE } from './status.ts';
import type { SyncBuffer } from './sync-buffer.hot.ts';

/** What a depth message or snapshot did to a book. */
export const SYNC = {
  /** Nothing to publish but state transitions. */
  NONE: 0,
  /** Applied to a live book; the message's levels are now those that changed it. */
  APPLIED: 1,
  /** The book became live: publish all of it. */
  BECAME_LIVE: 2,
  /** A live book was replaced by a whole one: publish all of it. */
  REPLACED: 3,
} as const;

/** Index into `BookSync.ids`. */
const LAST_ID = 0;

/**
 * Keeps one book in step with a venue's depth messages: buffers them while a snapshot is awaited, joins the two, applies what
 * follows and gives the book up when anything is missing. What "follows" means is the venue's SequenceRule; the states and
 * what happens in each are the same for all. A message is applied whole, then checked.
 */
export class BookSync {
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
  private readonly decoder: L2Decoder;
  private readonly rule: SequenceRule;
  private readonly log: StateLog;
  private readonly counters: Counters;
  private readonly eventFrame: Float64Array;
  private readonly event: Float64Array;
  /** 1 while a STALE book is kept because only its age is in doubt. */
  private aged: number;
  /** 1 after an old message since then, where each is a whole book. */
  private lateOnes: number;
  /** Venue time, epoch ms, at which its numbering last began anew on this connection: no older snapshot can be joined. */
  private readonly anewMs: Float64Array;
  private readonly newest: NewestApplied;

  constructor(
    instrument: number,
    book: L2Book,
    buffer: SyncBuffer,
    decoder: L2Decoder,
    rule: SequenceRule,
    log: StateLog,
    counters: Counters,
  ) {
    this.state = BOOK_STATE.DISCONNECTED;
    this.instrument = instrument;
    this.book = book;
    this.ids = new Float64Array(1);
    this.appliedNs = new Float64Array(1);
    this.wantsSnapshot = 0;
    this.listener = undefined;
    this.buffer = buffer;
    this.decoder = decoder;
    this.rule = rule;
    this.log = log;
    this.counters = counters;
    this.eventFrame = new Float64Array(2);
    this.event = new Float64Array(APPLIED_EVENT_NUMBERS);
    this.aged = 0;
    this.lateOnes = 0;
    this.anewMs = new Float64Array(1);
    this.newest = new NewestApplied();
  }

  /** The connection was made or lost: nothing that came before says anything of what comes. */
  reconnect(state: number, reason: number): void {
    this.newest.forget();
    this.anewMs.fill(0);
    this.discard(state, reason, 0);
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
    this.lateOnes = 0;
  }

  /** A depth message stands in the decoder, its bytes in `bytes[start, end)`; SYNC. `frame`: receive time and number. */
  onDepth(bytes: Uint8Array, start: number, end: number, frame: Float64Array): number {
    const state = this.state;
    const message = this.decoder.message;
    if (state === BOOK_STATE.LIVE || this.aged === 1) {
      const follows = this.rule.follows(message, this.ids);
      // Nothing new for long, and then an old message: the venue may have gone on under other numbers.
      const lost = follows === FOLLOWS.GAP || (follows === FOLLOWS.SKIP && this.aged === 1);
      if (lost) return this.restart(BOOK_REASON.SEQUENCE_GAP, bytes, start, end, frame);
      if (follows === FOLLOWS.SKIP) {
        this.counters.increment(FEED_COUNTER.SKIPPED);
        return SYNC.NONE;
      }
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

  /** A snapshot stands in the decoder; SYNC. `frame`: receive time and number. */
  onSnapshot(frame: Float64Array): number {
    const state = this.state;
    const counters = this.counters;
    const kind = this.rule.snapshot;
    if (state === BOOK_STATE.LIVE || this.aged === 1) {
      if (kind === SNAPSHOT.JOINED) {
        counters.increment(FEED_COUNTER.SNAPSHOTS_IGNORED);
        return SYNC.NONE;
      }
      if (kind === SNAPSHOT.EVERY_MESSAGE && this.rule.follows(this.decoder.message, this.ids) === FOLLOWS.SKIP) {
        // After nothing new for long, one old message may come late; a second says that the venue has gone on under other numbers.
        const believed = this.aged === 1 && this.lateOnes === 1;
        this.lateOnes = this.aged;
        if (!believed) {
          counters.increment(FEED_COUNTER.SKIPPED);
          return SYNC.NONE;
        }
      }
    }
    const dated = kind === SNAPSHOT.IN_STREAM && this.rule.datedSnapshots === true;
    if (dated && this.newest.passesOver(this.decoder.message, state === BOOK_STATE.LIVE)) {
      counters.increment(FEED_COUNTER.SKIPPED);
      return SYNC.NONE;
    }
    // The venue began anew: what the book held before says nothing of what it holds now.
    if (kind === SNAPSHOT.IN_STREAM && (state === BOOK_STATE.LIVE || this.aged === 1)) this.move(BOOK_STATE.SYNCING, BOOK_REASON.SNAPSHOT);
    if (state === BOOK_STATE.DISCONNECTED || state === BOOK_STATE.CONNECTING) {
      counters.increment(FEED_COUNTER.NOT_CONNECTED);
      return SYNC.NONE;
    }
    const message = this.decoder.message;
    const book = this.book;
    // The stream has yet to reach the one at hand; only one with a lower number says that it never will.
    if (kind === SNAPSHOT.JOINED && state === BOOK_STATE.SYNCING && message.numbers[N_LAST_ID]! >= this.ids[LAST_ID]!) {
      counters.increment(FEED_COUNTER.SNAPSHOTS_IGNORED);
      this.wantsSnapshot = 0;
      return SYNC.NONE;
    }
    if (kind === SNAPSHOT.JOINED && message.numbers[N_TRANSACT_MS]! < this.anewMs[0]!) return this.refuseSnapshot(0);
    book.clear();
    const full = fill(book, message) < 0;
    if (this.rule.depth > 0) this.truncate(this.rule.depth);
    const crossed = !full && book.crossed();
    if (full || crossed || this.rule.agrees(message, book) === 0) {
      counters.increment(FEED_COUNTER.SNAPSHOTS_REFUSED);
      book.clear();
      this.ids[LAST_ID] = 0;
      this.aged = 0;
      this.move(BOOK_STATE.GAP, full ? BOOK_REASON.BOOK_FULL : crossed ? BOOK_REASON.CROSSED : BOOK_REASON.CHECKSUM);
      this.wantsSnapshot = 1;
      return SYNC.NONE;
    }
    this.ids[LAST_ID] = message.numbers[N_LAST_ID]!;
    this.wantsSnapshot = 0;
    if (kind !== SNAPSHOT.JOINED) return this.goLive(frame);
    this.move(BOOK_STATE.SYNCING, BOOK_REASON.SNAPSHOT);
    return this.replayBuffer();
  }

  /** A snapshot of the stream was loaded: the book is whole as of this message. */
  private goLive(frame: Float64Array): number {
    const wasLive = this.state === BOOK_STATE.LIVE;
    this.aged = 0;
    this.newest.settle();
    this.newest.note(this.decoder.message);
    this.applied(frame);
    if (wasLive) return SYNC.REPLACED;
    this.move(BOOK_STATE.SYNCING, BOOK_REASON.SNAPSHOT);
    this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
    return SYNC.BECAME_LIVE;
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
        if (!this.joins()) return this.refuseSnapshot(this.isContradicted(i) ? i + 1 : i);
        joined = true;
      } else {
        const follows = this.rule.follows(decoder.message, this.ids);
        if (follows === FOLLOWS.GAP) return this.refuseSnapshot(this.isContradicted(i) ? i + 1 : i);
        if (follows === FOLLOWS.SKIP) continue;
      }
      if (!this.applyDepth(event)) return SYNC.NONE;
    }
    buffer.clear();
    if (!joined) return SYNC.NONE;
    this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
    return SYNC.BECAME_LIVE;
  }

  /**
   * True when the number of the buffered message in the decoder, the `i`-th, is above that of the one after it: it came out of
   * order or is wrong, and no snapshot might ever reach it.
   */
  private isContradicted(i: number): boolean {
    const { buffer, decoder, eventFrame } = this;
    if (i + 1 >= buffer.count) return false;
    eventFrame[0] = decoder.message.numbers[N_LAST_ID]!;
    if (decoder.decode(buffer.bytes, buffer.starts[i + 1]!, buffer.ends[i + 1]!) !== DECODE.OK) return false;
    return decoder.message.numbers[N_LAST_ID]! < eventFrame[0]!;
  }

  /** The event after a snapshot that came first. */
  private joinNext(bytes: Uint8Array, start: number, end: number, frame: Float64Array): number {
    if (this.isBeforeSnapshot()) {
      // Should it go on like this, the snapshot's number may be wrong: another one will tell.
      this.wantsSnapshot = 1;
      return SYNC.NONE;
    }
    this.wantsSnapshot = 0;
    if (!this.joins()) {
      this.keep(bytes, start, end, frame);
      return this.refuseSnapshot(0);
    }
    if (!this.applyDepth(frame)) return SYNC.NONE;
    this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
    return SYNC.BECAME_LIVE;
  }

  private isBeforeSnapshot(): boolean {
    if (this.rule.isBefore(this.decoder.message, this.ids) === 0) return false;
    this.counters.increment(FEED_COUNTER.BEFORE_SNAPSHOT);
    return true;
  }

  /** True when the message at hand may be the first after the snapshot. */
  private joins(): boolean {
    const joins = this.rule.joins(this.decoder.message, this.ids);
    if (joins === JOINS.NO) return false;
    this.counters.increment(FEED_COUNTER.FIRST_COVERS - JOINS.COVERS + joins);
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
    if (this.rule.snapshot !== SNAPSHOT.JOINED) {
      // The snapshot that comes in the stream holds everything before it.
      this.counters.increment(FEED_COUNTER.BEFORE_SNAPSHOT);
      this.wantsSnapshot = 1;
      return;
    }
    this.wantsSnapshot = 1;
    if (this.decoder.message.beginsAnew === 1) {
      // Only a snapshot from after this message can be joined, and it holds this message.
      this.counters.increment(FEED_COUNTER.BEFORE_SNAPSHOT);
      buffer.clear();
      this.anewMs[0] = this.decoder.message.numbers[N_TRANSACT_MS]!;
      return;
    }
    this.counters.increment(FEED_COUNTER.BUFFERED);
    if (buffer.push(bytes, start, end, frame)) return;
    this.counters.increment(FEED_COUNTER.BUFFER_OVERFLOWS);
    this.discard(BOOK_STATE.GAP, BOOK_REASON.BUFFER_OVERFLOW, 1);
    buffer.push(bytes, start, end, frame);
  }

  private tell(listener: AppliedListener, frame: Float64Array): void {
    const applied = this.event;
    const ms = this.decoder.message.numbers[N_TRANSACT_MS]!;
    applied[APPLIED_EVENT.RECV_NS] = frame[0]!;
    applied[APPLIED_EVENT.TICK] = frame[1]!;
    applied[APPLIED_EVENT.EXCHANGE_S] = Math.floor(ms / 1000);
    applied[APPLIED_EVENT.EXCHANGE_NS] = (ms % 1000) * 1e6 + this.decoder.message.numbers[N_TRANSACT_REST_NS]!;
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
    this.newest.note(message);
    if (message.beginsAnew === 1) this.anewMs[0] = message.numbers[N_TRANSACT_MS]!;
    if (this.rule.depth > 0) this.truncate(this.rule.depth);
    if (book.crossed()) {
      this.discard(BOOK_STATE.STALE, BOOK_REASON.CROSSED, 1);
      return false;
    }
    if (this.rule.agrees(message, book) === 0) {
      this.discard(BOOK_STATE.STALE, BOOK_REASON.CHECKSUM, 1);
      return false;
    }
    this.applied(frame);
    return true;
  }

  /** Drops the levels beyond the depth that the venue keeps, and adds their removal to what the message changed. */
  private truncate(depth: number): void {
    const message = this.decoder.message;
    message.bidCount = dropBeyond(this.book, SIDE.BUY, depth, message.bidTicks, message.bidLots, message.bidCount);
    message.askCount = dropBeyond(this.book, SIDE.SELL, depth, message.askTicks, message.askLots, message.askCount);
  }

  private applied(frame: Float64Array): void {
    this.appliedNs[0] = frame[0]!;
    this.counters.increment(FEED_COUNTER.APPLIED);
    if (this.listener !== undefined) this.tell(this.listener, frame);
  }
}
