import { type DecayBank, MEAN_SPREAD_SLOW } from './decay.hot.ts';
import { TOP_ASK, TOP_BID, type TopOfBook } from './market-view.hot.ts';

/** Spread in ticks, as a logarithm, and against its own time-weighted mean (Cartea, Jaimungal and Penalva 2015, ch. 4). */
export const SPREAD_FIRST = 24;
export const SPREAD_COUNT = 2;

/** A locked or crossed top counts as one tick wide. The logarithm is taken when the spread changes, not at each tick. */
export function spreadOnTop(raw: Float32Array, bank: DecayBank, top: TopOfBook): void {
  const spread = Math.max(top.ticks[TOP_ASK]! - top.ticks[TOP_BID]!, 1);
  if (spread === bank.held[MEAN_SPREAD_SLOW]!) return;
  bank.held[MEAN_SPREAD_SLOW] = spread;
  raw[SPREAD_FIRST] = Math.log(spread);
}

export function writeSpread(raw: Float32Array, bank: DecayBank): void {
  const spread = bank.held[MEAN_SPREAD_SLOW]!;
  const mean = bank.means[MEAN_SPREAD_SLOW]!;
  const total = spread + mean;
  raw[SPREAD_FIRST + 1] = total > 0 ? (spread - mean) / total : 0;
}
