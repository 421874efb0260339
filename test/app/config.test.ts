import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ConfigFlags, ENVIRONMENT, resolveConfig } from '../../src/app/config.ts';
import { CONFIG_DEFAULTS, type Config, ConfigSchema } from '../../src/app/config-schema.ts';
import { EXIT, TickpathError } from '../../src/core/errors.ts';
import { FORMATS } from '../../src/feed/formats.ts';
import { projectFile } from '../support/project.ts';

const test = suite('configuration');
const page = readFileSync(projectFile('docs/configuration.md'), 'utf8');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-config-'));
});
test.after(() => rmSync(folder, { recursive: true }));

const INPUT = 'input: { files: [a.gz] }\n';

function fileOf(text: string): string {
  const file = join(folder, 'c.yaml');
  writeFileSync(file, text);
  return file;
}

function resolve(text: string, flags: ConfigFlags = {}, environment: Record<string, string> = {}): Config {
  return resolveConfig(fileOf(text), flags, environment);
}

/** The lines of the error that a configuration gives, without the folder of the file. */
function problems(text: string, flags: ConfigFlags = {}, environment: Record<string, string> = {}): string[] {
  try {
    resolve(text, flags, environment);
  } catch (error) {
    assert.instance(error, TickpathError);
    assert.equal([(error as TickpathError).code, (error as TickpathError).exitCode], ['ERR_CONFIG', EXIT.USAGE]);
    return (error as Error).message.replaceAll(`${folder}/`, '').split('\n  ');
  }
  return assert.unreachable('the configuration was accepted') as never;
}

type Schema = { shape?: Record<string, Schema>; valueType?: Schema; unwrap?: () => Schema };

/** Dotted keys of the schema; a map from symbols shows its key as SYMBOL, a map of anything is one key. */
function schemaKeys(schema: Schema, path: readonly string[] = []): string[] {
  if (schema.shape !== undefined) return Object.entries(schema.shape).flatMap(([key, inner]) => schemaKeys(inner, [...path, key]));
  if (schema.valueType?.shape !== undefined) return schemaKeys(schema.valueType, [...path, 'SYMBOL']);
  return [path.join('.')];
}

/** Cells of the rows between a heading and the next whose first cell is code. */
function tableUnder(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function valueAt(root: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root);
}

test('schema and page list the same keys, each with its default', () => {
  const rows = tableUnder('Keys');
  assert.equal(
    rows.map((row) => row[0]),
    schemaKeys(ConfigSchema as unknown as Schema).map((key) => `\`${key}\``),
  );
  for (const row of rows) {
    assert.is(row.length, 5, row[0]);
    const value = valueAt(CONFIG_DEFAULTS, row[0]!.replaceAll('`', ''));
    const none = value === undefined || (typeof value === 'object' && Object.keys(value as object).length === 0);
    assert.is(row[3], none ? 'none' : `\`${value}\``, row[0]);
    assert.ok(row[4]!.length > 0, row[0]);
  }
  const choices = rows.find((row) => row[0] === '`input.format`')![1];
  assert.is(choices, FORMATS.map((format) => `\`${format}\``).join(', '));
});

test('environment and page list the same variables', () => {
  const rows = tableUnder('Environment').filter((row) => row[1] !== '');
  assert.equal(
    rows.map((row) => [row[0], row[1]]),
    Object.entries(ENVIRONMENT).map(([name, { path }]) => [`\`${name}\``, `\`${path}\``]),
  );
});

test('the example of the page holds every key and is accepted', () => {
  const example = page.split('```yaml\n').at(-1)!.split('```')[0]!;
  const config = resolve(example);
  const keys = schemaKeys(ConfigSchema as unknown as Schema).filter((key) => key !== 'strategy.file');
  for (const key of keys) assert.is.not(valueAt(config, key.replace('SYMBOL', 'TPXUSDT')), undefined, key);
});

test('flags stand above environment, environment above file, file above defaults', () => {
  const environment = { TICKPATH_SPEED: '3', TICKPATH_TOPOLOGY: 'pipeline', TICKPATH_RUN_DIR: '2024', TICKPATH_ENGINE_CORE: '' };
  const text = `${INPUT}speed: 2\ntopology: inline\nrun: { dir: file }\nreport: { html: false }\n`;
  const flags = { speed: 4, symbol: undefined };
  assert.is(resolve(text, flags, environment).speed, 4);
  assert.is(resolve(text, {}, environment).speed, 3);
  assert.is(resolve(text).speed, 2);
  assert.is(resolve(INPUT).speed, CONFIG_DEFAULTS.speed);
  const config = resolve(text, flags, environment);
  assert.equal([config.topology, config.run.dir, config.report.html], ['pipeline', '2024', false]);
  assert.is(config.threads.engine_core, undefined, 'an empty variable counts as not set');
  assert.equal(config.exchange, CONFIG_DEFAULTS.exchange);
});

test('the default model is the one in the package, wherever the program was started', () => {
  assert.is(resolve(INPUT).model.file, projectFile('models/reference.onnx'));
  assert.is(resolve(`${INPUT}model: { file: mine.onnx }`).model.file, 'mine.onnx');
});

test('an unknown key is refused with file, line, column and what it may have been meant to be', () => {
  assert.equal(problems(`${INPUT}risk:\n  max_spred: 5\n`), [
    'configuration:',
    'c.yaml:3:3: unknown key "risk.max_spred", did you mean "max_spread"?',
  ]);
  assert.match(problems('topologi: inline')[1]!, 'c.yaml:1:1: unknown key "topologi", did you mean "topology"?');
  assert.match(
    problems('instruments:\n  BTC: { tick_sise: 1, tick_size: 1, lot_size: 1 }')[1]!,
    'c.yaml:2:10: unknown key "instruments.BTC.tick_sise", did you mean "tick_size"?',
  );
  assert.is(problems('nothing_like_it: 1')[1], 'c.yaml:1:1: unknown key "nothing_like_it"');
});

test('several problems are reported at once, each where it was given', () => {
  const text = 'speed: fast\nexchange:\n  entry_latency_us: 1.5\n  response_latency: 3\n';
  const found = problems(text, { topology: 'both' }, { TICKPATH_ENGINE_CORE: 'two' }).slice(1).sort();
  assert.is(found.length, 5);
  assert.match(found[0]!, /^TICKPATH_ENGINE_CORE: threads\.engine_core: /);
  assert.match(found[1]!, /^c\.yaml:1:1: speed: expected max, or a number above 0 up to 10000$/);
  assert.match(found[2]!, /^c\.yaml:3:3: exchange\.entry_latency_us: expected whole microseconds$/);
  assert.match(found[3]!, /^c\.yaml:4:3: unknown key "exchange\.response_latency", did you mean "response_latency_us"\?$/);
  assert.match(found[4]!, /^command line: topology: /);
});

test('a YAML error names line and column once, a missing file and a document without keys are refused', () => {
  const [only, ...more] = problems('speed: 1\ninput: [a,\nb: 2\n');
  assert.match(only!, /^c\.yaml:3:1: [^:]*$/);
  assert.equal(more, []);
  assert.match(problems('speed: 1\nspeed: 2\n')[0]!, /^c\.yaml:2:1: Map keys must be unique$/);
  assert.match(problems('- speed\n')[0]!, 'c.yaml:1:1: expected keys and values at the top level');
  assert.throws(() => resolveConfig(join(folder, 'absent.yaml'), {}, {}), /absent\.yaml: no such configuration file/);
});

test('decimals of risk and instruments keep the text they were written as', () => {
  const text = `${INPUT}instruments:\n  BTC: { tick_size: 0.10, lot_size: "1.000" }\nrisk:\n  max_loss: 500.00\n  maker_fee_percent: -0.010\n`;
  const config = resolve(text);
  assert.equal(config.instruments['BTC'], { tick_size: '0.10', lot_size: '1.000' });
  assert.equal([config.risk.max_loss, config.risk.maker_fee_percent], ['500.00', '-0.010']);
  assert.equal(resolve(`${INPUT}strategy: { params: { a: 0.10 } }`).strategy.params, { a: 0.1 });
  for (const bad of ['1e-4', '.5', '0x10', '+1', 'one', '1_000'])
    assert.match(problems(`risk: { max_loss: ${bad} }`)[1]!, 'c.yaml:1:9: risk.max_loss: expected a plain decimal number', bad);
});

test('a YAML alias stands for what its anchor names', () => {
  const config = resolve(`${INPUT}risk: { max_long_qty: &limit 0.10, max_short_qty: *limit }\n`);
  assert.equal([config.risk.max_long_qty, config.risk.max_short_qty], ['0.10', '0.10']);
});

test('a strategy file replaces the default name; both, or neither, is refused', () => {
  assert.equal(resolve(`${INPUT}strategy: { file: mine.ts }`).strategy, { file: 'mine.ts', params: {}, name: undefined });
  assert.is(resolve(`${INPUT}strategy: { params: { order_lots: 2 } }`).strategy.name, CONFIG_DEFAULTS.strategy.name);
  assert.match(problems('strategy: { name: signal-taker, file: mine.ts }')[1]!, 'c.yaml:1:1: strategy: expected either name or file');
});

test('a JSON file is read as well, and the result cannot be changed', () => {
  const config = resolve('{"input": {"files": ["a.gz"]}, "risk": {"max_loss": 1.50}}');
  assert.is(config.risk.max_loss, '1.50');
  assert.throws(() => {
    (config as { speed: unknown }).speed = 1;
  }, TypeError);
});

test.run();
