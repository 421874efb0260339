import { FEATURE_LEVELS } from '../../core/limits.ts';
import type { DepthLevels } from './market-view.hot.ts';

/**
 * Shape of the book over ten levels: how much stands behind the touch, distance-weighted pressure, and the slope of
 * cumulative depth (Naes and Skjeltorp 2006; Cao, Hansch and Wang 2009). Written after each depth message.
 */
export const DEPTH_SHAPE_FIRST = 36;
export const DEPTH_SHAPE_COUNT = 4;

/** Distances from the mid count as at least this many ticks, half of the narrowest spread. */
const DISTANCE_TICKS_MIN = 0.5;

export function writeDepthShape(raw: Float32Array, levels: DepthLevels): void {
  const bids = levels.bids;
  const asks = levels.asks;
  let bidBehind = 0;
  let askBehind = 0;
  let pressure = 0;
  let slope = 0;
  if (bids > 0 && asks > 0) {
    const mid = (levels.bidTicks[0]! + levels.askTicks[0]!) / 2;
    let bidLots = 0;
    let askLots = 0;
    let bidPressure = 0;
    let askPressure = 0;
    let bidReach = DISTANCE_TICKS_MIN;
    let askReach = DISTANCE_TICKS_MIN;
    for (let i = 0; i < FEATURE_LEVELS; i++) {
      if (i < bids) {
        bidReach = Math.max(mid - levels.bidTicks[i]!, DISTANCE_TICKS_MIN);
        bidLots += levels.bidLots[i]!;
        bidPressure += levels.bidLots[i]! / bidReach;
      }
      if (i < asks) {
        askReach = Math.max(levels.askTicks[i]! - mid, DISTANCE_TICKS_MIN);
        askLots += levels.askLots[i]!;
        askPressure += levels.askLots[i]! / askReach;
      }
    }
    const bestBid = levels.bidLots[0]!;
    const bestAsk = levels.askLots[0]!;
    if (bestBid > 0) bidBehind = Math.log(bidLots / bestBid);
    if (bestAsk > 0) askBehind = Math.log(askLots / bestAsk);
    if (bidPressure + askPressure > 0) pressure = (bidPressure - askPressure) / (bidPressure + askPressure);
    if (bidLots > 0 && askLots > 0) slope = Math.log((bidLots * askReach) / (askLots * bidReach));
  }
  raw[DEPTH_SHAPE_FIRST] = bidBehind;
  raw[DEPTH_SHAPE_FIRST + 1] = askBehind;
  raw[DEPTH_SHAPE_FIRST + 2] = pressure;
  raw[DEPTH_SHAPE_FIRST + 3] = slope;
}
