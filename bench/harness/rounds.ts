import type { Clock } from '../../src/core/time.ts';
import { type Check, type Figure, type Spread, same } from './bench.ts';

/** One of the two sides of a comparison. */
export interface Side {
  readonly name: string;
  /** Before each round, not measured. */
  prepare?(): void;
  /** Does the whole work once and returns a number that depends on all of it. */
  run(): number;
}

export interface Comparison {
  /** Duration of each round, ns. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  readonly check: Check;
}

/**
 * Runs two sides in turns, `warmUp + rounds` times, so that a slow phase of the machine meets both; which of them goes
 * first alternates. Both must give the same number in every round: what is fast and wrong fails.
 */
export function interleave(clock: Clock, what: string, ours: Side, theirs: Side, rounds: number, warmUp = 2): Comparison {
  const oursNs: number[] = [];
  const theirsNs: number[] = [];
  let check = same(what, 0, 0);
  for (let round = -warmUp; round < rounds; round++) {
    const oursFirst = (round & 1) === 0;
    const first = timed(clock, oursFirst ? ours : theirs);
    const second = timed(clock, oursFirst ? theirs : ours);
    const [a, b] = oursFirst ? [first, second] : [second, first];
    if (round === -warmUp || check.ok) check = same(what, a.result, b.result);
    if (round < 0) continue;
    oursNs.push(a.ns);
    theirsNs.push(b.ns);
  }
  return { ours: oursNs, theirs: theirsNs, check };
}

function timed(clock: Clock, side: Side): { readonly ns: number; readonly result: number } {
  side.prepare?.();
  const beganNs = clock.nowNs();
  const result = side.run();
  return { ns: clock.nowNs() - beganNs, result };
}

/** ns a unit of both sides, and how many times faster ours is. */
export function nsFigure(what: string, comparison: Comparison, units: number, besideName: string): Figure {
  return {
    what,
    unit: 'ns',
    ours: spreadOf(comparison.ours.map((ns) => ns / units)),
    beside: { name: besideName, value: spreadOf(comparison.theirs.map((ns) => ns / units)) },
    ratio: spreadOf(comparison.ours.map((ns, round) => comparison.theirs[round]! / ns)),
  };
}

/** Units a time of both sides; `scale` turns units a nanosecond into the unit shown. */
export function rateFigure(
  what: string,
  unit: Figure['unit'],
  comparison: Pick<Comparison, 'ours' | 'theirs'>,
  units: number,
  scale: number,
  besideName: string,
): Figure {
  const rate = (ns: number): number => (units / ns) * scale;
  return {
    what,
    unit,
    ours: spreadOf(comparison.ours.map(rate)),
    beside: { name: besideName, value: spreadOf(comparison.theirs.map(rate)) },
    ratio: spreadOf(comparison.ours.map((ns, round) => comparison.theirs[round]! / ns)),
  };
}

/** Median, median absolute deviation and range of one value a round. */
export function spreadOf(values: readonly number[]): Spread {
  const median = medianOf(values);
  return {
    median,
    mad: medianOf(values.map((value) => Math.abs(value - median))),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length,
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
