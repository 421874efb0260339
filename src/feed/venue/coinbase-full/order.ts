/** Kinds of messages of the channel `full`. */
export const FULL = {
  NONE: 0,
  /** Sequenced, and nothing for the book: received, activate. */
  OTHER: 1,
  OPEN: 2,
  DONE: 3,
  MATCH: 4,
  CHANGE: 5,
  /** One order of a snapshot written as lines: an `open` without time. */
  SNAPSHOT_LINE: 6,
  /** The answer of the request for every order. */
  SNAPSHOT: 7,
} as const;

/** The order that a message is about, as a decoder leaves it. */
export interface FullOrder {
  /** FULL. */
  kind: number;
  /** SIDE, -1 when the message has none. */
  side: number;
  /** For a match that of the maker. */
  readonly orderId: Int32Array;
  /** Price in `ticks[0]`, PRICE_NONE when the message has none. */
  readonly ticks: Int32Array;
  /** 1 when that price lies beyond the grid: no book has this order. */
  isFar: number;
  /** Size in `lots[0]`: remaining, matched or new. */
  readonly lots: Float64Array;
  hasLots: number;
}
