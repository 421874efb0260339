import { assert } from '../../core/assert.ts';
import type { Counters } from '../../core/counters.ts';
import type { Instrument } from '../../core/instrument.ts';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX, SYNC_BUFFER_BYTES_MAX, SYNC_BUFFER_FRAMES_MAX } from '../../core/limits.ts';
import { CONNECTION, type ConnectionEvent, FRAME_TIME } from '../../core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../core/records/market.ts';
import type { Clock } from '../../core/time.ts';
import { L2Book } from '../book/l2-book.hot.ts';
import { FEED_COUNTER } from '../counters.ts';
import type { Feed, FeedOptions, SnapshotPort } from '../feed.ts';
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
import type { L2Decoder } from './decoder.ts';
import { N_LAST_ID, N_TRADE_ID, N_TRADE_LOTS, N_TRANSACT_MS, N_TRANSACT_REST_NS } from './message.hot.ts';
import { type SequenceRule, SNAPSHOT } from './rule.ts';
import { StateLog } from './state-log.hot.ts';
import { DECODE, MESSAGE } from './status.ts';
import { BookSync, SYNC } from './sync.hot.ts';
import { SyncBuffer } from './sync-buffer.hot.ts';

/** A snapshot that was asked for and did not come is asked for again after this long. */
const SNAPSHOT_AGAIN_NS = 5e9;

/**
 * The feed stage of every venue that sends price levels: frames in, validated market records out. A decoder reads the
 * venue's messages, a rule says how they follow one another. Nothing of a book that is not LIVE is written but its state
 * transitions. `tick` numbers every frame, rejected ones included.
 */
export class L2Feed implements Feed {
  readonly instruments: readonly Instrument[];
  readonly rejects: RejectSamples;
  readonly counters: Counters;
  readonly decoder: L2Decoder;
  readonly syncs: readonly BookSync[];
  private readonly publisher: MarketPublisher;
  private readonly rule: SequenceRule;
  private readonly frame: Float64Array;
  private readonly log: StateLog;
  private readonly clock: Clock;
  private readonly snapshots: SnapshotPort | undefined;
  /** Receive time at which a snapshot was asked for, -1 when none is under way. */
  private readonly askedNs: Float64Array;
  /** State last written to the ring, by instrument. */
  private readonly shownState: Int32Array;
  /** Newest ticker of each instrument: update id, bid and ask lots; bid and ask ticks. */
  private readonly tickerId: Float64Array;
  private readonly tickerLots: Float64Array;
  private readonly tickerTicks: Int32Array;
  /** Trade stream of each instrument that came first: 0 none yet, 1 single trades, 2 aggregate ones. */
  private readonly tradeStream: Int8Array;
  private readonly baseMs: number;
  private readonly baseRestNs: number;
  private tick: number;

  constructor(options: FeedOptions, decoder: L2Decoder, rule: SequenceRule) {
    const count = options.instruments.length;
    assert(count >= 1, 'Invariant: a feed has at least one instrument');
    this.instruments = options.instruments;
    this.rejects = new RejectSamples();
    this.counters = options.counters;
    this.decoder = decoder;
    this.rule = rule;
    this.publisher = new MarketPublisher(options.ring, options.room, options.counters);
    this.frame = this.publisher.frame;
    this.log = new StateLog();
    this.clock = options.clock;
    this.snapshots = options.snapshots;
    this.askedNs = new Float64Array(count).fill(-1);
    this.shownState = new Int32Array(count).fill(BOOK_STATE.DISCONNECTED);
    this.tickerId = new Float64Array(count);
    this.tickerLots = new Float64Array(2 * count);
    this.tickerTicks = new Int32Array(2 * count);
    this.tradeStream = new Int8Array(count);
    this.baseMs = Number(options.baseEpochNs / 1_000_000n);
    this.baseRestNs = Number(options.baseEpochNs % 1_000_000n);
    this.tick = 0;
    const bufferBytes = Math.max(FRAME_BYTES_MAX, Math.floor(SYNC_BUFFER_BYTES_MAX / count));
    this.syncs = options.instruments.map((_, id) => {
      const book = new L2Book(options.bookLevelsMax ?? BOOK_LEVELS_MAX);
      const buffer = new SyncBuffer(SYNC_BUFFER_FRAMES_MAX, bufferBytes);
      const sync = new BookSync(id, book, buffer, decoder, rule, this.log, options.counters);
      sync.listener = options.listener;
      return sync;
    });
  }

  /** Frames received so far. */
  get frames(): number {
    return this.tick;
  }

  book(instrument: number): L2Book {
    return this.syncs[instrument]!.book;
  }

  /** BOOK_STATE of an instrument. */
  state(instrument: number): number {
    return this.syncs[instrument]!.state;
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const frame = this.frame;
    const decoder = this.decoder;
    this.tick = this.tick + 1;
    frame[FRAME_RECV_NS] = times[FRAME_TIME.RECV_NS]!;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = times[FRAME_TIME.T0_NS]!;
    frame[FRAME_HANDED_NS] = times[FRAME_TIME.HANDED_NS]!;
    this.counters.increment(FEED_COUNTER.FRAMES);
    let status = decoder.decode(bytes, start, end);
    for (;;) {
      if (status === DECODE.OK) this.onMessage(bytes, start, end);
      else this.onRefused(status, bytes, start, end);
      if (decoder.more === 0) break;
      status = decoder.next();
    }
    // A frame is one tick, however many messages it holds.
    this.publisher.finish(true);
  }

  private onMessage(bytes: Uint8Array, start: number, end: number): void {
    const frame = this.frame;
    const message = this.decoder.message;
    const numbers = message.numbers;
    if (message.farCount > 0) this.counters.add(FEED_COUNTER.LEVELS_BEYOND, message.farCount);
    const venueMs = numbers[N_TRANSACT_MS]!;
    // Two stores: one store of either value would make V8 allocate the computed one.
    if (venueMs === 0) frame[FRAME_EXCHANGE_NS] = frame[FRAME_RECV_NS]!;
    else frame[FRAME_EXCHANGE_NS] = (venueMs - this.baseMs) * 1e6 + (numbers[N_TRANSACT_REST_NS]! - this.baseRestNs);
    const kind = message.kind;
    if (kind === MESSAGE.TICKER) this.onTicker();
    else if (kind === MESSAGE.TRADE) this.onTrade();
    else if (kind === MESSAGE.DEPTH) this.onDepth(bytes, start, end);
    else this.onSnapshot();
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    const frame = this.frame;
    const syncs = this.syncs;
    frame[FRAME_RECV_NS] = recvTimeNs;
    frame[FRAME_EXCHANGE_NS] = recvTimeNs;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = this.clock.nowNs();
    frame[FRAME_HANDED_NS] = frame[FRAME_T0_NS]!;
    if (event !== CONNECTION.END) {
      const state =
        event === CONNECTION.CONNECTED
          ? BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT
          : event === CONNECTION.CONNECTING
            ? BOOK_STATE.CONNECTING
            : BOOK_STATE.DISCONNECTED;
      const reason =
        event === CONNECTION.CONNECTED
          ? BOOK_REASON.SUBSCRIBED
          : event === CONNECTION.CONNECTING
            ? BOOK_REASON.NONE
            : BOOK_REASON.DISCONNECT;
      for (let i = 0; i < syncs.length; i++) syncs[i]!.reconnect(state, reason);
      this.tickerId.fill(0);
      this.tradeStream.fill(0);
      this.askedNs.fill(-1);
    }
    frame[FRAME_T1_NS] = this.clock.nowNs();
    for (let i = 0; i < syncs.length; i++) this.publishStates(i);
    this.log.clear();
    if (event === CONNECTION.END && this.publisher.fits(1)) this.publisher.streamEnd();
    this.publisher.finish(event !== CONNECTION.END);
  }

  /** Makes LIVE books without an event in `limitNs` STALE, and asks again for snapshots that did not come. Call it from a timer; `nowNs` on the scale of receive times. */
  checkAge(nowNs: number, limitNs: number): void {
    const syncs = this.syncs;
    const frame = this.frame;
    frame[FRAME_RECV_NS] = nowNs;
    frame[FRAME_EXCHANGE_NS] = nowNs;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = this.clock.nowNs();
    frame[FRAME_HANDED_NS] = frame[FRAME_T0_NS]!;
    frame[FRAME_T1_NS] = frame[FRAME_T0_NS]!;
    for (let i = 0; i < syncs.length; i++) {
      const sync = syncs[i]!;
      if (sync.state === BOOK_STATE.LIVE && nowNs - sync.appliedNs[0]! > limitNs) sync.age();
      this.publishStates(i);
      this.askSnapshot(sync);
    }
    this.log.clear();
    this.publisher.finish(true);
  }

  private onRefused(status: number, bytes: Uint8Array, start: number, end: number): void {
    const counters = this.counters;
    const message = this.decoder.message;
    if (status > 0) {
      counters.increment(status === DECODE.UNKNOWN_KIND ? FEED_COUNTER.UNKNOWN_KIND : FEED_COUNTER.UNKNOWN_SYMBOL);
      return;
    }
    counters.increment(FEED_COUNTER.REJECTED);
    counters.increment(FEED_COUNTER.REJECTED_BY_STATUS - status - 1);
    this.rejects.add(this.tick, status, message.instrument, bytes, start, end);
    const ofBook = message.kind === MESSAGE.DEPTH || (message.kind === MESSAGE.SNAPSHOT && this.rule.snapshot !== SNAPSHOT.JOINED);
    if (!ofBook) return;
    this.frame[FRAME_EXCHANGE_NS] = this.frame[FRAME_RECV_NS]!;
    if (message.instrument >= 0) {
      this.loseBook(message.instrument);
      return;
    }
    // It may have been a change of any book.
    for (let i = 0; i < this.syncs.length; i++) this.loseBook(i);
  }

  /** A message of this book could not be read, so its content is unknown. */
  private loseBook(instrument: number): void {
    const sync = this.syncs[instrument]!;
    if (sync.state !== BOOK_STATE.LIVE && sync.state !== BOOK_STATE.SYNCING && sync.state !== BOOK_STATE.STALE) return;
    if (sync.state === BOOK_STATE.SYNCING) this.askedNs[instrument] = -1;
    sync.discard(BOOK_STATE.GAP, BOOK_REASON.DECODE_ERROR, 1);
    this.publishBook(instrument, SYNC.NONE);
  }

  private onDepth(bytes: Uint8Array, start: number, end: number): void {
    const message = this.decoder.message;
    const instrument = message.instrument;
    this.counters.increment(FEED_COUNTER.DEPTH);
    const sync = this.syncs[instrument]!;
    const awaited = sync.state === BOOK_STATE.SYNCING;
    const outcome = sync.onDepth(bytes, start, end, this.frame);
    // The snapshot was reached, or is of no use: the next one that is wanted is asked for at once.
    if (awaited && sync.state !== BOOK_STATE.SYNCING) this.askedNs[instrument] = -1;
    if (outcome !== SYNC.NONE && this.tickerId[instrument]! === sync.ids[0]!) this.compareTop(instrument);
    this.publishBook(instrument, outcome);
  }

  private onSnapshot(): void {
    const instrument = this.decoder.message.instrument;
    this.counters.increment(FEED_COUNTER.SNAPSHOTS);
    this.askedNs[instrument] = -1;
    const sync = this.syncs[instrument]!;
    const outcome = sync.onSnapshot(this.frame);
    // From here on it is awaited that the stream reaches the snapshot.
    if (sync.state === BOOK_STATE.SYNCING) this.askedNs[instrument] = this.frame[FRAME_RECV_NS]!;
    if (outcome !== SYNC.NONE && this.tickerId[instrument]! === sync.ids[0]!) this.compareTop(instrument);
    this.publishBook(instrument, outcome);
  }

  private onTicker(): void {
    const message = this.decoder.message;
    const instrument = message.instrument;
    const sync = this.syncs[instrument]!;
    this.counters.increment(FEED_COUNTER.TICKERS);
    const updateId = message.numbers[N_LAST_ID]!;
    // Without a place among the book's events an older top could follow a newer one: it is counted and no more.
    if (updateId === 0) return;
    const lots = this.tickerLots;
    const ticks = this.tickerTicks;
    this.tickerId[instrument] = updateId;
    ticks[2 * instrument] = message.bidTicks[0]!;
    ticks[2 * instrument + 1] = message.askTicks[0]!;
    lots[2 * instrument] = message.bidLots[0]!;
    lots[2 * instrument + 1] = message.askLots[0]!;
    if (sync.state !== BOOK_STATE.LIVE) {
      this.counters.increment(FEED_COUNTER.NOT_LIVE);
      return;
    }
    if (sync.ids[0]! === updateId) this.compareTop(instrument);
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    const publisher = this.publisher;
    if (!publisher.fits(1)) {
      this.dropFrame(instrument);
      return;
    }
    publisher.bbo(instrument, message.bidTicks, message.askTicks, message.bidLots, message.askLots, message.numbers, N_LAST_ID);
  }

  private onTrade(): void {
    const message = this.decoder.message;
    const instrument = message.instrument;
    if (message.tradeIsMarket === 0) {
      this.counters.increment(FEED_COUNTER.TRADES_NOT_MARKET);
      return;
    }
    const stream = 1 + message.tradeIsAggregate;
    if (this.tradeStream[instrument]! === 0) this.tradeStream[instrument] = stream;
    if (this.tradeStream[instrument]! !== stream) {
      this.counters.increment(FEED_COUNTER.TRADES_TOLD_TWICE);
      return;
    }
    this.counters.increment(FEED_COUNTER.TRADES);
    if (this.syncs[instrument]!.state !== BOOK_STATE.LIVE) {
      this.counters.increment(FEED_COUNTER.NOT_LIVE);
      return;
    }
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    const publisher = this.publisher;
    if (!publisher.fits(1)) {
      this.dropFrame(instrument);
      return;
    }
    publisher.trade(instrument, message.tradeTicks, message.tradeSide, message.numbers, N_TRADE_LOTS, N_TRADE_ID);
  }

  /** Book and newest ticker stand at the same update id: their best prices and quantities must be equal. */
  private compareTop(instrument: number): void {
    const sync = this.syncs[instrument]!;
    if (sync.ids[0]! === 0) return;
    const book = sync.book;
    const ticks = this.tickerTicks;
    const lots = this.tickerLots;
    this.counters.increment(FEED_COUNTER.BBO_CHECKED);
    if (
      ticks[2 * instrument]! !== book.bidTicks ||
      ticks[2 * instrument + 1]! !== book.askTicks ||
      lots[2 * instrument]! !== book.bidLots ||
      lots[2 * instrument + 1]! !== book.askLots
    ) {
      this.counters.increment(FEED_COUNTER.BBO_MISMATCH);
    }
  }

  /** Writes what the frame did to one book: its transitions, and its levels when it is live. */
  private publishBook(instrument: number, outcome: number): void {
    const sync = this.syncs[instrument]!;
    const publisher = this.publisher;
    const message = this.decoder.message;
    const book = sync.book;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    let needed = this.log.count + 1;
    if (outcome === SYNC.APPLIED) needed += message.bidCount + message.askCount + 1;
    else if (outcome !== SYNC.NONE) needed += book.levels(SIDE.BUY) + book.levels(SIDE.SELL) + 2;
    if (needed > 1 && !publisher.fits(needed)) {
      if (outcome !== SYNC.NONE) this.dropFrame(instrument);
      else this.log.clear();
      this.askSnapshot(sync);
      return;
    }
    if (outcome === SYNC.APPLIED) {
      this.counters.add(FEED_COUNTER.LEVELS, message.bidCount + message.askCount);
      this.publishStates(instrument);
      publisher.levels(instrument, SIDE.BUY, message.bidTicks, message.bidLots, message.bidCount);
      publisher.levels(instrument, SIDE.SELL, message.askTicks, message.askLots, message.askCount);
      publisher.end(instrument, 0, message.bidCount + message.askCount, book, sync.ids, 0);
    } else {
      this.publishStates(instrument);
      if (outcome === SYNC.REPLACED) publisher.wholeBook(instrument, book, sync.ids, 0);
    }
    this.log.clear();
    this.askSnapshot(sync);
  }

  /** Writes the logged transitions of one instrument in order, a whole book before each LIVE, and at last the state it is in. */
  private publishStates(instrument: number): void {
    const log = this.log;
    const sync = this.syncs[instrument]!;
    const publisher = this.publisher;
    for (let i = 0; i < log.count; i++) {
      if (log.instrument[i]! !== instrument || !publisher.fits(1)) continue;
      const state = log.state[i]!;
      if (state === BOOK_STATE.LIVE) publisher.wholeBook(instrument, sync.book, sync.ids, 0);
      publisher.state(instrument, state, log.previous[i]!, log.reason[i]!, log.updateId, i);
      this.shownState[instrument] = state;
    }
    const shown = this.shownState[instrument]!;
    if (shown !== sync.state && sync.state !== BOOK_STATE.LIVE && publisher.fits(1)) {
      publisher.state(instrument, sync.state, shown, BOOK_REASON.RING_FULL, sync.ids, 0);
      this.shownState[instrument] = sync.state;
    }
  }

  /** The ring has no room for this frame and the policy is not to wait: its book no longer equals what the lane was told. */
  private dropFrame(instrument: number): void {
    this.counters.increment(FEED_COUNTER.RING_DROPPED);
    this.syncs[instrument]!.discard(BOOK_STATE.GAP, BOOK_REASON.RING_FULL, 1);
    this.log.clear();
    this.askSnapshot(this.syncs[instrument]!);
  }

  private askSnapshot(sync: BookSync): void {
    const instrument = sync.instrument;
    if (this.snapshots === undefined || sync.wantsSnapshot === 0) return;
    const nowNs = this.frame[FRAME_RECV_NS]!;
    const askedNs = this.askedNs[instrument]!;
    if (askedNs >= 0 && nowNs - askedNs < SNAPSHOT_AGAIN_NS) return;
    this.askedNs[instrument] = nowNs;
    this.snapshots.request(instrument);
  }
}
