import { build, type Histogram } from 'hdr-histogram-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countsIndex, HISTOGRAM_BYTES, HISTOGRAM_COUNTS, LatencyHistogram, SUB_BUCKETS } from '../../src/core/histogram.hot.ts';
import { sampleCount, summarize, toHdr, valueFromIndex } from '../../src/core/histogram.ts';
import { LATENCY_NS_MAX } from '../../src/core/limits.ts';
import { Prng } from '../../src/core/prng.ts';

const PERCENTILES = [0, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100];
const CLAMPED_WORD = 8;

const fresh = (): LatencyHistogram => new LatencyHistogram(new SharedArrayBuffer(HISTOGRAM_BYTES), 0);
const freshHdr = (): Histogram =>
  build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_NS_MAX,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });

/** Both histograms after the same values, which the library takes clamped. */
function record(values: readonly number[]): { ours: LatencyHistogram; theirs: Histogram } {
  const ours = fresh();
  const theirs = freshHdr();
  for (const value of values) {
    ours.record(value);
    theirs.recordValue(Math.min(Math.max(0, Math.floor(value)), LATENCY_NS_MAX));
  }
  return { ours, theirs };
}

function assertSame(values: readonly number[], what: string): void {
  const { ours, theirs } = record(values);
  const converted = toHdr(ours);
  assert.is(sampleCount(ours), values.length, what);
  assert.is(converted.totalCount, theirs.totalCount, what);
  for (const percentile of PERCENTILES) {
    assert.is(converted.getValueAtPercentile(percentile), theirs.getValueAtPercentile(percentile), `${what}: p${percentile}`);
  }
  assert.is(converted.outputPercentileDistribution(5, 1), theirs.outputPercentileDistribution(5, 1), what);
}

/** Values of every magnitude up to 2^38, beyond the range of the histogram. */
function drawn(seed: number, count: number): number[] {
  const random = new Prng(seed);
  return Array.from({ length: count }, () => Math.floor(2 ** (random.nextFloat() * 38)));
}

test('counts and percentiles equal those of hdr-histogram-js on values of every magnitude', () => {
  for (let seed = 1; seed <= 8; seed++) assertSame(drawn(seed, 20_000), `seed ${seed}`);
});

test('they are equal at both ends of every bucket', () => {
  const values: number[] = [];
  for (let bits = 0; bits <= 36; bits++) {
    for (const offset of [-2, -1, 0, 1, 2]) values.push(Math.max(0, 2 ** bits + offset));
    for (let sub = 0; sub < 7; sub++) values.push(2 ** bits + Math.floor((sub * 2 ** bits) / 7));
  }
  assertSame(values, 'powers of two');
  for (let i = 0; i < values.length; i += 5) assertSame([values[i]!], `${values[i]} alone`);
});

test('a counter holds the values from its smallest to just below the smallest of the next, in order', () => {
  for (let index = 0; index + 1 < HISTOGRAM_COUNTS; index++) {
    const low = valueFromIndex(index);
    const high = valueFromIndex(index + 1) - 1;
    if (high > LATENCY_NS_MAX) break;
    assert.is(countsIndex(low), index);
    assert.is(countsIndex(high), index);
    assert.ok(high - low <= Math.max(0, low / (SUB_BUCKETS / 2)), `counter ${index} is wider than 0.1 %`);
  }
  assert.is(countsIndex(LATENCY_NS_MAX), HISTOGRAM_COUNTS - 1, 'the range uses every counter');
});

test('values above the range are counted, clamped and kept exactly as the maximum', () => {
  const histogram = fresh();
  for (const value of [10, LATENCY_NS_MAX, LATENCY_NS_MAX + 1, 2 ** 45]) histogram.record(value);
  assert.is(sampleCount(histogram), 4);
  assert.is(histogram.header[CLAMPED_WORD], 2);
  assert.is(histogram.counts[HISTOGRAM_COUNTS - 1], 3);
  const summary = summarize(histogram);
  assert.is(summary.max_ns, 2 ** 45);
  assert.ok(summary.p99_ns >= LATENCY_NS_MAX);
});

test('what lies below zero counts as zero', () => {
  const histogram = fresh();
  for (const value of [-5, -0, 0]) histogram.record(value);
  assert.equal([sampleCount(histogram), histogram.counts[0]], [3, 3]);
  assert.equal(summarize(histogram), { count: 3, p50_ns: 0, p90_ns: 0, p99_ns: 0, p999_ns: 0, p9999_ns: 0, max_ns: 0 });
});

test('the summary has the exact maximum and no percentile above it', () => {
  const random = new Prng(3);
  for (let round = 0; round < 200; round++) {
    const histogram = fresh();
    const values = Array.from({ length: 1 + random.nextInt(50) }, () => Math.floor(2 ** (random.nextFloat() * 36)));
    for (const value of values) histogram.record(value);
    const { max_ns, count, ...percentiles } = summarize(histogram);
    assert.equal([max_ns, count], [Math.max(...values), values.length]);
    const found = Object.values(percentiles);
    for (const value of found) assert.ok(value <= max_ns);
    assert.equal(
      found,
      [...found].sort((a, b) => a - b),
    );
  }
});

test('an empty histogram and one that was reset sum up to zeros', () => {
  const zeros = { count: 0, p50_ns: 0, p90_ns: 0, p99_ns: 0, p999_ns: 0, p9999_ns: 0, max_ns: 0 };
  const histogram = fresh();
  assert.equal(summarize(histogram), zeros);
  for (const value of [1, 1e6, 1e12]) histogram.record(value);
  histogram.reset();
  assert.equal(summarize(histogram), zeros);
  histogram.record(7);
  assert.equal([histogram.extremes[1], histogram.extremes[2], histogram.extremes[3]], [7, 7, 7], 'largest, smallest, sum');
});

test('the sample count goes on beyond 2^32', () => {
  const histogram = fresh();
  histogram.header[0] = 2 ** 32 - 1;
  histogram.record(5);
  histogram.record(5);
  assert.is(sampleCount(histogram), 2 ** 32 + 1);
});

test('several histograms of one memory keep apart', () => {
  const buffer = new SharedArrayBuffer(3 * HISTOGRAM_BYTES);
  const all = [0, 1, 2].map((i) => new LatencyHistogram(buffer, i * HISTOGRAM_BYTES));
  all[1]!.record(LATENCY_NS_MAX);
  all[1]!.record(0);
  assert.equal(all.map(sampleCount), [0, 2, 0]);
  assert.ok(all[0]!.counts.every((count) => count === 0) && all[2]!.counts.every((count) => count === 0));
});

test.run();
