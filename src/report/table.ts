import type { LatencySummary } from '../core/histogram.ts';
import { environmentLine } from './environment.ts';
import type { RunSummary } from './summary.ts';

/** Samples that must lie beyond a percentile before it is quoted without a mark. */
const SAMPLES_BEYOND_MIN = 10;

const COLUMNS = [
  ['p50', 'p50_ns', 0.5],
  ['p90', 'p90_ns', 0.9],
  ['p99', 'p99_ns', 0.99],
  ['p99.9', 'p999_ns', 0.999],
  ['p99.99', 'p9999_ns', 0.9999],
  ['max', 'max_ns', 0],
] as const;

/** A duration with three significant digits and its unit. */
export function formatNs(ns: number): string {
  if (ns < 1_000) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toPrecision(3)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toPrecision(3)} ms`;
  return `${(ns / 1e9).toPrecision(3)} s`;
}

/** True when fewer than ten samples lie beyond the percentile, so that it says little. */
export function isThin(count: number, quantile: number): boolean {
  return quantile > 0 && count * (1 - quantile) < SAMPLES_BEYOND_MIN;
}

/** The run in a terminal: stages, orders, money, identities. */
export function renderTable(summary: RunSummary, reportPath: string | undefined): string {
  const lines = [latencyTable(summary), '', ...orderLines(summary), ...moneyLines(summary), '', ...identityLines(summary)];
  if (reportPath !== undefined) lines.push(`report     ${reportPath}`);
  return lines.join('\n');
}

function latencyTable(summary: RunSummary): string {
  const rows: [string, LatencySummary][] = [
    ...Object.entries(summary.latency).map(([stage, latency]) => [stage.replaceAll('_', '-'), latency] as [string, LatencySummary]),
    ['jitter floor', summary.jitter_floor],
  ];
  let thin = false;
  const line = (name: string, cells: readonly string[]): string => name.padEnd(18) + cells.map((cell) => cell.padStart(11)).join('');
  const body = rows.map(([name, latency]) => {
    const cells = COLUMNS.map(([, key, quantile]) => {
      if (latency.count === 0) return '-';
      const mark = isThin(latency.count, quantile);
      thin ||= mark;
      return `${formatNs(latency[key])}${mark ? '*' : ' '}`;
    });
    return line(name, [latency.count.toLocaleString('en-US'), ...cells]);
  });
  const how = summary.closed_loop
    ? 'Latency from the hand-over of each frame, as fast as the engine takes them (closed loop: no queueing shows).'
    : `Latency from the planned arrival of each frame at ${summary.speed} times the recorded pace (open loop: lateness counts).`;
  const legend = thin ? [`* fewer than ${SAMPLES_BEYOND_MIN} samples lie beyond this percentile`] : [];
  return [line('stage', ['count', ...COLUMNS.map(([title]) => `${title} `)]), ...body, ...legend, how].join('\n');
}

function orderLines(summary: RunSummary): string[] {
  const refused = Object.entries(summary.orders_refused);
  const total = refused.reduce((sum, [, count]) => sum + count, 0);
  const reasons = refused.map(([reason, count]) => `${reason} ${count}`).join(', ');
  return [
    `ticks      ${summary.ticks.toLocaleString('en-US')} (${Math.round(summary.ticks_per_s).toLocaleString('en-US')}/s), ${summary.book_events.toLocaleString('en-US')} book events, ${summary.decisions.toLocaleString('en-US')} decisions`,
    `orders     ${summary.orders_sent} sent, ${summary.cancels_sent} cancels, ${total} refused${total > 0 ? ` (${reasons})` : ''}, ${summary.fills} fills`,
  ];
}

function moneyLines(summary: RunSummary): string[] {
  const { pnl } = summary;
  return [
    `P&L        ${pnl.net} net = ${pnl.realised} realised + ${pnl.unrealised} unrealised - ${pnl.fees} fees, turnover ${pnl.turnover} (simulated fills)`,
    `position   ${summary.position_lots} lots of ${summary.symbol}, ${summary.open_orders} open orders`,
  ];
}

function identityLines(summary: RunSummary): string[] {
  const { journal, model, strategy, feed } = summary;
  const state = `${feed['bbo_checked'] ?? 0} shared update ids checked, ${feed['bbo_mismatch'] ?? 0} differ; ${feed['book_gaps'] ?? 0} gaps, ${feed['rejected_frames'] ?? 0} frames rejected`;
  return [
    `book       ${state}`,
    `model      ${model.file} (${model.backend}), strategy ${strategy.name}`,
    `threads    ${summary.topology}, hot thread ${summary.threads.hot}`,
    `journal    ${journal.records.toLocaleString('en-US')} records, sha256 ${journal.sha256}`,
    `machine    ${environmentLine(summary.environment)}`,
    `run        ${summary.run}`,
  ];
}
