import type { Variates } from './variates.ts';

export interface SizeParameters {
  readonly medianLots: number;
  /** Standard deviation of the logarithm of the size. */
  readonly sigma: number;
  readonly maxLots: number;
  /** Probability of the smallest sizes that a minimum notional leaves. */
  readonly dustProbability: number;
  /** Probability of a size that some program uses for all its orders. */
  readonly houseProbability: number;
  /** Probability that a size is cut to one leading digit: people prefer round numbers. */
  readonly roundProbability: number;
}

const DUST_LOTS: readonly number[] = [2, 2, 2, 3, 3, 4, 5, 6];
const HOUSE_SIZES = 24;
/** No order is smaller: venues ask for a minimum notional. */
const MIN_LOTS = 2;

/** Heavy-tailed order sizes in whole lots: log-normal, with dust, round numbers and a handful of sizes that keep coming back. */
export class Sizes {
  private readonly parameters: SizeParameters;
  private readonly variates: Variates;
  private readonly houseLots: number[] = [];

  constructor(parameters: SizeParameters, variates: Variates) {
    this.parameters = parameters;
    this.variates = variates;
    for (let i = 0; i < HOUSE_SIZES; i++) this.houseLots.push(this.cut(this.draw(), i % 2 === 0));
  }

  next(): number {
    const p = this.parameters;
    const kind = this.variates.uniform();
    if (kind < p.dustProbability) return DUST_LOTS[this.variates.below(DUST_LOTS.length)]!;
    if (kind < p.dustProbability + p.houseProbability) {
      // The square makes the first sizes of the list the common ones.
      const u = this.variates.uniform();
      return this.houseLots[Math.floor(u * u * HOUSE_SIZES)]!;
    }
    return this.cut(this.draw(), this.variates.chance(p.roundProbability));
  }

  private draw(): number {
    return this.variates.logNormal(this.parameters.medianLots, this.parameters.sigma);
  }

  private cut(drawn: number, round: boolean): number {
    const lots = Math.min(Math.max(Math.round(drawn), MIN_LOTS), this.parameters.maxLots);
    if (!round) return lots;
    let unit = 1;
    while (unit * 10 <= lots) unit *= 10;
    return Math.floor(lots / unit) * unit;
  }
}
