import { OPEN_ORDERS_MAX } from '../core/limits.ts';
import { RECORD_DOUBLES, RECORD_WORDS } from '../core/records/layout.ts';
import { SIDE } from '../core/records/market.ts';
import {
  ATTRIBUTE_SIDE_MASK,
  EXECUTION,
  EXECUTION_D_LAST_LOTS,
  EXECUTION_D_LEAVES_LOTS,
  EXECUTION_W_LIQUIDITY,
  EXECUTION_W_ORDER_ID,
  EXECUTION_W_PRICE_TICKS,
  EXECUTION_W_STATUS,
  LIQUIDITY,
} from '../core/records/order.ts';
import { ACCOUNT, FILL_GAPS_MAX, ORDER_SLOTS, ORDER_STATE, RISK_COUNTER, type RiskStateViews } from './state.ts';

/** What became of an execution report. Below zero the position can no longer be trusted: the gate trips K1. */
export const APPLIED = {
  OK: 0,
  /** Said before; nothing changed. */
  DUPLICATE: 1,
  /** A fill of a final order: applied. */
  LATE_FILL: 2,
  /** No such order in the table: nothing could be applied. */
  UNKNOWN_ORDER: -1,
  /** More than was ordered, or in contradiction with an earlier report; what was plausible is applied. */
  OVERFILL: -2,
  /** Price, quantity or status that cannot be accounted for: nothing applied. */
  BAD_EXECUTION: -3,
} as const;
export type Applied = (typeof APPLIED)[keyof typeof APPLIED];

const ROW_MASK = ORDER_SLOTS - 1;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const PPM_ONE = 1_000_000;
/** Largest divisor of `mulDivFloor`: doubling a remainder below it is exact. */
const TOP_BIT = 2 ** 52;

/**
 * Own orders, position and money of one lane: applies approvals and execution reports to the shared state. Exposure is
 * reserved when an order is sent and leaves only with proof: a fill, a cancel, an expiry, a rejection. Called by the gate
 * once per approved order and once per report; budget 50 ns. Integers throughout.
 */
export class Positions {
  readonly views: RiskStateViews;
  private readonly makerFeePpm: number;
  private readonly takerFeePpm: number;

  constructor(views: RiskStateViews, makerFeePpm: number, takerFeePpm: number) {
    this.views = views;
    this.makerFeePpm = makerFeePpm;
    this.takerFeePpm = takerFeePpm;
    if (views.counters[RISK_COUNTER.NEXT_ORDER_ID] === 0) views.counters[RISK_COUNTER.NEXT_ORDER_ID] = 1;
  }

  /**
   * The next order id whose row is free or final; ids rise by one but step over rows of orders still open. At most
   * OPEN_ORDERS_MAX steps.
   */
  nextOrderId(): number {
    const states = this.views.orderState;
    let id = this.views.counters[RISK_COUNTER.NEXT_ORDER_ID]!;
    for (let i = 0; i < OPEN_ORDERS_MAX; i++) {
      const state = states[id & ROW_MASK]!;
      if (state === ORDER_STATE.FREE || state > ORDER_STATE.UNKNOWN) break;
      id++;
    }
    return id;
  }

  /** Registers an order as SENT and reserves its exposure. `id` is from `nextOrderId`; the open count was checked. */
  open(id: number, attributes: number, priceTicks: number, qtyLots: number, tag: number): void {
    const v = this.views;
    const row = id & ROW_MASK;
    v.orderId[row] = id;
    v.orderState[row] = ORDER_STATE.SENT;
    v.attributes[row] = attributes;
    v.priceTicks[row] = priceTicks;
    v.tag[row] = tag;
    v.pendingCancel[row] = 0;
    v.qtyLots[row] = qtyLots;
    v.cumLots[row] = 0;
    v.filledLots[row] = 0;
    const gap = row * 2 * FILL_GAPS_MAX;
    for (let i = 0; i < 2 * FILL_GAPS_MAX; i++) v.gapLots[gap + i] = 0;
    const open = v.counters[RISK_COUNTER.OPEN_ORDERS]!;
    v.openRows[open] = row;
    v.openIndex[row] = open;
    v.counters[RISK_COUNTER.OPEN_ORDERS] = open + 1;
    v.counters[RISK_COUNTER.NEXT_ORDER_ID] = id + 1;
    const side = (attributes & ATTRIBUTE_SIDE_MASK) === SIDE.BUY ? ACCOUNT.OPEN_BUY_LOTS : ACCOUNT.OPEN_SELL_LOTS;
    v.account[side] = v.account[side]! + qtyLots;
  }

  /** Row of an order that may still execute, or -1. */
  openRow(id: number): number {
    const row = id & ROW_MASK;
    const state = this.views.orderState[row]!;
    if (this.views.orderId[row] !== id || state === ORDER_STATE.FREE || state > ORDER_STATE.UNKNOWN) return -1;
    return row;
  }

  /** Row of an order, open or final, or -1 when it is not remembered. */
  row(id: number): number {
    const row = id & ROW_MASK;
    return this.views.orderId[row] === id && this.views.orderState[row] !== ORDER_STATE.FREE ? row : -1;
  }

  /** Marks a cancel as under way; the exposure stays. */
  beginCancel(row: number): void {
    this.views.pendingCancel[row] = 1;
    this.views.counters[RISK_COUNTER.PENDING_CANCELS] = this.views.counters[RISK_COUNTER.PENDING_CANCELS]! + 1;
  }

  /** Applies one EXECUTION record; returns APPLIED. */
  apply(i32: Int32Array, f64: Float64Array, slot: number): number {
    const word = slot * RECORD_WORDS;
    const v = this.views;
    const row = this.row(i32[word + EXECUTION_W_ORDER_ID]!);
    if (row < 0) return this.count(RISK_COUNTER.UNKNOWN_EXECUTIONS, APPLIED.UNKNOWN_ORDER);
    const state = v.orderState[row]!;
    const final = state > ORDER_STATE.UNKNOWN;
    switch (i32[word + EXECUTION_W_STATUS]) {
      case EXECUTION.ACCEPTED:
        if (state !== ORDER_STATE.SENT && state !== ORDER_STATE.UNKNOWN) return this.count(RISK_COUNTER.DUPLICATES, APPLIED.DUPLICATE);
        v.orderState[row] = ORDER_STATE.ACCEPTED;
        return APPLIED.OK;
      case EXECUTION.PARTIAL_FILL:
      case EXECUTION.FILL:
        return this.fill(row, i32, f64, slot);
      case EXECUTION.CANCELED:
        return final ? this.count(RISK_COUNTER.DUPLICATES, APPLIED.DUPLICATE) : this.finish(row, ORDER_STATE.CANCELED);
      case EXECUTION.EXPIRED:
        return final ? this.count(RISK_COUNTER.DUPLICATES, APPLIED.DUPLICATE) : this.finish(row, ORDER_STATE.EXPIRED);
      case EXECUTION.REJECTED:
        if (final) return this.count(RISK_COUNTER.DUPLICATES, APPLIED.DUPLICATE);
        this.finish(row, ORDER_STATE.REJECTED);
        return v.filledLots[row]! > 0 ? this.count(RISK_COUNTER.OVERFILLS, APPLIED.OVERFILL) : APPLIED.OK;
      case EXECUTION.CANCEL_REJECTED:
        if (v.pendingCancel[row] === 0) return this.count(RISK_COUNTER.DUPLICATES, APPLIED.DUPLICATE);
        this.endCancel(row);
        return APPLIED.OK;
      default:
        return this.count(RISK_COUNTER.BAD_EXECUTIONS, APPLIED.BAD_EXECUTION);
    }
  }

  /**
   * Equity in tick-lots: cash plus the position at the price it could be closed at (long at bid, short at ask) minus fees.
   */
  equityTickLots(bidTicks: number, askTicks: number): number {
    const account = this.views.account;
    const position = account[ACCOUNT.POSITION_LOTS]!;
    const mark = position > 0 ? bidTicks : askTicks;
    const value = position === 0 ? 0 : position * mark;
    return account[ACCOUNT.CASH]! + value - account[ACCOUNT.FEES]!;
  }

  /**
   * A fill is the half-open part [quantity - leaves - last, quantity - leaves) of its order, so a repeated report and one
   * that overtook another are both recognised, in any order of arrival, and no part is applied twice.
   */
  private fill(row: number, i32: Int32Array, f64: Float64Array, slot: number): number {
    const v = this.views;
    const priceTicks = i32[slot * RECORD_WORDS + EXECUTION_W_PRICE_TICKS]!;
    const last = f64[slot * RECORD_DOUBLES + EXECUTION_D_LAST_LOTS]!;
    const leaves = f64[slot * RECORD_DOUBLES + EXECUTION_D_LEAVES_LOTS]!;
    const plausible = last > 0 && Math.floor(last) === last && Math.floor(leaves) === leaves && Math.abs(leaves) <= MAX_SAFE;
    if (!plausible || priceTicks <= 0 || last > MAX_SAFE / priceTicks) {
      return this.count(RISK_COUNTER.BAD_EXECUTIONS, APPLIED.BAD_EXECUTION);
    }
    const qty = v.qtyLots[row]!;
    const cum = v.cumLots[row]!;
    let end = qty - leaves;
    let start = end - last;
    if (start >= 0 && end <= cum) return this.count(RISK_COUNTER.DUPLICATES, APPLIED.DUPLICATE);
    const over = end > qty || start < cum;
    if (end > qty) end = qty;
    if (start < cum) start = cum;
    if (start >= end) return this.count(RISK_COUNTER.OVERFILLS, APPLIED.OVERFILL);
    if (start !== cum || v.filledLots[row] !== cum) {
      const status = this.fitGap(row, start, end);
      if (status !== APPLIED.OK) return status;
    }
    const lots = end - start;
    const wasFinal = v.orderState[row]! > ORDER_STATE.UNKNOWN;
    const safe = this.book(v.attributes[row]! & ATTRIBUTE_SIDE_MASK, priceTicks, lots, i32[slot * RECORD_WORDS + EXECUTION_W_LIQUIDITY]!);
    v.filledLots[row] = v.filledLots[row]! + lots;
    if (start === cum) this.extend(row, end);
    if (!wasFinal) {
      this.release(row, lots);
      if (v.filledLots[row] === qty) this.finish(row, ORDER_STATE.FILLED);
      else v.orderState[row] = ORDER_STATE.PARTIAL;
    }
    v.counters[RISK_COUNTER.FILLS] = v.counters[RISK_COUNTER.FILLS]! + 1;
    if (wasFinal) this.count(RISK_COUNTER.LATE_FILLS, APPLIED.LATE_FILL);
    if (over) return this.count(RISK_COUNTER.OVERFILLS, APPLIED.OVERFILL);
    if (!safe) return this.count(RISK_COUNTER.BAD_EXECUTIONS, APPLIED.BAD_EXECUTION);
    return wasFinal ? APPLIED.LATE_FILL : APPLIED.OK;
  }

  /** Compares [start, end) with the parts beyond a hole and, when it stands beyond one itself, stores it. */
  private fitGap(row: number, start: number, end: number): number {
    const gaps = this.views.gapLots;
    const base = row * 2 * FILL_GAPS_MAX;
    let free = -1;
    for (let i = 0; i < FILL_GAPS_MAX; i++) {
      const at = base + 2 * i;
      const gapStart = gaps[at]!;
      const gapEnd = gaps[at + 1]!;
      if (gapEnd === 0) {
        free = at;
        continue;
      }
      if (start >= gapStart && end <= gapEnd) return this.count(RISK_COUNTER.DUPLICATES, APPLIED.DUPLICATE);
      if (start < gapEnd && end > gapStart) return this.count(RISK_COUNTER.OVERFILLS, APPLIED.OVERFILL);
    }
    if (start === this.views.cumLots[row]) return APPLIED.OK;
    if (free < 0) return this.count(RISK_COUNTER.BAD_EXECUTIONS, APPLIED.BAD_EXECUTION);
    gaps[free] = start;
    gaps[free + 1] = end;
    return APPLIED.OK;
  }

  /** Moves the filled front to `end` and over every stored part that now joins it. */
  private extend(row: number, end: number): void {
    const gaps = this.views.gapLots;
    const base = row * 2 * FILL_GAPS_MAX;
    let front = end;
    for (let pass = 0; pass < FILL_GAPS_MAX; pass++) {
      for (let i = 0; i < FILL_GAPS_MAX; i++) {
        const at = base + 2 * i;
        if (gaps[at + 1]! === 0 || gaps[at]! !== front) continue;
        front = gaps[at + 1]!;
        gaps[at] = 0;
        gaps[at + 1] = 0;
      }
    }
    this.views.cumLots[row] = front;
  }

  /** Books one fill: cash, cost by proportion of what is closed, realised result, fee. False when a sum left the exact range. */
  private book(side: number, priceTicks: number, lots: number, liquidity: number): boolean {
    const account = this.views.account;
    const sign = side === SIDE.BUY ? 1 : -1;
    const position = account[ACCOUNT.POSITION_LOTS]!;
    const notional = lots * priceTicks;
    const opposite = position * sign < 0;
    const held = Math.abs(position);
    const closing = opposite ? (lots < held ? lots : held) : 0;
    let cost = account[ACCOUNT.COST]!;
    if (closing > 0) {
      const released = closing === held ? Math.abs(cost) : mulDivFloor(Math.abs(cost), closing, held);
      cost += sign * released;
    }
    cost += sign * (lots - closing) * priceTicks;
    const cash = account[ACCOUNT.CASH]! - sign * notional;
    const feePpm = liquidity === LIQUIDITY.MAKER ? this.makerFeePpm : this.takerFeePpm;
    const millions = Math.floor(notional / PPM_ONE);
    const fees = account[ACCOUNT.FEES]! + millions * feePpm + Math.ceil(((notional - millions * PPM_ONE) * feePpm) / PPM_ONE);
    const turnover = account[ACCOUNT.TURNOVER]! + notional;
    account[ACCOUNT.POSITION_LOTS] = position + sign * lots;
    account[ACCOUNT.COST] = cost;
    account[ACCOUNT.CASH] = cash;
    account[ACCOUNT.REALISED] = cash + cost;
    account[ACCOUNT.FEES] = fees;
    account[ACCOUNT.TRADED_LOTS] = account[ACCOUNT.TRADED_LOTS]! + lots;
    account[ACCOUNT.TURNOVER] = turnover;
    return Math.abs(cash) <= MAX_SAFE && Math.abs(cost) <= MAX_SAFE && Math.abs(fees) <= MAX_SAFE && turnover <= MAX_SAFE;
  }

  /** Ends an order: what is left of its exposure is released. */
  private finish(row: number, state: number): number {
    const v = this.views;
    this.release(row, v.qtyLots[row]! - v.filledLots[row]!);
    if (v.pendingCancel[row] === 1) this.endCancel(row);
    v.orderState[row] = state;
    const last = v.counters[RISK_COUNTER.OPEN_ORDERS]! - 1;
    const at = v.openIndex[row]!;
    const moved = v.openRows[last]!;
    v.openRows[at] = moved;
    v.openIndex[moved] = at;
    v.counters[RISK_COUNTER.OPEN_ORDERS] = last;
    return APPLIED.OK;
  }

  private release(row: number, lots: number): void {
    const side = (this.views.attributes[row]! & ATTRIBUTE_SIDE_MASK) === SIDE.BUY ? ACCOUNT.OPEN_BUY_LOTS : ACCOUNT.OPEN_SELL_LOTS;
    this.views.account[side] = this.views.account[side]! - lots;
  }

  private endCancel(row: number): void {
    this.views.pendingCancel[row] = 0;
    this.views.counters[RISK_COUNTER.PENDING_CANCELS] = this.views.counters[RISK_COUNTER.PENDING_CANCELS]! - 1;
  }

  private count(counter: number, status: number): number {
    this.views.counters[counter] = this.views.counters[counter]! + 1;
    return status;
  }
}

/** floor(a * b / m) for safe integers a >= 0 and 0 <= b <= m <= 2^52, exactly, though a * b may not be exact itself. */
export function mulDivFloor(a: number, b: number, m: number): number {
  const whole = Math.floor(a / m);
  const rest = a - whole * m;
  if (rest * b <= MAX_SAFE) return whole * b + Math.floor((rest * b) / m);
  let quotient = 0;
  let remainder = 0;
  let left = b;
  for (let bit = TOP_BIT; bit >= 1; bit /= 2) {
    quotient *= 2;
    remainder *= 2;
    if (remainder >= m) {
      remainder -= m;
      quotient++;
    }
    if (left < bit) continue;
    left -= bit;
    remainder += rest;
    if (remainder >= m) {
      remainder -= m;
      quotient++;
    }
  }
  return whole * b + quotient;
}
