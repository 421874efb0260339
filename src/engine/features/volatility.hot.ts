import { type DecayBank, SUM_VARIANCE_MEDIUM, SUM_VARIANCE_SLOW } from './decay.hot.ts';
import { TOP_ASK, TOP_ASK_BEFORE, TOP_BID, TOP_BID_BEFORE, type TopOfBook } from './market-view.hot.ts';

/**
 * Realised volatility, the root of the decayed sum of squared mid changes, in ticks (Andersen, Bollerslev, Diebold and
 * Labys 2003; exponential weighting: RiskMetrics 1996).
 */
export const VOLATILITY_FIRST = 22;
export const VOLATILITY_COUNT = 2;

export function volatilityOnTop(bank: DecayBank, top: TopOfBook): void {
  const ticks = top.ticks;
  const change = (ticks[TOP_BID]! + ticks[TOP_ASK]! - ticks[TOP_BID_BEFORE]! - ticks[TOP_ASK_BEFORE]!) / 2;
  if (change === 0) return;
  const sums = bank.sums;
  sums[SUM_VARIANCE_MEDIUM] = sums[SUM_VARIANCE_MEDIUM]! + change * change;
  sums[SUM_VARIANCE_SLOW] = sums[SUM_VARIANCE_SLOW]! + change * change;
}

export function writeVolatility(raw: Float32Array, bank: DecayBank): void {
  const medium = Math.sqrt(bank.sums[SUM_VARIANCE_MEDIUM]!);
  const slow = Math.sqrt(bank.sums[SUM_VARIANCE_SLOW]!);
  raw[VOLATILITY_FIRST] = medium / Math.sqrt(1 + medium);
  raw[VOLATILITY_FIRST + 1] = slow / Math.sqrt(1 + slow);
}
