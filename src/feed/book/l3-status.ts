/** What the operations of an L3Book say. Below zero nothing was changed. */
export const L3 = {
  OK: 0,
  /** No order has this reference. */
  UNKNOWN_REF: -1,
  /** A live order has this reference already. */
  DUPLICATE_REF: -2,
  /** More was to be taken from an order than it has. */
  BELOW_ZERO: -3,
  /** A quantity of zero or below where one is needed. */
  BAD_QTY: -4,
  /** The book, or the pool that it shares, holds its capacity of orders. */
  ORDERS_FULL: -5,
  /** The side holds its capacity of levels. */
  LEVELS_FULL: -6,
} as const;
export type L3Status = (typeof L3)[keyof typeof L3];

/** When `modify` sends an order to the end of its level's queue. */
export const PRIORITY = {
  /** Its price changed or its quantity grew: CME, and DBN's action `M`. */
  LOST_BY_PRICE_OR_GROWTH: 0,
  LOST_BY_PRICE: 1,
  LOST_ALWAYS: 2,
} as const;
