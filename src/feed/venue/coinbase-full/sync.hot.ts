import type { Counters } from '../../../core/counters.ts';
import { BOOK_REASON, BOOK_STATE } from '../../../core/records/market.ts';
import { APPLIED_EVENT, APPLIED_EVENT_NUMBERS, type AppliedListener } from '../../applied.ts';
import { FEED_COUNTER } from '../../counters.ts';
import { N_LAST_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE } from '../../l2/status.ts';
import type { SyncBuffer } from '../../l2/sync-buffer.hot.ts';
import { type FullDecoder, NO_ORDER } from './decode.hot.ts';
import { FULL } from './order.ts';
import { type FullOrders, ORDERS } from './orders.hot.ts';

/** What a message did to a book. */
export const FULL_SYNC = {
  /** Nothing to publish but a state. */
  NONE: 0,
  /** Its levels changed as `orders.book.changed...` says; the state may have changed too. */
  CHANGED: 1,
} as const;

/**
 * Keeps the orders of one product in step with the channel `full` (Coinbase Exchange documentation, "full channel"): take a
 * snapshot, drop what it holds, then demand that each sequence number is the last one plus one. A snapshot is a REST answer,
 * for which messages are buffered, or, in recordings, lines of orders without time that stand before the messages. Either way the
 * book is LIVE with the first message that follows the snapshot by number.
 */
export class FullSync {
  /** BOOK_STATE, and the BOOK_REASON it was reached for. */
  state: number;
  reason: number;
  readonly instrument: number;
  readonly orders: FullOrders;
  /** `ids[0]`: sequence of the last message applied or of the snapshot; 0 when there is none. */
  readonly ids: Float64Array;
  /** Local receive time of the last message in sequence, ns since the run's base. */
  readonly appliedNs: Float64Array;
  /** 1 when a snapshot is wanted. */
  wantsSnapshot: number;
  listener: AppliedListener | undefined;
  private readonly decoder: FullDecoder;
  private readonly buffer: SyncBuffer;
  private readonly counters: Counters;
  private readonly eventFrame: Float64Array;
  private readonly event: Float64Array;
  /** 1 while a STALE book is kept because only its age is in doubt. */
  private aged: number;
  /** Sequence of the last snapshot of lines that lacks one, 0 when there is none; 1: a line of the next one is lost. */
  private readonly spoiled: Float64Array;
  private spoilsNext: number;

  constructor(instrument: number, orders: FullOrders, buffer: SyncBuffer, decoder: FullDecoder, counters: Counters) {
    this.state = BOOK_STATE.DISCONNECTED;
    this.reason = BOOK_REASON.NONE;
    this.instrument = instrument;
    this.orders = orders;
    this.ids = new Float64Array(1);
    this.appliedNs = new Float64Array(1);
    this.wantsSnapshot = 0;
    this.listener = undefined;
    this.decoder = decoder;
    this.buffer = buffer;
    this.counters = counters;
    this.eventFrame = new Float64Array(2);
    this.event = new Float64Array(APPLIED_EVENT_NUMBERS);
    this.aged = 0;
    this.spoiled = new Float64Array(1);
    this.spoilsNext = 0;
  }

  /** The connection was made or lost. */
  restart(state: number, reason: number): void {
    this.spoilsNext = 0;
    this.discard(state, reason, 0);
    this.spoiled[0] = 0;
  }

  /**
   * A message of this product could not be read; true when that cost a book. It may have been a line of a snapshot, which has
   * neither number nor end of its own: the snapshot at hand, or else the next one of lines, is then not taken.
   */
  spoil(): boolean {
    const state = this.state;
    if (state === BOOK_STATE.LIVE || state === BOOK_STATE.SYNCING || state === BOOK_STATE.STALE) {
      this.discard(BOOK_STATE.GAP, BOOK_REASON.DECODE_ERROR, 1);
      return true;
    }
    this.spoilsNext = 1;
    return false;
  }

  /** Discards orders and buffer; `asks`: a snapshot is wanted. */
  discard(state: number, reason: number, asks: number): void {
    if (this.state === BOOK_STATE.SYNCING) this.spoiled[0] = this.ids[0]!;
    this.move(state, reason);
    this.orders.clear();
    this.buffer.clear();
    this.ids[0] = 0;
    this.aged = 0;
    this.wantsSnapshot = asks;
  }

  /** No message for too long: the book is not trusted until the next one follows. */
  age(): void {
    this.move(BOOK_STATE.STALE, BOOK_REASON.DATA_AGE);
    this.aged = 1;
  }

  /** The message in the decoder, its bytes in `bytes[start, end)`; FULL_SYNC. `frame`: receive time and number. */
  onMessage(bytes: Uint8Array, start: number, end: number, frame: Float64Array): number {
    const state = this.state;
    if (state === BOOK_STATE.DISCONNECTED || state === BOOK_STATE.CONNECTING) {
      this.counters.increment(FEED_COUNTER.NOT_CONNECTED);
      return FULL_SYNC.NONE;
    }
    const kind = this.decoder.kind;
    if (kind === FULL.SNAPSHOT_LINE) this.onLine();
    else if (kind === FULL.SNAPSHOT) this.onSnapshot();
    else if (state === BOOK_STATE.LIVE || this.aged === 1) return this.follow(bytes, start, end, frame);
    else {
      this.keep(bytes, start, end, frame);
      if (state === BOOK_STATE.SYNCING) this.replayBuffer();
    }
    return FULL_SYNC.NONE;
  }

  private follow(bytes: Uint8Array, start: number, end: number, frame: Float64Array): number {
    const sequence = this.decoder.message.numbers[N_LAST_ID]!;
    const last = this.ids[0]!;
    if (sequence <= last) {
      this.counters.increment(FEED_COUNTER.SKIPPED);
      return FULL_SYNC.NONE;
    }
    if (sequence !== last + 1) {
      this.discard(BOOK_STATE.GAP, BOOK_REASON.SEQUENCE_GAP, 1);
      this.keep(bytes, start, end, frame);
      return FULL_SYNC.NONE;
    }
    const outcome = this.apply(frame);
    if (this.aged === 1) {
      this.aged = 0;
      this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
    }
    return outcome;
  }

  /** Applies the message at hand, which is next in sequence; gives the book up when it cannot be true of it. */
  private apply(frame: Float64Array): number {
    const { orders, decoder, counters } = this;
    const far = orders.farCount;
    const outcome = orders.apply(decoder);
    if (orders.farCount > far) counters.increment(FEED_COUNTER.LEVELS_BEYOND);
    this.ids[0] = decoder.message.numbers[N_LAST_ID]!;
    this.appliedNs[0] = frame[0]!;
    if (outcome < 0) {
      this.discard(BOOK_STATE.GAP, outcome === ORDERS.FULL ? BOOK_REASON.BOOK_FULL : BOOK_REASON.ORDER_MISMATCH, 1);
      return FULL_SYNC.NONE;
    }
    if (outcome === ORDERS.NOTHING) return FULL_SYNC.NONE;
    if (orders.book.crossed()) {
      this.discard(BOOK_STATE.STALE, BOOK_REASON.CROSSED, 1);
      return FULL_SYNC.NONE;
    }
    counters.increment(FEED_COUNTER.APPLIED);
    if (this.listener !== undefined) this.tell(this.listener, frame);
    return FULL_SYNC.CHANGED;
  }

  /** One order of a snapshot of lines; all lines of one snapshot carry its sequence. */
  private onLine(): void {
    const sequence = this.decoder.message.numbers[N_LAST_ID]!;
    if (this.state !== BOOK_STATE.SYNCING || this.ids[0]! !== sequence) {
      if (this.spoilsNext === 1) this.spoiled[0] = sequence;
      this.spoilsNext = 0;
      if (sequence === this.spoiled[0]!) return;
      this.beginSnapshot(sequence);
    }
    const status = this.takeOrder();
    if (status < 0) this.refuseSnapshot(status === ORDERS.FULL ? BOOK_REASON.BOOK_FULL : BOOK_REASON.ORDER_MISMATCH);
  }

  /**
   * A whole snapshot. It is no news to a live book; and while the stream has yet to reach the one at hand, only one with a lower
   * number is, which says that it never will.
   */
  private onSnapshot(): void {
    const sequence = this.decoder.message.numbers[N_LAST_ID]!;
    const awaited = this.state === BOOK_STATE.SYNCING && sequence >= this.ids[0]!;
    if (this.state === BOOK_STATE.LIVE || this.aged === 1 || awaited) {
      this.counters.increment(FEED_COUNTER.SNAPSHOTS_IGNORED);
      if (awaited) this.wantsSnapshot = 0;
      return;
    }
    this.beginSnapshot(sequence);
    for (;;) {
      const order = this.decoder.nextOrder();
      if (order === NO_ORDER) break;
      const status = order < 0 ? ORDERS.MISMATCH : this.takeOrder();
      if (status >= 0) continue;
      const reason = order < 0 ? BOOK_REASON.DECODE_ERROR : status === ORDERS.FULL ? BOOK_REASON.BOOK_FULL : BOOK_REASON.ORDER_MISMATCH;
      this.refuseSnapshot(reason);
      return;
    }
    if (this.orders.book.crossed()) this.refuseSnapshot(BOOK_REASON.CROSSED);
    else this.replayBuffer();
  }

  private beginSnapshot(sequence: number): void {
    this.counters.increment(FEED_COUNTER.SNAPSHOTS);
    this.orders.clear();
    this.ids[0] = sequence;
    this.aged = 0;
    this.wantsSnapshot = 0;
    this.move(BOOK_STATE.SYNCING, BOOK_REASON.SNAPSHOT);
  }

  private takeOrder(): number {
    const { orders } = this;
    const far = orders.farCount;
    const status = orders.open(this.decoder);
    if (orders.farCount > far) this.counters.increment(FEED_COUNTER.LEVELS_BEYOND);
    return status;
  }

  /** Applies the buffered messages that follow the snapshot; the book is LIVE with the first of them. */
  private replayBuffer(): void {
    const { buffer, decoder, counters, ids } = this;
    const frame = this.eventFrame;
    const count = buffer.count;
    let joined = false;
    for (let i = 0; i < count; i++) {
      if (decoder.decode(buffer.bytes, buffer.starts[i]!, buffer.ends[i]!) !== DECODE.OK) continue;
      const sequence = decoder.message.numbers[N_LAST_ID]!;
      if (sequence <= ids[0]!) {
        counters.increment(FEED_COUNTER.BEFORE_SNAPSHOT);
        continue;
      }
      if (sequence !== ids[0]! + 1) {
        buffer.dropBefore(this.isContradicted(i) ? i + 1 : i);
        this.refuseSnapshot(BOOK_REASON.SEQUENCE_GAP);
        return;
      }
      frame[0] = buffer.times[2 * i]!;
      frame[1] = buffer.times[2 * i + 1]!;
      if (!joined && this.orders.book.crossed()) {
        buffer.dropBefore(i);
        this.refuseSnapshot(BOOK_REASON.CROSSED);
        return;
      }
      joined = true;
      this.apply(frame);
      if (this.state !== BOOK_STATE.SYNCING) return;
    }
    buffer.clear();
    // Should messages go on to be older than the snapshot, its number may be wrong: another one will tell.
    this.wantsSnapshot = joined || count === 0 ? 0 : 1;
    if (joined) this.move(BOOK_STATE.LIVE, BOOK_REASON.SYNCED);
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

  /** The snapshot cannot be used: keep what was buffered and want another one. */
  private refuseSnapshot(reason: number): void {
    this.counters.increment(FEED_COUNTER.SNAPSHOTS_REFUSED);
    this.spoiled[0] = this.ids[0]!;
    this.orders.clear();
    this.ids[0] = 0;
    this.move(BOOK_STATE.GAP, reason);
    this.wantsSnapshot = 1;
  }

  private keep(bytes: Uint8Array, start: number, end: number, frame: Float64Array): void {
    const { buffer, counters } = this;
    if (this.state !== BOOK_STATE.SYNCING) {
      counters.increment(FEED_COUNTER.BUFFERED);
      this.wantsSnapshot = 1;
    }
    if (buffer.push(bytes, start, end, frame)) return;
    counters.increment(FEED_COUNTER.BUFFER_OVERFLOWS);
    this.discard(BOOK_STATE.GAP, BOOK_REASON.BUFFER_OVERFLOW, 1);
    buffer.push(bytes, start, end, frame);
  }

  private move(state: number, reason: number): void {
    if (this.state === state) return;
    this.state = state;
    this.reason = reason;
    if (state === BOOK_STATE.GAP) this.counters.increment(FEED_COUNTER.GAPS);
    else if (state === BOOK_STATE.STALE) this.counters.increment(FEED_COUNTER.STALE);
    else if (state === BOOK_STATE.LIVE) this.counters.increment(FEED_COUNTER.SYNCED);
  }

  private tell(listener: AppliedListener, frame: Float64Array): void {
    const applied = this.event;
    const numbers = this.decoder.message.numbers;
    const ms = numbers[N_TRANSACT_MS]!;
    applied[APPLIED_EVENT.RECV_NS] = frame[0]!;
    applied[APPLIED_EVENT.TICK] = frame[1]!;
    applied[APPLIED_EVENT.EXCHANGE_S] = Math.floor(ms / 1000);
    applied[APPLIED_EVENT.EXCHANGE_NS] = (ms % 1000) * 1e6 + numbers[N_TRANSACT_REST_NS]!;
    applied[APPLIED_EVENT.UPDATE_ID] = this.ids[0]!;
    listener.onApplied(this.instrument, this.orders.book, applied, true);
  }
}
