import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundledSession } from '../../src/app/bundled.ts';
import { resolveConfig } from '../../src/app/config.ts';
import { finishRun } from '../../src/app/finish-run.ts';
import { runReplay } from '../../src/app/replay.ts';
import { RUN_FILES } from '../../src/app/run-folder.ts';
import { verifyRun } from '../../src/app/verify-run.ts';
import { STAGES } from '../../src/core/stages.ts';
import { FEED_COUNTER_SPECS } from '../../src/feed/counters.ts';
import { checkJournal } from '../../src/journal/reader.ts';
import type { RunSummary } from '../../src/report/summary.ts';
import { REASON } from '../../src/risk/reasons.ts';
import { projectFile } from '../support/project.ts';

const LINES = 5_000;
const page = readFileSync(projectFile('docs/summary.md'), 'utf8');

const test = suite('summary');
let folder = '';
let run = '';
let returned: RunSummary;
let summary: RunSummary;

test.before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-summary-'));
  const session = bundledSession();
  const text = gunzipSync(readFileSync((session.flags['input.files'] as string[])[0]!)).toString();
  const lines = text.split('\n', LINES);
  // A frame that cannot be decoded, so that `rejects` is not empty.
  lines.push(`${lines.at(-1)!.split(' ')[0]} {"e":}`);
  const input = join(folder, 'short.txt');
  writeFileSync(input, `${lines.join('\n')}\n`);
  const config = join(folder, 'config.yaml');
  // Few orders in ten seconds: some are refused, so that `orders_refused` is not empty.
  const limits = `
risk:
  allow: [TPXUSDT]
  max_order_qty: 0.05
  max_order_notional: 100000
  max_spread: 50
  max_trade_age_ms: 0
  price_collar_percent: 1
  min_price: 1
  max_price: 1000000
  max_data_age_ms: 2000
  max_long_qty: 0.1
  max_short_qty: 0.1
  max_open_orders: 16
  max_orders_per_1s: 20
  max_orders_per_10s: 2
  max_loss: 500
  maker_fee_percent: 0.02
  taker_fee_percent: 0.05
`;
  writeFileSync(config, `threads: { pin: false, jitter_ms: 5, rehearse: false }${limits}`);
  const flags = { ...session.flags, 'input.files': [input], 'run.dir': folder, 'run.id': 'run' };
  const outcome = await runReplay(resolveConfig(config, flags, {}));
  run = outcome.folder;
  returned = finishRun(outcome).summary;
  summary = JSON.parse(readFileSync(join(run, RUN_FILES.summary), 'utf8')) as RunSummary;
});
test.after(() => rmSync(folder, { recursive: true }));

/** Keys whose names are data, by the word that stands for them in the page. */
const NAMED: Readonly<Record<string, string>> = { latency: 'STAGE', orders_refused: 'REASON', feed: 'COUNTER' };

function keysOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  const named = NAMED[path];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, path === '' ? key : `${path}.${named ?? key}`));
}

/** First cells of the tables whose first column has this title. */
function rows(title: string): string[] {
  return page
    .split(`| ${title} |`)
    .slice(1)
    .flatMap((part) => part.split('\n\n')[0]!.split('\n'))
    .flatMap((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? []);
}

test('every key of a run stands in the page, and every key of the page in a run', () => {
  const real = new Set(keysOf(summary, ''));
  // Flags of this process, which has none unless someone gave it some.
  real.add('environment.flags[]');
  assert.equal([...real].sort(), rows('key').sort());
});

test('the page lists every stage, every counter of the feed and no other', () => {
  assert.equal(rows('stage'), [...STAGES]);
  const counters = FEED_COUNTER_SPECS.map((spec) => spec.name);
  // One row a family: a counter for each status or message type.
  const families: readonly (readonly [prefix: string, row: string])[] = [
    ['itch_rejected_', 'itch_rejected_STATUS'],
    ['itch_', 'itch_TYPE'],
    ['record_rejected_', 'record_rejected_STATUS'],
    ['rejected_', 'rejected_STATUS'],
  ];
  const rowOf = (name: string): string =>
    name === 'rejected_frames' ? name : (families.find(([prefix]) => name.startsWith(prefix))?.[1] ?? name);
  const byStatus = (name: string): boolean => rowOf(name) !== name;
  assert.equal(rows('counter'), [...new Set(counters.map(rowOf))]);
  for (const { name, unit, help } of FEED_COUNTER_SPECS)
    if (!byStatus(name)) assert.ok(page.includes(`| \`${name}\` | ${unit} | ${help}`), name);
});

test('the keys others rely on are there, with their types', () => {
  for (const key of ['ticks', 'book_events', 'intents', 'orders_sent', 'fills', 'position_lots'] as const)
    assert.type(summary[key], 'number', key);
  const percentiles = ['count', 'p50_ns', 'p90_ns', 'p99_ns', 'p999_ns', 'p9999_ns', 'max_ns'];
  assert.equal(Object.keys(summary.latency), [...STAGES]);
  for (const latency of [...Object.values(summary.latency), summary.jitter_floor]) assert.equal(Object.keys(latency), percentiles);
  const sha256 = /^[0-9a-f]{64}$/;
  assert.type(summary.journal.records, 'number');
  assert.match(summary.journal.sha256, sha256);
  assert.match(summary.model.sha256, sha256);
  assert.equal([summary.model.backend, summary.input.length, summary.input[0]!.format], ['wasm', 1, 'binance-usdm']);
  assert.match(summary.input[0]!.sha256, sha256);
  assert.type(summary.pnl.net, 'string');
});

test('the figures agree with each other and with the files of the run', () => {
  assert.equal(returned, summary);
  assert.is(summary.ticks, LINES + 1);
  assert.is(summary.feed['rejected_frames'], 1);
  assert.equal(
    summary.rejects.map((reject) => [reject.frame, reject.reason, reject.text]),
    [[LINES + 1, 'bad_json', '{"e":}']],
  );
  const refused = Object.entries(summary.orders_refused);
  assert.ok(refused.length > 0 && refused.every(([reason]) => reason.toUpperCase() in REASON));
  assert.is(summary.intents, summary.orders_sent + summary.cancels_sent + refused.reduce((sum, [, count]) => sum + count, 0));
  assert.ok(summary.orders_sent > 0 && summary.fills > 0);
  assert.is(summary.latency.tick_to_order.count, summary.orders_sent + summary.cancels_sent);
  assert.is(summary.latency.tick_to_decision.count, summary.decisions);
  const { realised_tick_lots, unrealised_tick_lots, fees_tick_lots, net_tick_lots } = summary.pnl;
  assert.is(net_tick_lots, realised_tick_lots + unrealised_tick_lots - fees_tick_lots);
  const check = checkJournal(join(run, 'journal'));
  assert.equal([check.records, check.sha256], [summary.journal.records, summary.journal.sha256]);
  assert.equal(JSON.parse(readFileSync(join(run, RUN_FILES.environment), 'utf8')), summary.environment);
});

test('percentiles rise and none exceeds the maximum', () => {
  for (const [stage, latency] of [...Object.entries(summary.latency), ['jitter floor', summary.jitter_floor] as const]) {
    const { count, ...values } = latency;
    assert.ok(count > 0, stage);
    assert.equal(
      Object.values(values),
      Object.values(values).sort((a, b) => a - b),
      stage,
    );
  }
});

test('a run folder holds every file that is promised', () => {
  for (const name of [...Object.values(RUN_FILES), 'config.yaml', 'journal/000001.tpj']) assert.ok(existsSync(join(run, name)), name);
});

test('the run replays to the same decisions', async () => {
  const verification = await verifyRun(run);
  assert.ok(verification.equal && verification.sha256 === summary.journal.sha256);
});

test.run();
