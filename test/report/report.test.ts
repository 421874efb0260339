import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LatencySummary } from '../../src/core/histogram.ts';
import type { RunSummary } from '../../src/report/summary.ts';
import { openFile, type Screen, startBrowser } from '../support/browser.ts';
import { CliRig } from '../support/cli.ts';

const CHARTS = ['percentiles', 'timeline', 'rate', 'price', 'signal', 'position', 'pnl'];
const TARGET_NS = 100_000;
const WIDE: Screen = { width: 1600, colorScheme: 'light' };
/** Names in a page, of the report's own script. */
const PERCENTILES = 'charts[0][0]';

const rig = new CliRig(8_000);
let browser: Browser | undefined;
let summary: RunSummary;

test.before(async () => {
  browser = await startBrowser();
  if (browser === undefined) return;
  const { code, stderr } = await rig.replay('run', ['--quiet', '--speed', '50']);
  assert.is(code, 0, stderr);
  summary = JSON.parse(rig.runFile('run', 'summary.json')) as RunSummary;
});
test.after(async () => {
  await browser?.close();
  rig.remove();
});

const reportOf = (id: string): string => join(rig.path('runs'), id, 'report.html');

/** Evaluates an expression on the page; the report's charts are in its scope. */
const evaluate = <T>(page: Page, expression: string): Promise<T> => page.evaluate(expression) as Promise<T>;

for (const width of [400, 1600]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`at ${width} pixels, ${colorScheme}, every chart is drawn, nothing overflows, nothing is asked for and nothing complains`, async () => {
      if (browser === undefined) return;
      const file = reportOf('run');
      const { page, complaints, requests } = await openFile(browser, file, { width, colorScheme });
      assert.equal(await page.$$eval('.chart', (charts) => charts.map((chart) => chart.id)), CHARTS);
      for (const id of CHARTS) {
        const colours = await evaluate<number>(
          page,
          `(() => {
            const canvas = document.querySelector('#${id} canvas');
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const seen = new Map();
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.set(data[i] << 16 | data[i + 1] << 8 | data[i + 2], 1);
            return seen.size;
          })()`,
        );
        assert.ok(colours >= 2, `${id} shows ${colours} colours: axes and a line at least`);
        const host = await page.$eval(`#${id}`, (chart) => ({
          chart: chart.clientWidth,
          canvas: chart.querySelector('canvas')!.clientWidth,
        }));
        assert.is(host.canvas, host.chart, `${id} fills its place`);
      }
      const overflow = await evaluate<number>(page, 'document.documentElement.scrollWidth - document.documentElement.clientWidth');
      assert.is(overflow, 0, 'the page scrolls sideways');
      assert.equal([complaints, requests], [[], [pathToFileURL(file).href]]);
      await page.context().close();
    });
  }
}

test('a window that becomes narrow gets narrow charts', async () => {
  if (browser === undefined) return;
  const { page } = await openFile(browser, reportOf('run'), WIDE);
  await page.setViewportSize({ width: 400, height: 800 });
  await page.waitForFunction("document.querySelector('#pnl canvas').clientWidth === document.querySelector('#pnl').clientWidth");
  assert.is(await evaluate(page, 'document.documentElement.scrollWidth'), 400);
  await page.context().close();
});

test('the percentile plot has the 1/(1-p) axis on a logarithmic scale, and its curves are the percentiles of the table', async () => {
  if (browser === undefined) return;
  const { page } = await openFile(browser, reportOf('run'), WIDE);
  assert.equal(await evaluate(page, `[${PERCENTILES}.scales.x.distr, ${PERCENTILES}.scales.y.distr]`), [3, 3]);
  const labels = await evaluate(page, `${PERCENTILES}.axes[0].values(${PERCENTILES}, [1, 2, 10, 50, 100, 1000, 10000, 100000])`);
  assert.equal(labels, ['0 %', '', '90 %', '', '99 %', '99.9 %', '99.99 %', '99.999 %']);
  const columns = await evaluate<(number | null)[][]>(page, `${PERCENTILES}.data.map((column) => [...column])`);
  const names = await evaluate<string[]>(page, `${PERCENTILES}.series.map((series) => series.label)`);
  const [xs] = columns;
  const at = (x: number): number => xs!.findIndex((value) => Math.abs(value! / x - 1) < 1e-9);
  for (const [stage, latency] of Object.entries({ ...summary.latency, jitter_floor: summary.jitter_floor })) {
    const column = columns[names.indexOf(stage.replaceAll('_', '-'))];
    if (latency.count < 2) {
      assert.is(column, undefined, stage);
      continue;
    }
    const points: readonly (readonly [x: number, key: keyof LatencySummary])[] = [
      [10, 'p90_ns'],
      [100, 'p99_ns'],
      [1_000, 'p999_ns'],
    ];
    for (const [x, key] of points) {
      if (latency.count < x) continue;
      const shown = column![at(x)]!;
      assert.ok(Math.abs(shown - latency[key]) <= 1 + latency[key] / 500, `${stage} ${key}: ${shown} drawn, ${latency[key]} in the table`);
    }
    const last = column!.findLastIndex((value) => value !== null);
    assert.ok(xs![last]! <= latency.count * (1 + 1e-9), `${stage} ends where one sample is left`);
  }
  await page.context().close();
});

test('the target of 100 µs is a line across the percentile plot, with its name on it', async () => {
  if (browser === undefined) return;
  const { page } = await openFile(browser, reportOf('run'), WIDE);
  assert.ok((await evaluate<string[]>(page, `${PERCENTILES}.series.map((series) => series.label)`)).includes('target 100 µs'));
  const share = await evaluate<number>(
    page,
    `(() => {
      const chart = ${PERCENTILES}, { left, width } = chart.bbox, { canvas } = chart.ctx;
      const y = Math.round(chart.valToPos(${TARGET_NS}, 'y', true));
      const probe = document.createElement('canvas').getContext('2d');
      probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--target').trim();
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      const { data } = canvas.getContext('2d').getImageData(Math.round(left), y - 2, Math.round(width), 4);
      const columns = new Set();
      for (let i = 0; i < data.length; i += 4) if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 60 && data[i + 3] > 100) columns.add((i / 4) % Math.round(width));
      return columns.size / width;
    })()`,
  );
  // Dashes of ten pixels with gaps of five.
  assert.ok(share > 0.5, `${(100 * share).toFixed(0)} % of the line is drawn`);
  await page.context().close();
});

test('no axis label is cut off at the edge of its chart', async () => {
  if (browser === undefined) return;
  for (const width of [400, 1600]) {
    const { page } = await openFile(browser, reportOf('run'), { width, colorScheme: 'light' });
    // Labels are drawn by the canvas: whatever touches its border is cut.
    const cut = await evaluate<string[]>(
      page,
      `charts.flatMap(([chart, host]) => {
        const { canvas } = chart.ctx, { width, height } = canvas, ctx = canvas.getContext('2d');
        const inked = (x, y, w, h) => ctx.getImageData(x, y, w, h).data.some((value, i) => i % 4 === 3 && value > 0);
        const edges = { left: [0, 0, 1, height], right: [width - 1, 0, 1, height], top: [0, 0, width, 1], bottom: [0, height - 1, width, 1] };
        return Object.entries(edges).filter(([, at]) => inked(...at)).map(([edge]) => host.id + ' ' + edge);
      })`,
    );
    assert.equal(cut, [], `${width} pixels`);
    await page.context().close();
  }
});

test('the tables show every stage, order count, sum of money and identity of the run', async () => {
  if (browser === undefined) return;
  const { page } = await openFile(browser, reportOf('run'), WIDE);
  const rows = await page.$$eval('main table:not(.u-legend) tr', (all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  const row = (name: string): (string | null)[] => rows.find(([first]) => first === name) ?? assert.unreachable(`no row ${name}`) ?? [];
  for (const [stage, { count }] of Object.entries(summary.latency)) {
    const cells = row(stage.replaceAll('_', '-'));
    assert.is(cells.length, 9, stage);
    assert.is(cells[1], count.toLocaleString('en-US'));
    for (const cell of cells.slice(2, 8)) assert.match(cell!, count === 0 ? /^-\*?$/ : /^[\d.]+ (ns|µs|ms|s)\*?$/);
  }
  assert.is(row('orders sent')[1], String(summary.orders_sent));
  assert.is(row('net')[1], summary.pnl.net);
  assert.is(row('turnover')[1], summary.pnl.turnover);
  assert.match(row('decision journal')[1]!, summary.journal.sha256);
  assert.match(row('model')[1]!, summary.model.sha256);
  assert.match(row('input')[1]!, summary.input[0]!.sha256);
  assert.match(row('machine')[1]!, `Node ${summary.environment.node}`);
  assert.match((await page.textContent('h1'))!, /^TPXUSDT: 8,000 ticks at 50 times the recorded pace, inline$/);
  await page.context().close();
});

test('text stands out from its ground in both schemes', async () => {
  if (browser === undefined) return;
  const grounds: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openFile(browser, reportOf('run'), { width: 1200, colorScheme });
    const { contrasts, ground } = await evaluate<{ contrasts: Record<string, number>; ground: string }>(
      page,
      `(() => {
        const style = getComputedStyle(document.documentElement);
        const light = (name) => {
          const probe = document.createElement('canvas').getContext('2d');
          probe.fillStyle = style.getPropertyValue(name).trim();
          probe.fillRect(0, 0, 1, 1);
          const [r, g, b] = [...probe.getImageData(0, 0, 1, 1).data].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const paper = light('--paper');
        const contrasts = Object.fromEntries(['--ink', '--soft', '--accent', '--buy', '--sell', '--target'].map((name) => {
          const [a, b] = [light(name), paper].sort((x, y) => y - x);
          return [name, (a + 0.05) / (b + 0.05)];
        }));
        return { contrasts, ground: getComputedStyle(document.body).backgroundColor };
      })()`,
    );
    // WCAG 2.2: 4.5 for small text, 7 for its stricter level.
    for (const [name, ratio] of Object.entries(contrasts))
      assert.ok(ratio >= (name === '--ink' ? 7 : 4.3), `${colorScheme} ${name} ${ratio}`);
    grounds.push(ground);
    await page.context().close();
  }
  assert.is.not(grounds[0], grounds[1]);
});

test('pointing at the percentile plot shows the latency of every stage there', async () => {
  if (browser === undefined) return;
  const { page } = await openFile(browser, reportOf('run'), WIDE);
  const box = (await (await page.$('#percentiles .u-over'))!.boundingBox())!;
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
  await page.waitForFunction("document.querySelector('#percentiles .u-series .u-value').textContent.includes('%')");
  const values = await page.$$eval('#percentiles .u-series', (all) => all.map((one) => one.textContent));
  assert.match(values.find((text) => text?.startsWith('decode'))!, /^decode[\d.]+ (ns|µs|ms)$/);
  await page.context().close();
});

test('text of the input is shown as text, whatever it holds', async () => {
  if (browser === undefined) return;
  const number = rig.lineWith('"trade"', 1_000);
  const hostile = '{"e":"trade","x":"</script><img src=x onerror=document.title=1>&amp;"}';
  const file = rig.captureWith('hostile', number, (line) => line.slice(0, 20) + hostile);
  assert.is((await rig.replay('hostile', ['-q'], file)).code, 0);
  const { page, complaints, requests } = await openFile(browser, reportOf('hostile'), WIDE);
  assert.is(await evaluate(page, "document.querySelectorAll('img').length"), 0);
  assert.match((await page.textContent('main'))!, `${hostile}`);
  assert.equal([complaints, requests.length], [[], 1]);
  await page.context().close();
});

test('a run that decided nothing says so where its charts would be', async () => {
  if (browser === undefined) return;
  const file = rig.write('short', rig.lines.slice(0, 100).join('\n'));
  assert.is((await rig.replay('short', ['-q'], file)).code, 0);
  const { page, complaints } = await openFile(browser, reportOf('short'), { width: 400, colorScheme: 'dark' });
  const texts = await page.$$eval('.chart', (all) =>
    all.map((chart) => (chart.querySelector('canvas') === null ? chart.textContent : 'drawn')),
  );
  assert.is(texts[0], 'drawn', 'decode has samples');
  assert.equal(
    texts.slice(1),
    Array.from({ length: 6 }, () => 'no samples'),
  );
  assert.is(await evaluate(page, 'document.documentElement.scrollWidth'), 400);
  assert.equal(complaints, []);
  await page.context().close();
});

test.run();
