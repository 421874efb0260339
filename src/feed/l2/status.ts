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
  /** A quantity beyond 2^53 - 1 units of its last decimal, or zero where the message cannot have zero. */
  QTY_RANGE: -14,
  /** More levels on one side than BOOK_LEVELS_MAX. */
  TOO_MANY_LEVELS: -15,
  /** A depth snapshot that names no symbol while several instruments are configured. */
  SNAPSHOT_WITHOUT_SYMBOL: -16,
  /** A binary message that ends before its last field, goes on behind it, or has blocks too short for their fields. */
  BAD_LENGTH: -17,
  /** A binary message of another schema than the decoder knows. */
  WRONG_SCHEMA: -18,
  /** A message of an instrument whose tick or lot the source defines otherwise than it is configured. */
  WRONG_INSTRUMENT: -19,
} as const;
export type DecodeStatus = (typeof DECODE)[keyof typeof DECODE];

/** Name of a status for reports, e.g. `off_tick`. */
export function decodeStatusName(status: number): string {
  for (const [name, value] of Object.entries(DECODE)) if (value === status) return name.toLowerCase();
  return `status_${status}`;
}

const TEXTS: Readonly<Record<DecodeStatus, string>> = {
  [DECODE.OK]: 'well formed',
  [DECODE.UNKNOWN_KIND]: 'an event type that is not used',
  [DECODE.UNKNOWN_SYMBOL]: 'a symbol that is not configured',
  [DECODE.BAD_JSON]: 'not JSON',
  [DECODE.TOO_DEEP]: 'nested deeper than any message of the venue',
  [DECODE.FRAME_TOO_LARGE]: 'larger than a frame may be',
  [DECODE.MISSING_FIELD]: 'a field that its event type needs is missing',
  [DECODE.BAD_FIELD]: 'a field has another JSON type than the venue documents',
  [DECODE.DUPLICATE_FIELD]: 'a field stands twice',
  [DECODE.ESCAPED_TEXT]: 'a key, symbol or decimal with a backslash escape; expected plain text',
  [DECODE.ID_RANGE]: 'an id or time that is no integer from 0 to 2^53 - 1',
  [DECODE.BAD_DECIMAL]: 'a price or quantity that is no plain decimal text',
  [DECODE.TOO_MANY_DECIMALS]: 'a price or quantity with more decimals than the instrument has',
  [DECODE.OFF_TICK]: 'a price that is no multiple of the tick size',
  [DECODE.OFF_LOT]: 'a quantity that is no multiple of the lot size',
  [DECODE.PRICE_RANGE]: 'a price of zero or of more than 2147483647 ticks',
  [DECODE.QTY_RANGE]: 'a quantity beyond 2^53 - 1 units of its last decimal, or of zero where there cannot be one',
  [DECODE.TOO_MANY_LEVELS]: 'more levels on one side than a book holds',
  [DECODE.SNAPSHOT_WITHOUT_SYMBOL]: 'a snapshot without symbol while several instruments are configured',
  [DECODE.BAD_LENGTH]: 'a binary message that is shorter or longer than its own lengths say',
  [DECODE.WRONG_SCHEMA]: 'a binary message of another schema',
  [DECODE.WRONG_INSTRUMENT]: 'an instrument whose tick or lot size is another than the configured one',
};

/** What is wrong with a refused frame, for people. */
export function decodeStatusText(status: number): string {
  return `${decodeStatusName(status)} (${TEXTS[status as DecodeStatus]})`;
}

/** Kind of the message last decoded. */
export const MESSAGE = { NONE: 0, DEPTH: 1, TICKER: 2, TRADE: 3, SNAPSHOT: 4 } as const;
export type MessageKind = (typeof MESSAGE)[keyof typeof MESSAGE];
