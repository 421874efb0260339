import { assert } from '../core/assert.ts';
import { OPEN_ORDERS_MAX } from '../core/limits.ts';
import { REASONS_MAX } from './reasons.ts';

/**
 * Layout of one lane's risk state in shared memory: account, alarms, refusal counts and the order table. The lane writes,
 * any thread reads. A reader sees each number whole (aligned 8 bytes) but numbers of different moments side by side.
 */

/** Orders remembered, open and final: a report of one that was overwritten since is of an unknown order. */
export const ORDER_SLOTS = 4_096;
/** Parts of one order whose fills arrived ahead of an earlier fill. */
export const FILL_GAPS_MAX = 4;

/** float64 indexes of the account. Cash in tick-lots, quantities in lots. */
export const ACCOUNT = {
  /** Signed. */
  POSITION_LOTS: 0,
  /** Minus the signed cost of every fill: equity is cash plus the marked position minus fees. */
  CASH: 1,
  /** Signed cost of the present position; divided by it, the average entry price. */
  COST: 2,
  /** Of closed quantity, before fees: cash + cost, always. */
  REALISED: 3,
  /** Paid minus rebates. */
  FEES: 4,
  /** Leaves of all own orders that may still execute. */
  OPEN_BUY_LOTS: 5,
  OPEN_SELL_LOTS: 6,
  /** Sum of all filled quantities and of their notionals. */
  TRADED_LOTS: 7,
  TURNOVER: 8,
} as const;
export const ACCOUNT_DOUBLES = 16;

/** int32 indexes of the counters. */
export const RISK_COUNTER = {
  OPEN_ORDERS: 0,
  PENDING_CANCELS: 1,
  NEXT_ORDER_ID: 2,
  /** 1 when the loss limit latched. */
  LOSS_LATCHED: 3,
  INTENTS: 4,
  ORDERS_APPROVED: 5,
  CANCELS_APPROVED: 6,
  FILLS: 7,
  /** Reports that changed nothing because they were applied before. */
  DUPLICATES: 8,
  /** Fills of orders that were final: applied, and an alarm. */
  LATE_FILLS: 9,
  /** Alarms that trip K1. */
  OVERFILLS: 10,
  UNKNOWN_EXECUTIONS: 11,
  BAD_EXECUTIONS: 12,
  /** Records that found the journal ring full. An order is never among them, it is refused. */
  JOURNAL_LOST: 13,
} as const;
export const RISK_COUNTERS = 32;

/** States of an order (one machine for all venues). Those up to UNKNOWN may still execute and keep their exposure. */
export const ORDER_STATE = {
  FREE: 0,
  SENT: 1,
  ACCEPTED: 2,
  PARTIAL: 3,
  /** Sent, and nobody knows what became of it: full exposure until proof. */
  UNKNOWN: 4,
  FILLED: 5,
  CANCELED: 6,
  EXPIRED: 7,
  REJECTED: 8,
} as const;
export type OrderState = (typeof ORDER_STATE)[keyof typeof ORDER_STATE];

const I32_COLUMNS = 7;
const F64_COLUMNS = 3;

/** Bytes of one lane's risk state. */
export const RISK_STATE_BYTES =
  8 * (ACCOUNT_DOUBLES + ORDER_SLOTS * (F64_COLUMNS + 2 * FILL_GAPS_MAX)) +
  4 * (RISK_COUNTERS + REASONS_MAX + ORDER_SLOTS * I32_COLUMNS + OPEN_ORDERS_MAX);

/** The views. Rows of the order table are `order id & (ORDER_SLOTS - 1)`. */
export interface RiskStateViews {
  readonly account: Float64Array<SharedArrayBuffer>;
  readonly counters: Int32Array<SharedArrayBuffer>;
  /** Refusals by reason code. */
  readonly refusals: Int32Array<SharedArrayBuffer>;
  readonly qtyLots: Float64Array<SharedArrayBuffer>;
  /** Filled without a hole from the start. */
  readonly cumLots: Float64Array<SharedArrayBuffer>;
  /** Filled in all; above `cumLots` while a fill is missing. */
  readonly filledLots: Float64Array<SharedArrayBuffer>;
  /** Start and end of parts filled beyond a hole, FILL_GAPS_MAX pairs a row; 0, 0 is free. */
  readonly gapLots: Float64Array<SharedArrayBuffer>;
  readonly orderId: Int32Array<SharedArrayBuffer>;
  readonly orderState: Int32Array<SharedArrayBuffer>;
  /** As in the ORDER record. */
  readonly attributes: Int32Array<SharedArrayBuffer>;
  readonly priceTicks: Int32Array<SharedArrayBuffer>;
  readonly tag: Int32Array<SharedArrayBuffer>;
  /** 1 while a cancel is under way. */
  readonly pendingCancel: Int32Array<SharedArrayBuffer>;
  /** Place of the row in `openRows`. */
  readonly openIndex: Int32Array<SharedArrayBuffer>;
  /** Rows of open orders, OPEN_ORDERS of them. */
  readonly openRows: Int32Array<SharedArrayBuffer>;
}

/** Views on the state at `offset` (a multiple of 8). */
export function riskStateViews(buffer: SharedArrayBuffer, offset: number): RiskStateViews {
  assert(offset % 8 === 0 && offset + RISK_STATE_BYTES <= buffer.byteLength, 'Invariant: the risk state lies inside its memory');
  let at = offset;
  const f64 = (length: number): Float64Array<SharedArrayBuffer> => {
    const view = new Float64Array(buffer, at, length);
    at += 8 * length;
    return view;
  };
  const i32 = (length: number): Int32Array<SharedArrayBuffer> => {
    const view = new Int32Array(buffer, at, length);
    at += 4 * length;
    return view;
  };
  return {
    account: f64(ACCOUNT_DOUBLES),
    qtyLots: f64(ORDER_SLOTS),
    cumLots: f64(ORDER_SLOTS),
    filledLots: f64(ORDER_SLOTS),
    gapLots: f64(ORDER_SLOTS * 2 * FILL_GAPS_MAX),
    counters: i32(RISK_COUNTERS),
    refusals: i32(REASONS_MAX),
    orderId: i32(ORDER_SLOTS),
    orderState: i32(ORDER_SLOTS),
    attributes: i32(ORDER_SLOTS),
    priceTicks: i32(ORDER_SLOTS),
    tag: i32(ORDER_SLOTS),
    pendingCancel: i32(ORDER_SLOTS),
    openIndex: i32(ORDER_SLOTS),
    openRows: i32(OPEN_ORDERS_MAX),
  };
}

assert((ORDER_SLOTS & (ORDER_SLOTS - 1)) === 0, 'Invariant: the order table is a power of two');
assert(ORDER_SLOTS >= 8 * OPEN_ORDERS_MAX, 'Invariant: the order table remembers many more orders than may be open');
