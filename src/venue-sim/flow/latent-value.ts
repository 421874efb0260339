import { exactExp } from '../exact-math.ts';
import type { Variates } from './variates.ts';

export interface LatentValueParameters {
  /** Diffusion, ticks per square root of a second, in a regime of volatility 1. */
  readonly diffusionTicks: number;
  /** Jumps arrive as a self-exciting process: base rate, mean children of a jump, and how fast the excitement fades. */
  readonly jumpsPerS: number;
  readonly jumpBranching: number;
  readonly jumpDecayPerS: number;
  /** Mean magnitude of a jump, ticks. */
  readonly jumpMeanTicks: number;
  /** Drift: standard deviation in ticks per second, and how long it lasts. */
  readonly driftTicksPerS: number;
  readonly driftLastsS: number;
  /** Logarithm of the volatility regime: standard deviation, and how long a regime lasts. */
  readonly regimeSigma: number;
  readonly regimeLastsS: number;
  /** Share per second of the gap to the market price that the value gives up: trades without information move it too. */
  readonly followPerS: number;
}

/**
 * What informed participants believe the instrument to be worth, in ticks (a fraction is meant): jump diffusion with clustered jumps, a slow drift
 * and a slowly changing volatility regime. The market does not see it; it leaks through informed orders, which is what makes order
 * flow and queue imbalance carry a signal.
 */
export class LatentValue {
  ticks: number;
  /** Volatility regime now; its median is 1. */
  regime = 1;
  private readonly parameters: LatentValueParameters;
  private readonly variates: Variates;
  private regimeLog = 0;
  private drift = 0;
  private jumpExcitation = 0;

  constructor(parameters: LatentValueParameters, variates: Variates, startTicks: number) {
    this.parameters = parameters;
    this.variates = variates;
    this.ticks = startTicks;
  }

  /** Moves on by `stepS` seconds beside a market at `midTicks`. Returns the size of the jump in this step, ticks; 0 when none. */
  step(stepS: number, midTicks: number): number {
    const p = this.parameters;
    const root = Math.sqrt(stepS);
    this.regimeLog +=
      -this.regimeLog * (stepS / p.regimeLastsS) + p.regimeSigma * Math.sqrt(2 / p.regimeLastsS) * root * this.variates.normal();
    this.regime = exactExp(this.regimeLog);
    this.drift += -this.drift * (stepS / p.driftLastsS) + p.driftTicksPerS * Math.sqrt(2 / p.driftLastsS) * root * this.variates.normal();
    this.ticks += this.drift * stepS + p.diffusionTicks * this.regime * root * this.variates.normal();
    this.ticks += (midTicks - this.ticks) * p.followPerS * stepS;
    this.jumpExcitation *= 1 - p.jumpDecayPerS * stepS;
    const jumpRate = p.jumpsPerS * this.regime + this.jumpExcitation;
    if (!this.variates.chance(jumpRate * stepS)) return 0;
    this.jumpExcitation += p.jumpBranching * p.jumpDecayPerS;
    const jump = this.variates.laplace(p.jumpMeanTicks);
    this.ticks += jump;
    return jump;
  }
}
