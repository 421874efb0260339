/**
 * Payloads of the decision records. They are what the decision journal holds, so they carry data times only.
 *
 *   SIGNAL     32 f32 x 4 model outputs  48 i32 bid ticks  52 i32 ask ticks  56 i32 position lots  60 i32 action
 *   ORDER      32 i32 order id  36 i32 attributes  40 i32 price ticks  44 i32 reason  48 f64 quantity lots
 *              56 i32 reference price ticks  60 i32 tag of the strategy
 *   CANCEL     32 i32 order id  36 i32 0  40 i32 0  44 i32 reason  48 f64 0  56 i32 0  60 i32 tag
 *   EXECUTION  32 i32 order id  36 i32 status  40 i32 price ticks  44 i32 liquidity  48 f64 last quantity lots
 *              56 f64 leaves lots
 *   RISK_STATE 32 i32 state  36 i32 reason
 *
 * Attributes of an order: bit 0 side (SIDE), bits 1-3 type, bits 4-6 time in force, bit 7 reduce-only, bit 8 post-only.
 */
export const SIGNAL_F32_OUTPUTS = 8;
export const SIGNAL_OUTPUTS = 4;
export const SIGNAL_W_BID_TICKS = 12;
export const SIGNAL_W_ASK_TICKS = 13;
export const SIGNAL_W_POSITION_LOTS = 14;
export const SIGNAL_W_ACTION = 15;

export const ORDER_W_ID = 8;
export const ORDER_W_ATTRIBUTES = 9;
export const ORDER_W_PRICE_TICKS = 10;
export const ORDER_W_REASON = 11;
export const ORDER_D_QTY_LOTS = 6;
export const ORDER_W_REFERENCE_TICKS = 14;
export const ORDER_W_TAG = 15;

export const EXECUTION_W_ORDER_ID = 8;
export const EXECUTION_W_STATUS = 9;
export const EXECUTION_W_PRICE_TICKS = 10;
export const EXECUTION_W_LIQUIDITY = 11;
export const EXECUTION_D_LAST_LOTS = 6;
export const EXECUTION_D_LEAVES_LOTS = 7;

export const RISK_STATE_W_STATE = 8;
export const RISK_STATE_W_REASON = 9;

export const ORDER_TYPE = { LIMIT: 0, MARKET: 1 } as const;
export type OrderType = (typeof ORDER_TYPE)[keyof typeof ORDER_TYPE];

/** Time in force: good till cancelled, immediate or cancel, fill or kill. */
export const TIME_IN_FORCE = { GTC: 0, IOC: 1, FOK: 2 } as const;
export type TimeInForce = (typeof TIME_IN_FORCE)[keyof typeof TIME_IN_FORCE];

export const ATTRIBUTE_SIDE_MASK = 1;
export const ATTRIBUTE_TYPE_SHIFT = 1;
export const ATTRIBUTE_TIF_SHIFT = 4;
export const ATTRIBUTE_REDUCE_ONLY = 1 << 7;
export const ATTRIBUTE_POST_ONLY = 1 << 8;

/** Packs an order's attributes into one int32. */
export function orderAttributes(side: number, type: number, timeInForce: number, flags: number): number {
  return side | (type << ATTRIBUTE_TYPE_SHIFT) | (timeInForce << ATTRIBUTE_TIF_SHIFT) | flags;
}

/** What an execution report says; the order life cycle of the order manager follows from it. */
export const EXECUTION = {
  ACCEPTED: 1,
  PARTIAL_FILL: 2,
  FILL: 3,
  CANCELED: 4,
  REJECTED: 5,
  EXPIRED: 6,
  CANCEL_REJECTED: 7,
} as const;
export type ExecutionStatus = (typeof EXECUTION)[keyof typeof EXECUTION];

export const LIQUIDITY = { NONE: 0, MAKER: 1, TAKER: 2 } as const;
export type Liquidity = (typeof LIQUIDITY)[keyof typeof LIQUIDITY];
