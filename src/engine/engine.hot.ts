import type { Instrument } from '../core/instrument.ts';
import { PRICE_NONE } from '../core/price.ts';
import { D_RECV_TIME_NS, D_TICK, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS } from '../core/records/layout.ts';
import {
  BBO_D_ASK_LOTS,
  BBO_D_BID_LOTS,
  BBO_D_UPDATE_ID,
  BBO_W_ASK_TICKS,
  BBO_W_BID_TICKS,
  BOOK_END_D_UPDATE_ID,
  BOOK_END_W_ASK_TICKS,
  BOOK_END_W_BID_TICKS,
  BOOK_STATE,
  BOOK_STATE_W_STATE,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  TRADE_D_QTY_LOTS,
  TRADE_W_SIDE,
} from '../core/records/market.ts';
import type { RingConsumer } from '../core/ring/spsc.hot.ts';
import type { L2Book } from '../feed/book/l2-book.hot.ts';
import type { FeatureStage } from './features/feature-stage.hot.ts';
import type { Model } from './model/model.ts';
import type { IntentBatch } from './strategy/intents.ts';
import type { Strategy, TickView } from './strategy/strategy.ts';

/** Statuses of `apply`: what the record changed. */
export const APPLIED = {
  NOTHING: 0,
  /** A level or the whole book, in the middle of a message. */
  LEVEL: 1,
  /** The book or the ticker as a whole: the freshest best bid and ask may have moved. */
  TOP: 2,
  TRADE: 3,
  STATE: 4,
  END: 5,
  /** This book is not the feed's any more, so nothing it says can be trusted. */
  DIVERGED: -1,
} as const;

const BOOK_ID = 0;
const TICKER_ID = 1;

/**
 * The engine stage for one instrument: replays the validated event stream into its own book, keeps the freshest best bid
 * and ask, updates the features, runs the model and asks the strategy. Called by the lane for each record (tens of
 * nanoseconds) and three times at the end of each tick. Touches nothing but its own memory.
 */
export class Engine {
  readonly instrument: Instrument;
  readonly book: L2Book;
  readonly features: FeatureStage;
  readonly model: Model;
  readonly strategy: Strategy;
  readonly intents: IntentBatch;
  readonly view: TickView;
  /** BOOK_STATE of this engine's book; only LIVE reaches the strategy. */
  bookState: number;
  /** Newest update id of the book (BOOK_ID) and of the ticker (TICKER_ID), -1 without one; an array because doubles in it are never boxed. */
  private readonly updateIds: Float64Array;

  constructor(
    instrument: Instrument,
    book: L2Book,
    features: FeatureStage,
    model: Model,
    strategy: Strategy,
    intents: IntentBatch,
    view: TickView,
  ) {
    this.instrument = instrument;
    this.book = book;
    this.features = features;
    this.model = model;
    this.strategy = strategy;
    this.intents = intents;
    this.view = view;
    this.bookState = BOOK_STATE.DISCONNECTED;
    this.updateIds = new Float64Array(2).fill(-1);
  }

  /** Before the first record of a frame, at `slot`: the time that all its records share. */
  beginFrame(f64: Float64Array, slot: number): void {
    this.features.setTime(f64, slot * RECORD_DOUBLES + D_RECV_TIME_NS);
  }

  /** Applies the BOOK_LEVEL records from the `from`-th of `market` on that do not end a frame; index of the next record, or DIVERGED. */
  applyLevels(market: RingConsumer, from: number, count: number): number {
    const { i32, f64 } = market;
    const book = this.book;
    for (let i = from; i < count; i++) {
      const slot = market.slot(i);
      const word = slot * RECORD_WORDS;
      if (i32[word] !== KIND.BOOK_LEVEL) return i;
      const at = slot * RECORD_DOUBLES + LEVEL_D_QTY_LOTS;
      if (book.applyFrom(i32[word + LEVEL_W_SIDE]!, i32[word + LEVEL_W_PRICE_TICKS]!, f64, at) < 0) return APPLIED.DIVERGED;
    }
    return count;
  }

  /** Applies one market record; APPLIED. */
  apply(i32: Int32Array, f64: Float64Array, slot: number): number {
    const word = slot * RECORD_WORDS;
    const double = slot * RECORD_DOUBLES;
    this.features.setTime(f64, double + D_RECV_TIME_NS);
    switch (i32[word]! & KIND_MASK) {
      case KIND.BOOK_LEVEL:
        return this.book.applyFrom(i32[word + LEVEL_W_SIDE]!, i32[word + LEVEL_W_PRICE_TICKS]!, f64, double + LEVEL_D_QTY_LOTS) < 0
          ? APPLIED.DIVERGED
          : APPLIED.LEVEL;
      case KIND.BOOK_END:
        return this.endBook(i32[word + BOOK_END_W_BID_TICKS]!, i32[word + BOOK_END_W_ASK_TICKS]!, f64, double + BOOK_END_D_UPDATE_ID);
      case KIND.BBO: {
        const updateId = f64[double + BBO_D_UPDATE_ID]!;
        const updateIds = this.updateIds;
        if (updateId < updateIds[TICKER_ID]! || updateId < updateIds[BOOK_ID]!) return APPLIED.NOTHING;
        updateIds[TICKER_ID] = updateId;
        this.setTop(
          i32[word + BBO_W_BID_TICKS]!,
          f64[double + BBO_D_BID_LOTS]!,
          i32[word + BBO_W_ASK_TICKS]!,
          f64[double + BBO_D_ASK_LOTS]!,
        );
        return APPLIED.TOP;
      }
      case KIND.TRADE:
        this.features.onTrade(i32[word + TRADE_W_SIDE]!, f64[double + TRADE_D_QTY_LOTS]!);
        return APPLIED.TRADE;
      case KIND.BOOK_CLEAR:
        this.book.clear();
        return APPLIED.LEVEL;
      case KIND.BOOK_STATE:
        this.changeState(i32[word + BOOK_STATE_W_STATE]!);
        return APPLIED.STATE;
      case KIND.STREAM_END:
        return APPLIED.END;
      default:
        return APPLIED.NOTHING;
    }
  }

  /** Brings the features to the tick's time; 0, or negative while they warm up. */
  computeFeatures(): number {
    return this.features.compute();
  }

  /** Runs the model on the features; 0, or negative when it failed. */
  infer(): number {
    return this.model.run();
  }

  /** Asks the strategy about the tick that the record at `slot` ends; its intents stand in `intents`. Returns its action code. */
  decide(f64: Float64Array, slot: number): number {
    const view = this.view;
    view.timeNs = f64[slot * RECORD_DOUBLES + D_RECV_TIME_NS]!;
    view.tick = f64[slot * RECORD_DOUBLES + D_TICK]!;
    this.intents.clear();
    return this.strategy.onTick(view, this.intents);
  }

  /** `f64[at]`: the book's update id, which would be boxed as an argument. */
  private endBook(bidTicks: number, askTicks: number, f64: Float64Array, at: number): number {
    const book = this.book;
    if (book.bidTicks !== bidTicks || book.askTicks !== askTicks) return APPLIED.DIVERGED;
    const updateIds = this.updateIds;
    updateIds[BOOK_ID] = f64[at]!;
    this.features.onDepth(book);
    if (updateIds[BOOK_ID] >= updateIds[TICKER_ID]!) this.setTop(bidTicks, book.bidLots, askTicks, book.askLots);
    return APPLIED.TOP;
  }

  private setTop(bidTicks: number, bidLots: number, askTicks: number, askLots: number): void {
    const view = this.view;
    if (view.bidTicks === bidTicks && view.askTicks === askTicks && view.bidLots === bidLots && view.askLots === askLots) return;
    view.bidTicks = bidTicks;
    view.bidLots = bidLots;
    view.askTicks = askTicks;
    view.askLots = askLots;
    this.features.onBbo(bidTicks, bidLots, askTicks, askLots);
  }

  private changeState(state: number): void {
    if (this.bookState === BOOK_STATE.LIVE && state !== BOOK_STATE.LIVE) {
      this.book.clear();
      this.features.reset();
      this.updateIds.fill(-1);
      this.view.bidTicks = PRICE_NONE;
      this.view.askTicks = PRICE_NONE;
      this.view.bidLots = 0;
      this.view.askLots = 0;
    }
    this.bookState = state;
  }
}
