import { DBN_LEVELS_MAX } from './layout.ts';

/** What a record is to the feed. */
export const DBN_MESSAGE = { NONE: 0, ORDER: 1, TRADE: 2, LEVELS: 3 } as const;

/** Characters of actions and sides. */
export const ACTION = { ADD: 65, CANCEL: 67, FILL: 70, MODIFY: 77, NONE: 78, CLEAR: 82, TRADE: 84 } as const;
export const DBN_SIDE = { ASK: 65, BID: 66, NONE: 78 } as const;
/** `DbnMessage.side` of a record that says none. */
export const SIDE_NONE = -1;

/** float64 slots of `DbnMessage.numbers`. */
export const N_EVENT_S = 0;
export const N_EVENT_NS = 1;
export const N_LOTS = 2;
export const N_SEQUENCE = 3;
const NUMBERS = 4;

/** The decoded form of one record; one object, rewritten by each `decode`. */
export class DbnMessage {
  /** DBN_MESSAGE. */
  kind: number;
  /** Instrument id, -1 when it is not followed. */
  instrument: number;
  /** ACTION. */
  action: number;
  /** SIDE of the order, or of a trade's aggressor; SIDE_NONE when not said. */
  side: number;
  /** DBN_FLAG. */
  flags: number;
  /** Of the order or trade; PRICE_NONE where the record needs none. */
  priceTicks: number;
  orderLow: number;
  orderHigh: number;
  /** 1 when the record knows its venue time. */
  hasTime: number;
  readonly numbers: Float64Array;
  /** Levels of a side, best first; the arrays hold those that are there. */
  bidCount: number;
  askCount: number;
  readonly bidTicks: Int32Array;
  readonly askTicks: Int32Array;
  readonly bidLots: Float64Array;
  readonly askLots: Float64Array;

  constructor() {
    this.kind = DBN_MESSAGE.NONE;
    this.instrument = -1;
    this.action = 0;
    this.side = SIDE_NONE;
    this.flags = 0;
    this.priceTicks = 0;
    this.orderLow = 0;
    this.orderHigh = 0;
    this.hasTime = 0;
    this.numbers = new Float64Array(NUMBERS);
    this.bidCount = 0;
    this.askCount = 0;
    this.bidTicks = new Int32Array(DBN_LEVELS_MAX);
    this.askTicks = new Int32Array(DBN_LEVELS_MAX);
    this.bidLots = new Float64Array(DBN_LEVELS_MAX);
    this.askLots = new Float64Array(DBN_LEVELS_MAX);
  }
}
