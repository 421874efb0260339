import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunSummary } from '../../src/report/summary.ts';
import { CliRig } from '../support/cli.ts';

const LINES = 8_000;
const SHORT_LINES = 1_500;
const rig = new CliRig(LINES);
/** For what does not depend on how much was traded. */
const shortCapture = rig.write('short.txt', rig.lines.slice(0, SHORT_LINES).join('\n'));
test.after(() => rig.remove());

const summaryOf = (id: string): RunSummary => JSON.parse(rig.runFile(id, 'summary.json')) as RunSummary;

/** Numbers of a table, so that the tables of one run can be compared whatever file they name. */
const tableOf = (text: string): string => text.replace(/^report .*$/m, '').trimEnd();

test('inline and pipeline write the same journal, run after run', async () => {
  const runs = ['inline', 'pipeline', 'inline', 'pipeline'].map((topology, i) => ({ topology, id: `${topology}-${i}` }));
  for (const { topology, id } of runs) {
    const { code, stderr } = await rig.replay(id, ['--speed', 'max', '--topology', topology, '--quiet', '--no-html']);
    assert.equal([code, stderr], [0, ''], id);
  }
  const [first, ...others] = runs.map(({ id }) => summaryOf(id));
  assert.is(first!.ticks, LINES);
  assert.ok(first!.orders_sent > 20 && first!.fills > 20, `${first!.orders_sent} orders, ${first!.fills} fills`);
  assert.ok(first!.journal.records > 7_000);
  for (const other of others) {
    assert.equal(other.journal, first!.journal);
    const { orders_sent, orders_refused, fills, pnl, position_lots, decisions } = first!;
    const found: unknown = Object.fromEntries(
      Object.keys({ orders_sent, orders_refused, fills, pnl, position_lots, decisions }).map((key) => [key, other[key as 'fills']]),
    );
    assert.equal(found, { orders_sent, orders_refused, fills, pnl, position_lots, decisions });
  }
});

test('verify finds no difference in either topology, from any folder', async () => {
  for (const id of ['inline-0', 'pipeline-1']) {
    const { code, stdout, stderr } = await rig.run(['verify', join(rig.path('runs'), id)], { cwd: '/' });
    const { records, sha256 } = summaryOf(id).journal;
    assert.equal([code, stdout, stderr], [0, `no difference in ${records} records\nsha256 ${sha256}\n`, '']);
  }
});

test('verify finds the first decision that another strategy parameter changes', async () => {
  const config = join(rig.path('runs'), 'inline-2', 'config.yaml');
  const before = readFileSync(config, 'utf8');
  assert.match(before, '  params: {}');
  rig.write('runs/inline-2/config.yaml', before.replace('  params: {}', '  params: { order_lots: 2 }'));
  const { code, stdout, stderr } = await rig.run(['verify', 'runs/inline-2']);
  assert.is(code, 4);
  assert.is(stdout, '');
  assert.match(stderr, /^record \d+ differs:\n {2}recorded {2}.* order .*qty=0.001.*\n {2}replayed {2}.* order .*qty=0.002/);
  const json = await rig.run(['verify', 'runs/inline-2', '--json']);
  const document = JSON.parse(json.stdout) as { equal: boolean; index: number; recorded: { kind: string }; replayed: { kind: string } };
  assert.equal([json.code, document.equal, document.recorded.kind, document.replayed.kind], [4, false, 'order', 'order']);
});

test('verify refuses to compare when the input is not what the run read', async () => {
  const input = rig.write('changing.txt', rig.lines.slice(0, SHORT_LINES).join('\n'));
  assert.is((await rig.replay('changing', ['-q', '--no-html'], input)).code, 0);
  rig.write('changing.txt', rig.lines.slice(0, SHORT_LINES + 1).join('\n'));
  const { code, stderr } = await rig.run(['verify', 'runs/changing']);
  assert.is(code, 4);
  assert.match(stderr, /^tickpath: .*changing\.txt: sha256 is [0-9a-f]{64}, the run read [0-9a-f]{64}\n$/);
});

test('a run prints its table on stdout and leaves every file it promises', async () => {
  const { code, stdout, stderr } = await rig.replay('table');
  assert.equal([code, stderr], [0, '']);
  const { latency, journal } = summaryOf('table');
  for (const stage of Object.keys(latency)) assert.match(stdout, new RegExp(`^${stage.replaceAll('_', '-')} +[\\d,]+ `, 'm'));
  assert.match(stdout, `sha256 ${journal.sha256}`);
  assert.equal(readdirSync(join(rig.path('runs'), 'table')).sort(), [
    'config.yaml',
    'environment.json',
    'journal',
    'latency-timeline.json',
    'latency.hgrm',
    'latency.hlog',
    'report.html',
    'summary.json',
  ]);
  const report = rig.runFile('table', 'report.html');
  const again = await rig.run(['report', 'runs/table']);
  assert.equal([again.code, again.stderr], [0, '']);
  assert.is(tableOf(again.stdout), tableOf(stdout), 'report prints the same table');
  assert.is(rig.runFile('table', 'report.html'), report, 'report builds the same page, byte for byte');
});

test('the report of a run, wherever it is asked for, is the same page', async () => {
  const report = rig.runFile('table', 'report.html');
  rig.write('runs/table/report.html', '');
  const { code } = await rig.run(['report', '.'], { cwd: join(rig.path('runs'), 'table') });
  assert.is(code, 0);
  assert.is(rig.runFile('table', 'report.html'), report);
  const json = await rig.run(['report', 'runs/table', '--json', '--no-html']);
  assert.equal(JSON.parse(json.stdout), summaryOf('table'));
});

test('--json prints summary.json on stdout and nothing else', async () => {
  const { code, stdout, stderr } = await rig.replay('json', ['--json', '--no-html'], shortCapture);
  assert.equal([code, stderr], [0, '']);
  assert.is(stdout, rig.runFile('json', 'summary.json'));
  assert.is((JSON.parse(stdout) as RunSummary).ticks, SHORT_LINES);
});

test('an assertion that holds changes nothing, one that does not ends the run with 5, and both say what was found', async () => {
  const held = await rig.replay(
    'assert-holds',
    ['-q', '--no-html', '--assert', 'tick_to_decision.p99.9<60s', 'decode.p50<1s'],
    shortCapture,
  );
  assert.is(held.code, 0);
  assert.match(
    held.stderr,
    /^assert tick_to_decision\.p99\.9<60s: holds \(found [\d.]+ µs\)\nassert decode\.p50<1s: holds \(found [\d.]+ µs\)\n$/,
  );
  const missed = await rig.replay('assert-missed', ['-q', '--no-html', '--assert', 'decode.max<1ns', 'decode.p50<60s'], shortCapture);
  assert.is(missed.code, 5);
  assert.match(missed.stderr, /^assert decode\.max<1ns: MISSED \(found [\d.]+ µs\)\nassert decode\.p50<60s: holds/);
  assert.ok(summaryOf('assert-missed').ticks === SHORT_LINES, 'the run is whole all the same');
});

test('an assertion that does not parse is refused before anything runs', async () => {
  const { code, stdout, stderr } = await rig.replay('never', ['--assert', 'p98<1us']);
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, 'tickpath: --assert "p98<1us": expected [stage.]percentile<time, e.g. "p99.9<100us"; stages: ');
  assert.not.ok(readdirSync(rig.path('runs')).includes('never'));
});

test('a run id that is taken is refused and the run that has it is left as it was', async () => {
  const before = rig.runFile('table', 'summary.json');
  const { code, stdout, stderr } = await rig.replay('table');
  assert.equal([code, stdout], [2, '']);
  assert.is(stderr, `tickpath: ${join(rig.path('runs'), 'table')}: holds a run already; choose another run.id\n`);
  assert.is(rig.runFile('table', 'summary.json'), before);
});

test('the environment overrides the file and flags override the environment', async () => {
  const env = { TICKPATH_SPEED: '0.5', TICKPATH_TOPOLOGY: 'pipeline' };
  const { code } = await rig.replay('precedence', ['-q', '--no-html', '--speed', 'max'], shortCapture, { env });
  assert.is(code, 0);
  const { speed, topology } = summaryOf('precedence');
  assert.equal([speed, topology], ['max', 'pipeline']);
});

test.run();
