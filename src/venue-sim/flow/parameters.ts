import type { HawkesKernel } from './hawkes.ts';
import type { LatentValueParameters } from './latent-value.ts';
import type { SizeParameters } from './sizes.ts';

/**
 * Event types are `family * 2 + side`. Side is the side of the book that the order stands on, or, of a market order, the taker's.
 * JOIN: a limit order at or near the touch. PULL: a cancel there. DEEP: a limit order or a cancel anywhere behind.
 */
export const FAMILY = { MARKET: 0, JOIN: 1, PULL: 2, DEEP: 3 } as const;
export const EVENT_TYPES = 8;

/** Kernels by index: answers within milliseconds, activity that lasts a second, waves of requotes after a price move. */
export const KERNEL = { FAST: 0, SLOW: 1, WAVE: 2 } as const;

export interface FlowParameters {
  readonly startPriceTicks: number;
  /** Events per second and side in a calm market. */
  readonly marketPerS: number;
  readonly joinPerS: number;
  readonly deepPerS: number;
  /** Cancels per second of each order of the touch pool, before refusal by state. */
  readonly pullPerOrderPerS: number;
  /** Extra joins per second while the spread is wider than a tick, on the side that the latent value favours and on the other. */
  readonly closeSpreadPerS: readonly [number, number];
  /** Gap between latent value and mid that informed participants act on, and the gap that adds one unit of pressure, ticks. */
  readonly pressureFromTicks: number;
  readonly pressureUnitTicks: number;
  readonly pressureMax: number;
  /** Market orders, and cancels in their way, per unit of pressure relative to calm. */
  readonly marketPerPressure: number;
  readonly pullPerPressure: number;
  /** Quantity that makers like to see at the touch: median lots, standard deviation of its logarithm, how long it lasts, s. */
  readonly touchLots: number;
  readonly touchSigma: number;
  readonly touchLastsS: number;
  /** How far a gap of `touchLeanTicks` or more tilts the logarithm of the liked quantity, up on the favoured side and down on the other. */
  readonly touchLean: number;
  readonly touchLeanTicks: number;
  /** Probability that a proposed cancel at a touch of the liked size takes place. */
  readonly pullAtTouch: number;
  /** Distance of deep orders from the touch: Lomax, scale in ticks and shape; the farthest; orders a side that the book tends to. */
  readonly deepScaleTicks: number;
  readonly deepShape: number;
  readonly deepMaxTicks: number;
  readonly deepOrders: number;
  /** Share of deep cancels that clear orders which the price has come near to, and how near that is, ticks. */
  readonly clearNear: number;
  readonly clearNearTicks: number;
  /** Deep events a side that one tick of price move sets off, and the most one move does. */
  readonly wavePerTick: number;
  readonly waveMax: number;
  /** Joins and cancels a side at the touch that one tick of a move of `stirFromTicks` or more sets off, and the most one move does. */
  readonly stirFromTicks: number;
  readonly stirPerTick: number;
  readonly stirMax: number;
  readonly marketSizes: SizeParameters;
  readonly touchSizes: SizeParameters;
  readonly deepSizes: SizeParameters;
  readonly latent: LatentValueParameters;
  readonly kernels: readonly HawkesKernel[];
}

/**
 * Mean children by [parent family][child family], same side and opposite side of the book. A market buy is side 0 and consumes asks:
 * it calls for asks to be replaced (JOIN, opposite), for asks to be pulled (PULL, opposite), and for more buys.
 */
function branching(same: readonly (readonly number[])[], opposite: readonly (readonly number[])[]): number[][] {
  const rows: number[][] = [];
  for (let parent = 0; parent < EVENT_TYPES; parent++) {
    const row: number[] = [];
    for (let child = 0; child < EVENT_TYPES; child++) {
      const table = (parent & 1) === (child & 1) ? same : opposite;
      row.push(table[parent >> 1]![child >> 1]!);
    }
    rows.push(row);
  }
  return rows;
}

const NONE: readonly (readonly number[])[] = [
  [0, 0, 0, 0],
  [0, 0, 0, 0],
  [0, 0, 0, 0],
  [0, 0, 0, 0],
];

const FAST_SAME: readonly (readonly number[])[] = [
  [0.25, 0.35, 0.1, 0.2],
  [0.0, 0.26, 0.26, 0.05],
  [0.0, 0.26, 0.22, 0.05],
  [0.0, 0.0, 0.0, 0.25],
];
const FAST_OPPOSITE: readonly (readonly number[])[] = [
  [0.02, 0.45, 0.5, 0.2],
  [0.0, 0.05, 0.03, 0.0],
  [0.02, 0.03, 0.05, 0.0],
  [0.0, 0.0, 0.0, 0.1],
];
const SLOW_SAME: readonly (readonly number[])[] = [
  [0.16, 0.3, 0.2, 0.4],
  [0.0, 0.07, 0.05, 0.1],
  [0.0, 0.05, 0.06, 0.1],
  [0.0, 0.0, 0.0, 0.2],
];
const SLOW_OPPOSITE: readonly (readonly number[])[] = [
  [0.05, 0.3, 0.3, 0.5],
  [0.0, 0.04, 0.03, 0.0],
  [0.0, 0.03, 0.04, 0.0],
  [0.0, 0.0, 0.0, 0.1],
];

/** A perpetual future near 60,000.0 with a tick of 0.10 and a lot of 0.001, as busy as the large ones. */
export const DEFAULT_FLOW: FlowParameters = {
  startPriceTicks: 600_000,
  marketPerS: 0.9,
  joinPerS: 1.1,
  deepPerS: 60,
  pullPerOrderPerS: 2.4,
  closeSpreadPerS: [600, 120],
  pressureFromTicks: 4,
  pressureUnitTicks: 12,
  pressureMax: 12,
  marketPerPressure: 2.5,
  pullPerPressure: 1.5,
  touchLots: 2_600,
  touchSigma: 0.7,
  touchLastsS: 4,
  touchLean: 0.8,
  touchLeanTicks: 8,
  pullAtTouch: 0.07,
  deepScaleTicks: 512,
  deepShape: 1.2,
  deepMaxTicks: 60_000,
  deepOrders: 2_600,
  clearNear: 0.66,
  clearNearTicks: 300,
  wavePerTick: 2.5,
  waveMax: 500,
  stirFromTicks: 2,
  stirPerTick: 0.5,
  stirMax: 40,
  marketSizes: { medianLots: 10, sigma: 2, maxLots: 20_000, dustProbability: 0.22, houseProbability: 0.15, roundProbability: 0.3 },
  touchSizes: { medianLots: 80, sigma: 1.75, maxLots: 20_000, dustProbability: 0.14, houseProbability: 0.4, roundProbability: 0.2 },
  deepSizes: { medianLots: 60, sigma: 1.9, maxLots: 200_000, dustProbability: 0.2, houseProbability: 0.1, roundProbability: 0.25 },
  latent: {
    diffusionTicks: 7,
    jumpsPerS: 0.3,
    jumpBranching: 0.7,
    jumpDecayPerS: 1.5,
    jumpMeanTicks: 48,
    driftTicksPerS: 2,
    driftLastsS: 60,
    regimeSigma: 0.55,
    regimeLastsS: 25,
    followPerS: 0.4,
  },
  kernels: [
    { decayPerS: 1_200, branching: branching(FAST_SAME, FAST_OPPOSITE) },
    { decayPerS: 2.5, branching: branching(SLOW_SAME, SLOW_OPPOSITE) },
    { decayPerS: 50, branching: branching(NONE, NONE) },
  ],
};
