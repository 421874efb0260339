import { build, type Histogram } from 'hdr-histogram-js';
import { countsIndex, type LatencyHistogram, SUB_BUCKET_HALF, SUB_BUCKETS } from './histogram.hot.ts';
import { LATENCY_NS_MAX } from './limits.ts';

/** The percentiles every table and `summary.json` show, under these stable keys. */
export interface LatencySummary {
  readonly count: number;
  readonly p50_ns: number;
  readonly p90_ns: number;
  readonly p99_ns: number;
  readonly p999_ns: number;
  readonly p9999_ns: number;
  readonly max_ns: number;
}

/** Smallest value that falls into counter `index`. */
export function valueFromIndex(index: number): number {
  if (index < SUB_BUCKETS) return index;
  const bucket = Math.floor(index / SUB_BUCKET_HALF) - 1;
  const sub = (index % SUB_BUCKET_HALF) + SUB_BUCKET_HALF;
  return sub * 2 ** bucket;
}

/**
 * An hdr-histogram-js histogram with the same counts: for percentiles, merging, `.hgrm` and `.hlog`. Bounds are explicit:
 * the library's defaults resize while they count.
 */
export function toHdr(source: LatencyHistogram): Histogram {
  const histogram = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_NS_MAX,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  const counts = source.counts;
  // The library keeps the largest value it was told: for the last counter in use that is the exact maximum.
  const maxNs = Math.min(source.extremes[1]!, LATENCY_NS_MAX);
  const last = countsIndex(maxNs);
  for (let index = 0; index <= last; index++) {
    const count = counts[index]!;
    if (count > 0) histogram.recordValueWithCount(index === last ? maxNs : valueFromIndex(index), count);
  }
  return histogram;
}

/** Samples recorded so far. */
export function sampleCount(source: LatencyHistogram): number {
  return source.header[1]! * 4294967296 + source.header[0]!;
}

/**
 * Percentiles by the upper end of the histogram's buckets (0.1 %) but never above the maximum, which is exact; zeros when
 * it is empty.
 */
export function summarize(source: LatencyHistogram): LatencySummary {
  const count = sampleCount(source);
  const hdr = toHdr(source);
  const maxNs = source.extremes[1]!;
  const at = (percentile: number): number => (count === 0 ? 0 : Math.min(hdr.getValueAtPercentile(percentile), maxNs));
  return {
    count,
    p50_ns: at(50),
    p90_ns: at(90),
    p99_ns: at(99),
    p999_ns: at(99.9),
    p9999_ns: at(99.99),
    max_ns: count === 0 ? 0 : maxNs,
  };
}
