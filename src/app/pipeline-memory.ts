import { type CounterSpec, Counters } from '../core/counters.ts';
import { HISTOGRAM_BYTES, LatencyHistogram } from '../core/histogram.hot.ts';
import { JOURNAL_RING_RECORDS, MARKET_RING_RECORDS, ORDER_RING_RECORDS, REPORT_RING_RECORDS } from '../core/limits.ts';
import { Arena, type Region } from '../core/memory.ts';
import { type RingViews, ringBytes, ringViews } from '../core/ring/layout.ts';
import { STAGES } from '../core/stages.ts';
import { LatencyTimeline, TIMELINE_BYTES } from '../core/timeline.hot.ts';
import { KillSwitch } from '../risk/kill-switch.ts';
import { LANE_COUNTERS } from './counters.ts';

/** Where everything lies in the pipeline's one shared memory. Plain numbers: it travels to the workers as it is. */
export interface PipelineLayout {
  readonly marketRing: number;
  readonly orderRing: number;
  readonly reportRing: number;
  readonly journalRing: number;
  readonly stageHistograms: number;
  readonly jitterHistogram: number;
  readonly timeline: number;
  readonly laneCounters: number;
  readonly feedCounters: number;
  readonly account: number;
  readonly control: number;
  readonly model: number;
  readonly modelBytes: number;
  readonly regions: readonly Region[];
}

/** int32 words of the control region: written by one thread, polled by the others. */
export const CONTROL = {
  /** Not 0: the feed stops at the next frame and the run ends as interrupted. */
  STOP: 0,
  /** Thousandths of the input that were read. */
  PROGRESS: 16,
  /** Not 0: the lane failed and takes no more records. */
  FAILED: 17,
  /** KILL level, see risk/kill-switch: a pair of cache lines of its own. */
  KILL: 32,
} as const;
const CONTROL_BYTES = 256;

export interface SharedPipeline {
  readonly memory: WebAssembly.Memory;
  readonly layout: PipelineLayout;
}

/** Reserves the memory of one pipeline; `accountBytes` and `modelBytes` depend on the run. */
export function allocatePipeline(feedCounters: number, accountBytes: number, modelBytes: number): SharedPipeline {
  const stages = STAGES.length * HISTOGRAM_BYTES;
  const rings = [MARKET_RING_RECORDS, ORDER_RING_RECORDS, REPORT_RING_RECORDS, JOURNAL_RING_RECORDS].map(ringBytes);
  const total = rings.reduce((sum, bytes) => sum + bytes, 0) + stages + HISTOGRAM_BYTES + TIMELINE_BYTES + accountBytes + modelBytes;
  const arena = new Arena(total + Counters.bytes(feedCounters + LANE_COUNTERS.length) + 65_536);
  const layout: PipelineLayout = {
    marketRing: arena.allocate('market ring', rings[0]!),
    orderRing: arena.allocate('approved-order ring', rings[1]!),
    reportRing: arena.allocate('execution-report ring', rings[2]!),
    journalRing: arena.allocate('journal ring', rings[3]!),
    stageHistograms: arena.allocate('stage histograms', stages),
    jitterHistogram: arena.allocate('jitter histogram', HISTOGRAM_BYTES),
    timeline: arena.allocate('latency timeline', TIMELINE_BYTES),
    laneCounters: arena.allocate('lane counters', Counters.bytes(LANE_COUNTERS.length)),
    feedCounters: arena.allocate('feed counters', Counters.bytes(feedCounters)),
    account: arena.allocate('account', accountBytes),
    control: arena.allocate('control', CONTROL_BYTES),
    model: arena.allocate('model', modelBytes),
    modelBytes,
    regions: arena.regions,
  };
  return { memory: arena.memory, layout };
}

/** Views of the shared memory that more than one thread builds. */
export class PipelineViews {
  readonly buffer: SharedArrayBuffer;
  readonly market: RingViews;
  readonly orders: RingViews;
  readonly reports: RingViews;
  readonly journal: RingViews;
  readonly latency: readonly LatencyHistogram[];
  readonly jitter: LatencyHistogram;
  readonly timeline: LatencyTimeline;
  readonly laneCounters: Counters;
  readonly feedCounters: Counters;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly kill: KillSwitch;

  constructor(shared: SharedPipeline, feedCounterSpecs: readonly CounterSpec[]) {
    const { layout } = shared;
    const buffer = shared.memory.buffer as SharedArrayBuffer;
    this.buffer = buffer;
    this.market = ringViews(buffer, layout.marketRing, MARKET_RING_RECORDS);
    this.orders = ringViews(buffer, layout.orderRing, ORDER_RING_RECORDS);
    this.reports = ringViews(buffer, layout.reportRing, REPORT_RING_RECORDS);
    this.journal = ringViews(buffer, layout.journalRing, JOURNAL_RING_RECORDS);
    this.latency = STAGES.map((_, stage) => new LatencyHistogram(buffer, layout.stageHistograms + stage * HISTOGRAM_BYTES));
    this.jitter = new LatencyHistogram(buffer, layout.jitterHistogram);
    this.timeline = new LatencyTimeline(buffer, layout.timeline);
    this.laneCounters = new Counters(buffer, layout.laneCounters, LANE_COUNTERS);
    this.feedCounters = new Counters(buffer, layout.feedCounters, feedCounterSpecs);
    this.control = new Int32Array(buffer, layout.control, CONTROL_BYTES / 4);
    this.kill = new KillSwitch(buffer, layout.control + 4 * CONTROL.KILL);
  }
}
