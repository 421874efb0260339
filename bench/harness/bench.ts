import type { LatencySummary } from '../../src/core/histogram.ts';
import type { Clock } from '../../src/core/time.ts';
import type { Environment } from '../../src/report/environment.ts';

/** What a bench may use. Every bench runs in a worker of its own, so that none meets code warmed up by another's types. */
export interface BenchContext {
  readonly clock: Clock;
  /** Small inputs: everything runs and is checked, nothing is worth quoting. */
  readonly smoke: boolean;
  /** Core the bench is pinned to, -1 when it is not. */
  readonly core: number;
  /** Another core, for a second thread; -1 on a machine with one. */
  readonly otherCore: number;
  /** Pins the bench's thread; called after set-up, because threads started later inherit the core. */
  pin(): void;
}

/** A quantity measured in several rounds. */
export interface Spread {
  readonly median: number;
  /** Median absolute deviation from the median. */
  readonly mad: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

export type Unit = 'ns' | 'M/s' | 'MB/s' | '1/s' | 'count';

/** One row of the table: a quantity of ours, and beside it the same of another implementation in the same rounds. */
export interface Figure {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: Spread;
  readonly beside?: { readonly name: string; readonly value: Spread };
  /** How many times better ours is, computed round by round. */
  readonly ratio?: Spread;
}

/** One row of the latency table. */
export interface LatencyRow extends LatencySummary {
  readonly what: string;
}

/** A result that must be right for the bench to pass. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** The value both sides gave, or what differed. */
  readonly detail: string;
}

export interface BenchFindings {
  readonly figures: Readonly<Record<string, Figure>>;
  readonly latencies: Readonly<Record<string, LatencyRow>>;
  readonly checks: readonly Check[];
  /** What a reader must know to read the figures. */
  readonly notes: readonly string[];
}

export type Bench = (context: BenchContext) => Promise<BenchFindings> | BenchFindings;

export interface BenchResult extends BenchFindings {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly pin: string;
}

/** What `tickpath bench --json` prints. */
export interface BenchDocument {
  readonly environment: Environment;
  readonly environment_line: string;
  readonly smoke: boolean;
  readonly ok: boolean;
  readonly benches: readonly BenchResult[];
}

/** A check that two sides gave the same. */
export function same(what: string, ours: string | number, theirs: string | number): Check {
  const ok = Object.is(ours, theirs);
  return { what, ok, detail: ok ? String(ours) : `${ours}, expected ${theirs}` };
}
