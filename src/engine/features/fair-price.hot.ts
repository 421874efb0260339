import { type DecayBank, FLOW_LEVELS, MEAN_MICROPRICE_MEDIUM } from './decay.hot.ts';
import { type DepthLevels, TOP_ASK, TOP_BID, type TopOfBook } from './market-view.hot.ts';

/**
 * Where the price would be if the queues had their say: the microprice of the top of book
 * Pm = (Pa qb + Pb qa) / (qb + qa) (Gatheral and Oomen 2010; Stoikov 2018 calls it the weighted mid), its move against its
 * own mean, and the same weighting over five levels.
 */
export const FAIR_PRICE_FIRST = 15;
export const FAIR_PRICE_COUNT = 3;

export function fairPriceOnTop(bank: DecayBank, top: TopOfBook): void {
  const bidLots = top.lots[TOP_BID]!;
  const askLots = top.lots[TOP_ASK]!;
  // Both quantities of a two-sided top are above zero.
  bank.held[MEAN_MICROPRICE_MEDIUM] = (top.ticks[TOP_ASK]! * bidLots + top.ticks[TOP_BID]! * askLots) / (bidLots + askLots);
}

export function writeFairPrice(raw: Float32Array, bank: DecayBank, top: TopOfBook): void {
  const microprice = bank.held[MEAN_MICROPRICE_MEDIUM]!;
  const mid = (top.ticks[TOP_BID]! + top.ticks[TOP_ASK]!) / 2;
  const deviation = microprice - mid;
  const change = microprice - bank.means[MEAN_MICROPRICE_MEDIUM]!;
  raw[FAIR_PRICE_FIRST] = deviation / Math.sqrt(1 + Math.abs(deviation));
  raw[FAIR_PRICE_FIRST + 1] = change / Math.sqrt(1 + Math.abs(change));
}

/** Depth-weighted mid over five levels against the mid of the same depth, in spreads. */
export function writeFairPriceDepth(raw: Float32Array, levels: DepthLevels): void {
  let value = 0;
  if (levels.bids > 0 && levels.asks > 0) {
    const bestBid = levels.bidTicks[0]!;
    const bestAsk = levels.askTicks[0]!;
    const mid = (bestBid + bestAsk) / 2;
    let bidLots = 0;
    let askLots = 0;
    // Distances from the mid, so that large prices cost no precision.
    let bidMoment = 0;
    let askMoment = 0;
    for (let i = 0; i < FLOW_LEVELS; i++) {
      if (i < levels.bids) {
        bidLots += levels.bidLots[i]!;
        bidMoment += levels.bidLots[i]! * (mid - levels.bidTicks[i]!);
      }
      if (i < levels.asks) {
        askLots += levels.askLots[i]!;
        askMoment += levels.askLots[i]! * (levels.askTicks[i]! - mid);
      }
    }
    if (bidLots > 0 && askLots > 0) {
      const bidDistance = bidMoment / bidLots;
      const askDistance = askMoment / askLots;
      const spread = Math.max(bestAsk - bestBid, 1);
      value = (askDistance * bidLots - bidDistance * askLots) / ((bidLots + askLots) * spread);
    }
  }
  raw[FAIR_PRICE_FIRST + 2] = value / Math.sqrt(1 + Math.abs(value));
}
