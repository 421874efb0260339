import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LatencySummary } from '../core/histogram.ts';
import { environmentLine } from './environment.ts';
import { REPORT_SCRIPT } from './html-script.ts';
import { REPORT_STYLE } from './html-style.ts';
import type { ReportData } from './report-data.ts';
import { formatNs, isThin } from './table.ts';

/** The project's target for tick-to-order at p99.9. */
export const LATENCY_TARGET_NS = 100_000;

/** `report.html`: one file with its data, styles and charts inside; it asks nothing of the network. */
export function reportHtml(data: ReportData): string {
  const { summary } = data;
  const require = createRequire(import.meta.url);
  const uplot = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const uplotStyle = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const document = JSON.stringify({
    curves: data.curves,
    timeline: data.timeline,
    series: data.series,
    fills: data.fills,
    targetNs: LATENCY_TARGET_NS,
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tickpath run ${escapeHtml(summary.run)}</title>
<style>${uplotStyle}${REPORT_STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(summary.symbol)}: ${escapeHtml(runTitle(data))}</h1>
<p class="note">${escapeHtml(summary.run)}</p>
${cards(data)}
<h2>Latency by percentile</h2>
<p class="note">${escapeHtml(latencyNote(data))} The axis spreads the tail: each label to the right is one nine more. A curve ends where one sample is left. The target is p99.9 of tick-to-order below ${formatNs(LATENCY_TARGET_NS)}.</p>
<div id="percentiles" class="chart"></div>
${stageTable(data)}
<h2>Latency over the session</h2>
<p class="note">Tick to decision, by time of the data; buckets of 9 %, the maximum exact. Below it the rate of decisions.</p>
<div id="timeline" class="chart"></div>
<div id="rate" class="chart"></div>
<h2>Price, signal and fills</h2>
<p class="note">Mid price with own fills: triangles up are buys, down are sells.${data.fillsLeftOut > 0 ? ` ${data.fillsLeftOut} more fills are not drawn.` : ''} The signal is the model's output for up less that for down.</p>
<div id="price" class="chart"></div>
<div id="signal" class="chart"></div>
<h2>Position and P&amp;L</h2>
<p class="note">From the run's own journal. Fills are simulated; P&amp;L marks the position at the mid price and subtracts fees paid.</p>
<div id="position" class="chart"></div>
<div id="pnl" class="chart"></div>
${orderTables(data)}
${identityTable(data)}
</main>
<script id="data" type="application/json">${document.replaceAll('<', '\\u003c')}</script>
<script>${uplot.replaceAll('</script', '<\\/script')}</script>
<script>${REPORT_SCRIPT}</script>
</body>
</html>
`;
}

function runTitle({ summary }: ReportData): string {
  const pace = summary.speed === 'max' ? 'as fast as possible' : `at ${summary.speed} times the recorded pace`;
  return `${summary.ticks.toLocaleString('en-US')} ticks ${pace}, ${summary.topology}`;
}

function latencyNote({ summary }: ReportData): string {
  return summary.closed_loop
    ? 'Closed loop: each frame was handed over when the engine was ready for it, so queueing does not show; use --speed 1 or 10 for an open loop.'
    : 'Open loop: latency counts from the planned arrival of each frame, so a late engine shows as latency.';
}

function cards({ summary }: ReportData): string {
  const { latency, pnl } = summary;
  const refused = Object.values(summary.orders_refused).reduce((sum, count) => sum + count, 0);
  const items: [string, string][] = [
    [formatNs(latency.tick_to_order.p50_ns), 'tick to order, p50'],
    [formatNs(latency.tick_to_order.p999_ns), `tick to order, p99.9${isThin(latency.tick_to_order.count, 0.999) ? ' (few samples)' : ''}`],
    [formatNs(latency.tick_to_decision.p999_ns), 'tick to decision, p99.9'],
    [formatNs(summary.jitter_floor.p999_ns), 'jitter floor, p99.9'],
    [`${summary.orders_sent} / ${refused}`, 'orders sent / refused'],
    [`${summary.fills}`, 'fills'],
    [pnl.net, 'net P&L, simulated'],
  ];
  return `<div class="cards">${items.map(([value, label]) => `<div class="card"><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></div>`).join('')}</div>`;
}

const STAGE_TEXT: Readonly<Record<string, string>> = {
  wait: 'T0 until the thread took the frame: in an open loop, how long it queued behind others',
  decode: 'until T1: decoded, sequence-checked and in the book',
  ring: 'T1 to T2: until the lane took it from the ring',
  features: 'T2 to T3: reports, book replica, feature vector',
  inference: 'T3 to T4: model',
  risk: 'T4 to T5: strategy and risk gate',
  encode: 'T5 to T6: order encoded and handed to the sink',
  tick_to_decision: 'T0 to T5, every tick on which the model ran',
  tick_to_order: 'T0 to T6, every order sent',
};

function stageTable({ summary }: ReportData): string {
  const quantiles = [0.5, 0.9, 0.99, 0.999, 0.9999, 0];
  const row = (name: string, text: string, latency: LatencySummary, kind: string): string => {
    const values = [latency.p50_ns, latency.p90_ns, latency.p99_ns, latency.p999_ns, latency.p9999_ns, latency.max_ns];
    const cells = values
      .map((value, i) => `<td>${latency.count === 0 ? '-' : formatNs(value)}${isThin(latency.count, quantiles[i]!) ? '*' : ''}</td>`)
      .join('');
    return `<tr class="${kind}" title="${escapeHtml(text)}"><td>${escapeHtml(name)}</td><td>${latency.count.toLocaleString('en-US')}</td>${cells}<td class="what">${escapeHtml(text)}</td></tr>`;
  };
  const rows = Object.entries(summary.latency).map(([stage, latency]) =>
    row(stage.replaceAll('_', '-'), STAGE_TEXT[stage] ?? '', latency, ''),
  );
  rows.push(
    row(
      'jitter floor',
      'the same core, spinning to a planned time every 10 µs with no work, before the run',
      summary.jitter_floor,
      'floor',
    ),
  );
  return `<div class="scroll"><table><tr><th>stage</th><th>samples</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>p99.99</th><th>max</th><th class="what">what</th></tr>${rows.join('')}</table></div>
<p class="note">* fewer than ten samples lie beyond this percentile. Values are kept to 0.1 % (log-linear histogram), maxima exactly. Included: everything between the marks on the hot thread, clock readings (about 50 ns each) among it. Excluded: network and kernel; the journal is written by another thread.</p>`;
}

function orderTables({ summary }: ReportData): string {
  const refused = Object.entries(summary.orders_refused).map(([reason, count]) => [`refused: ${reason}`, count] as const);
  const rows = [
    ['intents', summary.intents],
    ['orders sent', summary.orders_sent],
    ['cancels sent', summary.cancels_sent],
    ['fills', summary.fills],
    ...refused,
  ] as const;
  const { pnl } = summary;
  const money = [
    ['realised', pnl.realised],
    ['unrealised', pnl.unrealised],
    ['fees', pnl.fees],
    ['net', pnl.net],
    ['turnover', pnl.turnover],
  ] as const;
  const table = (title: string, entries: readonly (readonly [string, string | number])[]): string =>
    `<table><tr><th>${title}</th><th></th></tr>${entries.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(String(value))}</td></tr>`).join('')}</table>`;
  return `<h2>Orders and money</h2><div class="pair">${table('orders', rows)}${table('quote currency', money)}</div>`;
}

function identityTable({ summary }: ReportData): string {
  const feed = Object.entries(summary.feed).filter(([, count]) => count > 0);
  const rows: [string, string][] = [
    ['decision journal', `${summary.journal.records.toLocaleString('en-US')} records, sha256 ${summary.journal.sha256}`],
    ['model', `${summary.model.file}, ${summary.model.backend}: ${summary.model.note}, sha256 ${summary.model.sha256}`],
    ['strategy', `${summary.strategy.name}${summary.strategy.sha256 === null ? '' : `, sha256 ${summary.strategy.sha256}`}`],
    ...summary.input.map((input): [string, string] => ['input', `${input.file} (${input.format}), sha256 ${input.sha256}`]),
    ['feed', feed.map(([name, count]) => `${name} ${count}`).join(', ')],
    [
      'alarms',
      Object.entries(summary.alarms)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ],
    ['hot thread', summary.threads.hot],
    ['machine', environmentLine(summary.environment)],
    ['V8 flags', summary.environment.flags.join(' ')],
    ...summary.rejects.map((reject): [string, string] => [`rejected frame ${reject.frame}`, `${reject.reason}: ${reject.text}`]),
  ];
  return `<h2>What ran, on what</h2><table>${rows.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td class="wrap">${escapeHtml(value)}</td></tr>`).join('')}</table>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
