import { LATENCY_NS_MAX } from './limits.ts';

/**
 * Log-linear latency histogram in shared memory with the bucket scheme of HdrHistogram (lowest value 1, 3 significant
 * digits): 2,048 sub-buckets of 1 ns, then halves of 1,024 whose width doubles, so every value is kept to 0.1 %.
 *
 *   byte 0   u32  samples, low word     4  u32 samples, high word
 *        8   f64  largest value, ns    16  f64 smallest value, ns
 *       24   f64  sum of values, ns    32  u32 samples clamped at the maximum
 *       64   u32  counts
 */
export const SUB_BUCKETS = 2_048;
export const SUB_BUCKET_HALF = 1_024;
const SUB_BUCKET_HALF_BITS = 10;
/** Buckets that cover LATENCY_NS_MAX = 2^36 - 1: 2^11 values in the first, one more doubling each. */
const BUCKETS = 26;
export const HISTOGRAM_COUNTS = (BUCKETS + 1) * SUB_BUCKET_HALF;
const HEADER_BYTES = 64;

/** Bytes of one histogram in shared memory. */
export const HISTOGRAM_BYTES = HEADER_BYTES + 4 * HISTOGRAM_COUNTS;

/** Records one value; one writer, any number of readers. Budget 10 to 20 ns. */
export class LatencyHistogram {
  readonly counts: Uint32Array<SharedArrayBuffer>;
  readonly header: Uint32Array<SharedArrayBuffer>;
  readonly extremes: Float64Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.header = new Uint32Array(buffer, offset, HEADER_BYTES / 4);
    this.extremes = new Float64Array(buffer, offset, HEADER_BYTES / 8);
    this.counts = new Uint32Array(buffer, offset + HEADER_BYTES, HISTOGRAM_COUNTS);
    if (this.header[0] === 0 && this.header[1] === 0) this.extremes[2] = Number.MAX_VALUE;
  }

  /** `valueNs` below zero counts as 0 (two clock readings in one tick of the clock); above the maximum it is clamped and counted. */
  record(valueNs: number): void {
    const header = this.header;
    const extremes = this.extremes;
    let value = valueNs > 0 ? valueNs : 0;
    if (value > extremes[1]!) extremes[1] = value;
    if (value < extremes[2]!) extremes[2] = value;
    extremes[3] = extremes[3]! + value;
    if (value > LATENCY_NS_MAX) {
      value = LATENCY_NS_MAX;
      header[8] = (header[8]! + 1) | 0;
    }
    const counts = this.counts;
    const index = countsIndex(value);
    counts[index] = (counts[index]! + 1) | 0;
    const samples = (header[0]! + 1) >>> 0;
    header[0] = samples;
    if (samples === 0) header[1] = (header[1]! + 1) | 0;
  }

  reset(): void {
    this.counts.fill(0);
    this.header.fill(0);
    this.extremes[2] = Number.MAX_VALUE;
  }
}

/** Index of the counter that holds `valueNs`, 0 .. LATENCY_NS_MAX. */
export function countsIndex(valueNs: number): number {
  if (valueNs < SUB_BUCKETS) return valueNs | 0;
  let bucket = 0;
  let low = valueNs;
  if (valueNs >= 2147483648) {
    // Beyond int32: take 16 bits off first; the bits lost are below the resolution there.
    low = Math.floor(valueNs / 65536);
    bucket = 16;
  }
  const shift = 32 - Math.clz32(low) - (SUB_BUCKET_HALF_BITS + 1);
  bucket += shift;
  const sub = low >>> shift;
  return ((bucket + 1) << SUB_BUCKET_HALF_BITS) + (sub - SUB_BUCKET_HALF);
}
