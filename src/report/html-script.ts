/** Script of the report: draws the charts with uPlot (inlined before it) from the JSON document in the page. */
export const REPORT_SCRIPT = `
const data = JSON.parse(document.getElementById('data').textContent);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const ink = css('--soft'), grid = css('--line');
const palette = ['#4c78a8', '#f58518', '#54a24b', '#b279a2', '#e45756', '#72b7b2', '#9d755d', '#d67195', '#888888'];
const width = () => Math.min(1130, document.querySelector('main').clientWidth - 8);
const fmtNs = (v) => v == null ? '' : v < 1e3 ? v.toPrecision(3) + ' ns' : v < 1e6 ? (v / 1e3).toPrecision(3) + ' \\u00b5s' : v < 1e9 ? (v / 1e6).toPrecision(3) + ' ms' : (v / 1e9).toPrecision(3) + ' s';
const axis = (label, extra) => Object.assign({ label, stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, labelSize: 22, size: 62, font: '12px system-ui', labelFont: '12px system-ui' }, extra);
const charts = [];
function draw(id, title, height, series, axes, scales, columns, hooks) {
  const host = document.getElementById(id);
  if (!columns[0] || columns[0].length === 0) { host.textContent = 'no samples'; return; }
  const opts = { title, width: width(), height, series, axes, scales, hooks: hooks || {}, cursor: { drag: { x: true, y: false } }, legend: { live: true } };
  charts.push(new uPlot(opts, columns, host));
}
const time = { label: 'time', value: (u, v) => v == null ? '' : v.toFixed(2) + ' s' };
const seconds = axis('seconds since the first frame', { size: 46 });
const logNs = axis('latency', { values: (u, splits) => splits.map((v) => Math.abs(Math.log10(v) % 1) < 1e-9 ? fmtNs(v) : '') });

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
    series.push({ label: c.name, stroke: floor ? ink : palette[i % palette.length], width: main ? 2.5 : 1.3, dash: floor ? [5, 4] : undefined, spanGaps: true, points: { show: false }, value: (u, v) => fmtNs(v), show: true });
  });
  columns.push(xs.map(() => data.targetNs));
  series.push({ label: 'target', stroke: css('--target'), width: 1.5, dash: [10, 5], points: { show: false }, value: (u, v) => fmtNs(v) });
  const percent = (v) => { const p = 100 * (1 - 1 / v); return p === 0 ? '0 %' : p.toFixed(Math.max(0, Math.ceil(Math.log10(v)) - 2)) + ' %'; };
  draw('percentiles', '', 430, series, [axis('percentile', { size: 46, values: (u, splits) => splits.map((v) => Math.abs(Math.log10(v) % 1) < 1e-9 ? percent(v) : '') }), logNs],
    { x: { time: false, distr: 3, log: 10 }, y: { distr: 3, log: 10 } }, columns);
})();
draw('timeline', '', 280,
  [time, { label: 'p50', stroke: palette[0], width: 1.5, value: (u, v) => fmtNs(v) }, { label: 'p99', stroke: palette[1], width: 1.5, value: (u, v) => fmtNs(v) }, { label: 'max', stroke: palette[4], width: 1.2, value: (u, v) => fmtNs(v) }, { label: 'target', stroke: css('--target'), dash: [10, 5], width: 1.2, points: { show: false }, value: (u, v) => fmtNs(v) }],
  [seconds, logNs], { x: { time: false }, y: { distr: 3, log: 10 } },
  [data.timeline.timeS, data.timeline.p50Ns, data.timeline.p99Ns, data.timeline.maxNs, data.timeline.timeS.map(() => data.targetNs)]);
draw('rate', '', 150, [time, { label: 'ticks/s', stroke: palette[5], fill: palette[5] + '33', width: 1.2, value: (u, v) => v == null ? '' : Math.round(v).toLocaleString() }],
  [seconds, axis('ticks/s')], { x: { time: false } }, [data.timeline.timeS, data.timeline.ticks]);

const s = data.series;
const marks = (u) => {
  const ctx = u.ctx;
  ctx.save();
  ctx.beginPath(); ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); ctx.clip();
  const size = 4.5 * devicePixelRatio;
  for (const f of data.fills) {
    const x = u.valToPos(f.timeS, 'x', true), y = u.valToPos(f.price, 'y', true), d = f.buy ? 1 : -1;
    ctx.fillStyle = css(f.buy ? '--buy' : '--sell');
    ctx.beginPath(); ctx.moveTo(x, y - d * size); ctx.lineTo(x - size, y + d * size); ctx.lineTo(x + size, y + d * size); ctx.closePath(); ctx.fill();
  }
  ctx.restore();
};
draw('price', '', 300, [time, { label: 'mid price', stroke: palette[0], width: 1.2 }], [seconds, axis('price')], { x: { time: false } }, [s.timeS, s.mid], { draw: [marks] });
draw('signal', '', 190, [time, { label: 'up - down', stroke: palette[3], width: 1 }], [seconds, axis('model output')], { x: { time: false } }, [s.timeS, s.signal]);
draw('position', '', 170, [time, { label: 'position', stroke: palette[2], width: 1.2, paths: uPlot.paths.stepped({ align: 1 }) }], [seconds, axis('lots')], { x: { time: false } }, [s.timeS, s.positionLots]);
draw('pnl', '', 200, [time, { label: 'P&L at mid, fees paid', stroke: palette[1], width: 1.5 }], [seconds, axis('quote currency')], { x: { time: false } }, [s.timeS, s.pnl]);
addEventListener('resize', () => charts.forEach((c) => c.setSize({ width: width(), height: c.height })));
document.body.dataset.ready = 'true';
`;
