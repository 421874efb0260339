/**
 * Everything in the feature set that fades with time: exponentially decayed sums over events, and time-weighted
 * exponential means of a held value. One bank a stage, advanced once for each distinct time.
 *
 * A sum obeys s(t) = sum over events n of x_n e^(-(t - t_n)/tau). A mean obeys dm/dt = (x - m)/tau with x the value held,
 * so between events m(t) = x + (m(t0) - x) e^(-(t - t0)/tau).
 */

/** Time constants, ns. Each is ten times the one before, which makes one exponential serve all three. */
export const TAU_FAST_NS = 100_000_000;
export const TAU_MEDIUM_NS = 1_000_000_000;
export const TAU_SLOW_NS = 10_000_000_000;

/** Levels whose order flow is followed one by one. */
export const FLOW_LEVELS = 5;

/** Slots of the decayed sums; those of one time constant stand together, in the order fast, medium, slow. */
export const SUM_FLOW_FAST = 0;
export const SUM_BUY_FAST = 1;
export const SUM_SELL_FAST = 2;
const MEDIUM_FIRST = 3;
/** FLOW_LEVELS slots. */
export const SUM_FLOW_MEDIUM = 3;
export const SUM_BUY_MEDIUM = 8;
export const SUM_SELL_MEDIUM = 9;
export const SUM_VARIANCE_MEDIUM = 10;
/** ARRIVAL_COUNT (6) slots. */
export const SUM_ARRIVAL_MEDIUM = 11;
const SLOW_FIRST = 17;
/** FLOW_LEVELS slots. */
export const SUM_FLOW_SLOW = 17;
export const SUM_BUY_SLOW = 22;
export const SUM_SELL_SLOW = 23;
export const SUM_VARIANCE_SLOW = 24;
const SUM_COUNT = 25;

/** Slots of the means, ordered likewise. The first six are of the top of book, the last of the depth. */
export const MEAN_MID_FAST = 0;
export const MEAN_MID_MEDIUM = 1;
export const MEAN_MICROPRICE_MEDIUM = 2;
export const MEAN_MID_SLOW = 3;
export const MEAN_SPREAD_SLOW = 4;
export const MEAN_TOP_DEPTH_SLOW = 5;
export const MEAN_LEVEL_DEPTH_SLOW = 6;
const MEAN_COUNT = 7;

/** Indexes of `times`. INPUT is written by the caller before `advance`. */
export const TIME_INPUT = 0;
export const TIME_NOW = 1;
export const TIME_FIRST = 2;
export const TIME_LAST_TRADE = 3;

/** Below this a sum is nothing: cut to zero, or it would creep through the denormals, which are slow. */
const SUM_FLOOR = 1e-30;

export class DecayBank {
  readonly sums = new Float64Array(SUM_COUNT);
  readonly means = new Float64Array(MEAN_COUNT);
  /** The value each mean follows now. */
  readonly held = new Float64Array(MEAN_COUNT);
  /** ns since the run's base. */
  readonly times = new Float64Array(4);
  private started = 0;

  reset(): void {
    this.sums.fill(0);
    this.means.fill(0);
    this.held.fill(0);
    this.times.fill(0);
    this.started = 0;
  }

  /**
   * Brings sums and means forward to `times[TIME_INPUT]`. Time that stands still or runs backwards changes nothing.
   * Math.exp is V8's own port of fdlibm, not the C library's, so its bits are the same on every platform and version;
   * the golden test of the feature set holds it to that. Budget 60 ns when time moved.
   */
  advance(): void {
    const times = this.times;
    const input = times[TIME_INPUT]!;
    if (this.started === 0) {
      this.started = 1;
      times[TIME_NOW] = input;
      times[TIME_FIRST] = input;
      times[TIME_LAST_TRADE] = input;
      return;
    }
    const elapsedNs = input - times[TIME_NOW]!;
    if (!(elapsedNs > 0)) return;
    times[TIME_NOW] = input;

    const slow = Math.exp(-elapsedNs / TAU_SLOW_NS);
    const slow2 = slow * slow;
    const slow4 = slow2 * slow2;
    const medium = slow4 * slow4 * slow2;
    const medium2 = medium * medium;
    const medium4 = medium2 * medium2;
    const fast = medium4 * medium4 * medium2;

    const sums = this.sums;
    for (let i = 0; i < MEDIUM_FIRST; i++) {
      const value = sums[i]! * fast;
      sums[i] = value < SUM_FLOOR && value > -SUM_FLOOR ? 0 : value;
    }
    for (let i = MEDIUM_FIRST; i < SLOW_FIRST; i++) {
      const value = sums[i]! * medium;
      sums[i] = value < SUM_FLOOR && value > -SUM_FLOOR ? 0 : value;
    }
    for (let i = SLOW_FIRST; i < SUM_COUNT; i++) {
      const value = sums[i]! * slow;
      sums[i] = value < SUM_FLOOR && value > -SUM_FLOOR ? 0 : value;
    }
    const means = this.means;
    const held = this.held;
    means[MEAN_MID_FAST] = held[MEAN_MID_FAST]! + (means[MEAN_MID_FAST]! - held[MEAN_MID_FAST]!) * fast;
    for (let i = MEAN_MID_MEDIUM; i < MEAN_MID_SLOW; i++) means[i] = held[i]! + (means[i]! - held[i]!) * medium;
    for (let i = MEAN_MID_SLOW; i < MEAN_COUNT; i++) means[i] = held[i]! + (means[i]! - held[i]!) * slow;
  }
}
