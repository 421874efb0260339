import { FEATURE_LEVELS } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';

/** What the stage needs of an order book. Level 0 is the best; `side` is SIDE (0 bids, 1 asks). */
export interface BookView {
  levels(side: number): number;
  priceAt(side: number, index: number): number;
  qtyAt(side: number, index: number): number;
}

/** "No ask": above every real price, as PRICE_NONE is below, so that level-by-level comparisons need no special case. */
export const ASK_NONE = 2147483647;

/** Indexes of `TopOfBook.ticks` and `TopOfBook.lots`. */
export const TOP_BID = 0;
export const TOP_ASK = 1;
export const TOP_BID_BEFORE = 2;
export const TOP_ASK_BEFORE = 3;

/** The freshest two-sided top of book and the one before it. */
export class TopOfBook {
  readonly ticks = new Int32Array(4);
  readonly lots = new Float64Array(4);
  /** Quantities of the update being made, bid and ask, written by the caller before `update`. */
  readonly inputLots = new Float64Array(2);
  /** Two-sided tops seen that differ from the one before. */
  updates = 0;

  reset(): void {
    this.ticks.fill(0);
    this.lots.fill(0);
    this.updates = 0;
  }

  /** Moves on to a new top; 1, or 0 when it says nothing new. */
  update(bidTicks: number, askTicks: number): number {
    const ticks = this.ticks;
    const lots = this.lots;
    const bidLots = this.inputLots[TOP_BID]!;
    const askLots = this.inputLots[TOP_ASK]!;
    const first = this.updates === 0;
    if (!first && ticks[TOP_BID] === bidTicks && ticks[TOP_ASK] === askTicks && lots[TOP_BID] === bidLots && lots[TOP_ASK] === askLots) {
      return 0;
    }
    ticks[TOP_BID_BEFORE] = first ? bidTicks : ticks[TOP_BID]!;
    ticks[TOP_ASK_BEFORE] = first ? askTicks : ticks[TOP_ASK]!;
    lots[TOP_BID_BEFORE] = first ? bidLots : lots[TOP_BID]!;
    lots[TOP_ASK_BEFORE] = first ? askLots : lots[TOP_ASK]!;
    ticks[TOP_BID] = bidTicks;
    ticks[TOP_ASK] = askTicks;
    lots[TOP_BID] = bidLots;
    lots[TOP_ASK] = askLots;
    this.updates = first ? 1 : (this.updates + 1) | 0;
    return 1;
  }
}

/**
 * The best FEATURE_LEVELS levels of each side after the last whole depth message and after the one before.
 * Levels beyond the book's end have quantity 0 and the price PRICE_NONE (bids) or ASK_NONE (asks).
 */
export class DepthLevels {
  readonly bidTicks = new Int32Array(FEATURE_LEVELS).fill(PRICE_NONE);
  readonly askTicks = new Int32Array(FEATURE_LEVELS).fill(ASK_NONE);
  readonly bidLots = new Float64Array(FEATURE_LEVELS);
  readonly askLots = new Float64Array(FEATURE_LEVELS);
  readonly bidTicksBefore = new Int32Array(FEATURE_LEVELS).fill(PRICE_NONE);
  readonly askTicksBefore = new Int32Array(FEATURE_LEVELS).fill(ASK_NONE);
  readonly bidLotsBefore = new Float64Array(FEATURE_LEVELS);
  readonly askLotsBefore = new Float64Array(FEATURE_LEVELS);
  /** Levels held now, at most FEATURE_LEVELS. */
  bids = 0;
  asks = 0;
  /** Depth messages seen. */
  updates = 0;

  reset(): void {
    this.bidTicks.fill(PRICE_NONE);
    this.askTicks.fill(ASK_NONE);
    this.bidLots.fill(0);
    this.askLots.fill(0);
    this.bids = 0;
    this.asks = 0;
    this.updates = 0;
  }

  /** Copies the book's best levels; the levels held until now become the ones before. */
  update(book: BookView): void {
    const bidTicks = this.bidTicks;
    const askTicks = this.askTicks;
    const bidLots = this.bidLots;
    const askLots = this.askLots;
    const bids = Math.min(book.levels(0), FEATURE_LEVELS);
    const asks = Math.min(book.levels(1), FEATURE_LEVELS);
    for (let i = 0; i < FEATURE_LEVELS; i++) {
      this.bidTicksBefore[i] = bidTicks[i]!;
      this.askTicksBefore[i] = askTicks[i]!;
      this.bidLotsBefore[i] = bidLots[i]!;
      this.askLotsBefore[i] = askLots[i]!;
      bidTicks[i] = i < bids ? book.priceAt(0, i) : PRICE_NONE;
      bidLots[i] = i < bids ? book.qtyAt(0, i) : 0;
      askTicks[i] = i < asks ? book.priceAt(1, i) : ASK_NONE;
      askLots[i] = i < asks ? book.qtyAt(1, i) : 0;
    }
    this.bids = bids;
    this.asks = asks;
    this.updates = (this.updates + 1) | 0;
  }
}
