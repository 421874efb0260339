import type { Histogram } from 'hdr-histogram-js';
import type { Instrument } from '../core/instrument.ts';
import { D_RECV_TIME_NS, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS } from '../core/records/layout.ts';
import {
  ATTRIBUTE_SIDE_MASK,
  EXECUTION,
  EXECUTION_D_LAST_LOTS,
  EXECUTION_W_LIQUIDITY,
  EXECUTION_W_ORDER_ID,
  EXECUTION_W_PRICE_TICKS,
  EXECUTION_W_STATUS,
  LIQUIDITY,
  ORDER_W_ATTRIBUTES,
  ORDER_W_ID,
  ORDER_W_REASON,
  SIGNAL_F32_OUTPUTS,
  SIGNAL_W_ASK_TICKS,
  SIGNAL_W_BID_TICKS,
  SIGNAL_W_POSITION_LOTS,
} from '../core/records/order.ts';
import { type LatencyTimeline, TIMELINE_BUCKETS, timelineBucketValue } from '../core/timeline.hot.ts';
import { RecordCursor } from '../journal/diff.ts';
import type { RunSummary } from './summary.ts';

/** Name of the machine's own jitter among the stages of logs and curves. */
export const JITTER_FLOOR = 'jitter_floor';

/** Points a plotted series keeps; neighbours are dropped evenly beyond that. */
const SERIES_POINTS_MAX = 4_000;
const FILLS_SHOWN_MAX = 4_000;
const CURVE_STEPS_PER_DECADE = 20;

/** One percentile curve: x = 1 / (1 - quantile), y = ns. */
export interface Curve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Columns of equal length; times are seconds since the run's base. */
export interface Series {
  readonly timeS: number[];
  readonly mid: number[];
  readonly signal: number[];
  readonly positionLots: number[];
  readonly pnl: number[];
}

export interface FillMark {
  readonly timeS: number;
  readonly price: number;
  readonly buy: boolean;
  readonly maker: boolean;
}

export interface TimelinePoints {
  readonly timeS: number[];
  readonly p50Ns: number[];
  readonly p99Ns: number[];
  readonly maxNs: number[];
  readonly ticks: number[];
}

export interface ReportData {
  readonly summary: RunSummary;
  readonly curves: readonly Curve[];
  readonly timeline: TimelinePoints;
  readonly series: Series;
  readonly fills: readonly FillMark[];
  /** Fills beyond those listed. */
  readonly fillsLeftOut: number;
}

/** The curve of a histogram up to the quantile that one sample stands beyond. */
export function percentileCurve(name: string, histogram: Histogram): Curve {
  const x: number[] = [];
  const y: number[] = [];
  const decades = Math.log10(Math.max(1, histogram.totalCount));
  for (let step = 0; step <= decades * CURVE_STEPS_PER_DECADE; step++) {
    const inverse = 10 ** (step / CURVE_STEPS_PER_DECADE);
    x.push(inverse);
    y.push(Math.max(1, histogram.getValueAtPercentile(100 * (1 - 1 / inverse))));
  }
  return { name, x, y };
}

/** Percentiles of each interval of the timeline that has samples. */
export function timelinePoints(timeline: LatencyTimeline): TimelinePoints {
  const points: TimelinePoints = { timeS: [], p50Ns: [], p99Ns: [], maxNs: [], ticks: [] };
  const intervalNs = timeline.header[0]!;
  for (let i = 0; i < timeline.header[1]!; i++) {
    const counts = timeline.counts.subarray(i * TIMELINE_BUCKETS, (i + 1) * TIMELINE_BUCKETS);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) continue;
    points.timeS.push((i * intervalNs) / 1e9);
    points.p50Ns.push(quantile(counts, total, 0.5));
    points.p99Ns.push(quantile(counts, total, 0.99));
    points.maxNs.push(timeline.maximaNs[i]!);
    points.ticks.push((total * 1e9) / intervalNs);
  }
  return points;
}

function quantile(counts: Uint32Array, total: number, q: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    seen += counts[bucket]!;
    if (seen >= total * q) return timelineBucketValue(bucket);
  }
  return 0;
}

export interface Fees {
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
}

/** Reads price, signal, fills, position and P&L back from the run's own journal, so that report and journal cannot differ. */
export class JournalSeries {
  readonly series: Series = { timeS: [], mid: [], signal: [], positionLots: [], pnl: [] };
  readonly fills: FillMark[] = [];
  fillsLeftOut = 0;
  positionLots = 0;
  cashTickLots = 0;
  feesTickLots = 0;
  private readonly instrument: Instrument;
  private readonly fees: Fees;
  private readonly sides = new Map<number, number>();
  private stride = 1;
  private signals = 0;

  constructor(folder: string, instrument: Instrument, fees: Fees) {
    this.instrument = instrument;
    this.fees = fees;
    const cursor = new RecordCursor(folder);
    while (cursor.next()) {
      const kind = cursor.i32[cursor.slot * RECORD_WORDS]! & KIND_MASK;
      if (kind === KIND.SIGNAL) this.signal(cursor);
      else if (kind === KIND.ORDER) this.order(cursor);
      else if (kind === KIND.EXECUTION) this.execution(cursor);
    }
  }

  private order({ i32, slot }: RecordCursor): void {
    const word = slot * RECORD_WORDS;
    if (i32[word + ORDER_W_REASON] === 0) this.sides.set(i32[word + ORDER_W_ID]!, i32[word + ORDER_W_ATTRIBUTES]! & ATTRIBUTE_SIDE_MASK);
  }

  private execution({ i32, f64, slot }: RecordCursor): void {
    const word = slot * RECORD_WORDS;
    const status = i32[word + EXECUTION_W_STATUS];
    if (status !== EXECUTION.FILL && status !== EXECUTION.PARTIAL_FILL) return;
    const buy = this.sides.get(i32[word + EXECUTION_W_ORDER_ID]!) === 0;
    const ticks = i32[word + EXECUTION_W_PRICE_TICKS]!;
    const lots = f64[slot * RECORD_DOUBLES + EXECUTION_D_LAST_LOTS]!;
    const maker = i32[word + EXECUTION_W_LIQUIDITY] === LIQUIDITY.MAKER;
    const notional = BigInt(ticks) * BigInt(lots);
    this.positionLots += buy ? lots : -lots;
    this.cashTickLots += Number(buy ? -notional : notional);
    this.feesTickLots += feeOf(notional, maker ? this.fees.makerFeePpm : this.fees.takerFeePpm);
    if (this.fills.length >= FILLS_SHOWN_MAX) {
      this.fillsLeftOut++;
      return;
    }
    this.fills.push({ timeS: f64[slot * RECORD_DOUBLES + D_RECV_TIME_NS]! / 1e9, price: this.price(ticks), buy, maker });
  }

  private signal({ i32, f64, slot }: RecordCursor): void {
    if (this.signals++ % this.stride !== 0) return;
    const word = slot * RECORD_WORDS;
    const outputs = new Float32Array(i32.buffer, i32.byteOffset + 4 * (word + SIGNAL_F32_OUTPUTS), 4);
    const midTicks = (i32[word + SIGNAL_W_BID_TICKS]! + i32[word + SIGNAL_W_ASK_TICKS]!) / 2;
    const { series } = this;
    series.timeS.push(f64[slot * RECORD_DOUBLES + D_RECV_TIME_NS]! / 1e9);
    series.mid.push(this.price(midTicks));
    series.signal.push(outputs[2]! - outputs[0]!);
    series.positionLots.push(i32[word + SIGNAL_W_POSITION_LOTS]!);
    series.pnl.push(this.money(this.cashTickLots + this.positionLots * midTicks - this.feesTickLots));
    if (series.timeS.length > SERIES_POINTS_MAX) this.thin();
  }

  private thin(): void {
    for (const column of Object.values(this.series) as number[][]) {
      for (let i = 0; 2 * i < column.length; i++) column[i] = column[2 * i]!;
      column.length = Math.ceil(column.length / 2);
    }
    this.stride *= 2;
  }

  private price(ticks: number): number {
    return (ticks * this.instrument.tickUnits) / 10 ** this.instrument.priceDecimals;
  }

  private money(tickLots: number): number {
    const { tickUnits, lotUnits, priceDecimals, qtyDecimals } = this.instrument;
    return (tickLots * tickUnits * lotUnits) / 10 ** (priceDecimals + qtyDecimals);
  }
}

/** Fee of a fill in tick-lots, rounded up: against us. */
function feeOf(notionalTickLots: bigint, ppm: number): number {
  const product = notionalTickLots * BigInt(ppm);
  const floor = product / 1_000_000n;
  const exact = floor * 1_000_000n === product;
  return Number(exact || product < 0n ? floor : floor + 1n);
}
