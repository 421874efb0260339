import { EXIT, TickpathError } from '../core/errors.ts';
import type { LatencySummary } from '../core/histogram.ts';
import { STAGES, type Stage } from '../core/stages.ts';

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };
const PERCENTILES: Readonly<Record<string, keyof LatencySummary>> = {
  p50: 'p50_ns',
  p90: 'p90_ns',
  p99: 'p99_ns',
  'p99.9': 'p999_ns',
  'p99.99': 'p9999_ns',
  max: 'max_ns',
};
/** A condition without a stage speaks of what users wait for. */
const DEFAULT_STAGE: Stage = 'tick_to_order';

export interface AssertionResult {
  readonly text: string;
  readonly holds: boolean;
  readonly foundNs: number;
}

/** Throws `ERR_ASSERTION` for a condition that does not parse: before the run, not after it. */
export function checkAssertion(text: string): void {
  parse(text);
}

interface Assertion {
  readonly stage: Stage;
  readonly key: keyof LatencySummary;
  readonly limitNs: number;
}

function parse(text: string): Assertion {
  const match = /^(?:([a-z_]+)\.)?(p50|p90|p99|p99\.9|p99\.99|max)\s*<\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s)$/.exec(text.trim());
  const stage = STAGES.find((one) => one === (match?.[1] ?? DEFAULT_STAGE));
  if (match === null || stage === undefined) {
    throw new TickpathError(
      'ERR_ASSERTION',
      `--assert "${text}": expected [stage.]percentile<time, e.g. "p99.9<100us"; stages: ${STAGES.join(', ')}; percentiles: ${Object.keys(PERCENTILES).join(', ')}; units: ${Object.keys(UNITS).join(', ')}`,
      EXIT.USAGE,
    );
  }
  return { stage, key: PERCENTILES[match[2]!]!, limitNs: Number(match[3]) * UNITS[match[4]!]! };
}

/** Evaluates e.g. `p99.9<100us` or `decode.p50<2us` on a run's latencies; throws `ERR_ASSERTION` (usage) when it does not parse. */
export function evaluateAssertion(text: string, latency: Readonly<Record<Stage, LatencySummary>>): AssertionResult {
  const { stage, key, limitNs } = parse(text);
  const summary = latency[stage];
  const foundNs = summary[key];
  // No sample proves nothing: an assertion on an empty histogram does not hold.
  return { text, foundNs, holds: summary.count > 0 && foundNs < limitNs };
}
