import { assert } from '../core/assert.ts';
import { OPEN_ORDERS_MAX, ORDERS_SESSION_MAX } from '../core/limits.ts';
import {
  D_EXCHANGE_TIME_NS,
  D_RECV_TIME_NS,
  D_TICK,
  KIND,
  RECORD_DOUBLES,
  RECORD_WORDS,
  W_INSTRUMENT,
  W_KIND,
} from '../core/records/layout.ts';
import {
  ATTRIBUTE_SIDE_MASK,
  ORDER_D_QTY_LOTS,
  ORDER_TYPE,
  ORDER_W_ATTRIBUTES,
  ORDER_W_ID,
  ORDER_W_PRICE_TICKS,
  ORDER_W_REASON,
  ORDER_W_REFERENCE_TICKS,
  ORDER_W_TAG,
  orderAttributes,
  RISK_STATE_W_REASON,
  RISK_STATE_W_STATE,
} from '../core/records/order.ts';
import type { RingProducer } from '../core/ring/spsc.hot.ts';
import { type IntentColumns, RiskCheck, TIME } from './check.hot.ts';
import { KILL_LEVEL, type KillSwitch, killLevelOf, killReasonOf } from './kill-switch.ts';
import type { RiskLimits } from './limits.ts';
import { APPLIED, Positions } from './position.hot.ts';
import { REASON } from './reasons.ts';
import { ACCOUNT, RISK_COUNTER, type RiskStateViews } from './state.ts';

const INTENT_NEW = 0;
const INTENT_CANCEL = 1;

/**
 * The risk gate of one instrument of one lane: the only writer of the approved-order ring, so the only way to a venue.
 * What it decides depends on what it was told and on the kill word alone. Called by the lane, on its thread: times and
 * top of book on each tick, each intent, each execution report. Records are claimed and written here; the lane publishes
 * both rings (`publish`) when its batch is complete. Budget 300 ns an intent.
 */
export class RiskGate {
  /** Slot of the last record written to the approved ring, for the lane's measured times; -1 before the first. */
  lastSlot = -1;
  /** Order id of the last approved order, 0 before the first. */
  lastOrderId = 0;
  /** The two measured times beside each record of the approved ring: index `lastSlot * 2` and the next. */
  readonly approvedStamps: Float64Array<SharedArrayBuffer>;
  readonly positions: Positions;
  readonly check: RiskCheck;
  private readonly instrument: number;
  private readonly views: RiskStateViews;
  private readonly kill: KillSwitch;
  private readonly approved: RingProducer;
  private readonly journal: RingProducer;
  /** The kill word that was journaled last. */
  private seenKill = 0;

  /** `limits` have passed `checkRiskLimits`; `journal` is the lane's own producer, shared with its other records. */
  constructor(
    instrument: number,
    limits: RiskLimits,
    views: RiskStateViews,
    kill: KillSwitch,
    approved: RingProducer,
    journal: RingProducer,
  ) {
    assert(limits.maxOpenOrders <= OPEN_ORDERS_MAX, 'Invariant: open orders fit the order table');
    this.approvedStamps = approved.stamps;
    this.positions = new Positions(views, limits.makerFeePpm, limits.takerFeePpm);
    this.check = new RiskCheck(limits, views);
    this.instrument = instrument;
    this.views = views;
    this.kill = kill;
    this.approved = approved;
    this.journal = journal;
  }

  /** Takes receive time, venue time and tick from the header of the record that ends the tick. Before all else of a tick. */
  setTime(f64: Float64Array, slot: number): void {
    const at = slot * RECORD_DOUBLES;
    const times = this.check.times;
    times[TIME.NOW] = f64[at + D_RECV_TIME_NS]!;
    times[TIME.EXCHANGE] = f64[at + D_EXCHANGE_TIME_NS]!;
    times[TIME.TICK] = f64[at + D_TICK]!;
  }

  onBookState(state: number): void {
    this.check.bookState = state;
  }

  /** Best bid and ask (PRICE_NONE: none) after a tick that changed book or ticker; its time is that of `setTime`. */
  onTop(bidTicks: number, askTicks: number): void {
    this.check.bidTicks = bidTicks;
    this.check.askTicks = askTicks;
    this.check.times[TIME.TOP] = this.check.times[TIME.NOW]!;
  }

  /** A public trade, the stand-in for a mid price when the spread is too wide. */
  onTrade(priceTicks: number): void {
    this.check.tradeTicks = priceTicks;
    this.check.times[TIME.TRADE] = this.check.times[TIME.NOW]!;
  }

  /** Applies one EXECUTION record; returns APPLIED. A report that makes the position doubtful trips K1. */
  onExecution(i32: Int32Array, f64: Float64Array, slot: number): number {
    const applied = this.positions.apply(i32, f64, slot);
    if (applied >= APPLIED.OK) return applied;
    const reason =
      applied === APPLIED.UNKNOWN_ORDER
        ? REASON.KILL_UNKNOWN_EXECUTION
        : applied === APPLIED.OVERFILL
          ? REASON.KILL_OVERFILL
          : REASON.KILL_BAD_EXECUTION;
    this.kill.trip(KILL_LEVEL.K1, reason);
    return applied;
  }

  /**
   * Once per tick, after reports and top of book: latches the loss limit, journals a change of the kill word and, at K2 or
   * after the loss limit, asks for the cancel of every open order. Returns the cancels written.
   */
  watch(): number {
    const counters = this.views.counters;
    if (counters[RISK_COUNTER.LOSS_LATCHED] === 0 && this.check.lossBreached()) {
      counters[RISK_COUNTER.LOSS_LATCHED] = 1;
      this.kill.trip(KILL_LEVEL.K1, REASON.LOSS_LIMIT);
    }
    const word = this.kill.load();
    if (word !== this.seenKill) this.journalState(word);
    const cancelAll = killLevelOf(word) >= KILL_LEVEL.K2 || counters[RISK_COUNTER.LOSS_LATCHED] !== 0;
    return cancelAll && counters[RISK_COUNTER.OPEN_ORDERS]! > counters[RISK_COUNTER.PENDING_CANCELS]! ? this.cancelAll() : 0;
  }

  /**
   * Decides on row `at` of the intents: REASON.APPROVED and a record in the approved ring, or the reason of the refusal.
   * Either way the record with its reason goes to the journal ring. An approved order's id is in `lastOrderId`.
   */
  submit(columns: IntentColumns, at: number): number {
    this.count(RISK_COUNTER.INTENTS);
    const kind = columns.kind[at];
    const word = this.kill.load();
    if (word !== this.seenKill) this.journalState(word);
    let reason: number = REASON.INTENT_KIND;
    if (kind === INTENT_NEW) reason = this.order(columns, at, killLevelOf(word));
    else if (kind === INTENT_CANCEL) reason = this.cancel(columns.orderId[at]!, columns.tag[at]!);
    if (reason !== REASON.APPROVED) this.views.refusals[reason] = this.views.refusals[reason]! + 1;
    return reason;
  }

  /** Makes what was approved visible to the gateway, in one atomic store. */
  publish(): void {
    this.approved.publish();
  }

  get positionLots(): number {
    return this.views.account[ACCOUNT.POSITION_LOTS]!;
  }

  get openBuyLots(): number {
    return this.views.account[ACCOUNT.OPEN_BUY_LOTS]!;
  }

  get openSellLots(): number {
    return this.views.account[ACCOUNT.OPEN_SELL_LOTS]!;
  }

  get openOrders(): number {
    return this.views.counters[RISK_COUNTER.OPEN_ORDERS]!;
  }

  /** SIDE of a remembered order, or -1. */
  sideOf(orderId: number): number {
    const row = this.positions.row(orderId);
    return row < 0 ? -1 : this.views.attributes[row]! & ATTRIBUTE_SIDE_MASK;
  }

  /** Strategy's tag of a remembered order, 0 when unknown. */
  tagOf(orderId: number): number {
    const row = this.positions.row(orderId);
    return row < 0 ? 0 : this.views.tag[row]!;
  }

  /** Equity at a bid and ask, tick-lots. */
  equityTickLots(bidTicks: number, askTicks: number): number {
    return this.positions.equityTickLots(bidTicks, askTicks);
  }

  private order(columns: IntentColumns, at: number, killLevel: number): number {
    const check = this.check;
    check.referenceTicks = 0;
    const reason = check.order(columns, at, killLevel);
    const attributes = orderAttributes(columns.side[at]! & 1, columns.type[at]!, columns.timeInForce[at]!, columns.flags[at]!);
    const market = columns.type[at] === ORDER_TYPE.MARKET;
    const priceTicks = market && reason === REASON.APPROVED ? check.worstTicks : columns.priceTicks[at]!;
    const qtyLots = columns.qtyLots[at]!;
    const tag = columns.tag[at]!;
    if (reason !== REASON.APPROVED) return this.journalOrder(KIND.ORDER, 0, attributes, priceTicks, reason, qtyLots, tag);
    const counters = this.views.counters;
    const id = this.positions.nextOrderId();
    if (id > ORDERS_SESSION_MAX) return this.journalOrder(KIND.ORDER, 0, attributes, priceTicks, REASON.ORDER_IDS_EXHAUSTED, qtyLots, tag);
    // Room stays for the cancel of every open order, this one included: a cancel is never refused for room that orders took.
    if (this.approved.free() < counters[RISK_COUNTER.OPEN_ORDERS]! + 2) {
      return this.journalOrder(KIND.ORDER, 0, attributes, priceTicks, REASON.APPROVED_RING_FULL, qtyLots, tag);
    }
    const journalSlot = this.journal.claim();
    if (journalSlot < 0) {
      this.count(RISK_COUNTER.JOURNAL_LOST);
      return REASON.JOURNAL_RING_FULL;
    }
    this.write(this.journal, journalSlot, KIND.ORDER, id, attributes, priceTicks, REASON.APPROVED, qtyLots, tag);
    this.lastSlot = this.approved.claim();
    this.write(this.approved, this.lastSlot, KIND.ORDER, id, attributes, priceTicks, REASON.APPROVED, qtyLots, tag);
    this.positions.open(id, attributes, priceTicks, qtyLots, tag);
    check.onSent();
    this.lastOrderId = id;
    this.count(RISK_COUNTER.ORDERS_APPROVED);
    return REASON.APPROVED;
  }

  /** Cancels pass every control but these: the order is open, and no cancel of it is under way. */
  private cancel(orderId: number, tag: number): number {
    const row = this.positions.openRow(orderId);
    this.check.referenceTicks = 0;
    if (row < 0) return this.journalOrder(KIND.CANCEL, orderId, 0, 0, REASON.CANCEL_NOT_OPEN, 0, tag);
    if (this.views.pendingCancel[row] !== 0) return this.journalOrder(KIND.CANCEL, orderId, 0, 0, REASON.CANCEL_PENDING, 0, tag);
    const slot = this.approved.claim();
    if (slot < 0) return this.journalOrder(KIND.CANCEL, orderId, 0, 0, REASON.APPROVED_RING_FULL, 0, tag);
    this.journalOrder(KIND.CANCEL, orderId, 0, 0, REASON.APPROVED, 0, tag);
    this.write(this.approved, slot, KIND.CANCEL, orderId, 0, 0, REASON.APPROVED, 0, tag);
    this.lastSlot = slot;
    this.positions.beginCancel(row);
    this.count(RISK_COUNTER.CANCELS_APPROVED);
    return REASON.APPROVED;
  }

  private cancelAll(): number {
    const views = this.views;
    const open = views.counters[RISK_COUNTER.OPEN_ORDERS]!;
    let written = 0;
    for (let i = 0; i < open; i++) {
      const row = views.openRows[i]!;
      if (views.pendingCancel[row] !== 0) continue;
      if (this.cancel(views.orderId[row]!, 0) !== REASON.APPROVED) break;
      written++;
    }
    return written;
  }

  /** Journals a decision and returns its reason. A full journal ring is counted; a cancel leaves all the same. */
  private journalOrder(
    kind: number,
    id: number,
    attributes: number,
    priceTicks: number,
    reason: number,
    qtyLots: number,
    tag: number,
  ): number {
    const slot = this.journal.claim();
    if (slot < 0) this.count(RISK_COUNTER.JOURNAL_LOST);
    else this.write(this.journal, slot, kind, id, attributes, priceTicks, reason, qtyLots, tag);
    return reason;
  }

  private journalState(word: number): void {
    this.seenKill = word;
    const slot = this.journal.claim();
    if (slot < 0) {
      this.count(RISK_COUNTER.JOURNAL_LOST);
      return;
    }
    this.write(this.journal, slot, KIND.RISK_STATE, 0, 0, 0, 0, 0, 0);
    const i32 = this.journal.i32;
    i32[slot * RECORD_WORDS + ORDER_W_REFERENCE_TICKS] = 0;
    i32[slot * RECORD_WORDS + RISK_STATE_W_STATE] = killLevelOf(word);
    i32[slot * RECORD_WORDS + RISK_STATE_W_REASON] = killReasonOf(word);
  }

  private write(
    ring: RingProducer,
    slot: number,
    kind: number,
    id: number,
    attributes: number,
    priceTicks: number,
    reason: number,
    qtyLots: number,
    tag: number,
  ): void {
    const word = slot * RECORD_WORDS;
    const double = slot * RECORD_DOUBLES;
    const i32 = ring.i32;
    const f64 = ring.f64;
    const times = this.check.times;
    i32[word + W_KIND] = kind;
    i32[word + W_INSTRUMENT] = this.instrument;
    f64[double + D_RECV_TIME_NS] = times[TIME.NOW]!;
    f64[double + D_EXCHANGE_TIME_NS] = times[TIME.EXCHANGE]!;
    f64[double + D_TICK] = times[TIME.TICK]!;
    i32[word + ORDER_W_ID] = id;
    i32[word + ORDER_W_ATTRIBUTES] = attributes;
    i32[word + ORDER_W_PRICE_TICKS] = priceTicks;
    i32[word + ORDER_W_REASON] = reason;
    f64[double + ORDER_D_QTY_LOTS] = qtyLots;
    i32[word + ORDER_W_REFERENCE_TICKS] = this.check.referenceTicks;
    i32[word + ORDER_W_TAG] = tag;
  }

  private count(counter: number): void {
    this.views.counters[counter] = this.views.counters[counter]! + 1;
  }
}
