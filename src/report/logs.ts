import { type Histogram, HistogramLogReader, HistogramLogWriter } from 'hdr-histogram-js';

export interface StageHistogram {
  readonly stage: string;
  readonly histogram: Histogram;
}

const TICKS_PER_HALF_DISTANCE = 5;

/** `latency.hgrm`: per stage the table `Value Percentile TotalCount 1/(1-Percentile)`, values in µs, as HdrHistogram's plotters read it. */
export function hgrmText(stages: readonly StageHistogram[]): string {
  return stages
    .map(
      ({ stage, histogram }) =>
        `#[Stage: ${stage}, values in us]\n${histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, 1_000)}`,
    )
    .join('\n');
}

/** `latency.hlog`: an HdrHistogram interval log with one line a stage, tagged with it; V2 compressed base64, values in ns. */
export function hlogText(stages: readonly StageHistogram[], startedMs: number, endedMs: number): string {
  let text = '';
  const writer = new HistogramLogWriter((content) => {
    text += content;
  });
  writer.outputLogFormatVersion();
  writer.outputComment(`[Start time: ${new Date(startedMs).toISOString()}]`);
  writer.outputStartTime(startedMs);
  writer.outputLegend();
  for (const { stage, histogram } of stages) {
    histogram.startTimeStampMsec = startedMs;
    histogram.endTimeStampMsec = endedMs;
    histogram.tag = stage;
    writer.outputIntervalHistogram(histogram);
  }
  return text;
}

/** The histograms of a `latency.hlog`, in the order they stand there; the inverse of `hlogText`. */
export function readHlog(text: string): StageHistogram[] {
  const reader = new HistogramLogReader(text, 64, false);
  const stages: StageHistogram[] = [];
  for (let histogram = reader.nextIntervalHistogram(); histogram !== null; histogram = reader.nextIntervalHistogram()) {
    stages.push({ stage: histogram.tag, histogram });
  }
  return stages;
}
