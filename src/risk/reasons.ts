/**
 * Why the gate refused an order: 100 times the number of the control (docs/risk.md) plus a variant. 0 is approved.
 * Variants below 90: the rule was broken; from 90: an input of the rule is missing, which refuses too. 90xx: the gate's
 * own mechanics. 100 x n + v of the controls not listed here (n up to 36) is reserved for them. Codes are journaled, so one
 * that was used never changes its meaning.
 */
export const REASON = {
  APPROVED: 0,

  /** 1: quantity above the largest allowed for one order. */
  MAX_QTY: 101,
  MAX_QTY_LIMIT_MISSING: 190,

  /** 2: quantity times worst price above the largest allowed notional. */
  MAX_NOTIONAL: 201,
  MAX_NOTIONAL_LIMIT_MISSING: 290,

  /** 4: spread above its limit and no recent trade to stand in for the mid price. */
  REFERENCE_INVALID: 401,
  REFERENCE_LIMIT_MISSING: 490,

  /** 5: price beyond the collar around the reference price. */
  PRICE_COLLAR: 501,
  PRICE_COLLAR_LIMIT_MISSING: 590,

  /** 7: limit price outside the instrument's allowed range, or not a positive number of ticks. */
  PRICE_INVALID: 701,
  /** 7: quantity is not a positive whole number of lots. */
  QTY_INVALID: 702,
  PRICE_RANGE_MISSING: 790,

  /** 8: instrument is not on the allow-list. */
  INSTRUMENT_NOT_ALLOWED: 801,

  /** 10: last book or ticker update older than the limit. */
  DATA_STALE: 1001,
  /** 10: last update lies after the decision: one of the two times is wrong. */
  DATA_TIME_AHEAD: 1002,
  DATA_AGE_LIMIT_MISSING: 1090,
  /** 10: no book or ticker update yet. */
  DATA_TIME_MISSING: 1091,
  /** 10: no decision time yet. */
  DECISION_TIME_MISSING: 1092,

  /** 11: book is not LIVE. */
  BOOK_NOT_LIVE: 1101,
  /** 11: state of the book was never told. */
  BOOK_STATE_MISSING: 1190,

  /** 12: best bid above best ask. */
  BOOK_CROSSED: 1201,
  /** 12: best bid equals best ask. */
  BOOK_LOCKED: 1202,
  /** 12: one side of the book has no price. */
  TOP_MISSING: 1290,

  /** 14: position with all open orders filled would exceed the long or short limit. */
  POSITION_LIMIT: 1401,
  POSITION_LIMIT_MISSING: 1490,

  /** 17: as many orders open as allowed. */
  OPEN_ORDERS: 1701,
  OPEN_ORDERS_LIMIT_MISSING: 1790,

  /** 18: as many orders in the last second as allowed. */
  ORDER_RATE_1S: 1801,
  /** 18: as many orders in the last ten seconds as allowed. */
  ORDER_RATE_10S: 1802,
  /** 18: decision time lies before the last approved order, so the window cannot be counted. */
  ORDER_RATE_TIME: 1803,
  ORDER_RATE_LIMIT_MISSING: 1890,

  /** 25: profit and loss below the loss limit; latched. */
  LOSS_LIMIT: 2501,
  LOSS_LIMIT_MISSING: 2590,

  /** 28: side, type, time in force or flags outside what the gate knows. */
  ORDER_KIND: 2801,

  /** 29: a reduce-only order that would not only reduce, open orders counted. */
  REDUCE_ONLY: 2901,

  /** 30: kill switch at K1, no new risk; reduce-only orders and cancels pass. */
  KILL_K1: 3001,
  /** 30: kill switch at K2, no orders; every open order is being cancelled. */
  KILL_K2: 3002,
  /** 30: kill switch at K3, no orders and no session. */
  KILL_K3: 3003,
  /** 30: tripped by a person or another thread. Reason of a RISK_STATE record, never of an order. */
  KILL_REQUESTED: 3010,
  /** 30: tripped by the gate: a report of an order it does not know, so the position is unknown. */
  KILL_UNKNOWN_EXECUTION: 3011,
  /** 30: tripped by the gate: a report filled more than was ordered or contradicts an earlier one. */
  KILL_OVERFILL: 3012,
  /** 30: tripped by the gate: a report whose price or quantity cannot be accounted for. */
  KILL_BAD_EXECUTION: 3013,

  /** The approved-order ring has no room beyond what cancels of all open orders may need. */
  APPROVED_RING_FULL: 9001,
  /** The journal ring is full: an order that cannot be journaled is not sent. */
  JOURNAL_RING_FULL: 9002,
  /** Every order id of the session was used. */
  ORDER_IDS_EXHAUSTED: 9003,
  /** A cancel of an order that is not open. */
  CANCEL_NOT_OPEN: 9004,
  /** A cancel of an order whose cancel is already under way. */
  CANCEL_PENDING: 9005,
  /** An intent that is neither an order nor a cancel. */
  INTENT_KIND: 9006,
} as const;
export type Reason = (typeof REASON)[keyof typeof REASON];

/** One above the largest reason code: the length of an array indexed by reason. */
export const REASONS_MAX = 10_000;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(REASON).map(([name, code]) => [code, name.toLowerCase()] as const));

/** Name of a reason as summaries and metrics show it, e.g. `max_qty`; `reason_<code>` for a code of a later version. */
export function reasonName(code: number): string {
  return NAMES.get(code) ?? `reason_${code}`;
}
