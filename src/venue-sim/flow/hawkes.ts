import { assert } from '../../core/assert.ts';
import { exactExp } from '../exact-math.ts';
import type { Variates } from './variates.ts';

const NS_PER_S = 1e9;

/** One exponential kernel: `branching[i][j]` is the mean number of direct children of type j of one event of type i. */
export interface HawkesKernel {
  readonly decayPerS: number;
  readonly branching: readonly (readonly number[])[];
}

/**
 * A multivariate Hawkes process with exponential kernels (Hawkes 1971), simulated by thinning (Ogata 1981). Between events every
 * intensity only falls, so the total intensity now bounds the total until the next event.
 *
 * `next` proposes an event; the caller says with `excite` that it took place. A proposal that its state refuses (a cancel with nothing
 * to cancel) thus leaves no trace, which makes the refusal a further thinning of the same process.
 */
export class HawkesProcess {
  /** Base intensity by type, events per second. The caller may change it between two calls of `next`. */
  readonly baselinePerS: Float64Array;
  private readonly kernels: readonly HawkesKernel[];
  private readonly excitationPerS: readonly Float64Array[];
  private readonly variates: Variates;
  private timeNs: number;

  constructor(types: number, kernels: readonly HawkesKernel[], variates: Variates, startNs: number) {
    for (const kernel of kernels) assert(kernel.branching.length === types, 'Invariant: a Hawkes kernel has one row for each type');
    this.baselinePerS = new Float64Array(types);
    this.kernels = kernels;
    this.excitationPerS = kernels.map(() => new Float64Array(types));
    this.variates = variates;
    this.timeNs = startNs;
  }

  /** Time of the last proposal, or where `next` stopped, ns. */
  nowNs(): number {
    return this.timeNs;
  }

  /** Type of the next proposed event, its time in `nowNs()`; -1 when there is none before `untilNs`, where time then stands. */
  next(untilNs: number): number {
    for (;;) {
      const bound = this.totalPerS();
      const waitNs = bound > 0 ? this.variates.exponential(NS_PER_S / bound) : Infinity;
      if (this.timeNs + waitNs >= untilNs) {
        this.decay(untilNs - this.timeNs);
        this.timeNs = untilNs;
        return -1;
      }
      this.decay(waitNs);
      this.timeNs += waitNs;
      const type = this.typeAt(this.variates.uniform() * bound);
      if (type >= 0) return type;
    }
  }

  /** Records that an event of `type` took place now. */
  excite(type: number): void {
    for (let k = 0; k < this.kernels.length; k++) {
      const kernel = this.kernels[k]!;
      const row = kernel.branching[type]!;
      const excitation = this.excitationPerS[k]!;
      for (let j = 0; j < row.length; j++) excitation[j] = excitation[j]! + row[j]! * kernel.decayPerS;
    }
  }

  /** Adds `children` expected events of `type` from outside the process, spread by kernel `kernel`. */
  push(kernel: number, type: number, children: number): void {
    const excitation = this.excitationPerS[kernel]!;
    excitation[type] = excitation[type]! + children * this.kernels[kernel]!.decayPerS;
  }

  private totalPerS(): number {
    let total = 0;
    for (let j = 0; j < this.baselinePerS.length; j++) total += this.intensityPerS(j);
    return total;
  }

  private intensityPerS(type: number): number {
    let intensity = this.baselinePerS[type]!;
    for (let k = 0; k < this.excitationPerS.length; k++) intensity += this.excitationPerS[k]![type]!;
    return intensity;
  }

  /** The type whose share of the intensity covers `mark`; -1 when the mark lies above the total: the proposal is thinned out. */
  private typeAt(mark: number): number {
    let below = 0;
    for (let j = 0; j < this.baselinePerS.length; j++) {
      below += this.intensityPerS(j);
      if (mark < below) return j;
    }
    return -1;
  }

  private decay(elapsedNs: number): void {
    for (let k = 0; k < this.kernels.length; k++) {
      const factor = exactExp((-elapsedNs / NS_PER_S) * this.kernels[k]!.decayPerS);
      const excitation = this.excitationPerS[k]!;
      for (let j = 0; j < excitation.length; j++) excitation[j] = excitation[j]! * factor;
    }
  }
}
