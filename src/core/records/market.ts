/**
 * Payloads of the market-data records, feed to lane. Word (`W_`) and double (`D_`) indexes are relative to the record.
 *
 *   BOOK_STATE  32 i32 state   36 i32 previous state   40 i32 reason   44 i32 0   48 f64 update id   56 f64 0
 *   BOOK_CLEAR  32 f64 update id
 *   BOOK_LEVEL  32 i32 side    36 i32 price ticks      40 f64 quantity lots
 *   BOOK_END    32 i32 levels  36 i32 best bid ticks   40 i32 best ask ticks   44 i32 0   48 f64 update id
 *   BBO         32 i32 bid ticks  36 i32 ask ticks  40 f64 bid lots  48 f64 ask lots  56 f64 update id
 *   TRADE       32 i32 price ticks  36 i32 aggressor side  40 f64 quantity lots  48 f64 trade id
 */
export const SIDE = { BUY: 0, SELL: 1 } as const;
export type Side = (typeof SIDE)[keyof typeof SIDE];

/** Integrity states of a book. Only LIVE may feed a strategy. */
export const BOOK_STATE = {
  DISCONNECTED: 0,
  CONNECTING: 1,
  SUBSCRIBED_NO_SNAPSHOT: 2,
  SYNCING: 3,
  LIVE: 4,
  STALE: 5,
  GAP: 6,
  /** The venue says that the instrument does not trade continuously (halt, pause, auction): its book is exact and may be crossed. */
  NOT_TRADING: 7,
} as const;
export type BookState = (typeof BOOK_STATE)[keyof typeof BOOK_STATE];

/** Why a book left or reached a state. */
export const BOOK_REASON = {
  NONE: 0,
  SUBSCRIBED: 1,
  SNAPSHOT: 2,
  SYNCED: 3,
  /** `pu` of a message differs from `u` of the one before. */
  SEQUENCE_GAP: 4,
  /** Bid at or above ask after a whole message. */
  CROSSED: 5,
  /** A frame of this book could not be decoded, so its content is unknown. */
  DECODE_ERROR: 6,
  BUFFER_OVERFLOW: 7,
  /** The consumer did not keep up and records were not delivered. */
  RING_FULL: 8,
  DISCONNECT: 9,
  /** No book event for longer than the limit. */
  DATA_AGE: 10,
  BOOK_FULL: 11,
  /** The venue's checksum differs from the book's. */
  CHECKSUM: 12,
  /** The venue changed the instrument's trading status. */
  TRADING_STATUS: 13,
  /** A message named an order that the book does not have, has already, or has too little of. */
  ORDER_MISMATCH: 14,
} as const;
export type BookReason = (typeof BOOK_REASON)[keyof typeof BOOK_REASON];

export const BOOK_STATE_W_STATE = 8;
export const BOOK_STATE_W_PREVIOUS = 9;
export const BOOK_STATE_W_REASON = 10;
export const BOOK_STATE_D_UPDATE_ID = 6;

export const BOOK_CLEAR_D_UPDATE_ID = 4;

export const LEVEL_W_SIDE = 8;
export const LEVEL_W_PRICE_TICKS = 9;
export const LEVEL_D_QTY_LOTS = 5;

export const BOOK_END_W_LEVELS = 8;
export const BOOK_END_W_BID_TICKS = 9;
export const BOOK_END_W_ASK_TICKS = 10;
export const BOOK_END_D_UPDATE_ID = 6;

export const BBO_W_BID_TICKS = 8;
export const BBO_W_ASK_TICKS = 9;
export const BBO_D_BID_LOTS = 5;
export const BBO_D_ASK_LOTS = 6;
export const BBO_D_UPDATE_ID = 7;

export const TRADE_W_PRICE_TICKS = 8;
export const TRADE_W_SIDE = 9;
export const TRADE_D_QTY_LOTS = 5;
export const TRADE_D_TRADE_ID = 6;
