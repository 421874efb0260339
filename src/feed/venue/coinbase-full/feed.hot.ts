import { assert } from '../../../core/assert.ts';
import type { Counters } from '../../../core/counters.ts';
import type { Instrument } from '../../../core/instrument.ts';
import { FRAME_BYTES_MAX, SYNC_BUFFER_BYTES_MAX, SYNC_BUFFER_FRAMES_MAX } from '../../../core/limits.ts';
import { CONNECTION, type ConnectionEvent, FRAME_TIME } from '../../../core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../core/records/market.ts';
import type { Clock } from '../../../core/time.ts';
import type { L3Book } from '../../book/l3-book.hot.ts';
import { FEED_COUNTER } from '../../counters.ts';
import type { Feed, FeedOptions, SnapshotPort } from '../../feed.ts';
import { N_TRADE_ID, N_TRADE_LOTS, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE } from '../../l2/status.ts';
import { SyncBuffer } from '../../l2/sync-buffer.hot.ts';
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
import { FullDecoder } from './decode.hot.ts';
import { FULL } from './order.ts';
import { FullOrders } from './orders.hot.ts';
import { FULL_SYNC, FullSync } from './sync.hot.ts';

/** Records of a message: its trade, two levels and their end. */
const MESSAGE_RECORDS = 4;
/** A snapshot that was asked for and did not come is asked for again after this long. */
const SNAPSHOT_AGAIN_NS = 5e9;

/**
 * The feed stage of Coinbase Exchange's channel `full`: order events in, books of orders kept, and what of them concerns price
 * levels and trades written to the ring while a book is LIVE. Every sequenced message is checked, those for no book too.
 */
export class CoinbaseFullFeed implements Feed {
  readonly instruments: readonly Instrument[];
  readonly counters: Counters;
  readonly rejects: RejectSamples;
  readonly syncs: readonly FullSync[];
  private readonly decoder: FullDecoder;
  private readonly publisher: MarketPublisher;
  private readonly frame: Float64Array;
  private readonly clock: Clock;
  private readonly snapshots: SnapshotPort | undefined;
  /** Receive time at which a snapshot was asked for, -1 when none is under way. */
  private readonly askedNs: Float64Array;
  /** State last written to the ring. */
  private readonly shown: Int32Array;
  /** 1 when records of a LIVE book found no room: the lane must be told the whole book again. */
  private readonly lags: Int32Array;
  private readonly baseMs: number;
  private readonly baseRestNs: number;
  private tick: number;

  constructor(options: FeedOptions) {
    const count = options.instruments.length;
    assert(count >= 1, 'Invariant: a feed has at least one instrument');
    this.instruments = options.instruments;
    this.counters = options.counters;
    this.rejects = new RejectSamples();
    this.decoder = new FullDecoder(options.instruments);
    this.publisher = new MarketPublisher(options.ring, options.room, options.counters);
    this.frame = this.publisher.frame;
    this.clock = options.clock;
    this.snapshots = options.snapshots;
    this.askedNs = new Float64Array(count).fill(-1);
    this.shown = new Int32Array(count).fill(BOOK_STATE.DISCONNECTED);
    this.lags = new Int32Array(count);
    this.baseMs = Number(options.baseEpochNs / 1_000_000n);
    this.baseRestNs = Number(options.baseEpochNs % 1_000_000n);
    this.tick = 0;
    const bufferBytes = Math.max(FRAME_BYTES_MAX, Math.floor(SYNC_BUFFER_BYTES_MAX / count));
    this.syncs = options.instruments.map((_, id) => {
      const orders = new FullOrders(options.bookOrdersMax, options.bookLevelsMax);
      const buffer = new SyncBuffer(SYNC_BUFFER_FRAMES_MAX, bufferBytes);
      const sync = new FullSync(id, orders, buffer, this.decoder, options.counters);
      sync.listener = options.listener;
      return sync;
    });
  }

  /** Frames received so far. */
  get frames(): number {
    return this.tick;
  }

  book(instrument: number): L3Book {
    return this.syncs[instrument]!.orders.book;
  }

  /** BOOK_STATE of an instrument. */
  state(instrument: number): number {
    return this.syncs[instrument]!.state;
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
    const status = this.decoder.decode(bytes, start, end);
    if (status === DECODE.OK) this.onMessage(bytes, start, end);
    else this.onRefused(status, bytes, start, end);
    this.publisher.finish(true);
  }

  private onMessage(bytes: Uint8Array, start: number, end: number): void {
    const { decoder, counters, frame } = this;
    const numbers = decoder.message.numbers;
    const instrument = decoder.message.instrument;
    const sync = this.syncs[instrument]!;
    const venueMs = numbers[N_TRANSACT_MS]!;
    if (venueMs !== 0) frame[FRAME_EXCHANGE_NS] = (venueMs - this.baseMs) * 1e6 + (numbers[N_TRANSACT_REST_NS]! - this.baseRestNs);
    const isMatch = decoder.kind === FULL.MATCH;
    const isSnapshot = decoder.kind === FULL.SNAPSHOT;
    if (isMatch) counters.increment(FEED_COUNTER.TRADES);
    else if (!isSnapshot && decoder.kind !== FULL.SNAPSHOT_LINE) counters.increment(FEED_COUNTER.DEPTH);
    const wasLive = sync.state === BOOK_STATE.LIVE;
    const awaited = sync.state === BOOK_STATE.SYNCING;
    const outcome = sync.onMessage(bytes, start, end, frame);
    // From a snapshot on it is awaited that messages reach it; after that, the next one that is wanted is asked for at once.
    if (sync.state !== BOOK_STATE.SYNCING) {
      if (isSnapshot || awaited) this.askedNs[instrument] = -1;
    } else if (isSnapshot) this.askedNs[instrument] = frame[FRAME_RECV_NS]!;
    frame[FRAME_T1_NS] = this.clock.nowNs();
    const isLive = wasLive && sync.state === BOOK_STATE.LIVE;
    if (isLive && this.shown[instrument]! === BOOK_STATE.LIVE && this.lags[instrument]! === 0) {
      if (outcome === FULL_SYNC.CHANGED) this.publishChange(sync, isMatch);
    } else if (isMatch) counters.increment(FEED_COUNTER.NOT_LIVE);
    this.settle(sync);
    this.askSnapshot(sync);
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    this.stamp(recvTimeNs);
    if (event !== CONNECTION.END) {
      const connected = event === CONNECTION.CONNECTED;
      const connecting = event === CONNECTION.CONNECTING;
      const state = connected ? BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT : connecting ? BOOK_STATE.CONNECTING : BOOK_STATE.DISCONNECTED;
      const reason = connected ? BOOK_REASON.SUBSCRIBED : connecting ? BOOK_REASON.NONE : BOOK_REASON.DISCONNECT;
      this.askedNs.fill(-1);
      for (let i = 0; i < this.syncs.length; i++) {
        this.syncs[i]!.restart(state, reason);
        this.settle(this.syncs[i]!);
      }
    } else if (this.publisher.fits(1)) this.publisher.streamEnd();
    this.publisher.finish(event !== CONNECTION.END);
  }

  /** Makes LIVE books without a message in `limitNs` STALE, and asks again for snapshots that did not come. `nowNs` on the scale of receive times. */
  checkAge(nowNs: number, limitNs: number): void {
    this.stamp(nowNs);
    for (let i = 0; i < this.syncs.length; i++) {
      const sync = this.syncs[i]!;
      if (sync.state === BOOK_STATE.LIVE && nowNs - sync.appliedNs[0]! > limitNs) sync.age();
      this.settle(sync);
      this.askSnapshot(sync);
    }
    this.publisher.finish(true);
  }

  private stamp(nowNs: number): void {
    const frame = this.frame;
    frame[FRAME_RECV_NS] = nowNs;
    frame[FRAME_EXCHANGE_NS] = nowNs;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = this.clock.nowNs();
    frame[FRAME_HANDED_NS] = frame[FRAME_T0_NS]!;
    frame[FRAME_T1_NS] = frame[FRAME_T0_NS]!;
  }

  /** A frame that cannot be read may have been an event of its product, or of any where that is not known. */
  private onRefused(status: number, bytes: Uint8Array, start: number, end: number): void {
    const { counters, decoder } = this;
    if (status > 0) {
      counters.increment(status === DECODE.UNKNOWN_KIND ? FEED_COUNTER.UNKNOWN_KIND : FEED_COUNTER.UNKNOWN_SYMBOL);
      return;
    }
    const instrument = decoder.message.instrument;
    counters.increment(FEED_COUNTER.REJECTED);
    counters.increment(FEED_COUNTER.REJECTED_BY_STATUS - status - 1);
    this.rejects.add(this.tick, status, instrument, bytes, start, end);
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    for (let i = 0; i < this.syncs.length; i++) {
      const sync = this.syncs[i]!;
      if (instrument >= 0 && i !== instrument) continue;
      const awaited = sync.state === BOOK_STATE.SYNCING;
      if (!sync.spoil()) continue;
      if (awaited) this.askedNs[i] = -1;
      this.settle(sync);
      this.askSnapshot(sync);
    }
  }

  private publishChange(sync: FullSync, isMatch: boolean): void {
    const { publisher, decoder } = this;
    const book = sync.orders.book;
    if (!publisher.fits(MESSAGE_RECORDS)) {
      this.counters.increment(FEED_COUNTER.RING_DROPPED);
      this.lags[sync.instrument] = 1;
      return;
    }
    this.counters.add(FEED_COUNTER.LEVELS, book.changedCount);
    if (isMatch) {
      // `side` is that of the maker.
      const aggressor = decoder.side === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
      const numbers = decoder.message.numbers;
      numbers[N_TRADE_LOTS] = decoder.lots[0]!;
      publisher.trade(sync.instrument, decoder.ticks[0]!, aggressor, numbers, N_TRADE_LOTS, N_TRADE_ID);
    }
    publisher.levels(sync.instrument, book.changedSide, book.changedTicks, book.changedLots, book.changedCount);
    publisher.end(sync.instrument, 0, book.changedCount, book, sync.ids, 0);
  }

  /** Writes the transition of a book whose state is not the one shown; the whole book before it is said to be LIVE. */
  private settle(sync: FullSync): void {
    const { publisher, shown, lags } = this;
    const instrument = sync.instrument;
    if (lags[instrument]! === 1 && shown[instrument]! === BOOK_STATE.LIVE && sync.state === BOOK_STATE.LIVE) {
      if (!publisher.fits(1)) return;
      publisher.state(instrument, BOOK_STATE.GAP, BOOK_STATE.LIVE, BOOK_REASON.RING_FULL, sync.ids, 0);
      shown[instrument] = BOOK_STATE.GAP;
    }
    const previous = shown[instrument]!;
    const state = sync.state;
    if (state === previous) return;
    const book = sync.orders.book;
    const isLive = state === BOOK_STATE.LIVE;
    if (!publisher.fits(isLive ? book.levels(SIDE.BUY) + book.levels(SIDE.SELL) + MESSAGE_RECORDS : 1)) return;
    if (isLive) publisher.wholeBook(instrument, book, sync.ids, 0);
    publisher.state(instrument, state, previous, sync.reason, sync.ids, 0);
    shown[instrument] = state;
    lags[instrument] = 0;
  }

  private askSnapshot(sync: FullSync): void {
    if (this.snapshots === undefined || sync.wantsSnapshot === 0) return;
    const nowNs = this.frame[FRAME_RECV_NS]!;
    const askedNs = this.askedNs[sync.instrument]!;
    if (askedNs >= 0 && nowNs - askedNs < SNAPSHOT_AGAIN_NS) return;
    this.askedNs[sync.instrument] = nowNs;
    this.snapshots.request(sync.instrument);
  }
}
