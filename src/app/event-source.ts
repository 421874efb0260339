import type { Instrument } from '../core/instrument.ts';
import { MARKET_RING_RECORDS } from '../core/limits.ts';
import { type ConnectionEvent, FRAME_TIME, type FrameHandler } from '../core/ports.ts';
import {
  D_EXCHANGE_TIME_NS,
  D_RECV_TIME_NS,
  FLAG_SNAPSHOT,
  KIND,
  KIND_MASK,
  RECORD_DOUBLES,
  RECORD_WORDS,
} from '../core/records/layout.ts';
import {
  BOOK_STATE,
  BOOK_STATE_W_PREVIOUS,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  SIDE,
  TRADE_D_QTY_LOTS,
  TRADE_W_PRICE_TICKS,
  TRADE_W_SIDE,
} from '../core/records/market.ts';
import { ringBytes, ringViews } from '../core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../core/ring/spsc.hot.ts';
import { ManualClock } from '../core/time.ts';
import { ownFeedCounters } from '../feed/counters.ts';
import type { Feed } from '../feed/feed.ts';
import { type Format, recordedFormat } from '../feed/formats.ts';
import { EventDecoder } from '../feed/hftbacktest/decode.hot.ts';
import { EVENT, EVENT_FLAG } from '../feed/hftbacktest/layout.ts';
import type { L2Decoder } from '../feed/l2/decoder.ts';
import { N_TRADE_LOTS, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../feed/l2/message.hot.ts';
import { DECODE, MESSAGE } from '../feed/l2/status.ts';
import type { RecordDecoder } from '../feed/recorded/decoder.ts';
import { CLEARS, N_EVENT_NS, N_EVENT_S, N_LOTS, RECORD_FLAG, RECORD_MESSAGE, SIDE_NONE, TIME } from '../feed/recorded/message.hot.ts';
import { RECORD } from '../feed/recorded/status.ts';
import { type RejectSample, RejectSamples } from '../feed/rejects.ts';
import { CoinmDecoder } from '../feed/venue/binance-coinm/decode.hot.ts';
import { UsdmDecoder } from '../feed/venue/binance-usdm/decode.hot.ts';

/** Takes a row: kind and side of an event, its times in ns since the run's base, price and quantity. */
export type TakeRow = (ev: number, exchNs: number, localNs: number, px: number, qty: number) => void;

export interface EventSourceOptions {
  readonly instrument: Instrument;
  /** True when the input holds further instruments. */
  readonly others: boolean;
  readonly baseEpochNs: bigint;
  readonly take: TakeRow;
}

export interface SourceResult {
  readonly rejectedFrames: number;
  readonly rejects: readonly RejectSample[];
  readonly levelsBeyondGrid: number;
}

export interface EventSource {
  readonly handler: FrameHandler;
  result(): SourceResult;
}

/**
 * Makes rows of the frames of a format. Binance futures and hftbacktest's own events become rows as they stand in the input,
 * as hftbacktest's converters do it; of every other format the book that the feed stage validated does, whole when it becomes
 * LIVE, cleared when it is given up.
 */
export function createEventSource(format: Format, options: EventSourceOptions): EventSource {
  const instruments = [options.instrument];
  if (format === 'binance-usdm') return new MessageSource(new UsdmDecoder(instruments, options.others), options);
  if (format === 'binance-coinm') return new MessageSource(new CoinmDecoder(instruments, options.others), options);
  if (format === 'hftbacktest') return new RecordSource(new EventDecoder(instruments), options);
  return new BookSource(format, options);
}

const BUY = EVENT_FLAG.BUY;
const SELL = EVENT_FLAG.SELL;

/** Prices and quantities as the float64 nearest to their decimal text: both operands of the division are exact. */
abstract class RowSource implements FrameHandler, EventSource {
  readonly handler: FrameHandler = this;
  protected exchNs = 0;
  protected localNs = 0;
  protected readonly baseMs: number;
  protected readonly baseRestNs: number;
  private readonly take: TakeRow;
  private readonly tickUnits: number;
  private readonly unitsPerPrice: number;
  private readonly lotUnits: number;
  private readonly unitsPerQty: number;

  constructor({ instrument, baseEpochNs, take }: EventSourceOptions) {
    this.take = take;
    this.tickUnits = instrument.tickUnits;
    this.unitsPerPrice = 10 ** instrument.priceDecimals;
    this.lotUnits = instrument.lotUnits;
    this.unitsPerQty = 10 ** instrument.qtyDecimals;
    this.baseMs = Number(baseEpochNs / 1_000_000n);
    this.baseRestNs = Number(baseEpochNs % 1_000_000n);
  }

  abstract onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void;
  abstract result(): SourceResult;

  onConnection(_event: ConnectionEvent, _recvTimeNs: number): void {}

  protected row(ev: number, ticks: number, lots: number): void {
    this.take(ev, this.exchNs, this.localNs, (ticks * this.tickUnits) / this.unitsPerPrice, (lots * this.lotUnits) / this.unitsPerQty);
  }

  /** Clears a side, or both: the price is no number. */
  protected clearAll(sides: number): void {
    this.take(EVENT.DEPTH_CLEAR | sides, this.exchNs, this.localNs, Number.NaN, 0);
  }

  protected rows(ev: number, ticks: Int32Array, lots: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) this.row(ev, ticks[i]!, lots[i]!);
  }
}

/** Every message of a venue of price levels, in the order of hftbacktest's converter for Binance futures. */
class MessageSource extends RowSource {
  private readonly decoder: L2Decoder;
  private readonly rejects = new RejectSamples();
  private frames = 0;
  private rejectedFrames = 0;
  private levelsBeyondGrid = 0;

  constructor(decoder: L2Decoder, options: EventSourceOptions) {
    super(options);
    this.decoder = decoder;
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const decoder = this.decoder;
    this.frames++;
    this.localNs = times[FRAME_TIME.RECV_NS]!;
    let status = decoder.decode(bytes, start, end);
    for (;;) {
      if (status === DECODE.OK) this.onMessage();
      else if (status < 0) {
        this.rejectedFrames++;
        this.rejects.add(this.frames, status, decoder.message.instrument, bytes, start, end);
      }
      if (decoder.more === 0) return;
      status = decoder.next();
    }
  }

  result(): SourceResult {
    return { rejectedFrames: this.rejectedFrames, rejects: this.rejects.list(), levelsBeyondGrid: this.levelsBeyondGrid };
  }

  private onMessage(): void {
    const message = this.decoder.message;
    const { numbers, bidTicks, bidLots, bidCount, askTicks, askLots, askCount } = message;
    const venueMs = numbers[N_TRANSACT_MS]!;
    this.exchNs = venueMs === 0 ? this.localNs : (venueMs - this.baseMs) * 1e6 + (numbers[N_TRANSACT_REST_NS]! - this.baseRestNs);
    this.levelsBeyondGrid += message.farCount;
    switch (message.kind) {
      case MESSAGE.TRADE:
        if (message.tradeIsMarket === 0 || message.tradeIsAggregate === 1) return;
        this.row(EVENT.TRADE | (message.tradeSide === SIDE.BUY ? BUY : SELL), message.tradeTicks, numbers[N_TRADE_LOTS]!);
        return;
      case MESSAGE.DEPTH:
        this.rows(EVENT.DEPTH | BUY, bidTicks, bidLots, bidCount);
        this.rows(EVENT.DEPTH | SELL, askTicks, askLots, askCount);
        return;
      case MESSAGE.SNAPSHOT:
        // The snapshot says nothing of levels beyond its last one.
        if (bidCount > 0) this.row(EVENT.DEPTH_CLEAR | BUY, bidTicks[bidCount - 1]!, 0);
        this.rows(EVENT.DEPTH_SNAPSHOT | BUY, bidTicks, bidLots, bidCount);
        if (askCount > 0) this.row(EVENT.DEPTH_CLEAR | SELL, askTicks[askCount - 1]!, 0);
        this.rows(EVENT.DEPTH_SNAPSHOT | SELL, askTicks, askLots, askCount);
        return;
      default:
    }
  }
}

/** hftbacktest's own events: what the local side sees, put in order anew. */
class RecordSource extends RowSource {
  private readonly decoder: RecordDecoder;
  private readonly rejects = new RejectSamples();
  private frames = 0;
  private rejectedFrames = 0;

  constructor(decoder: RecordDecoder, options: EventSourceOptions) {
    super(options);
    this.decoder = decoder;
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const { decoder } = this;
    const { message } = decoder;
    this.frames++;
    const status = decoder.decode(bytes, start, end);
    if (status < 0) {
      this.rejectedFrames++;
      this.rejects.add(this.frames, status, message.instrument, bytes, start, end);
    }
    if (status !== RECORD.OK) return;
    this.localNs = times[FRAME_TIME.RECV_NS]!;
    const { numbers, clears } = message;
    const sinceBaseNs = (numbers[N_EVENT_S]! * 1000 - this.baseMs) * 1e6 + (numbers[N_EVENT_NS]! - this.baseRestNs);
    this.exchNs = message.time === TIME.OWN ? sinceBaseNs : this.localNs;
    if (message.kind === RECORD_MESSAGE.TRADE) {
      const side = message.side === SIDE_NONE ? 0 : message.side === SIDE.BUY ? BUY : SELL;
      this.row(EVENT.TRADE | side, message.priceTicks, numbers[N_LOTS]!);
      return;
    }
    const kind = (message.flags & RECORD_FLAG.SNAPSHOT) !== 0 ? EVENT.DEPTH_SNAPSHOT : EVENT.DEPTH;
    if ((clears & CLEARS.BIDS) !== 0) this.clearThrough(BUY, message.clearBidTicks);
    this.rows(kind | BUY, message.bidTicks, message.bidLots, message.bidCount);
    if ((clears & CLEARS.ASKS) !== 0) this.clearThrough(SELL, message.clearAskTicks);
    this.rows(kind | SELL, message.askTicks, message.askLots, message.askCount);
  }

  result(): SourceResult {
    return { rejectedFrames: this.rejectedFrames, rejects: this.rejects.list(), levelsBeyondGrid: 0 };
  }

  private clearThrough(side: number, ticks: number): void {
    if (Math.abs(ticks) >= CLEAR_ALL_TICKS) this.clearAll(side);
    else this.row(EVENT.DEPTH_CLEAR | side, ticks, 0);
  }
}
/** The decoder says so of a clear without price. */
const CLEAR_ALL_TICKS = 2147483647;

/** The market records of a feed stage: levels and trades of a LIVE book. */
class BookSource extends RowSource {
  private readonly feed: Feed;
  private readonly counters = ownFeedCounters();
  private readonly ring: RingConsumer;

  constructor(format: Format, options: EventSourceOptions) {
    super(options);
    const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
    this.ring = new RingConsumer(views);
    this.feed = recordedFormat(format).createFeed({
      instruments: [options.instrument],
      others: options.others,
      ring: new RingProducer(views),
      counters: this.counters,
      clock: new ManualClock(),
      baseEpochNs: options.baseEpochNs,
      room: { waitForRoom: () => this.drain() },
    });
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    this.drain();
  }

  override onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    this.feed.onConnection(event, recvTimeNs);
    this.drain();
  }

  result(): SourceResult {
    const counters = this.counters.snapshot();
    return {
      rejectedFrames: counters['rejected_frames']!,
      rejects: this.feed.rejects.list(),
      levelsBeyondGrid: counters['levels_beyond_grid']!,
    };
  }

  private drain(): void {
    const { ring } = this;
    for (let count = ring.poll(MARKET_RING_RECORDS); count > 0; count = ring.poll(MARKET_RING_RECORDS)) {
      for (let i = 0; i < count; i++) this.onRecord(ring.slot(i));
      ring.release(count);
    }
  }

  private onRecord(slot: number): void {
    const { i32, f64 } = this.ring;
    const w = slot * RECORD_WORDS;
    const d = slot * RECORD_DOUBLES;
    const word = i32[w]!;
    this.localNs = f64[d + D_RECV_TIME_NS]!;
    this.exchNs = f64[d + D_EXCHANGE_TIME_NS]!;
    switch (word & KIND_MASK) {
      case KIND.BOOK_STATE:
        // What a book that was given up held must not be traded on.
        if (i32[w + BOOK_STATE_W_PREVIOUS]! === BOOK_STATE.LIVE) this.clearAll(BUY);
        if (i32[w + BOOK_STATE_W_PREVIOUS]! === BOOK_STATE.LIVE) this.clearAll(SELL);
        return;
      case KIND.BOOK_CLEAR:
        this.clearAll(BUY);
        this.clearAll(SELL);
        return;
      case KIND.BOOK_LEVEL: {
        const kind = (word & FLAG_SNAPSHOT) !== 0 ? EVENT.DEPTH_SNAPSHOT : EVENT.DEPTH;
        const side = i32[w + LEVEL_W_SIDE]! === SIDE.BUY ? BUY : SELL;
        this.row(kind | side, i32[w + LEVEL_W_PRICE_TICKS]!, f64[d + LEVEL_D_QTY_LOTS]!);
        return;
      }
      case KIND.TRADE:
        this.row(
          EVENT.TRADE | (i32[w + TRADE_W_SIDE]! === SIDE.BUY ? BUY : SELL),
          i32[w + TRADE_W_PRICE_TICKS]!,
          f64[d + TRADE_D_QTY_LOTS]!,
        );
        return;
      default:
    }
  }
}
