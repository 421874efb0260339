import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { MESSAGE } from './status.ts';

/** float64 slots of `UsdmMessage.numbers`. */
export const N_EVENT_MS = 0;
/** Matching-engine time; equals N_EVENT_MS where the message has none. */
export const N_TRANSACT_MS = 1;
/** `U` of a depth message. */
export const N_FIRST_ID = 2;
/** `u` of a depth message or a ticker, `lastUpdateId` of a snapshot. */
export const N_LAST_ID = 3;
/** `pu` of a depth message. */
export const N_PREVIOUS_ID = 4;
export const N_TRADE_ID = 5;
export const N_TRADE_LOTS = 6;
/** Scratch: decimal units on their way to ticks or lots. */
export const N_UNITS = 7;
export const NUMBERS = 8;

/**
 * The decoded form of one frame; one object, rewritten by each `decode`. Levels stand as the venue sent them; a ticker is
 * one level a side, with PRICE_NONE and 0 lots on an empty side.
 */
export class UsdmMessage {
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
    this.numbers = new Float64Array(NUMBERS);
    this.bidTicks = new Int32Array(BOOK_LEVELS_MAX);
    this.bidLots = new Float64Array(BOOK_LEVELS_MAX);
    this.askTicks = new Int32Array(BOOK_LEVELS_MAX);
    this.askLots = new Float64Array(BOOK_LEVELS_MAX);
  }
}
