import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { MESSAGE } from './status.ts';

/** float64 slots of `L2Message.numbers`. */
export const N_EVENT_MS = 0;
/** Matching-engine time in epoch ms; equals N_EVENT_MS where the message has none, 0 when it has no time at all. */
export const N_TRANSACT_MS = 1;
/** First update id of a depth message (Binance `U`). */
export const N_FIRST_ID = 2;
/**
 * Last update id or sequence number of a depth message, a ticker or a snapshot (Binance `u`, `lastUpdateId`); 0 for a ticker
 * that has no place among the book's events.
 */
export const N_LAST_ID = 3;
/** Number of the message before, as this one names it (Binance `pu`). */
export const N_PREVIOUS_ID = 4;
export const N_TRADE_ID = 5;
export const N_TRADE_LOTS = 6;
/** Scratch: decimal units on their way to ticks or lots. */
export const N_UNITS = 7;
/** Nanoseconds of the matching-engine time beyond its whole milliseconds. */
export const N_TRANSACT_REST_NS = 8;
/** Checksum that the message carries. */
export const N_CHECKSUM = 9;
export const NUMBERS = 16;

/**
 * The decoded form of one frame; one object, rewritten by each `decode`. Levels stand as the venue sent them; a ticker is
 * one level a side, with PRICE_NONE and 0 lots on an empty side.
 */
export class L2Message {
  /** MESSAGE. */
  kind: number;
  /** Instrument id, -1 when unknown; set as soon as the symbol was read, so also on most refused frames. */
  instrument: number;
  bidCount: number;
  askCount: number;
  /** Levels of the side read last; scratch of the decoder. */
  levelCount: number;
  tradeTicks: number;
  /** SIDE of the aggressor. */
  tradeSide: number;
  /** 1 when the trade is a market trade; 0 for insurance fund, ADL and other off-book kinds. */
  tradeIsMarket: number;
  /** 1 when the trade sums up several fills (Binance `aggTrade`), which a stream of single trades would tell again. */
  tradeIsAggregate: number;
  /** Ask levels left out because their price lies beyond the grid. */
  farCount: number;
  /** 1 when the message carries a checksum in N_CHECKSUM. */
  hasChecksum: number;
  /** 1 when the venue's numbering begins anew with this depth message: no number before it compares with one after it. */
  beginsAnew: number;
  readonly numbers: Float64Array;
  readonly bidTicks: Int32Array;
  readonly bidLots: Float64Array;
  readonly askTicks: Int32Array;
  readonly askLots: Float64Array;

  constructor() {
    this.kind = MESSAGE.NONE;
    this.instrument = -1;
    this.bidCount = 0;
    this.askCount = 0;
    this.levelCount = 0;
    this.tradeTicks = 0;
    this.tradeSide = 0;
    this.tradeIsMarket = 0;
    this.tradeIsAggregate = 0;
    this.farCount = 0;
    this.hasChecksum = 0;
    this.beginsAnew = 0;
    this.numbers = new Float64Array(NUMBERS);
    this.bidTicks = new Int32Array(BOOK_LEVELS_MAX);
    this.bidLots = new Float64Array(BOOK_LEVELS_MAX);
    this.askTicks = new Int32Array(BOOK_LEVELS_MAX);
    this.askLots = new Float64Array(BOOK_LEVELS_MAX);
  }
}
