import {
  type DecayBank,
  FLOW_LEVELS,
  MEAN_LEVEL_DEPTH_SLOW,
  MEAN_TOP_DEPTH_SLOW,
  SUM_FLOW_FAST,
  SUM_FLOW_MEDIUM,
  SUM_FLOW_SLOW,
} from './decay.hot.ts';
import { type DepthLevels, TOP_ASK, TOP_ASK_BEFORE, TOP_BID, TOP_BID_BEFORE, type TopOfBook } from './market-view.hot.ts';

/**
 * Order-flow imbalance. Each event at a level contributes
 * e = 1{Pb >= Pb'} qb - 1{Pb <= Pb'} qb' - 1{Pa <= Pa'} qa + 1{Pa >= Pa'} qa' (primed: before the event; Cont, Kukanov and
 * Stoikov 2014). Level 1 follows the freshest top of book, levels 2 to 5 the depth messages (Xu, Gould and Howison 2019).
 * Sums decay with time and are divided by mean depth (Cont, Cucuringu and Zhang 2023).
 *
 * Here and in the other families a heavy-tailed x enters as x / sqrt(1 + |x|): linear near zero, a signed square root far
 * out. It is written in place each time, for a double returned by a call that V8 did not inline is boxed on the heap.
 */
export const ORDER_FLOW_FIRST = 0;
export const ORDER_FLOW_COUNT = 11;

/** After each change of the top of book. */
export function orderFlowOnTop(bank: DecayBank, top: TopOfBook): void {
  const ticks = top.ticks;
  const lots = top.lots;
  const bid = ticks[TOP_BID]!;
  const ask = ticks[TOP_ASK]!;
  const bidBefore = ticks[TOP_BID_BEFORE]!;
  const askBefore = ticks[TOP_ASK_BEFORE]!;
  let flow = 0;
  if (bid >= bidBefore) flow += lots[TOP_BID]!;
  if (bid <= bidBefore) flow -= lots[TOP_BID_BEFORE]!;
  if (ask <= askBefore) flow -= lots[TOP_ASK]!;
  if (ask >= askBefore) flow += lots[TOP_ASK_BEFORE]!;
  const sums = bank.sums;
  sums[SUM_FLOW_FAST] = sums[SUM_FLOW_FAST]! + flow;
  sums[SUM_FLOW_MEDIUM] = sums[SUM_FLOW_MEDIUM]! + flow;
  sums[SUM_FLOW_SLOW] = sums[SUM_FLOW_SLOW]! + flow;
  bank.held[MEAN_TOP_DEPTH_SLOW] = (lots[TOP_BID]! + lots[TOP_ASK]!) / 2;
}

/** After each whole depth message. */
export function orderFlowOnDepth(bank: DecayBank, levels: DepthLevels): void {
  const sums = bank.sums;
  // The first depth message has nothing before it to differ from.
  if (levels.updates > 1) {
    for (let i = 1; i < FLOW_LEVELS; i++) {
      const bid = levels.bidTicks[i]!;
      const ask = levels.askTicks[i]!;
      const bidBefore = levels.bidTicksBefore[i]!;
      const askBefore = levels.askTicksBefore[i]!;
      let flow = 0;
      if (bid >= bidBefore) flow += levels.bidLots[i]!;
      if (bid <= bidBefore) flow -= levels.bidLotsBefore[i]!;
      if (ask <= askBefore) flow -= levels.askLots[i]!;
      if (ask >= askBefore) flow += levels.askLotsBefore[i]!;
      sums[SUM_FLOW_MEDIUM + i] = sums[SUM_FLOW_MEDIUM + i]! + flow;
      sums[SUM_FLOW_SLOW + i] = sums[SUM_FLOW_SLOW + i]! + flow;
    }
  }
  let depth = 0;
  for (let i = 0; i < FLOW_LEVELS; i++) depth += levels.bidLots[i]! + levels.askLots[i]!;
  bank.held[MEAN_LEVEL_DEPTH_SLOW] = depth / (2 * FLOW_LEVELS);
}

/** Order: level 1 fast; levels 1 to 5 medium; levels 1 to 5 slow. */
export function writeOrderFlow(raw: Float32Array, bank: DecayBank): void {
  const sums = bank.sums;
  const topDepth = bank.means[MEAN_TOP_DEPTH_SLOW]!;
  const levelDepth = bank.means[MEAN_LEVEL_DEPTH_SLOW]!;
  const topScale = topDepth > 0 ? 1 / topDepth : 0;
  const levelScale = levelDepth > 0 ? 1 / levelDepth : 0;
  const medium = ORDER_FLOW_FIRST + 1;
  const slow = medium + FLOW_LEVELS;
  const flow = sums[SUM_FLOW_FAST]! * topScale;
  raw[ORDER_FLOW_FIRST] = flow / Math.sqrt(1 + Math.abs(flow));
  for (let i = 0; i < FLOW_LEVELS; i++) {
    const scale = i === 0 ? topScale : levelScale;
    const flowMedium = sums[SUM_FLOW_MEDIUM + i]! * scale;
    const flowSlow = sums[SUM_FLOW_SLOW + i]! * scale;
    raw[medium + i] = flowMedium / Math.sqrt(1 + Math.abs(flowMedium));
    raw[slow + i] = flowSlow / Math.sqrt(1 + Math.abs(flowSlow));
  }
}
