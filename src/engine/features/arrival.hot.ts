import { SIDE } from '../../core/records/market.ts';
import { type DecayBank, SUM_ARRIVAL_MEDIUM, TIME_LAST_TRADE, TIME_NOW } from './decay.hot.ts';
import { TOP_ASK, TOP_ASK_BEFORE, TOP_BID, TOP_BID_BEFORE, type TopOfBook } from './market-view.hot.ts';

/**
 * Arrival intensity of each event type and side: an exponential kernel adds 1/tau at each event, so a sum is events per
 * second (Hawkes 1971; Bacry, Mastromatteo and Muzy 2015). The square root evens the variance of a count (Anscombe 1948).
 * tau is one second, so the sum of ones needs no factor.
 */
export const ARRIVAL_FIRST = 26;
export const ARRIVAL_COUNT = 6;
/** Time t since the last trade as t / (t + 100 ms). Before any trade: since the first event. */
export const RECENCY_FIRST = 35;
export const RECENCY_COUNT = 1;

const BUY_TRADE = 0;
const SELL_TRADE = 1;
const BID_ADD = 2;
const BID_REMOVE = 3;
const ASK_ADD = 4;
const ASK_REMOVE = 5;
const RECENCY_HALF_NS = 100_000_000;

export function arrivalOnTrade(bank: DecayBank, side: number): void {
  const sums = bank.sums;
  const slot = SUM_ARRIVAL_MEDIUM + (side === SIDE.BUY ? BUY_TRADE : SELL_TRADE);
  sums[slot] = sums[slot]! + 1;
  bank.times[TIME_LAST_TRADE] = bank.times[TIME_NOW]!;
}

/** Liquidity came to a side when its price bettered, or its quantity grew at an unchanged price; it left in the mirror case. */
export function arrivalOnTop(bank: DecayBank, top: TopOfBook): void {
  const sums = bank.sums;
  const ticks = top.ticks;
  const lots = top.lots;
  const bidMove = ticks[TOP_BID]! - ticks[TOP_BID_BEFORE]!;
  const askMove = ticks[TOP_ASK_BEFORE]! - ticks[TOP_ASK]!;
  const bid = bidMove !== 0 ? bidMove : lots[TOP_BID]! - lots[TOP_BID_BEFORE]!;
  const ask = askMove !== 0 ? askMove : lots[TOP_ASK]! - lots[TOP_ASK_BEFORE]!;
  if (bid !== 0) {
    const slot = SUM_ARRIVAL_MEDIUM + (bid > 0 ? BID_ADD : BID_REMOVE);
    sums[slot] = sums[slot]! + 1;
  }
  if (ask !== 0) {
    const slot = SUM_ARRIVAL_MEDIUM + (ask > 0 ? ASK_ADD : ASK_REMOVE);
    sums[slot] = sums[slot]! + 1;
  }
}

export function writeArrival(raw: Float32Array, bank: DecayBank): void {
  const sums = bank.sums;
  for (let i = 0; i < ARRIVAL_COUNT; i++) raw[ARRIVAL_FIRST + i] = Math.sqrt(sums[SUM_ARRIVAL_MEDIUM + i]!);
  const times = bank.times;
  const sinceNs = times[TIME_NOW]! - times[TIME_LAST_TRADE]!;
  raw[RECENCY_FIRST] = sinceNs / (sinceNs + RECENCY_HALF_NS);
}
