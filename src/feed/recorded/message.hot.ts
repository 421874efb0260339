/** What a record is to the feed. */
export const RECORD_MESSAGE = {
  NONE: 0,
  /** An order comes, goes or changes. */
  ORDER: 1,
  TRADE: 2,
  /** All levels of the book, to the depth that the source has. */
  LEVELS: 3,
  /** Levels that changed, 0 lots where one is gone. */
  CHANGES: 4,
} as const;

/** Bits of `RecordMessage.flags`; those below 0x100 are DBN's, whose decoder passes them on. */
export const RECORD_FLAG = {
  /** The last record of an event: only now is the book one that the venue had. */
  LAST: 0x80,
  /** Of an added order: the best price of a venue that shows no orders; it replaces its side, without a price it empties it. */
  TOP_OF_BOOK: 0x40,
  /** Part of a whole book; the first such record begins it anew. */
  SNAPSHOT: 0x20,
  /** Records were lost on the way and the book may be wrong. */
  MAYBE_BAD_BOOK: 0x04,
  /**
   * Of CHANGES and TRADE: book and trades are one stream that begins with an empty book. Changes count from its beginning on,
   * a snapshot changes levels like any other message and makes the book whole, and trades are those of the book.
   */
  ONE_STREAM: 0x100,
} as const;

/** Characters of actions and sides. */
export const ACTION = { ADD: 65, CANCEL: 67, FILL: 70, MODIFY: 77, NONE: 78, CLEAR: 82, TRADE: 84 } as const;
export const RECORD_SIDE = { ASK: 65, BID: 66, NONE: 78 } as const;
/** `RecordMessage.side` of a record that says none. */
export const SIDE_NONE = -1;

/** Bits of `RecordMessage.clears`. */
export const CLEARS = { BIDS: 1, ASKS: 2 } as const;

/** Where the venue's time of a record is. */
export const TIME = {
  NONE: 0,
  /** In `numbers`. */
  OWN: 1,
  /** The receive time is the venue's: the source has no other. */
  RECEIVED: 2,
} as const;

/** float64 slots of `RecordMessage.numbers`. */
export const N_EVENT_S = 0;
export const N_EVENT_NS = 1;
export const N_LOTS = 2;
export const N_SEQUENCE = 3;
const NUMBERS = 4;

/** The decoded form of one record; one object, rewritten by each `decode`. */
export class RecordMessage {
  /** RECORD_MESSAGE. */
  kind: number;
  /** Instrument id, -1 when it is not followed. */
  instrument: number;
  /** ACTION. */
  action: number;
  /** SIDE of the order, or of a trade's aggressor; SIDE_NONE when not said. */
  side: number;
  /** RECORD_FLAG. */
  flags: number;
  /** Of the order or trade; PRICE_NONE where the record needs none. */
  priceTicks: number;
  orderLow: number;
  orderHigh: number;
  /** TIME. */
  time: number;
  readonly numbers: Float64Array;
  /** CLEARS, of CHANGES: before the levels are applied, those of a side from the best through these prices go. */
  clears: number;
  clearBidTicks: number;
  clearAskTicks: number;
  /** Levels of a side. Of LEVELS those that are there, best first; of CHANGES in the order of the source. */
  bidCount: number;
  askCount: number;
  readonly bidTicks: Int32Array;
  readonly askTicks: Int32Array;
  readonly bidLots: Float64Array;
  readonly askLots: Float64Array;

  /** `levelsMax`: levels a side that one record may bring. */
  constructor(levelsMax: number) {
    this.kind = RECORD_MESSAGE.NONE;
    this.instrument = -1;
    this.action = 0;
    this.side = SIDE_NONE;
    this.flags = 0;
    this.priceTicks = 0;
    this.orderLow = 0;
    this.orderHigh = 0;
    this.time = TIME.NONE;
    this.numbers = new Float64Array(NUMBERS);
    this.clears = 0;
    this.clearBidTicks = 0;
    this.clearAskTicks = 0;
    this.bidCount = 0;
    this.askCount = 0;
    this.bidTicks = new Int32Array(levelsMax);
    this.askTicks = new Int32Array(levelsMax);
    this.bidLots = new Float64Array(levelsMax);
    this.askLots = new Float64Array(levelsMax);
  }
}
