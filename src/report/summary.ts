import type { LatencySummary } from '../core/histogram.ts';
import type { Stage } from '../core/stages.ts';
import type { Environment } from './environment.ts';

/**
 * `summary.json`: every figure of a run under stable keys (docs/summary.md describes each; a test keeps page and type
 * together). Money is decimal text in the quote currency, and integer tick-lots beside it.
 */
export interface RunSummary {
  readonly run: string;
  readonly symbol: string;
  readonly topology: string;
  readonly speed: number | 'max';
  /** True when frames were handed over as fast as possible: latency then shows no queueing. */
  readonly closed_loop: boolean;
  readonly duration_s: number;
  readonly ticks_per_s: number;
  /** Frames of the input. */
  readonly ticks: number;
  /** Depth messages applied to the book. */
  readonly book_events: number;
  /** Ticks on which the model and the strategy ran. */
  readonly decisions: number;
  readonly intents: number;
  readonly orders_sent: number;
  readonly cancels_sent: number;
  readonly orders_refused: Readonly<Record<string, number>>;
  readonly fills: number;
  readonly open_orders: number;
  readonly position_lots: number;
  readonly pnl: {
    readonly realised: string;
    readonly unrealised: string;
    readonly fees: string;
    readonly net: string;
    readonly turnover: string;
    readonly realised_tick_lots: number;
    readonly unrealised_tick_lots: number;
    readonly fees_tick_lots: number;
    readonly net_tick_lots: number;
  };
  readonly latency: Readonly<Record<Stage, LatencySummary>>;
  readonly jitter_floor: LatencySummary;
  readonly journal: { readonly records: number; readonly sha256: string };
  readonly model: { readonly file: string; readonly sha256: string; readonly backend: string; readonly note: string };
  readonly strategy: { readonly name: string; readonly sha256: string | null };
  readonly input: readonly { readonly file: string; readonly sha256: string; readonly format: string }[];
  readonly feed: Readonly<Record<string, number>>;
  readonly rejects: readonly { readonly frame: number; readonly reason: string; readonly text: string }[];
  readonly alarms: Readonly<Record<string, number>>;
  readonly threads: { readonly hot: string };
  readonly interrupted: boolean;
  readonly environment: Environment;
}
