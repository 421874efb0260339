/**
 * Every record that crosses a ring or reaches the journal is 64 bytes, little endian, on a 64-byte boundary:
 *
 *   byte  0  i32  kind (bits 0-7) and flags (bits 8-31)
 *         4  i32  instrument id
 *         8  f64  local receive time of the frame that caused it, ns since the run's base
 *        16  f64  venue time of that frame, ns since the run's base (may be negative: clocks differ)
 *        24  f64  tick: 1-based number of that frame in the input
 *        32  32 bytes of payload, by kind
 *
 * Unused bytes are zero. In an int32 view a record begins at `slot * 16`, in a float64 view at `slot * 8`.
 */
export const RECORD_BYTES = 64;
export const RECORD_WORDS = 16;
export const RECORD_DOUBLES = 8;
export const RECORD_LAYOUT_VERSION = 1;

/** int32 word indexes of the header. */
export const W_KIND = 0;
export const W_INSTRUMENT = 1;
/** float64 indexes of the header. */
export const D_RECV_TIME_NS = 1;
export const D_EXCHANGE_TIME_NS = 2;
export const D_TICK = 3;

export const KIND_MASK = 0xff;

export const KIND = {
  /** A book changed its integrity state. */
  BOOK_STATE: 1,
  /** A snapshot begins: every level of the book is dropped. */
  BOOK_CLEAR: 2,
  /** One level has this absolute quantity now; 0 removes it. */
  BOOK_LEVEL: 3,
  /** A depth message was applied as a whole. */
  BOOK_END: 4,
  /** Best bid and ask as the venue's own ticker says. */
  BBO: 5,
  TRADE: 6,
  /** The input ended. */
  STREAM_END: 7,
  /** What the model and the strategy made of a tick. */
  SIGNAL: 16,
  /** A new order approved or refused by the risk gate. */
  ORDER: 17,
  /** A cancel request approved or refused by the risk gate. */
  CANCEL: 18,
  /** What the venue, or the simulated exchange, said of an order. */
  EXECUTION: 19,
  /** The risk gate changed state: kill, limit, resume. */
  RISK_STATE: 20,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Set on the last record of a frame: the books are consistent and the engine may decide. */
export const FLAG_TICK_END = 1 << 8;
/** The level or state stems from a snapshot. */
export const FLAG_SNAPSHOT = 1 << 9;
