import type { Counters } from '../core/counters.ts';
import type { LatencyHistogram } from '../core/histogram.hot.ts';
import { DRAIN_BATCH_RECORDS } from '../core/limits.ts';
import type { OrderSink } from '../core/ports.ts';
import { copyRecord } from '../core/records/copy.hot.ts';
import {
  D_EXCHANGE_TIME_NS,
  D_RECV_TIME_NS,
  D_TICK,
  FLAG_TICK_END,
  KIND,
  RECORD_DOUBLES,
  RECORD_WORDS,
  W_INSTRUMENT,
  W_KIND,
} from '../core/records/layout.ts';
import { BOOK_STATE, TRADE_W_PRICE_TICKS } from '../core/records/market.ts';
import {
  EXECUTION,
  EXECUTION_D_LAST_LOTS,
  EXECUTION_D_LEAVES_LOTS,
  EXECUTION_W_ORDER_ID,
  EXECUTION_W_PRICE_TICKS,
  EXECUTION_W_STATUS,
  SIGNAL_F32_OUTPUTS,
  SIGNAL_OUTPUTS,
  SIGNAL_W_ACTION,
  SIGNAL_W_ASK_TICKS,
  SIGNAL_W_BID_TICKS,
  SIGNAL_W_POSITION_LOTS,
} from '../core/records/order.ts';
import { RING_FULL, RING_STAMPS, STAMP } from '../core/ring/layout.ts';
import type { RingConsumer, RingProducer } from '../core/ring/spsc.hot.ts';
import { STAGE } from '../core/stages.ts';
import type { Clock } from '../core/time.ts';
import type { LatencyTimeline } from '../core/timeline.hot.ts';
import { APPLIED, type Engine } from '../engine/engine.hot.ts';
import type { ExecutionView } from '../engine/strategy/strategy.ts';
import type { Gateway } from '../gateway/gateway.hot.ts';
import type { RiskGate } from '../risk/gate.hot.ts';
import { LANE_COUNTER } from './counters.ts';

/** Statuses of `poll` below zero; the lane stops and the run fails. */
export const LANE = { DIVERGED: -1, JOURNAL_FULL: -2, MODEL_FAILED: -3 } as const;

/** Journal slots that must be free before a tick begins: its signal, its orders, and every open order reporting. */
const JOURNAL_FREE_MIN = 2_048;
/** Ticks between two looks at the journal ring's free slots; each writes far fewer than JOURNAL_FREE_MIN / 16 records. */
const JOURNAL_CHECK_TICKS = 16;
/** Index of `marksNs` at which the encoding of the order at hand began. */
const BEGAN = 7;

export interface LaneParts {
  readonly market: RingConsumer;
  readonly reports: RingConsumer;
  readonly journal: RingProducer;
  readonly engine: Engine;
  readonly gate: RiskGate;
  readonly gateway: Gateway;
  readonly sink: OrderSink;
  readonly clock: Clock;
  readonly latency: readonly LatencyHistogram[];
  readonly timeline: LatencyTimeline;
  readonly counters: Counters;
  /** Waits until the control thread drained the journal ring; cold. */
  readonly waitForJournal: () => void;
  /** Writes a SIGNAL record for each decision. */
  readonly journalSignals: boolean;
}

/**
 * One engine lane: ring records in, approved and encoded orders out, in one call chain. Per tick: reports due, the
 * frame's records into the engine's book and features, the model, the strategy, the risk gate, the gateway. Reads the
 * clock five times a tick (T2 to T6); everything else is a function of the records. Allocates nothing.
 */
export class Lane {
  readonly engine: Engine;
  private readonly parts: LaneParts;
  private readonly journalF32: Float32Array<SharedArrayBuffer>;
  private readonly execution: ExecutionView;
  private frameOpen: boolean;
  private topMoved: boolean;
  private traded: boolean;
  private untilJournalCheck: number;
  /** T0 to T6 of the tick at hand and BEGAN, measured; an array because doubles in it are never boxed. */
  private readonly marksNs: Float64Array;
  /** True once STREAM_END was seen. */
  ended: boolean;

  constructor(parts: LaneParts) {
    this.parts = parts;
    this.engine = parts.engine;
    this.journalF32 = new Float32Array(parts.journal.i32.buffer, parts.journal.i32.byteOffset, parts.journal.i32.length);
    this.execution = { timeNs: 0, orderId: 0, status: 0, side: 0, priceTicks: 0, lastLots: 0, leavesLots: 0, tag: 0 };
    this.frameOpen = false;
    this.topMoved = false;
    this.traded = false;
    this.untilJournalCheck = 0;
    this.marksNs = new Float64Array(8);
    this.ended = false;
  }

  /** Takes what is ready, at most one batch. Returns the records taken, or a LANE status. */
  poll(): number {
    const { market, engine, gate, sink } = this.parts;
    const count = market.poll(DRAIN_BATCH_RECORDS);
    if (count === 0) return 0;
    const i32 = market.i32;
    const f64 = market.f64;
    // The sink follows the market behind the decision: a simulated exchange's own books are not on the path of a tick.
    let unseen = 0;
    for (let i = 0; i < count; i++) {
      const slot = market.slot(i);
      if (!this.frameOpen) this.beginFrame(f64, slot);
      if (i32[slot * RECORD_WORDS] === KIND.BOOK_LEVEL) {
        // Most records of a large frame: levels that do not end it, in a loop of their own.
        const next = engine.applyLevels(market, i, count);
        if (next < 0) return LANE.DIVERGED;
        i = next - 1;
        continue;
      }
      const applied = engine.apply(i32, f64, slot);
      if (applied === APPLIED.TOP) this.topMoved = true;
      else if (applied === APPLIED.TRADE) {
        this.traded = true;
        gate.onTrade(i32[slot * RECORD_WORDS + TRADE_W_PRICE_TICKS]!);
      } else if (applied === APPLIED.STATE) this.journalState(i32, slot);
      else if (applied === APPLIED.END) this.endStream();
      else if (applied === APPLIED.DIVERGED) return LANE.DIVERGED;
      if ((i32[slot * RECORD_WORDS]! & FLAG_TICK_END) !== 0) {
        const status = this.endFrame(f64, slot);
        if (status < 0) return status;
        for (; unseen <= i; unseen++) sink.onMarketRecord(i32, f64, market.slot(unseen));
      }
    }
    for (; unseen < count; unseen++) sink.onMarketRecord(i32, f64, market.slot(unseen));
    market.release(count);
    return count;
  }

  private endStream(): void {
    this.ended = true;
    this.parts.journal.publish();
  }

  private beginFrame(f64: Float64Array, slot: number): void {
    const { clock, engine, gate, sink, journal } = this.parts;
    this.frameOpen = true;
    this.topMoved = false;
    this.traded = false;
    this.marksNs[2] = clock.nowNs();
    if (--this.untilJournalCheck < 0) {
      this.untilJournalCheck = JOURNAL_CHECK_TICKS;
      while (journal.free() < JOURNAL_FREE_MIN) this.parts.waitForJournal();
    }
    gate.setTime(f64, slot);
    engine.beginFrame(f64, slot);
    sink.advance(f64, slot);
    this.drainReports();
  }

  private endFrame(f64: Float64Array, slot: number): number {
    const { engine, gate, journal, latency, counters } = this.parts;
    const stamps = this.parts.market.stamps;
    const marksNs = this.marksNs;
    this.frameOpen = false;
    const handedNs = stamps[slot * RING_STAMPS + STAMP.HANDED_NS]!;
    marksNs[0] = stamps[slot * RING_STAMPS + STAMP.T0_NS]!;
    marksNs[1] = stamps[slot * RING_STAMPS + STAMP.T1_NS]!;
    latency[STAGE.WAIT]!.record(Math.floor(handedNs - marksNs[0]));
    latency[STAGE.DECODE]!.record(Math.floor(marksNs[1] - handedNs));
    latency[STAGE.RING]!.record(Math.floor(marksNs[2]! - marksNs[1]));
    counters.increment(LANE_COUNTER.TICKS);
    let status = 0;
    const live = engine.bookState === BOOK_STATE.LIVE;
    if (live && this.topMoved) gate.onTop(engine.view.bidTicks, engine.view.askTicks);
    const cancels = gate.watch();
    if (live && (this.topMoved || this.traded)) status = this.decideTick(f64, slot);
    if (cancels > 0) this.sendOrders(2);
    journal.publish();
    return status;
  }

  private decideTick(f64: Float64Array, slot: number): number {
    const { engine, gate, latency, clock, counters, timeline } = this.parts;
    const marksNs = this.marksNs;
    if (engine.computeFeatures() < 0) {
      counters.increment(LANE_COUNTER.TICKS_WARMING_UP);
      return 0;
    }
    marksNs[3] = clock.nowNs();
    if (engine.infer() < 0) return LANE.MODEL_FAILED;
    marksNs[4] = clock.nowNs();
    const view = engine.view;
    view.positionLots = gate.positionLots;
    view.openBuyLots = gate.openBuyLots;
    view.openSellLots = gate.openSellLots;
    view.openOrders = gate.openOrders;
    const action = engine.decide(f64, slot);
    const intents = engine.intents;
    const count = intents.count;
    for (let i = 0; i < count; i++) {
      counters.increment(LANE_COUNTER.INTENTS);
      gate.submit(intents, i);
    }
    marksNs[5] = clock.nowNs();
    if (count > 0) this.sendOrders(5);
    latency[STAGE.FEATURES]!.record(Math.floor(marksNs[3] - marksNs[2]!));
    latency[STAGE.INFERENCE]!.record(Math.floor(marksNs[4] - marksNs[3]));
    latency[STAGE.RISK]!.record(Math.floor(marksNs[5] - marksNs[4]));
    latency[STAGE.TICK_TO_DECISION]!.record(Math.floor(marksNs[5] - marksNs[0]!));
    timeline.record(f64, slot * RECORD_DOUBLES + D_RECV_TIME_NS, Math.floor(marksNs[5] - marksNs[0]!));
    counters.increment(LANE_COUNTER.DECISIONS);
    return this.parts.journalSignals ? this.journalSignal(f64, slot, action) : 0;
  }

  /** Encodes and hands over what the gate approved; each order's stage begins where the one before ended. */
  private sendOrders(sinceMark: number): void {
    const { gate, gateway, latency, clock } = this.parts;
    const marksNs = this.marksNs;
    gate.publish();
    marksNs[BEGAN] = marksNs[sinceMark]!;
    while (gateway.sendNext() === 1) {
      marksNs[6] = clock.nowNs();
      latency[STAGE.ENCODE]!.record(Math.floor(marksNs[6] - marksNs[BEGAN]!));
      latency[STAGE.TICK_TO_ORDER]!.record(Math.floor(marksNs[6] - marksNs[0]!));
      marksNs[BEGAN] = marksNs[6];
    }
  }

  private drainReports(): void {
    const { reports, gate, engine, journal, counters } = this.parts;
    for (;;) {
      const count = reports.poll(DRAIN_BATCH_RECORDS);
      if (count === 0) return;
      for (let i = 0; i < count; i++) {
        const slot = reports.slot(i);
        const status = reports.i32[slot * RECORD_WORDS + EXECUTION_W_STATUS]!;
        const target = journal.claim();
        if (target !== RING_FULL) copyRecord(reports.i32, slot, journal.i32, target);
        else counters.increment(LANE_COUNTER.JOURNAL_OVERFLOWS);
        gate.onExecution(reports.i32, reports.f64, slot);
        if (status === EXECUTION.FILL || status === EXECUTION.PARTIAL_FILL) counters.increment(LANE_COUNTER.FILLS);
        const word = slot * RECORD_WORDS;
        const double = slot * RECORD_DOUBLES;
        const execution = this.execution;
        const orderId = reports.i32[word + EXECUTION_W_ORDER_ID]!;
        execution.timeNs = reports.f64[double + D_RECV_TIME_NS]!;
        execution.orderId = orderId;
        execution.status = status;
        execution.side = gate.sideOf(orderId);
        execution.tag = gate.tagOf(orderId);
        execution.priceTicks = reports.i32[word + EXECUTION_W_PRICE_TICKS]!;
        execution.lastLots = reports.f64[double + EXECUTION_D_LAST_LOTS]!;
        execution.leavesLots = reports.f64[double + EXECUTION_D_LEAVES_LOTS]!;
        engine.strategy.onExecution(execution);
      }
      reports.release(count);
    }
  }

  private journalState(i32: Int32Array, slot: number): void {
    const { journal, gate, engine, counters } = this.parts;
    gate.onBookState(engine.bookState);
    this.topMoved = true;
    const target = journal.claim();
    if (target === RING_FULL) counters.increment(LANE_COUNTER.JOURNAL_OVERFLOWS);
    else copyRecord(i32, slot, journal.i32, target);
  }

  private journalSignal(f64: Float64Array, tickSlot: number, action: number): number {
    const { journal, engine, counters } = this.parts;
    const slot = journal.claim();
    if (slot === RING_FULL) {
      counters.increment(LANE_COUNTER.JOURNAL_OVERFLOWS);
      return LANE.JOURNAL_FULL;
    }
    const word = slot * RECORD_WORDS;
    const double = slot * RECORD_DOUBLES;
    const from = tickSlot * RECORD_DOUBLES;
    const i32 = journal.i32;
    i32[word + W_KIND] = KIND.SIGNAL;
    i32[word + W_INSTRUMENT] = engine.instrument.id;
    journal.f64[double + D_RECV_TIME_NS] = f64[from + D_RECV_TIME_NS]!;
    journal.f64[double + D_EXCHANGE_TIME_NS] = f64[from + D_EXCHANGE_TIME_NS]!;
    journal.f64[double + D_TICK] = f64[from + D_TICK]!;
    const view = engine.view;
    const outputs = view.outputs;
    const outputCount = outputs.length < SIGNAL_OUTPUTS ? outputs.length : SIGNAL_OUTPUTS;
    for (let i = 0; i < SIGNAL_OUTPUTS; i++) this.journalF32[word + SIGNAL_F32_OUTPUTS + i] = i < outputCount ? outputs[i]! : 0;
    i32[word + SIGNAL_W_BID_TICKS] = view.bidTicks;
    i32[word + SIGNAL_W_ASK_TICKS] = view.askTicks;
    i32[word + SIGNAL_W_POSITION_LOTS] = view.positionLots;
    i32[word + SIGNAL_W_ACTION] = action;
    return 0;
  }
}
