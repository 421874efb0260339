import type { LatencySummary } from '../../src/core/histogram.ts';
import { environmentLine } from '../../src/report/environment.ts';
import { formatNs, isThin } from '../../src/report/table.ts';
import type { BenchDocument, BenchResult, Figure, Spread, Unit } from './bench.ts';

const LATENCY_COLUMNS = [
  ['p50', 'p50_ns', 0.5],
  ['p90', 'p90_ns', 0.9],
  ['p99', 'p99_ns', 0.99],
  ['p99.9', 'p999_ns', 0.999],
  ['p99.99', 'p9999_ns', 0.9999],
  ['max', 'max_ns', 0],
] as const satisfies readonly (readonly [string, keyof LatencySummary, number])[];
/** Below this a whole nanosecond is too coarse. */
const FINE_NS = 100;

/** The document in a terminal: figures, latencies, checks, notes, the machine. */
export function renderBench(document: BenchDocument): string {
  const results = document.benches;
  const figures = results.flatMap((result) => Object.values(result.figures).map((figure) => figureCells(result.name, figure)));
  const latencies = results.flatMap((result) => latencyCells(result));
  return [
    ...(figures.length === 0 ? [] : [grid([FIGURE_HEADER, ...figures], 2), '']),
    ...(latencies.length === 0 ? [] : [grid([LATENCY_HEADER, ...latencies], 2), '* fewer than ten samples lie beyond this percentile', '']),
    ...results.flatMap((result) =>
      result.checks.map((check) => `${check.ok ? 'ok  ' : 'FAIL'} ${result.name}: ${check.what} (${check.detail})`),
    ),
    '',
    ...results.flatMap((result) => result.notes.map((note) => `${result.name}: ${note}`)),
    ...pinLines(results),
    environmentLine(document.environment),
    ...(document.smoke ? ['smoke run: small inputs, figures not to be quoted'] : []),
  ].join('\n');
}

const FIGURE_HEADER = ['bench', 'what', 'ours', 'range', 'beside it', '', 'ratio', 'range'];
const LATENCY_HEADER = ['bench', 'latency of', 'count', ...LATENCY_COLUMNS.map(([title]) => `${title} `)];

function figureCells(bench: string, { what, unit, ours, beside, ratio }: Figure): string[] {
  return [
    bench,
    what,
    quantity(ours.median, unit),
    range(ours, (value) => quantity(value, unit)),
    beside?.name ?? '',
    beside === undefined ? '' : quantity(beside.value.median, unit),
    ratio === undefined ? '' : times(ratio.median),
    ratio === undefined ? '' : range(ratio, times),
  ];
}

function latencyCells(result: BenchResult): string[][] {
  return Object.values(result.latencies).map((row) => [
    result.name,
    row.what,
    row.count.toLocaleString('en-US'),
    ...LATENCY_COLUMNS.map(([, key, quantile]) =>
      row.count === 0 ? '- ' : `${formatNs(row[key])}${isThin(row.count, quantile) ? '*' : ' '}`,
    ),
  ]);
}

function quantity(value: number, unit: Unit): string {
  if (unit === 'ns') return value < FINE_NS ? `${value.toFixed(1)} ns` : formatNs(value);
  if (unit === 'count') return value.toLocaleString('en-US');
  if (unit === '1/s') return `${Math.round(value).toLocaleString('en-US')}/s`;
  return `${value < 100 ? value.toPrecision(3) : Math.round(value)} ${unit}`;
}

function times(value: number): string {
  return `${value < 100 ? value.toPrecision(3) : Math.round(value)}x`;
}

function range(spread: Spread, show: (value: number) => string): string {
  return spread.rounds < 2 ? '' : `${show(spread.min)} to ${show(spread.max)}`;
}

function pinLines(results: readonly BenchResult[]): string[] {
  return [...new Set(results.map((result) => result.pin))].map(
    (pin) =>
      `${results
        .filter((result) => result.pin === pin)
        .map((result) => result.name)
        .join(', ')}: ${pin}`,
  );
}

/** Columns as wide as their widest cell; the first `left` are aligned left, the rest right. */
function grid(rows: readonly (readonly string[])[], left: number): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string => (column < left ? text.padEnd(widths[column]!) : text.padStart(widths[column]!));
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
