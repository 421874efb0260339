import { SIDE } from '../../core/records/market.ts';
import { TIME_IN_FORCE } from '../../core/records/order.ts';
import { MATCHING, type MatchingEngine } from '../matching/matching-engine.hot.ts';
import type { Variates } from './variates.ts';

/** Side, price as a share of the start price, quantity of the order that stays, quantity of the one that comes and goes; lots. */
const QUOTES: readonly (readonly [number, number, number, number])[] = [
  [SIDE.BUY, 1 / 60, 606_675, 2_500],
  [SIDE.BUY, 1 / 12, 2_301, 20],
  [SIDE.BUY, 1 / 2, 5_203, 8],
  [SIDE.SELL, 7 / 6, 1_204, 12],
  [SIDE.SELL, 3 / 2, 87_050, 700],
];

/** Orders far from any trade whose quantity flickers all day: a book must hold prices that lie very far apart. */
export class FarQuotes {
  private readonly engine: MatchingEngine;
  private readonly startTicks: number;
  private readonly variates: Variates;
  /** Id of the order that comes and goes, by quote; -1 while it is away. */
  private readonly flickerIds: number[] = QUOTES.map(() => -1);

  constructor(engine: MatchingEngine, startTicks: number, variates: Variates) {
    this.engine = engine;
    this.startTicks = startTicks;
    this.variates = variates;
  }

  populate(): void {
    for (const quote of QUOTES) this.engine.limit(quote[0], this.ticksOf(quote[1]), quote[2], TIME_IN_FORCE.GTC, true, 0);
  }

  flicker(): boolean {
    const index = this.variates.below(QUOTES.length);
    const quote = QUOTES[index]!;
    const flickerId = this.flickerIds[index]!;
    if (flickerId >= 0) {
      this.flickerIds[index] = -1;
      return this.engine.cancel(flickerId) === MATCHING.DONE;
    }
    const status = this.engine.limit(quote[0], this.ticksOf(quote[1]), quote[3], TIME_IN_FORCE.GTC, true, 0);
    this.flickerIds[index] = this.engine.lastOrderId;
    return status === MATCHING.RESTING;
  }

  private ticksOf(share: number): number {
    return Math.round(this.startTicks * share);
  }
}
