import { FEATURE_LEVELS } from '../../core/limits.ts';
import { type DepthLevels, TOP_ASK, TOP_BID, type TopOfBook } from './market-view.hot.ts';

/**
 * Queue imbalance (Qb - Qa) / (Qb + Qa): level 1 of the freshest top, and of cumulative depth over 3, 5 and 10 levels after
 * the last depth message (Gould and Bonart 2016; cumulative form: Cao, Hansch and Wang 2009).
 */
export const QUEUE_IMBALANCE_FIRST = 11;
export const QUEUE_IMBALANCE_COUNT = 4;

export function writeQueueImbalance(raw: Float32Array, top: TopOfBook): void {
  const bid = top.lots[TOP_BID]!;
  const ask = top.lots[TOP_ASK]!;
  const total = bid + ask;
  raw[QUEUE_IMBALANCE_FIRST] = total > 0 ? (bid - ask) / total : 0;
}

/** Features of depth alone change only with it, so they are written when it does. */
export function writeQueueImbalanceDepth(raw: Float32Array, levels: DepthLevels): void {
  let bid = 0;
  let ask = 0;
  for (let i = 0; i < FEATURE_LEVELS; i++) {
    bid += levels.bidLots[i]!;
    ask += levels.askLots[i]!;
    const at = i === 2 ? 1 : i === 4 ? 2 : i === FEATURE_LEVELS - 1 ? 3 : 0;
    if (at === 0) continue;
    const total = bid + ask;
    raw[QUEUE_IMBALANCE_FIRST + at] = total > 0 ? (bid - ask) / total : 0;
  }
}
