import { PRICE_NONE } from '../core/price.ts';
import { BOOK_STATE, SIDE } from '../core/records/market.ts';
import { ATTRIBUTE_POST_ONLY, ATTRIBUTE_REDUCE_ONLY, ORDER_TYPE, TIME_IN_FORCE } from '../core/records/order.ts';
import { KILL_LEVEL } from './kill-switch.ts';
import { LIMIT_MISSING, RATE_WINDOW_ORDERS_MAX, type RiskLimits } from './limits.ts';
import { REASON } from './reasons.ts';
import { ACCOUNT, RISK_COUNTER, type RiskStateViews } from './state.ts';

/** Columns of intents as the gate reads them; the strategy's batch has this shape. Rows are unchecked. */
export interface IntentColumns {
  /** 0 new order, 1 cancel. */
  readonly kind: Int32Array;
  readonly side: Int32Array;
  readonly type: Int32Array;
  readonly timeInForce: Int32Array;
  readonly flags: Int32Array;
  readonly priceTicks: Int32Array;
  readonly qtyLots: Float64Array;
  readonly orderId: Int32Array;
  readonly tag: Int32Array;
}

/** float64 indexes of the times a check sees; data times, ns since the run's base, or TIME_NONE. */
export const TIME = { NOW: 0, EXCHANGE: 1, TICK: 2, TOP: 3, TRADE: 4, LAST_ORDER: 5 } as const;
const TIMES = 8;
/** "Never": below every time of a run. */
export const TIME_NONE = -Number.MAX_SAFE_INTEGER;

const KNOWN_FLAGS = ATTRIBUTE_REDUCE_ONLY | ATTRIBUTE_POST_ONLY;
const BOOK_STATE_UNTOLD = -1;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const PPM_ONE = 1_000_000;
const RATE_MASK = RATE_WINDOW_ORDERS_MAX - 1;
const WINDOW_1S_NS = 1_000_000_000;
const WINDOW_10S_NS = 10_000_000_000;

/**
 * The pre-trade controls: a pure function of limits, account, market and times, all of them journaled. Called by the gate
 * once per intent; budget 100 ns. Every comparison is on integers; the products are exact by `checkRiskLimits`, and one
 * that is not exceeds every limit it is compared with. Controls run in the order of docs/risk.md; the first that refuses
 * gives the reason.
 */
export class RiskCheck {
  /** TIME. */
  readonly times = new Float64Array(TIMES);
  bookState = BOOK_STATE_UNTOLD;
  bidTicks = PRICE_NONE;
  askTicks = PRICE_NONE;
  tradeTicks = PRICE_NONE;
  /** Of the last order that passed the price controls: reference price (rounded down) and worst price. */
  referenceTicks = 0;
  worstTicks = 0;
  private readonly limits: RiskLimits;
  private readonly views: RiskStateViews;
  private readonly allowed: boolean;
  /** Times of approved orders, the newest at `sent - 1`. */
  private readonly sentNs = new Float64Array(RATE_WINDOW_ORDERS_MAX);
  private sent = 0;
  /** Twice the reference price, so that a mid of half a tick is exact. */
  private referenceTwice = 0;

  constructor(limits: RiskLimits, views: RiskStateViews) {
    this.limits = limits;
    this.views = views;
    this.allowed = limits.allowed;
    this.times.fill(TIME_NONE);
  }

  /** REASON of the order in row `at`; `killLevel` as loaded for this order. */
  order(columns: IntentColumns, at: number, killLevel: number): number {
    const side = columns.side[at]!;
    const flags = columns.flags[at]!;
    const reduceOnly = (flags & ATTRIBUTE_REDUCE_ONLY) !== 0;
    let reason = this.permission(columns, at, killLevel, reduceOnly);
    if (reason !== REASON.APPROVED) return reason;
    reason = this.market();
    if (reason !== REASON.APPROVED) return reason;
    const qtyLots = columns.qtyLots[at]!;
    const market = columns.type[at] === ORDER_TYPE.MARKET;
    reason = this.size(market, columns.priceTicks[at]!, qtyLots);
    if (reason !== REASON.APPROVED) return reason;
    reason = this.price(side, market, columns.priceTicks[at]!);
    if (reason !== REASON.APPROVED) return reason;
    if (this.limits.maxNotionalTickLots === LIMIT_MISSING) return REASON.MAX_NOTIONAL_LIMIT_MISSING;
    if (qtyLots * this.worstTicks > this.limits.maxNotionalTickLots) return REASON.MAX_NOTIONAL;
    reason = this.exposure(side, qtyLots, reduceOnly);
    if (reason !== REASON.APPROVED) return reason;
    if (!reduceOnly && this.lossBreached()) return REASON.LOSS_LIMIT;
    return this.rate();
  }

  /** Counts an approved order in the rate windows. */
  onSent(): void {
    const now = this.times[TIME.NOW]!;
    this.sentNs[this.sent & RATE_MASK] = now;
    this.sent++;
    this.times[TIME.LAST_ORDER] = now;
  }

  /** True when a loss limit is set, the position can be marked and equity lies below minus the limit. */
  lossBreached(): boolean {
    const account = this.views.account;
    const position = account[ACCOUNT.POSITION_LOTS]!;
    const limit = this.limits.maxLossTickLots;
    if (limit === LIMIT_MISSING || (position !== 0 && !this.marked())) return false;
    const value = position === 0 ? 0 : position * (position > 0 ? this.bidTicks : this.askTicks);
    return account[ACCOUNT.CASH]! + value - account[ACCOUNT.FEES]! < -limit;
  }

  /** Controls 30, 25 (latched), 28 and 8. */
  private permission(columns: IntentColumns, at: number, killLevel: number, reduceOnly: boolean): number {
    if (killLevel >= KILL_LEVEL.K3) return REASON.KILL_K3;
    if (killLevel === KILL_LEVEL.K2) return REASON.KILL_K2;
    if (this.limits.maxLossTickLots === LIMIT_MISSING) return REASON.LOSS_LIMIT_MISSING;
    if (!reduceOnly) {
      if (this.views.counters[RISK_COUNTER.LOSS_LATCHED] !== 0) return REASON.LOSS_LIMIT;
      if (killLevel !== KILL_LEVEL.NONE) return REASON.KILL_K1;
    }
    const side = columns.side[at]!;
    const type = columns.type[at]!;
    const timeInForce = columns.timeInForce[at]!;
    const flags = columns.flags[at]!;
    if (side !== SIDE.BUY && side !== SIDE.SELL) return REASON.ORDER_KIND;
    if ((flags & ~KNOWN_FLAGS) !== 0) return REASON.ORDER_KIND;
    if (type === ORDER_TYPE.MARKET) {
      if (timeInForce !== TIME_IN_FORCE.IOC || (flags & ATTRIBUTE_POST_ONLY) !== 0) return REASON.ORDER_KIND;
    } else if (type === ORDER_TYPE.LIMIT) {
      if (timeInForce < TIME_IN_FORCE.GTC || timeInForce > TIME_IN_FORCE.FOK) return REASON.ORDER_KIND;
      if ((flags & ATTRIBUTE_POST_ONLY) !== 0 && timeInForce !== TIME_IN_FORCE.GTC) return REASON.ORDER_KIND;
    } else {
      return REASON.ORDER_KIND;
    }
    return this.allowed ? REASON.APPROVED : REASON.INSTRUMENT_NOT_ALLOWED;
  }

  /** Controls 11, 10 and 12. */
  private market(): number {
    if (this.bookState === BOOK_STATE_UNTOLD) return REASON.BOOK_STATE_MISSING;
    if (this.bookState !== BOOK_STATE.LIVE) return REASON.BOOK_NOT_LIVE;
    const now = this.times[TIME.NOW]!;
    const top = this.times[TIME.TOP]!;
    if (this.limits.maxDataAgeNs === LIMIT_MISSING) return REASON.DATA_AGE_LIMIT_MISSING;
    if (now === TIME_NONE) return REASON.DECISION_TIME_MISSING;
    if (top === TIME_NONE) return REASON.DATA_TIME_MISSING;
    if (top > now) return REASON.DATA_TIME_AHEAD;
    if (now - top > this.limits.maxDataAgeNs) return REASON.DATA_STALE;
    if (this.bidTicks === PRICE_NONE || this.askTicks === PRICE_NONE) return REASON.TOP_MISSING;
    if (this.bidTicks > this.askTicks) return REASON.BOOK_CROSSED;
    return this.bidTicks === this.askTicks ? REASON.BOOK_LOCKED : REASON.APPROVED;
  }

  /** Controls 7 and 1. */
  private size(market: boolean, priceTicks: number, qtyLots: number): number {
    const limits = this.limits;
    if (limits.minPriceTicks === LIMIT_MISSING || limits.maxPriceTicks === LIMIT_MISSING) return REASON.PRICE_RANGE_MISSING;
    if (!market && (priceTicks < limits.minPriceTicks || priceTicks > limits.maxPriceTicks)) return REASON.PRICE_INVALID;
    // Written so that NaN and infinities fail.
    if (!(qtyLots > 0 && qtyLots <= MAX_SAFE && Math.floor(qtyLots) === qtyLots)) return REASON.QTY_INVALID;
    if (limits.maxOrderLots === LIMIT_MISSING) return REASON.MAX_QTY_LIMIT_MISSING;
    return qtyLots > limits.maxOrderLots ? REASON.MAX_QTY : REASON.APPROVED;
  }

  /** Controls 4 and 5; leaves the reference and the worst price. */
  private price(side: number, market: boolean, priceTicks: number): number {
    const reason = this.reference();
    if (reason !== REASON.APPROVED) return reason;
    const collarPpm = this.limits.collarPpm;
    if (collarPpm === LIMIT_MISSING) return REASON.PRICE_COLLAR_LIMIT_MISSING;
    const twice = this.referenceTwice;
    this.referenceTicks = Math.floor(twice / 2);
    // At most 2^32 x 2 x 10^6 on either side: exact.
    const bound = side === SIDE.BUY ? twice * (PPM_ONE + collarPpm) : twice * (PPM_ONE - collarPpm);
    if (market) {
      const edge = side === SIDE.BUY ? Math.floor(bound / (2 * PPM_ONE)) : Math.ceil(bound / (2 * PPM_ONE));
      this.worstTicks = edge < 1 ? 1 : edge > this.limits.maxPriceTicks ? this.limits.maxPriceTicks : edge;
      return REASON.APPROVED;
    }
    this.worstTicks = priceTicks;
    const scaled = priceTicks * 2 * PPM_ONE;
    if (side === SIDE.BUY ? scaled > bound : scaled < bound) return REASON.PRICE_COLLAR;
    return REASON.APPROVED;
  }

  /** The reference price: mid of a sane top within the price range, else a trade recent enough. */
  private reference(): number {
    const limits = this.limits;
    if (limits.maxSpreadTicks === LIMIT_MISSING || limits.maxTradeAgeNs === LIMIT_MISSING) return REASON.REFERENCE_LIMIT_MISSING;
    if (this.marked() && this.askTicks - this.bidTicks <= limits.maxSpreadTicks) {
      this.referenceTwice = this.bidTicks + this.askTicks;
      return REASON.APPROVED;
    }
    const now = this.times[TIME.NOW]!;
    const trade = this.times[TIME.TRADE]!;
    const priced = this.tradeTicks >= limits.minPriceTicks && this.tradeTicks <= limits.maxPriceTicks;
    if (limits.maxTradeAgeNs === 0 || trade === TIME_NONE || trade > now || now - trade > limits.maxTradeAgeNs || !priced) {
      return REASON.REFERENCE_INVALID;
    }
    this.referenceTwice = this.tradeTicks * 2;
    return REASON.APPROVED;
  }

  /** Bid and ask are known and lie within the price range, so that a position times either is exact. */
  private marked(): boolean {
    return (
      this.bidTicks >= this.limits.minPriceTicks && this.bidTicks > 0 && this.askTicks <= this.limits.maxPriceTicks && this.askTicks > 0
    );
  }

  /** Controls 29, 14, 17 and the inputs of 25. */
  private exposure(side: number, qtyLots: number, reduceOnly: boolean): number {
    const limits = this.limits;
    const account = this.views.account;
    const position = account[ACCOUNT.POSITION_LOTS]!;
    const buy = side === SIDE.BUY;
    const openLots = buy ? account[ACCOUNT.OPEN_BUY_LOTS]! : account[ACCOUNT.OPEN_SELL_LOTS]!;
    if (reduceOnly && openLots + qtyLots > (buy ? -position : position)) return REASON.REDUCE_ONLY;
    const limit = buy ? limits.maxLongLots : limits.maxShortLots;
    if (limit === LIMIT_MISSING) return REASON.POSITION_LIMIT_MISSING;
    if ((buy ? position : -position) + openLots + qtyLots > limit) return REASON.POSITION_LIMIT;
    if (limits.maxOpenOrders === LIMIT_MISSING) return REASON.OPEN_ORDERS_LIMIT_MISSING;
    if (this.views.counters[RISK_COUNTER.OPEN_ORDERS]! >= limits.maxOpenOrders) return REASON.OPEN_ORDERS;
    if (!reduceOnly && position !== 0 && !this.marked()) return REASON.TOP_MISSING;
    return REASON.APPROVED;
  }

  /** Control 18: the order n places back must have left the window. An order exactly one window old has left it. */
  private rate(): number {
    const per1s = this.limits.maxOrdersPer1s;
    const per10s = this.limits.maxOrdersPer10s;
    if (per1s === LIMIT_MISSING || per10s === LIMIT_MISSING) return REASON.ORDER_RATE_LIMIT_MISSING;
    const now = this.times[TIME.NOW]!;
    if (now < this.times[TIME.LAST_ORDER]!) return REASON.ORDER_RATE_TIME;
    if (this.windowFull(per1s, WINDOW_1S_NS)) return REASON.ORDER_RATE_1S;
    return this.windowFull(per10s, WINDOW_10S_NS) ? REASON.ORDER_RATE_10S : REASON.APPROVED;
  }

  /** `windowNs` is a constant: a computed time as an argument would be boxed where the call is not inlined. */
  private windowFull(orders: number, windowNs: number): boolean {
    if (orders === 0) return true;
    return this.sent >= orders && this.sentNs[(this.sent - orders) & RATE_MASK]! > this.times[TIME.NOW]! - windowNs;
  }
}
