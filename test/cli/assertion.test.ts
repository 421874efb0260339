import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkAssertion, evaluateAssertion } from '../../src/cli/assertion.ts';
import { EXIT, TickpathError } from '../../src/core/errors.ts';
import type { LatencySummary } from '../../src/core/histogram.ts';
import { STAGES, type Stage } from '../../src/core/stages.ts';

const NO_SAMPLES: LatencySummary = { count: 0, p50_ns: 0, p90_ns: 0, p99_ns: 0, p999_ns: 0, p9999_ns: 0, max_ns: 0 };
const SOME: LatencySummary = { count: 7, p50_ns: 1_000, p90_ns: 2_000, p99_ns: 3_000, p999_ns: 4_000, p9999_ns: 5_000, max_ns: 6_000 };
const latency = Object.fromEntries(STAGES.map((stage) => [stage, stage === 'ring' ? NO_SAMPLES : SOME])) as Record<Stage, LatencySummary>;
const latencyWith = { ...latency, decode: { ...SOME, p50_ns: 1_500 } };

test('each percentile is compared strictly, in each unit, of tick-to-order unless a stage is named', () => {
  const cases: readonly (readonly [text: string, holds: boolean, foundNs: number])[] = [
    ['p50<1us', false, 1_000],
    ['p50<1001ns', true, 1_000],
    ['p90<2.001us', true, 2_000],
    ['p99 < 3 µs', false, 3_000],
    [' p99.9<0.1ms ', true, 4_000],
    ['p99.99<5us', false, 5_000],
    ['max<1s', true, 6_000],
    ['decode.p50<1500ns', false, 1_500],
    ['tick_to_order.max<6001ns', true, 6_000],
  ];
  for (const [text, holds, foundNs] of cases) assert.equal(evaluateAssertion(text, latencyWith), { text, holds, foundNs });
});

test('an assertion on a stage without samples does not hold', () => {
  assert.is(evaluateAssertion('ring.max<1s', latency).holds, false);
});

test('what does not parse is a usage error that shows the form and the names there are', () => {
  for (const text of [
    '',
    'p99.9',
    'p98<1us',
    'speed.p50<1us',
    'p50<1',
    'p50>1us',
    'p50<=1us',
    'p50<-1us',
    'p50<1min',
    'jitter_floor.p50<1us',
  ]) {
    assert.throws(
      () => checkAssertion(text),
      (error: unknown) =>
        error instanceof TickpathError &&
        error.exitCode === EXIT.USAGE &&
        error.message.startsWith(`--assert "${text}": expected [stage.]percentile<time, e.g. "p99.9<100us"; stages: ${STAGES.join(', ')};`),
      text,
    );
  }
});

test.run();
