import { type DecayBank, MEAN_MID_FAST, MEAN_MID_MEDIUM, MEAN_MID_SLOW } from './decay.hot.ts';
import { TOP_ASK, TOP_BID, type TopOfBook } from './market-view.hot.ts';

/** Recent return: the mid against its own exponential means, in ticks (past returns as a predictor: Ait-Sahalia, Fan, Xue, Zhou 2022). */
export const MID_RETURN_FIRST = 32;
export const MID_RETURN_COUNT = 3;

export function midReturnOnTop(bank: DecayBank, top: TopOfBook): void {
  const mid = (top.ticks[TOP_BID]! + top.ticks[TOP_ASK]!) / 2;
  const held = bank.held;
  held[MEAN_MID_FAST] = mid;
  held[MEAN_MID_MEDIUM] = mid;
  held[MEAN_MID_SLOW] = mid;
}

export function writeMidReturn(raw: Float32Array, bank: DecayBank): void {
  const mid = bank.held[MEAN_MID_FAST]!;
  const means = bank.means;
  const fast = mid - means[MEAN_MID_FAST]!;
  const medium = mid - means[MEAN_MID_MEDIUM]!;
  const slow = mid - means[MEAN_MID_SLOW]!;
  raw[MID_RETURN_FIRST] = fast / Math.sqrt(1 + Math.abs(fast));
  raw[MID_RETURN_FIRST + 1] = medium / Math.sqrt(1 + Math.abs(medium));
  raw[MID_RETURN_FIRST + 2] = slow / Math.sqrt(1 + Math.abs(slow));
}
