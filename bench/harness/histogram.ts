import { HISTOGRAM_BYTES, LatencyHistogram } from '../../src/core/histogram.hot.ts';

/** An empty histogram in memory of its own. */
export function newHistogram(): LatencyHistogram {
  return new LatencyHistogram(new SharedArrayBuffer(HISTOGRAM_BYTES), 0);
}
