import { EXIT, TickpathError } from '../core/errors.ts';
import type { LatencySummary } from '../core/histogram.ts';

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
const DEFAULT_STAGE = 'tick_to_order';

export interface AssertionResult {
  readonly text: string;
  readonly holds: boolean;
  readonly foundNs: number;
}

/** Evaluates e.g. `p99.9<100us` or `decode.p50<2us` on a run's latencies; throws `ERR_ASSERTION` (usage) when it does not parse. */
export function evaluateAssertion(text: string, latency: Readonly<Record<string, LatencySummary>>): AssertionResult {
  const match = /^(?:([a-z_]+)\.)?(p50|p90|p99|p99\.9|p99\.99|max)\s*<\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s)$/.exec(text.trim());
  const stage = match?.[1] ?? DEFAULT_STAGE;
  const summary = latency[stage];
  if (match === null || summary === undefined) {
    const stages = Object.keys(latency).join(', ');
    throw new TickpathError(
      'ERR_ASSERTION',
      `--assert "${text}": expected [stage.]pNN<TIMEunit, stages ${stages}, e.g. "p99.9<100us"`,
      EXIT.USAGE,
    );
  }
  const foundNs = summary[PERCENTILES[match[2]!]!];
  // No sample proves nothing: an assertion on an empty histogram does not hold.
  return { text, foundNs, holds: summary.count > 0 && foundNs < Number(match[3]) * UNITS[match[4]!]! };
}
