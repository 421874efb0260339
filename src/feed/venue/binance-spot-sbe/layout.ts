/**
 * Binance spot SBE stream messages, schema `stream_1_0.xml` (id 1, version 0), little-endian. Every length is taken from the
 * message: a later version may make blocks longer, and what a block has beyond the fields below is skipped.
 *
 *   0      8                 8 + blockLength
 *   header root block        groups: dimensions, entries ...      symbol
 *   u16 blockLength, u16 templateId, u16 schemaId, u16 version    u8 length, UTF-8
 *
 * Group dimensions are u16 blockLength and a count: u32 for trades, u16 for bids and asks. A decimal is mantissa i64 times
 * 10^exponent, the exponents i8 in the root block. Times are epoch microseconds, i64.
 */
export const SBE_SCHEMA_ID = 1;
export const SBE_HEADER_BYTES = 8;

export const TEMPLATE = { TRADES: 10_000, BEST_BID_ASK: 10_001, DEPTH_SNAPSHOT: 10_002, DEPTH_DIFF: 10_003 } as const;

/** Offsets in root blocks, and the least length of each. */
export const TRADES = { TRANSACT_US: 8, PRICE_EXPONENT: 16, QTY_EXPONENT: 17, BYTES: 18 } as const;
export const BEST = {
  EVENT_US: 0,
  UPDATE_ID: 8,
  PRICE_EXPONENT: 16,
  QTY_EXPONENT: 17,
  BID_PRICE: 18,
  BID_QTY: 26,
  ASK_PRICE: 34,
  ASK_QTY: 42,
  BYTES: 50,
} as const;
export const SNAPSHOT_ROOT = { EVENT_US: 0, UPDATE_ID: 8, PRICE_EXPONENT: 16, QTY_EXPONENT: 17, BYTES: 18 } as const;
export const DIFF = { EVENT_US: 0, FIRST_ID: 8, LAST_ID: 16, PRICE_EXPONENT: 24, QTY_EXPONENT: 25, BYTES: 26 } as const;

/** Offsets in group entries, and the least length of each. */
export const TRADE_ENTRY = { ID: 0, PRICE: 8, QTY: 16, IS_BUYER_MAKER: 24, BYTES: 25 } as const;
export const LEVEL_ENTRY = { PRICE: 0, QTY: 8, BYTES: 16 } as const;

/** Bytes of group dimensions. */
export const TRADES_DIMENSIONS_BYTES = 6;
export const LEVELS_DIMENSIONS_BYTES = 4;
