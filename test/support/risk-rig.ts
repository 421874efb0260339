import { JOURNAL_RING_RECORDS, ORDER_RING_RECORDS, REPORT_RING_RECORDS } from '../../src/core/limits.ts';
import { D_EXCHANGE_TIME_NS, D_RECV_TIME_NS, D_TICK, KIND, W_INSTRUMENT, W_KIND } from '../../src/core/records/layout.ts';
import {
  EXECUTION_D_LAST_LOTS,
  EXECUTION_D_LEAVES_LOTS,
  EXECUTION_W_LIQUIDITY,
  EXECUTION_W_ORDER_ID,
  EXECUTION_W_PRICE_TICKS,
  EXECUTION_W_STATUS,
} from '../../src/core/records/order.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { IntentBatch } from '../../src/engine/strategy/intents.ts';
import type { RiskGate } from '../../src/risk/gate.hot.ts';
import { KILL_SWITCH_BYTES, KillSwitch } from '../../src/risk/kill-switch.ts';
import type { RiskLimits } from '../../src/risk/limits.ts';
import { createRiskGate } from '../../src/risk/risk.ts';
import { RISK_STATE_BYTES, type RiskStateViews, riskStateViews } from '../../src/risk/state.ts';

/** Limits wide enough for every test that does not test one of them. */
export const WIDE_LIMITS: RiskLimits = {
  allowed: true,
  maxOrderLots: 1_000,
  maxNotionalTickLots: 100_000_000,
  maxSpreadTicks: 100,
  maxTradeAgeNs: 0,
  collarPpm: 100_000,
  minPriceTicks: 1,
  maxPriceTicks: 1_000_000,
  maxDataAgeNs: 1_000_000_000,
  maxLongLots: 10_000,
  maxShortLots: 10_000,
  maxOpenOrders: 100,
  maxOrdersPer1s: 4_096,
  maxOrdersPer10s: 4_096,
  maxLossTickLots: 1_000_000_000,
  makerFeePpm: 0,
  takerFeePpm: 0,
};

export interface Ring {
  readonly producer: RingProducer;
  readonly consumer: RingConsumer;
}

export function ring(capacity: number): Ring {
  const views = ringViews(new SharedArrayBuffer(ringBytes(capacity)), 0, capacity);
  return { producer: new RingProducer(views), consumer: new RingConsumer(views) };
}

/** One record of scratch memory for calls that take (i32, f64, slot). */
export class Scratch {
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly f64: Float64Array<SharedArrayBuffer>;

  constructor() {
    const buffer = new SharedArrayBuffer(64);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  header(kind: number, timeNs: number, tick: number): this {
    this.i32.fill(0);
    this.i32[W_KIND] = kind;
    this.i32[W_INSTRUMENT] = 0;
    this.f64[D_RECV_TIME_NS] = timeNs;
    this.f64[D_EXCHANGE_TIME_NS] = timeNs;
    this.f64[D_TICK] = tick;
    return this;
  }

  execution(orderId: number, status: number, priceTicks: number, liquidity: number, lastLots: number, leavesLots: number): this {
    this.header(KIND.EXECUTION, 0, 0);
    this.i32[EXECUTION_W_ORDER_ID] = orderId;
    this.i32[EXECUTION_W_STATUS] = status;
    this.i32[EXECUTION_W_PRICE_TICKS] = priceTicks;
    this.i32[EXECUTION_W_LIQUIDITY] = liquidity;
    this.f64[EXECUTION_D_LAST_LOTS] = lastLots;
    this.f64[EXECUTION_D_LEAVES_LOTS] = leavesLots;
    return this;
  }
}

/** A gate with its rings, switch and state, and short ways to drive it. */
export class RiskRig {
  readonly gate: RiskGate;
  readonly views: RiskStateViews;
  readonly kill: KillSwitch;
  readonly approved: Ring;
  readonly journal: Ring;
  readonly reports: Ring;
  readonly batch = new IntentBatch();
  readonly scratch = new Scratch();

  constructor(limits: Partial<RiskLimits> = {}, approvedRecords = ORDER_RING_RECORDS, journalRecords = JOURNAL_RING_RECORDS) {
    const buffer = new SharedArrayBuffer(KILL_SWITCH_BYTES + RISK_STATE_BYTES);
    this.approved = ring(approvedRecords);
    this.journal = ring(journalRecords);
    this.reports = ring(REPORT_RING_RECORDS);
    this.kill = new KillSwitch(buffer, 0);
    this.views = riskStateViews(buffer, KILL_SWITCH_BYTES);
    this.gate = createRiskGate({
      instrument: 0,
      limits: { ...WIDE_LIMITS, ...limits },
      buffer,
      stateOffset: KILL_SWITCH_BYTES,
      killOffset: 0,
      approved: this.approved.producer,
      journal: this.journal.producer,
    });
  }

  /** Time passes; nothing else. */
  at(timeNs: number): this {
    this.gate.setTime(this.scratch.header(0, timeNs, 1).f64, 0);
    return this;
  }

  /** A LIVE book with this top, told at `timeNs`. */
  market(bidTicks: number, askTicks: number, timeNs = 0): this {
    this.at(timeNs);
    this.gate.onBookState(4);
    this.gate.onTop(bidTicks, askTicks);
    return this;
  }

  limit(side: number, priceTicks: number, qtyLots: number, timeInForce = 0, flags = 0): number {
    this.batch.clear();
    this.batch.limit(side, priceTicks, qtyLots, timeInForce, flags, 7);
    return this.submit();
  }

  marketOrder(side: number, qtyLots: number, flags = 0): number {
    this.batch.clear();
    this.batch.market(side, qtyLots, flags, 7);
    return this.submit();
  }

  cancel(orderId: number): number {
    this.batch.clear();
    this.batch.cancel(orderId, 7);
    return this.submit();
  }

  execution(orderId: number, status: number, priceTicks = 0, lastLots = 0, leavesLots = 0, liquidity = 2): number {
    const { i32, f64 } = this.scratch.execution(orderId, status, priceTicks, liquidity, lastLots, leavesLots);
    return this.gate.onExecution(i32, f64, 0);
  }

  /** Sends and fills an order at once, to bring about a position. */
  fillNow(side: number, priceTicks: number, qtyLots: number): void {
    if (this.limit(side, priceTicks, qtyLots) !== 0) throw new Error('the order of a test was refused');
    this.execution(this.gate.lastOrderId, 3, priceTicks, qtyLots, 0);
  }

  private submit(): number {
    const reason = this.gate.submit(this.batch, 0);
    this.gate.publish();
    this.approved.consumer.release(this.approved.consumer.poll(1024));
    this.journal.producer.publish();
    this.journal.consumer.release(this.journal.consumer.poll(16_384));
    return reason;
  }
}
