/** Script of the report: draws the charts with uPlot (inlined before it) from the JSON document in the page. */
export const REPORT_SCRIPT = `
const data = JSON.parse(document.getElementById('data').textContent);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const ink = css('--soft'), grid = css('--line');
const colours = { wait: '#93a61f', decode: '#e8a100', ring: '#54a24b', features: '#b279a2', inference: '#00a6a6', risk: '#9d755d', encode: '#7a5cc7', 'tick-to-decision': '#d6449a', 'tick-to-order': css('--accent'), 'jitter-floor': ink };
const blue = '#4c78a8', amber = '#e8a100', green = '#54a24b', violet = '#b279a2', teal = '#00a6a6';
const width = (host) => Math.max(240, host.clientWidth);
const fmtNs = (v) => v == null ? '' : v < 1e3 ? v.toPrecision(3) + ' ns' : v < 1e6 ? (v / 1e3).toPrecision(3) + ' \\u00b5s' : v < 1e9 ? (v / 1e6).toPrecision(3) + ' ms' : (v / 1e9).toPrecision(3) + ' s';
const isDecade = (v) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9;
const axis = (label, extra) => Object.assign({ label, stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, labelSize: 20, size: 64, font: '12px system-ui', labelFont: '12px system-ui' }, extra);
// Decades only: lines between them would hide the curves.
const decades = { stroke: grid, width: 1, filter: (u, splits) => splits.map((v) => isDecade(v) ? v : null) };
const logAxis = (label, format, extra) => axis(label, Object.assign({ grid: decades, ticks: decades, filter: (u, splits) => splits, values: (u, splits) => splits.map((v) => isDecade(v) ? format(u, v) : '') }, extra));
const charts = [];
function draw(id, height, series, axes, scales, columns, hooks) {
  const host = document.getElementById(id);
  if (!columns[0] || columns[0].length === 0) { host.textContent = 'no samples'; return; }
  const opts = { width: width(host), height, series, axes, scales, hooks: hooks || {}, padding: [10, 34, 0, 0], cursor: { drag: { x: true, y: false } }, legend: { live: true } };
  charts.push([new uPlot(opts, columns, host), host]);
}
const time = { label: 'time', value: (u, v) => v == null ? '' : v.toFixed(2) + ' s' };
const plain = (digits) => (u, v) => v == null ? '' : v.toLocaleString('en-US', { maximumFractionDigits: digits });
const seconds = axis('seconds since the first frame', { size: 32 });
const logNs = logAxis('latency', (u, v) => fmtNs(v));
const target = { label: 'target ' + fmtNs(data.targetNs), stroke: css('--target'), width: 1.5, dash: [10, 5], points: { show: false }, value: () => '' };
// The target line carries its own name.
const nameTarget = (u) => {
  const ctx = u.ctx, y = u.valToPos(data.targetNs, 'y', true);
  if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) return;
  ctx.save();
  ctx.font = 12 * devicePixelRatio + 'px system-ui'; ctx.fillStyle = css('--target'); ctx.textAlign = 'left'; ctx.textBaseline = 'bottom';
  ctx.strokeStyle = css('--paper'); ctx.lineWidth = 4 * devicePixelRatio; ctx.lineJoin = 'round';
  for (const paint of ['strokeText', 'fillText']) ctx[paint](target.label, u.bbox.left + 6 * devicePixelRatio, y - 3 * devicePixelRatio);
  ctx.restore();
};

// Percentiles: every curve on the union of their x values.
(() => {
  const xs = [...new Set(data.curves.flatMap((c) => c.x))].sort((a, b) => a - b);
  const columns = [xs];
  const series = [{ label: 'percentile', value: (u, v) => v == null ? '' : (100 * (1 - 1 / v)).toFixed(4) + ' %' }];
  data.curves.forEach((c, i) => {
    const at = new Map(c.x.map((x, k) => [x, c.y[k]]));
    columns.push(xs.map((x) => at.has(x) ? at.get(x) : null));
    const floor = c.name === 'jitter-floor';
    const main = c.name.startsWith('tick-to');
    series.push({ label: c.name, stroke: colours[c.name] || ink, width: main ? 2.5 : 1.3, dash: floor ? [5, 4] : undefined, spanGaps: true, points: { show: false }, value: (u, v) => fmtNs(v) });
  });
  columns.push(xs.map(() => data.targetNs));
  series.push(target);
  const percent = (v) => { const nines = Math.round(Math.log10(v)); return nines === 0 ? '0 %' : (100 * (1 - 1 / v)).toFixed(Math.max(0, nines - 2)) + ' %'; };
  // Where decades stand close, every second one is named.
  const sparse = (u) => u.bbox.width / devicePixelRatio / Math.max(1, Math.log10(u.scales.x.max / u.scales.x.min)) < 66 ? 2 : 1;
  const label = (u, v) => Math.round(Math.log10(v)) % sparse(u) === 0 ? percent(v) : '';
  draw('percentiles', 430, series, [logAxis('percentile', label, { size: 32 }), logNs], { x: { time: false, distr: 3, log: 10 }, y: { distr: 3, log: 10 } }, columns, { draw: [nameTarget] });
})();
const t = data.timeline;
draw('timeline', 300,
  [time, { label: 'p50', stroke: blue, width: 1.5, value: (u, v) => fmtNs(v) }, { label: 'p99', stroke: amber, width: 1.5, value: (u, v) => fmtNs(v) }, { label: 'max', stroke: violet, width: 1.2, value: (u, v) => fmtNs(v) }, target],
  [seconds, logNs], { x: { time: false }, y: { distr: 3, log: 10 } }, [t.timeS, t.p50Ns, t.p99Ns, t.maxNs, t.timeS.map(() => data.targetNs)], { draw: [nameTarget] });
draw('rate', 180, [time, { label: 'decisions/s', stroke: teal, fill: teal + '33', width: 1.2, value: plain(0) }], [seconds, axis('decisions/s')], { x: { time: false } }, [t.timeS, t.ticks]);

const s = data.series;
const marks = (u) => {
  const ctx = u.ctx;
  ctx.save();
  ctx.beginPath(); ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); ctx.clip();
  const size = 4 * devicePixelRatio;
  for (const f of data.fills) {
    const x = u.valToPos(f.timeS, 'x', true), y = u.valToPos(f.price, 'y', true), d = f.buy ? 1 : -1;
    ctx.fillStyle = css(f.buy ? '--buy' : '--sell');
    ctx.beginPath(); ctx.moveTo(x, y - d * size); ctx.lineTo(x - size, y + d * size); ctx.lineTo(x + size, y + d * size); ctx.closePath(); ctx.fill();
  }
  ctx.restore();
};
draw('price', 320, [time, { label: 'mid price', stroke: blue, width: 1.2, value: plain(8) }], [seconds, axis('price')], { x: { time: false } }, [s.timeS, s.mid], { draw: [marks] });
draw('signal', 220, [time, { label: 'up - down', stroke: violet, width: 1, value: plain(3) }], [seconds, axis('model output')], { x: { time: false } }, [s.timeS, s.signal]);
draw('position', 200, [time, { label: 'position', stroke: green, width: 1.2, paths: uPlot.paths.stepped({ align: 1 }), value: plain(0) }], [seconds, axis('lots')], { x: { time: false } }, [s.timeS, s.positionLots]);
draw('pnl', 240, [time, { label: 'P&L at mid, fees paid', stroke: blue, width: 1.5, value: plain(8) }], [seconds, axis('quote currency')], { x: { time: false } }, [s.timeS, s.pnl]);
addEventListener('resize', () => charts.forEach(([chart, host]) => chart.setSize({ width: width(host), height: chart.height })));
// Colours are read once: a reader who changes between light and dark gets the page drawn anew.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => location.reload());
document.body.dataset.ready = 'true';
`;
