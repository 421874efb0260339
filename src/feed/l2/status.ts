/**
 * What the decoder says of one frame. 0: a message of `kind`. Above 0: a well-formed frame that is not for the books, to be
 * counted. Below 0: refused; the content of the book of a refused depth message is unknown from here on, and when the
 * message's `instrument` is -1 that of every book. A decoder of a venue without sequence numbers therefore says DEPTH of a
 * frame until it knows better.
 */
export const DECODE = {
  OK: 0,
  /** Well-formed JSON of an event type that this feed does not use, or a control reply. */
  UNKNOWN_KIND: 1,
  /** A message for a symbol that is not configured. */
  UNKNOWN_SYMBOL: 2,
  /** Not JSON: cut off, a stray byte, or anything after the closing brace. */
  BAD_JSON: -1,
  /** Nested deeper than JSON_DEPTH_MAX. */
  TOO_DEEP: -2,
  /** Longer than FRAME_BYTES_MAX. */
  FRAME_TOO_LARGE: -3,
  /** A key this message kind needs is absent. */
  MISSING_FIELD: -4,
  /** A value has another JSON type than the venue documents. */
  BAD_FIELD: -5,
  /** A key stands twice in one object. */
  DUPLICATE_FIELD: -6,
  /** A key, symbol or decimal is written with a backslash escape. */
  ESCAPED_TEXT: -7,
  /** An id or time is negative, fractional, or above 2^53 - 1. */
  ID_RANGE: -8,
  /** A price or quantity is not plain decimal text. */
  BAD_DECIMAL: -9,
  /** More non-zero decimals than the instrument has. */
  TOO_MANY_DECIMALS: -10,
  /** A price that is no multiple of the tick size. */
  OFF_TICK: -11,
  /** A quantity that is no multiple of the lot size. */
  OFF_LOT: -12,
  /** A price of zero, or beyond PRICE_TICKS_MAX ticks. */
  PRICE_RANGE: -13,
  /** A quantity of more than 15 digits, or zero where the message cannot have zero. */
  QTY_RANGE: -14,
  /** More levels on one side than BOOK_LEVELS_MAX. */
  TOO_MANY_LEVELS: -15,
  /** A depth snapshot that names no symbol while several instruments are configured. */
  SNAPSHOT_WITHOUT_SYMBOL: -16,
  /** A binary message that ends before its last field, goes on behind it, or has blocks too short for their fields. */
  BAD_LENGTH: -17,
  /** A binary message of another schema than the decoder knows. */
  WRONG_SCHEMA: -18,
} as const;
export type DecodeStatus = (typeof DECODE)[keyof typeof DECODE];

/** Name of a status for reports, e.g. `off_tick`. */
export function decodeStatusName(status: number): string {
  for (const [name, value] of Object.entries(DECODE)) if (value === status) return name.toLowerCase();
  return `status_${status}`;
}

/** Kind of the message last decoded. */
export const MESSAGE = { NONE: 0, DEPTH: 1, TICKER: 2, TRADE: 3, SNAPSHOT: 4 } as const;
export type MessageKind = (typeof MESSAGE)[keyof typeof MESSAGE];
