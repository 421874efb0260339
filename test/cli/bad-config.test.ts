import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CliRig } from '../support/cli.ts';
import { projectFile } from '../support/project.ts';

const rig = new CliRig(2_000);
test.after(() => rig.remove());

let runs = 0;

/** Runs the capture with more arguments, which must be refused, and returns what stands on stderr. */
async function refusal(args: readonly string[], exitCode: number): Promise<string> {
  const { code, stdout, stderr } = await rig.replay(`refused-${runs++}`, ['--no-html', ...args]);
  assert.equal([code, stdout], [exitCode, ''], stderr);
  assert.ok(stderr.startsWith('tickpath: ') && !/^\s+at /m.test(stderr), stderr);
  return stderr.slice('tickpath: '.length).trimEnd();
}

test('every problem of a configuration is told at once with the line it stands on', async () => {
  const config = rig.write(
    'bad.yaml',
    'speed: max\nriks: {}\nrisk:\n  max_los: 3\n  max_loss: 1e3\ntopology: ring\nthreads:\n  jitter_ms: soon\n',
  );
  const lines = (await refusal(['--config', config], 2)).split('\n');
  assert.is(lines[0], 'configuration:');
  assert.equal(lines.slice(1).sort(), [
    `  ${config}:2:1: unknown key "riks", did you mean "risk"?`,
    `  ${config}:4:3: unknown key "risk.max_los", did you mean "max_loss"?`,
    `  ${config}:5:3: risk.max_loss: expected a plain decimal number`,
    `  ${config}:6:1: topology: Invalid option: expected one of "inline"|"pipeline"`,
    `  ${config}:8:3: threads.jitter_ms: Invalid input: expected number, received string`,
  ]);
});

test('a problem that a flag or variable brought names it and no line of the file', async () => {
  assert.is(
    await refusal(['--run-id', '../up'], 2),
    'configuration:\n  command line: run.id: expected letters, digits, dot, dash and underscore',
  );
  const { code, stderr } = await rig.replay('never', [], rig.capture, { env: { TICKPATH_TOPOLOGY: 'ring' } });
  assert.equal(
    [code, stderr],
    [2, 'tickpath: configuration:\n  TICKPATH_TOPOLOGY: topology: Invalid option: expected one of "inline"|"pipeline"\n'],
  );
  assert.is(await refusal(['--speed', 'fast'], 2), '--speed fast: expected a number above zero, or max');
});

test('YAML that does not parse, a missing file and a folder are told apart', async () => {
  const config = rig.write('broken.yaml', 'topology: inline\nspeed: [max\nrisk: {}\n');
  assert.match(await refusal(['--config', config], 2), new RegExp(`^${config}:3:1: [A-Z][^\\n]+[^:\\n]$`));
  const twice = rig.write('twice.yaml', 'topology: inline\ntopology: pipeline\n');
  assert.is(await refusal(['--config', twice], 2), `${twice}:2:1: Map keys must be unique`);
  assert.is(await refusal(['--config', rig.path('absent.yaml')], 2), `${rig.path('absent.yaml')}: no such configuration file`);
  assert.is(await refusal(['--config', rig.folder], 2), `${rig.folder}: cannot be read (EISDIR); expected a YAML or JSON file`);
});

test('a symbol that the input lacks is refused with those it has', async () => {
  assert.is(await refusal(['--symbol', 'BTCUSDT'], 2), `${rig.capture}: no symbol BTCUSDT, found TPXUSDT`);
});

/** The reference model with its manifest and proof in a folder of its own. */
function copyModel(name: string): string {
  mkdirSync(rig.path(name));
  for (const part of ['onnx', 'json', 'proof'])
    copyFileSync(projectFile(`models/reference.${part}`), rig.path(`${name}/reference.${part}`));
  return rig.path(`${name}/reference.onnx`);
}

test('a model that is missing, no ONNX file, without manifest or another than its manifest says is refused by name', async () => {
  assert.is(await refusal(['--model', rig.path('absent.onnx')], 2), `${rig.path('absent.onnx')}: cannot be read (ENOENT)`);
  const text = rig.write('text.onnx', 'this is no model\n');
  assert.match(await refusal(['--model', text], 4), `${text}: is not an ONNX model, or is cut short`);
  const alone = rig.write('alone.onnx', readFileSync(projectFile('models/reference.onnx')));
  assert.is(
    await refusal(['--model', alone], 4),
    `${rig.path('alone.json')}: not found; a model needs its manifest beside it (features, normalisation, sha256)`,
  );
  const model = copyModel('other-digest');
  const manifest = rig.path('other-digest/reference.json');
  const before = readFileSync(manifest, 'utf8');
  const { sha256 } = (JSON.parse(before) as { model: { sha256: string } }).model;
  rig.write('other-digest/reference.json', before.replace(sha256, '0'.repeat(64)));
  assert.is(await refusal(['--model', model], 4), `${manifest}: model.sha256 is ${'0'.repeat(64)}, but reference.onnx has ${sha256}`);
});

test('a proof with one changed byte is refused', async () => {
  const model = copyModel('other-proof');
  const proof = Uint8Array.from(readFileSync(rig.path('other-proof/reference.proof')));
  proof[proof.length - 1]! ^= 1;
  rig.write('other-proof/reference.proof', proof);
  assert.match(await refusal(['--model', model], 4), /reference\.proof: has sha256 [0-9a-f]{64}, the manifest says [0-9a-f]{64}$/);
});

test('each mistake of a strategy file has one message that names the file', async () => {
  const strategy = (name: string, text: string): string => rig.write(name, `${text}\n`);
  assert.is(
    await refusal(['--strategy', 'signal-takr'], 2),
    'strategy "signal-takr" is not built in; built in: signal-taker; for a strategy of your own set strategy.file',
  );
  assert.match(await refusal(['--strategy', rig.path('absent.ts')], 2), `strategy file ${rig.path('absent.ts')} cannot be read: ENOENT`);
  const syntax = strategy('syntax.ts', 'export const createStrategy = (: => 1;');
  assert.match(await refusal(['--strategy', syntax], 2), new RegExp(`^strategy file ${syntax} cannot be loaded: .*`));
  const throws = strategy('throws.ts', "throw new Error('boom');");
  assert.is(await refusal(['--strategy', throws], 2), `strategy file ${throws} cannot be loaded: boom`);
  const none = strategy('none.ts', 'export const other = 1;');
  assert.is(
    await refusal(['--strategy', none], 2),
    `strategy file ${none} must export a function createStrategy(context); it exports other`,
  );
  const creates = strategy('creates.ts', "export const createStrategy = () => { throw new Error('bang'); };");
  assert.is(await refusal(['--strategy', creates], 2), `strategy file ${creates}: createStrategy failed: bang`);
});

test('a strategy that throws on a tick stops the run in either topology and is named with its line', async () => {
  const file = rig.write(
    'late.ts',
    `import type { Strategy } from 'tickpath';

export const createStrategy = (): Strategy => ({
  name: 'late',
  onTick(view) {
    if (view.tick === 1_500) throw new Error('I did not expect this price');
    return 0;
  },
  onExecution() {},
});
`,
  );
  for (const topology of ['inline', 'pipeline']) {
    const id = `refused-${runs}`;
    const text = await refusal(['--strategy', file, '--topology', topology], 1);
    assert.is(text, `strategy file ${file}:6:36 failed: I did not expect this price; the run was stopped`);
    const { code, stdout } = await rig.run(['journal', 'check', `runs/${id}`, '--json']);
    assert.is(code, 0);
    assert.ok((JSON.parse(stdout) as { records: number }).records > 1_000, 'the journal holds what was decided before');
  }
});

test('a run folder that cannot be written is refused at once', async () => {
  const file = rig.write('file', '');
  assert.match(await refusal(['--run-dir', file], 2), new RegExp(`^${file}/refused-\\d+: cannot be written \\(ENOTDIR\\)$`));
  // The kernel refuses to make anything there with ENOENT, at which Node's recursive mkdir never returns.
  assert.match(
    await refusal(['--run-dir', '/proc/self/fdinfo/runs'], 2),
    /^\/proc\/self\/fdinfo\/runs\/refused-\d+: cannot be written \(E[A-Z]+\)$/,
  );
});

test('a refused run leaves no folder, unless it had begun', () => {
  for (const name of readdirSync(rig.path('runs'))) assert.ok(readdirSync(rig.path(`runs/${name}`)).includes('journal'), name);
});

test.run();
