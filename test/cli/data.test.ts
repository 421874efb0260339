import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CliRig } from '../support/cli.ts';

const rig = new CliRig(2_000);
test.after(() => rig.remove());

const book = (...args: string[]) => rig.run(['book', '--input', rig.capture, '--format', 'binance-usdm', ...args]);

test('book prints csv lines to the asked depth, the same levels as JSON, and the digest of the csv lines', async () => {
  const csv = await book('--depth', '3', '--every', 'event');
  assert.is(csv.code, 0);
  assert.match(
    csv.stderr,
    /^TPXUSDT: (\d+) lines, \1 depth messages applied, 0 gaps, 0 frames rejected, ticker equal to the book at (\d+) of \2 shared update ids\n$/,
  );
  const lines = csv.stdout.trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^\d+,\d{19},\d{19}(,\d+\.\d\d,\d+\.\d{3}){6}$/);
  const json = await book('--depth', '3', '--every', 'event', '--out', 'json');
  const documents = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; exchange_ns: string; local_ns: string; bids: string[][]; asks: string[][] });
  const asCsv = documents.map(({ seq, exchange_ns, local_ns, bids, asks }) =>
    [seq, exchange_ns, local_ns, ...bids.flatMap((bid, i) => [...bid, ...asks[i]!])].join(','),
  );
  assert.equal(asCsv, lines);
  const hash = await book('--depth', '3', '--every', 'event', '--out', 'hash');
  assert.is(hash.stdout, `${createHash('sha256').update(csv.stdout).digest('hex')}\n`);
});

test('a reader of the book that closes early is no failure', async () => {
  const { code, stderr } = await rig.run(['book', '--input', rig.capture, '--format', 'binance-usdm', '--depth', '50'], {
    onStart: (child) => child.stdout!.once('data', () => child.stdout!.destroy()),
  });
  assert.equal([code, stderr.includes('EPIPE')], [0, false]);
});

test('features writes the same rows as csv and as parquet, and --json says what it wrote', async () => {
  const features = (out: string, ...args: string[]) =>
    rig.run(['features', '--input', rig.capture, '--format', 'binance-usdm', '--out', rig.path(out), ...args]);
  const csv = await features('rows.csv');
  assert.equal([csv.code, csv.stdout], [0, '']);
  const parquet = await features('rows.parquet', '--json');
  assert.equal([parquet.code, parquet.stderr], [0, '']);
  const document = JSON.parse(parquet.stdout) as { out: string; rows: number; symbol: string; counters: Record<string, number> };
  assert.equal([document.out, document.symbol, document.counters['frames']], [rig.path('rows.parquet'), 'TPXUSDT', 2_000]);
  const [head, ...lines] = readFileSync(rig.path('rows.csv'), 'utf8').trimEnd().split('\n');
  assert.is(lines.length, document.rows);
  assert.match(csv.stderr, `TPXUSDT: ${document.rows.toLocaleString('en-US')} rows in ${rig.path('rows.csv')}`);
  const rows = (await parquetReadObjects({ file: await asyncBufferFromFile(rig.path('rows.parquet')) })) as Record<
    string,
    number | bigint
  >[];
  assert.is(rows.length, document.rows);
  const names = head!.split(',');
  for (const at of [0, 700, document.rows - 1]) {
    const cells = lines[at]!.split(',');
    const read = Object.fromEntries(names.map((name, i) => [name, name.startsWith('f_') ? Math.fround(Number(cells[i])) : cells[i]]));
    const row = Object.fromEntries(Object.entries(rows[at]!).map(([name, value]) => [name, name.startsWith('f_') ? value : String(value)]));
    assert.equal(row, read);
  }
});

test('what features cannot write is refused by name before the input is read', async () => {
  for (const [out, message] of [
    ['rows.txt', `--out ${rig.path('rows.txt')}: expected a name ending in .parquet or .csv`],
    ['absent/rows.csv', `--out ${rig.path('absent/rows.csv')} cannot be written: ENOENT`],
  ] as const) {
    const { code, stdout, stderr } = await rig.run([
      'features',
      '--input',
      rig.capture,
      '--format',
      'binance-usdm',
      '--out',
      rig.path(out),
    ]);
    assert.equal([code, stdout], [2, '']);
    assert.match(stderr, `tickpath: ${message}`);
  }
});

test.run();
