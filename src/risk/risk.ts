import type { RingProducer } from '../core/ring/spsc.hot.ts';
import { RiskGate } from './gate.hot.ts';
import { KILL_SWITCH_BYTES, KillSwitch } from './kill-switch.ts';
import { checkRiskLimits, type RiskLimits } from './limits.ts';
import { reasonName } from './reasons.ts';
import { ACCOUNT, RISK_COUNTER, RISK_STATE_BYTES, type RiskStateViews, riskStateViews } from './state.ts';

export { KILL_SWITCH_BYTES, RISK_STATE_BYTES };

export interface RiskGateOptions {
  /** Instrument index. */
  readonly instrument: number;
  readonly limits: RiskLimits;
  /** Where the lane's risk state (RISK_STATE_BYTES) and the process-wide kill switch (KILL_SWITCH_BYTES) lie. */
  readonly buffer: SharedArrayBuffer;
  readonly stateOffset: number;
  readonly killOffset: number;
  /** The gate becomes the only writer of this ring. */
  readonly approved: RingProducer;
  /** The lane's journal producer; the lane publishes it. */
  readonly journal: RingProducer;
}

/** Builds the risk stage of one instrument. Throws `ERR_RISK_LIMIT` for limits whose products would not be exact. */
export function createRiskGate(options: RiskGateOptions): RiskGate {
  checkRiskLimits(options.limits);
  const views = riskStateViews(options.buffer, options.stateOffset);
  const kill = new KillSwitch(options.buffer, options.killOffset);
  return new RiskGate(options.instrument, options.limits, views, kill, options.approved, options.journal);
}

/** Risk state of a lane as plain numbers, for summaries, metrics and the dashboard. Cash in tick-lots. */
export interface RiskSummary {
  readonly intents: number;
  readonly orders_approved: number;
  readonly cancels_approved: number;
  /** By reason name; reasons that never occurred are left out. */
  readonly orders_refused: Readonly<Record<string, number>>;
  readonly fills: number;
  readonly open_orders: number;
  readonly position_lots: number;
  readonly traded_lots: number;
  readonly turnover_tick_lots: number;
  readonly cash_tick_lots: number;
  readonly realised_tick_lots: number;
  readonly fees_tick_lots: number;
  readonly loss_latched: boolean;
  readonly alarms: Readonly<Record<string, number>>;
}

/** Reads a lane's risk state from any thread. */
export function riskSummary(views: RiskStateViews): RiskSummary {
  const { account, counters, refusals } = views;
  const refused: Record<string, number> = {};
  for (let code = 0; code < refusals.length; code++) {
    if (refusals[code]! > 0) refused[reasonName(code)] = refusals[code]!;
  }
  return {
    intents: counters[RISK_COUNTER.INTENTS]!,
    orders_approved: counters[RISK_COUNTER.ORDERS_APPROVED]!,
    cancels_approved: counters[RISK_COUNTER.CANCELS_APPROVED]!,
    orders_refused: refused,
    fills: counters[RISK_COUNTER.FILLS]!,
    open_orders: counters[RISK_COUNTER.OPEN_ORDERS]!,
    position_lots: account[ACCOUNT.POSITION_LOTS]!,
    traded_lots: account[ACCOUNT.TRADED_LOTS]!,
    turnover_tick_lots: account[ACCOUNT.TURNOVER]!,
    cash_tick_lots: account[ACCOUNT.CASH]!,
    realised_tick_lots: account[ACCOUNT.REALISED]!,
    fees_tick_lots: account[ACCOUNT.FEES]!,
    loss_latched: counters[RISK_COUNTER.LOSS_LATCHED] === 1,
    alarms: {
      duplicates: counters[RISK_COUNTER.DUPLICATES]!,
      late_fills: counters[RISK_COUNTER.LATE_FILLS]!,
      overfills: counters[RISK_COUNTER.OVERFILLS]!,
      unknown_executions: counters[RISK_COUNTER.UNKNOWN_EXECUTIONS]!,
      bad_executions: counters[RISK_COUNTER.BAD_EXECUTIONS]!,
      journal_lost: counters[RISK_COUNTER.JOURNAL_LOST]!,
    },
  };
}
