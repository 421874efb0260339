/**
 * hftbacktest's event (hftbacktest/src/types.rs, 2.x), 64 bytes, little endian:
 *
 *   byte  0  u64  ev        flags and kind
 *         8  i64  exch_ts   venue time, epoch ns
 *        16  i64  local_ts  local receive time, epoch ns; both 0 in a snapshot that has no time
 *        24  f64  px
 *        32  f64  qty       0 removes a level
 *        40  u64  order_id  of orders only
 *        48  i64  ival
 *        56  f64  fval
 */
export const EVENT_BYTES = 64;
export const EVENT_AT = { EV: 0, EXCH_TS: 8, LOCAL_TS: 16, PX: 24, QTY: 32, ORDER_ID: 40, IVAL: 48, FVAL: 56 } as const;

/** Flags, bits 28 to 31 of `ev`. */
export const EVENT_FLAG = {
  /** Part of what the exchange sees, at `exch_ts`. */
  EXCH: 1 << 31,
  /** Part of what the local side sees, at `local_ts`. */
  LOCAL: 1 << 30,
  BUY: 1 << 29,
  SELL: 1 << 28,
} as const;

/** Low byte of `ev`. */
export const EVENT = {
  DEPTH: 1,
  TRADE: 2,
  /** Removes the levels of a side from the best through `px`; all of them where `px` is no number. */
  DEPTH_CLEAR: 3,
  DEPTH_SNAPSHOT: 4,
  DEPTH_BBO: 5,
  ADD_ORDER: 10,
  CANCEL_ORDER: 11,
  MODIFY_ORDER: 12,
  FILL: 13,
} as const;

/** The fields as NumPy describes them. */
export const EVENT_FIELDS: readonly (readonly [name: string, type: string])[] = [
  ['ev', '<u8'],
  ['exch_ts', '<i8'],
  ['local_ts', '<i8'],
  ['px', '<f8'],
  ['qty', '<f8'],
  ['order_id', '<u8'],
  ['ival', '<i8'],
  ['fval', '<f8'],
];

/** Name of the array in an archive. */
export const EVENT_ARRAY = 'data.npy';
