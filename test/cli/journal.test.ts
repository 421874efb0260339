import { cpSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunSummary } from '../../src/report/summary.ts';
import { CliRig } from '../support/cli.ts';

const rig = new CliRig(4_000);
const SEGMENT = 'journal/000001.tpj';

test.before(async () => {
  const { code, stderr } = await rig.replay('whole', ['--quiet', '--no-html']);
  assert.is(code, 0, stderr);
});
test.after(() => rig.remove());

const summary = (): RunSummary => JSON.parse(rig.runFile('whole', 'summary.json')) as RunSummary;

/** A copy of the whole run under another name. */
function copyRun(name: string): string {
  cpSync(join(rig.path('runs'), 'whole'), join(rig.path('runs'), name), { recursive: true });
  return join(rig.path('runs'), name);
}

test('check prints records, blocks and the digest that the summary has', async () => {
  const { records, sha256 } = summary().journal;
  const { code, stdout, stderr } = await rig.run(['journal', 'check', 'runs/whole']);
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout, new RegExp(`^${records} records in \\d+ blocks of 1 segment\\(s\\)\nsha256 ${sha256}\n$`));
  const json = await rig.run(['journal', 'check', 'runs/whole/journal', '--json']);
  const check = JSON.parse(json.stdout) as { records: number; sha256: string; segments: number };
  assert.equal([json.code, check.records, check.sha256, check.segments], [0, records, sha256, 1]);
});

test('cat prints one record a line, as text or JSON, all or some kinds', async () => {
  const { records } = summary().journal;
  const text = await rig.run(['journal', 'cat', 'runs/whole']);
  const lines = text.stdout.trimEnd().split('\n');
  assert.equal([text.code, text.stderr, lines.length], [0, '', records]);
  const json = await rig.run(['journal', 'cat', 'runs/whole', '--json']);
  const kinds = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  assert.is(kinds.length, records);
  const orders = await rig.run(['journal', 'cat', 'runs/whole', '--kind', 'order', 'execution']);
  assert.is(orders.stdout.trimEnd().split('\n').length, kinds.filter((kind) => kind === 'order' || kind === 'execution').length);
  assert.is(kinds.filter((kind) => kind === 'order').length, summary().orders_sent);
  const order = /^\d{19} +\d+ {2}order +TPXUSDT {2}order_id=1 outcome=approved reason=approved tag=\d+ side=(buy|sell) type=\w+ /m;
  assert.match(orders.stdout, order);
});

test('a torn tail is told with its place, what stands before it is printed, and the exit code is 4', async () => {
  const run = copyRun('torn');
  const bytes = readFileSync(join(run, SEGMENT)).length;
  truncateSync(join(run, SEGMENT), bytes - 100);
  const torn = /^torn tail: .*000001\.tpj ends with \d+ bytes of an unfinished block at byte \d+; what stands before it is whole\n/;
  const check = await rig.run(['journal', 'check', run]);
  assert.is(check.code, 4);
  assert.match(check.stdout, /^\d+ records in \d+ blocks/);
  assert.match(check.stderr, torn);
  const cat = await rig.run(['journal', 'cat', run]);
  assert.is(cat.code, 4);
  assert.match(cat.stderr, torn);
  assert.is(cat.stdout.trimEnd().split('\n').length, Number(/^\d+/.exec(check.stdout)![0]));
  const verify = await rig.run(['verify', run]);
  assert.is(verify.code, 4);
  assert.match(verify.stderr, /^record \d+ differs:\n {2}recorded {2}\(the journal ended\)\n/);
});

test('a journal that lost its last whole block is not the one the summary tells of', async () => {
  const run = copyRun('shorter');
  const check = await rig.run(['journal', 'check', run, '--json']);
  const bytes = readFileSync(join(run, SEGMENT)).length;
  const { records } = JSON.parse(check.stdout) as { records: number };
  // All blocks but the last are full.
  truncateSync(join(run, SEGMENT), bytes - 64 - 64 * (records % 1_024));
  const { code, stdout, stderr } = await rig.run(['journal', 'check', run]);
  assert.is(code, 4);
  assert.match(stdout, new RegExp(`^${records - (records % 1_024)} records`));
  assert.match(
    stderr,
    `the journal is not the one the run wrote: summary.json says ${records} records, sha256 ${summary().journal.sha256}; found`,
  );
});

test('one flipped bit is found with its file, byte and block by every command that reads the journal', async () => {
  const run = copyRun('corrupt');
  const bytes = Uint8Array.from(readFileSync(join(run, SEGMENT)));
  bytes[bytes.length - 5_000]! ^= 8;
  rig.write(`runs/corrupt/${SEGMENT}`, bytes);
  for (const args of [['journal', 'check'], ['journal', 'cat'], ['verify'], ['report']]) {
    const { code, stderr } = await rig.run([...args, 'runs/corrupt']);
    assert.is(code, 4, args.join(' '));
    assert.match(stderr, /tickpath: .*000001\.tpj: corrupt at byte \d+ \(block \d+\): expected .*checksum.*\n$/);
  }
});

test('a folder without a run is a usage error of each command that wants one', async () => {
  const cases: readonly (readonly [args: string[], message: string])[] = [
    [['journal', 'check', 'absent'], 'absent: no such run folder'],
    [['journal', 'cat', 'absent'], 'absent: no such run folder'],
    [['journal', 'check', '.'], '.: no journal there (expected 000001.tpj)'],
    [['verify', 'absent'], 'absent: no run there (expected config.yaml in it)'],
    [['report', 'absent'], 'absent/summary.json: not found; expected the folder of a finished run'],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await rig.run(args);
    assert.equal([code, stdout, stderr], [2, '', `tickpath: ${message}\n`]);
  }
});

test.run();
