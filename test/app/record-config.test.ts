import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runRecord } from '../../src/app/record.ts';
import { liveSettings, RecordConfigSchema, resolveRecordConfig } from '../../src/app/record-config.ts';
import { EXIT, TickpathError } from '../../src/core/errors.ts';
import { projectFile } from '../support/project.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickpath-record-config-'));
test.after(() => rmSync(folder, { recursive: true }));

const GOOD = 'venue: binance-usdm\ninstruments: { A: { tick_size: 0.10, lot_size: 1 } }\n';

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** The message with which a recording of this configuration is refused. */
async function refusal(text: string): Promise<string> {
  try {
    const config = resolveRecordConfig(file('bad.yaml', text), { 'record.dir': join(folder, 'out') }, {});
    await runRecord(config, { signal: AbortSignal.abort() });
    return 'not refused';
  } catch (error) {
    assert.instance(error, TickpathError);
    assert.is((error as TickpathError).exitCode, EXIT.USAGE);
    return (error as TickpathError).message;
  }
}

test('what is wrong with a configuration is a usage error that says what was expected', async () => {
  const bad: readonly (readonly [text: string, message: RegExp])[] = [
    [GOOD.replace('binance-usdm', 'moon'), /bad\.yaml:1:1: venue: /],
    ['venue: okx\ninstruments: {}\n', /instruments: expected at least one instrument/],
    [GOOD.replace('0.10', '-1'), /instruments\.A\.tick_size: expected a plain decimal number/],
    [GOOD.replace('0.10', '0'), /instrument A: tick_size and lot_size must be above zero/],
    [`${GOOD}record: { segment_mbs: 1 }`, /unknown key "record\.segment_mbs", did you mean "segment_mb"\?/],
    [`${GOOD}connection: { stream: here }`, /streamBase here: expected a URL/],
    [`${GOOD}connection: { depth: 7 }`, /depth 7: expected none/],
    [`${GOOD}connection: { keys_file: none.json }`, /none\.json: no such file of keys/],
  ];
  for (const [text, message] of bad) assert.match(await refusal(text), message);
});

test('keys come from a file that nobody else can read', async () => {
  const keys = file('keys.json', '{"key":"k","secret":"s"}');
  const text = `${GOOD}connection: { keys_file: ${keys} }`;
  chmodSync(keys, 0o644);
  assert.match(await refusal(text), /keys\.json: mode 644 lets others read the keys; expected 600/);
  chmodSync(keys, 0o600);
  assert.equal(liveSettings(resolveRecordConfig(file('keys.yaml', text), {}, {})).keys, { key: 'k', secret: 's' });
  file('keys.json', '{"key":1}');
  assert.match(await refusal(text), /expected key, secret and passphrase as text/);
});

test('flags stand above the environment, the environment above the file, the file above the defaults', () => {
  const path = file('dir.yaml', `${GOOD}record: { dir: from-file, segment_mb: 3 }`);
  const dir = (flags: object, environment: Record<string, string>): string =>
    resolveRecordConfig(path, { 'record.dir': undefined, ...flags }, environment).record.dir;
  assert.is(dir({}, {}), 'from-file');
  assert.is(dir({}, { TICKPATH_RECORD_DIR: 'from-environment' }), 'from-environment');
  assert.is(dir({ 'record.dir': 'from-flag' }, { TICKPATH_RECORD_DIR: 'from-environment' }), 'from-flag');
  const { record } = resolveRecordConfig(path, {}, {});
  assert.equal(record, { dir: 'from-file', segment_mb: 3, segment_minutes: 60, sync_ms: 1_000, compress: 'none' });
});

test('docs/record.md describes every key', () => {
  const page = readFileSync(projectFile('docs/record.md'), 'utf8');
  const { shape } = RecordConfigSchema;
  for (const section of ['connection', 'record'] as const)
    for (const key of Object.keys(shape[section].shape)) assert.ok(page.includes(`\`${section}.${key}\``), `${section}.${key}`);
  for (const key of Object.keys(shape)) assert.match(page, new RegExp(`\`${key}\\b`));
});

test.run();
