/**
 * Latency over the time of the data, in shared memory: for each interval a coarse histogram (8 buckets an octave, 9 %
 * wide) and the exact maximum, so that a report can draw percentiles and a heat map over the session. Sessions longer
 * than the intervals hold are folded: neighbours merge and the interval doubles.
 *
 *   byte 0  f64 interval, ns   8  f64 intervals used   16  48 bytes unused
 *        64 f64 maximum of each interval, ns
 *       ... u32 counts, TIMELINE_BUCKETS an interval
 */
export const TIMELINE_INTERVALS = 1_024;
const OCTAVE_LOW = 5;
const OCTAVES = 26;
const PER_OCTAVE = 8;
export const TIMELINE_BUCKETS = OCTAVES * PER_OCTAVE;
const FIRST_INTERVAL_NS = 1e9;

export const TIMELINE_BYTES = 64 + 8 * TIMELINE_INTERVALS + 4 * TIMELINE_INTERVALS * TIMELINE_BUCKETS;

export class LatencyTimeline {
  readonly header: Float64Array<SharedArrayBuffer>;
  readonly maximaNs: Float64Array<SharedArrayBuffer>;
  readonly counts: Uint32Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.header = new Float64Array(buffer, offset, 8);
    this.maximaNs = new Float64Array(buffer, offset + 64, TIMELINE_INTERVALS);
    this.counts = new Uint32Array(buffer, offset + 64 + 8 * TIMELINE_INTERVALS, TIMELINE_INTERVALS * TIMELINE_BUCKETS);
    if (this.header[0] === 0) this.header[0] = FIRST_INTERVAL_NS;
  }

  /** `f64[index]`: data time, ns since the run's base, which would be boxed as an argument; `latencyNs`: what was measured then. */
  record(f64: Float64Array, index: number, latencyNs: number): void {
    const timeNs = f64[index]!;
    let interval = Math.floor(timeNs / this.header[0]!);
    while (interval >= TIMELINE_INTERVALS) {
      this.fold();
      interval = Math.floor(timeNs / this.header[0]!);
    }
    if (interval < 0) interval = 0;
    if (interval >= this.header[1]!) this.header[1] = interval + 1;
    if (latencyNs > this.maximaNs[interval]!) this.maximaNs[interval] = latencyNs;
    const at = interval * TIMELINE_BUCKETS + timelineBucket(latencyNs);
    this.counts[at] = (this.counts[at]! + 1) | 0;
  }

  private fold(): void {
    const counts = this.counts;
    const maxima = this.maximaNs;
    const half = TIMELINE_INTERVALS / 2;
    for (let i = 0; i < half; i++) {
      const left = 2 * i * TIMELINE_BUCKETS;
      const right = left + TIMELINE_BUCKETS;
      const target = i * TIMELINE_BUCKETS;
      for (let b = 0; b < TIMELINE_BUCKETS; b++) counts[target + b] = (counts[left + b]! + counts[right + b]!) | 0;
      const leftMax = maxima[2 * i]!;
      const rightMax = maxima[2 * i + 1]!;
      maxima[i] = leftMax > rightMax ? leftMax : rightMax;
    }
    counts.fill(0, half * TIMELINE_BUCKETS);
    maxima.fill(0, half);
    this.header[0] = this.header[0]! * 2;
    this.header[1] = half;
  }
}

/** Bucket of a latency: 0 below 32 ns, the last above 2^31 ns. */
export function timelineBucket(latencyNs: number): number {
  if (latencyNs < 32) return 0;
  if (latencyNs >= 2147483648) return TIMELINE_BUCKETS - 1;
  const value = latencyNs | 0;
  const octave = 31 - Math.clz32(value);
  const sub = (value >>> (octave - 3)) & (PER_OCTAVE - 1);
  return (octave - OCTAVE_LOW) * PER_OCTAVE + sub;
}

/** Upper end of a bucket, ns: what a percentile read from the timeline reports. */
export function timelineBucketValue(bucket: number): number {
  const octave = Math.floor(bucket / PER_OCTAVE) + OCTAVE_LOW;
  return 2 ** octave * (1 + ((bucket % PER_OCTAVE) + 1) / PER_OCTAVE);
}
