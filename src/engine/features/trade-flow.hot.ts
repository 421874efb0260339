import { SIDE } from '../../core/records/market.ts';
import {
  type DecayBank,
  MEAN_TOP_DEPTH_SLOW,
  SUM_BUY_FAST,
  SUM_BUY_MEDIUM,
  SUM_BUY_SLOW,
  SUM_SELL_FAST,
  SUM_SELL_MEDIUM,
  SUM_SELL_SLOW,
} from './decay.hot.ts';

/**
 * Trade-flow imbalance (Vbuy - Vsell) / (Vbuy + Vsell + 0.05 D) of aggressor-signed volume with exponential decay, D the
 * mean depth at the touch: the small addend lets a lone old trade fade (ratio: Ait-Sahalia, Fan, Xue and Zhou 2022).
 * Pressure is the net volume in units of D (Cont, Kukanov and Stoikov 2014, section 4).
 */
export const TRADE_FLOW_FIRST = 18;
export const TRADE_FLOW_COUNT = 4;

const FADE = 0.05;

/** `lots` at index 0 of `input`: a double passed to a call may be boxed. */
export function tradeFlowOnTrade(bank: DecayBank, side: number, input: Float64Array): void {
  const sums = bank.sums;
  const lots = input[0]!;
  if (side === SIDE.BUY) {
    sums[SUM_BUY_FAST] = sums[SUM_BUY_FAST]! + lots;
    sums[SUM_BUY_MEDIUM] = sums[SUM_BUY_MEDIUM]! + lots;
    sums[SUM_BUY_SLOW] = sums[SUM_BUY_SLOW]! + lots;
  } else {
    sums[SUM_SELL_FAST] = sums[SUM_SELL_FAST]! + lots;
    sums[SUM_SELL_MEDIUM] = sums[SUM_SELL_MEDIUM]! + lots;
    sums[SUM_SELL_SLOW] = sums[SUM_SELL_SLOW]! + lots;
  }
}

export function writeTradeFlow(raw: Float32Array, bank: DecayBank): void {
  const sums = bank.sums;
  const depth = bank.means[MEAN_TOP_DEPTH_SLOW]!;
  const fade = FADE * depth;
  for (let i = 0; i < 3; i++) {
    const buy = sums[i === 0 ? SUM_BUY_FAST : i === 1 ? SUM_BUY_MEDIUM : SUM_BUY_SLOW]!;
    const sell = sums[i === 0 ? SUM_SELL_FAST : i === 1 ? SUM_SELL_MEDIUM : SUM_SELL_SLOW]!;
    const total = buy + sell + fade;
    raw[TRADE_FLOW_FIRST + i] = total > 0 ? (buy - sell) / total : 0;
  }
  const pressure = depth > 0 ? (sums[SUM_BUY_MEDIUM]! - sums[SUM_SELL_MEDIUM]!) / depth : 0;
  raw[TRADE_FLOW_FIRST + 3] = pressure / Math.sqrt(1 + Math.abs(pressure));
}
