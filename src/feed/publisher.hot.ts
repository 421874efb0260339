import type { Counters } from '../core/counters.ts';
import {
  D_EXCHANGE_TIME_NS,
  D_RECV_TIME_NS,
  D_TICK,
  FLAG_SNAPSHOT,
  FLAG_TICK_END,
  KIND,
  RECORD_DOUBLES,
  RECORD_WORDS,
  W_INSTRUMENT,
  W_KIND,
} from '../core/records/layout.ts';
import {
  BBO_D_ASK_LOTS,
  BBO_D_BID_LOTS,
  BBO_D_UPDATE_ID,
  BBO_W_ASK_TICKS,
  BBO_W_BID_TICKS,
  BOOK_CLEAR_D_UPDATE_ID,
  BOOK_END_D_UPDATE_ID,
  BOOK_END_W_ASK_TICKS,
  BOOK_END_W_BID_TICKS,
  BOOK_END_W_LEVELS,
  BOOK_STATE_D_UPDATE_ID,
  BOOK_STATE_W_PREVIOUS,
  BOOK_STATE_W_REASON,
  BOOK_STATE_W_STATE,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  SIDE,
  TRADE_D_QTY_LOTS,
  TRADE_D_TRADE_ID,
  TRADE_W_PRICE_TICKS,
  TRADE_W_SIDE,
} from '../core/records/market.ts';
import { RING_FULL, RING_STAMPS, STAMP } from '../core/ring/layout.ts';
import type { RingProducer } from '../core/ring/spsc.hot.ts';
import type { TopView } from './book/book-view.ts';
import { FEED_COUNTER } from './counters.ts';

/** Slots of `MarketPublisher.frame`: the times and the number of the frame at hand. */
export const FRAME_RECV_NS = 0;
export const FRAME_TICK = 1;
export const FRAME_EXCHANGE_NS = 2;
export const FRAME_T0_NS = 3;
export const FRAME_HANDED_NS = 4;
export const FRAME_T1_NS = 5;

/** Asked when the market ring has no room under the policy `wait`: lets the consumer work, or sleeps. */
export interface RoomPort {
  /** Returns when trying again makes sense; throws a TickpathError to give up. */
  waitForRoom(): void;
}

/**
 * Writes market records to the ring. Numbers that may be large travel in `frame` and in typed arrays, not as arguments,
 * because V8 allocates a large number it passes to a function.
 */
export class MarketPublisher {
  readonly frame: Float64Array;
  private readonly ring: RingProducer;
  private readonly room: RoomPort | undefined;
  private readonly counters: Counters;
  private free: number;
  private written: number;
  private last: number;

  /** `room`: absent under the policy `gap`; then `fits` must be asked before a frame's records are written. */
  constructor(ring: RingProducer, room: RoomPort | undefined, counters: Counters) {
    this.frame = new Float64Array(8);
    this.ring = ring;
    this.room = room;
    this.counters = counters;
    this.free = 0;
    this.written = 0;
    this.last = -1;
  }

  /** True when `records` more can be written without waiting, or when waiting is the policy. */
  fits(records: number): boolean {
    if (this.room !== undefined || this.free >= records) return true;
    this.free = this.ring.free();
    return this.free >= records;
  }

  /** Slot of a new record with its header written and its payload zero. */
  private begin(kindAndFlags: number, instrument: number): number {
    const ring = this.ring;
    let slot = ring.claim();
    if (slot === RING_FULL) slot = this.claimWhenRoom();
    const frame = this.frame;
    const f64 = ring.f64;
    const d = slot * RECORD_DOUBLES;
    ring.i32[slot * RECORD_WORDS + W_KIND] = kindAndFlags;
    ring.i32[slot * RECORD_WORDS + W_INSTRUMENT] = instrument;
    f64[d + D_RECV_TIME_NS] = frame[FRAME_RECV_NS]!;
    f64[d + D_EXCHANGE_TIME_NS] = frame[FRAME_EXCHANGE_NS]!;
    f64[d + D_TICK] = frame[FRAME_TICK]!;
    f64[d + 4] = 0;
    f64[d + 5] = 0;
    f64[d + 6] = 0;
    f64[d + 7] = 0;
    this.free--;
    this.written++;
    this.last = slot;
    return slot;
  }

  private claimWhenRoom(): number {
    const ring = this.ring;
    for (;;) {
      ring.publish();
      this.counters.increment(FEED_COUNTER.RING_FULL);
      if (this.room === undefined) throwNoRoom();
      else this.room.waitForRoom();
      const slot = ring.claim();
      if (slot !== RING_FULL) return slot;
    }
  }

  /** `ids[slot]`: the book's update id. */
  state(instrument: number, state: number, previous: number, reason: number, ids: Float64Array, slot: number): void {
    const at = this.begin(KIND.BOOK_STATE, instrument);
    const i32 = this.ring.i32;
    const w = at * RECORD_WORDS;
    i32[w + BOOK_STATE_W_STATE] = state;
    i32[w + BOOK_STATE_W_PREVIOUS] = previous;
    i32[w + BOOK_STATE_W_REASON] = reason;
    this.ring.f64[at * RECORD_DOUBLES + BOOK_STATE_D_UPDATE_ID] = ids[slot]!;
  }

  /** A whole book: BOOK_CLEAR, its levels best to worst (the order in which a book gives and takes them cheapest), BOOK_END. */
  wholeBook(instrument: number, book: TopView, ids: Float64Array, slot: number): void {
    const clear = this.begin(KIND.BOOK_CLEAR | FLAG_SNAPSHOT, instrument);
    this.ring.f64[clear * RECORD_DOUBLES + BOOK_CLEAR_D_UPDATE_ID] = ids[slot]!;
    const bids = book.levels(SIDE.BUY);
    const asks = book.levels(SIDE.SELL);
    for (let i = 0; i < bids; i++) this.bookLevel(instrument, book, SIDE.BUY, i);
    for (let i = 0; i < asks; i++) this.bookLevel(instrument, book, SIDE.SELL, i);
    this.end(instrument, FLAG_SNAPSHOT, bids + asks, book, ids, slot);
  }

  private bookLevel(instrument: number, book: TopView, side: number, i: number): void {
    const at = this.begin(KIND.BOOK_LEVEL | FLAG_SNAPSHOT, instrument);
    const w = at * RECORD_WORDS;
    this.ring.i32[w + LEVEL_W_SIDE] = side;
    this.ring.i32[w + LEVEL_W_PRICE_TICKS] = book.priceAt(side, i);
    this.ring.f64[at * RECORD_DOUBLES + LEVEL_D_QTY_LOTS] = book.qtyAt(side, i);
  }

  /** The first `count` of `ticks` and `lots` as BOOK_LEVEL records. */
  levels(instrument: number, side: number, ticks: Int32Array, lots: Float64Array, count: number): void {
    const { ring, frame } = this;
    const { i32, f64 } = ring;
    const recvNs = frame[FRAME_RECV_NS]!;
    const exchangeNs = frame[FRAME_EXCHANGE_NS]!;
    const tick = frame[FRAME_TICK]!;
    for (let i = 0; i < count; i++) {
      let slot = ring.claim();
      if (slot === RING_FULL) slot = this.claimWhenRoom();
      const w = slot * RECORD_WORDS;
      const d = slot * RECORD_DOUBLES;
      i32[w + W_KIND] = KIND.BOOK_LEVEL;
      i32[w + W_INSTRUMENT] = instrument;
      f64[d + D_RECV_TIME_NS] = recvNs;
      f64[d + D_EXCHANGE_TIME_NS] = exchangeNs;
      f64[d + D_TICK] = tick;
      i32[w + LEVEL_W_SIDE] = side;
      i32[w + LEVEL_W_PRICE_TICKS] = ticks[i]!;
      f64[d + LEVEL_D_QTY_LOTS] = lots[i]!;
      f64[d + LEVEL_D_QTY_LOTS + 1] = 0;
      f64[d + LEVEL_D_QTY_LOTS + 2] = 0;
      this.last = slot;
    }
    this.free -= count;
    this.written += count;
  }

  end(instrument: number, flags: number, levels: number, book: TopView, ids: Float64Array, slot: number): void {
    const at = this.begin(KIND.BOOK_END | flags, instrument);
    const w = at * RECORD_WORDS;
    this.ring.i32[w + BOOK_END_W_LEVELS] = levels;
    this.ring.i32[w + BOOK_END_W_BID_TICKS] = book.bidTicks;
    this.ring.i32[w + BOOK_END_W_ASK_TICKS] = book.askTicks;
    this.ring.f64[at * RECORD_DOUBLES + BOOK_END_D_UPDATE_ID] = ids[slot]!;
  }

  /** `ids[slot]`: the ticker's update id; prices and lots at index 0 of the four arrays. */
  bbo(
    instrument: number,
    bidTicks: Int32Array,
    askTicks: Int32Array,
    bidLots: Float64Array,
    askLots: Float64Array,
    ids: Float64Array,
    slot: number,
  ): void {
    const at = this.begin(KIND.BBO, instrument);
    const w = at * RECORD_WORDS;
    const d = at * RECORD_DOUBLES;
    this.ring.i32[w + BBO_W_BID_TICKS] = bidTicks[0]!;
    this.ring.i32[w + BBO_W_ASK_TICKS] = askTicks[0]!;
    this.ring.f64[d + BBO_D_BID_LOTS] = bidLots[0]!;
    this.ring.f64[d + BBO_D_ASK_LOTS] = askLots[0]!;
    this.ring.f64[d + BBO_D_UPDATE_ID] = ids[slot]!;
  }

  /** `numbers[lotsSlot]`, `numbers[idSlot]`: quantity in lots and trade id. */
  trade(instrument: number, priceTicks: number, side: number, numbers: Float64Array, lotsSlot: number, idSlot: number): void {
    const at = this.begin(KIND.TRADE, instrument);
    const w = at * RECORD_WORDS;
    const d = at * RECORD_DOUBLES;
    this.ring.i32[w + TRADE_W_PRICE_TICKS] = priceTicks;
    this.ring.i32[w + TRADE_W_SIDE] = side;
    this.ring.f64[d + TRADE_D_QTY_LOTS] = numbers[lotsSlot]!;
    this.ring.f64[d + TRADE_D_TRADE_ID] = numbers[idSlot]!;
  }

  streamEnd(): void {
    this.begin(KIND.STREAM_END, 0);
  }

  /** Ends the frame: its last record gets the measured times, and FLAG_TICK_END when `tickEnd`; everything written is made visible. */
  finish(tickEnd: boolean): void {
    const written = this.written;
    if (written === 0) return;
    const { frame } = this;
    const { stamps } = this.ring;
    const s = this.last * RING_STAMPS;
    stamps[s + STAMP.T0_NS] = frame[FRAME_T0_NS]!;
    stamps[s + STAMP.HANDED_NS] = frame[FRAME_HANDED_NS]!;
    stamps[s + STAMP.T1_NS] = frame[FRAME_T1_NS]!;
    if (tickEnd) this.ring.i32[this.last * RECORD_WORDS + W_KIND] = this.ring.i32[this.last * RECORD_WORDS + W_KIND]! | FLAG_TICK_END;
    this.ring.publish();
    this.counters.add(FEED_COUNTER.RECORDS, written);
    this.written = 0;
  }
}

function throwNoRoom(): never {
  // biome-ignore lint/plugin: never returns; the run ends here
  throw new Error('Invariant: under the policy gap a frame is written only when it fits the ring');
}
