import type { Prng } from '../../core/prng.ts';
import { exactExp, exactLog } from '../exact-math.ts';

/** Random variates whose bytes do not depend on the platform: exact arithmetic over one seeded generator. */
export class Variates {
  private readonly prng: Prng;

  constructor(prng: Prng) {
    this.prng = prng;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.prng.nextFloat();
  }

  /** Uniform integer in 0 .. bound - 1. */
  below(bound: number): number {
    return this.prng.nextInt(bound);
  }

  chance(probability: number): boolean {
    return this.prng.nextFloat() < probability;
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * exactLog(1 - this.prng.nextFloat());
  }

  /** Standard normal (Marsaglia and Bray 1964, polar method: no trigonometry). */
  normal(): number {
    for (;;) {
      const x = 2 * this.prng.nextFloat() - 1;
      const y = 2 * this.prng.nextFloat() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * exactLog(square)) / square);
    }
  }

  logNormal(median: number, sigma: number): number {
    return median * exactExp(sigma * this.normal());
  }

  /** Double exponential, mean 0, with the given mean magnitude. */
  laplace(meanMagnitude: number): number {
    const magnitude = this.exponential(meanMagnitude);
    return this.chance(0.5) ? magnitude : -magnitude;
  }

  /** Lomax (Pareto II): P(X > x) = (1 + x / scale)^-shape, a power law beyond `scale`. */
  lomax(scale: number, shape: number): number {
    return scale * (exactExp(-exactLog(1 - this.prng.nextFloat()) / shape) - 1);
  }
}
