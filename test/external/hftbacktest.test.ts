import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convertToEvents } from '../../src/app/convert.ts';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { naiveEvents, naiveRows } from '../reference/naive-events.ts';
import { dataFile } from '../support/data.ts';
import { fileBytes, readNpz } from '../support/event-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickpath-external-events-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const linesOf = (file: string): string[] => gunzipSync(readFileSync(file)).toString('latin1').trimEnd().split('\n');

test('the published example converts to the published figures, and row for row as the naive converter', async () => {
  const file = dataFile('binance/usdm_btcusdt_20240808.gz');
  if (file === undefined) return;
  const [out, snapshotOut] = [path('btcusdt.npz'), path('btcusdt_eod.npz')];
  const result = await convertToEvents({ files: [file], format: 'binance-usdm', out, snapshotOut });
  assert.equal([result.frames, result.rawRows, result.rows, result.localOffsetNs], [93_954, 466_836, 491_973, 1_272_156_851]);
  assert.equal([result.both, result.exchangeOnly, result.localOnly], [441_699, 25_137, 25_137]);
  assert.equal(result.kinds, { depth: 466_493, trade: 21_476, snapshot: 4_000, clear: 4 });
  assert.equal(result.snapshotLevels, { bids: 5_019, asks: 4_578 });
  const { events } = readNpz(out);
  const first = { ev: 3_758_096_385, exchNs: 1_723_161_256_298_000_000n, localNs: 1_723_161_256_302_471_518n, px: 58_710.2, qty: 0.014 };
  assert.equal(events[0], first);
  const last = readNpz(snapshotOut).events.map(({ px, qty }) => [px, qty]);
  assert.is(last.length, 9_597);
  assert.equal(last.slice(0, 4), [
    [61_659.7, 1.486],
    [61_659, 0.002],
    [61_658.1, 0.033],
    [61_658, 6.718],
  ]);
  assert.equal(last.at(-1), [617_050, 0.003]);
  const naive = naiveEvents(naiveRows(linesOf(file)));
  assert.is(naive.offsetNs, 1_272_156_851n);
  const differs = events.findIndex((one, i) => {
    const other = naive.events[i]!;
    return (
      one.ev !== other.ev || one.exchNs !== other.exchNs || one.localNs !== other.localNs || one.px !== other.px || one.qty !== other.qty
    );
  });
  assert.equal([differs, naive.events.length], [-1, events.length]);
});

test("other captures convert to the rows and corrections that hftbacktest's own converter gives, one of them compared row for row", async () => {
  for (const [name, format, rows, offsetNs] of [
    ['usdm_ethusdt_20240718', 'binance-usdm', 80_950, 1_522_196_234],
    ['usdm_ethusdt_20240719', 'binance-usdm', 299_572, 1_523_633_816],
    ['cm_btcusd_perp_20240808', 'binance-coinm', 303_861, 1_267_953_940],
  ] as const) {
    const file = dataFile(`binance/${name}.gz`);
    if (file === undefined) continue;
    const out = path(`${name}.npz`);
    const result = await convertToEvents({ files: [file], format, out });
    assert.equal([result.rows, result.localOffsetNs], [rows, offsetNs]);
    if (rows > 100_000) continue;
    assert.equal(readNpz(out).events, naiveEvents(naiveRows(linesOf(file))).events);
  }
});

test('what was written is read: the book at the end, and the same bytes again', async () => {
  const file = dataFile('binance/usdm_btcusdt_20240808.gz');
  if (file === undefined) return;
  const [out, again] = [path('btcusdt_read.npz'), path('btcusdt_again.npz')];
  await convertToEvents({ files: [file], format: 'binance-usdm', out });
  let text = '';
  const options = { files: [out], format: 'hftbacktest', depth: 3, every: 'message', out: 'csv' } as const;
  const { counters, instrument } = await dumpBook({ ...options, write: (piece) => (text += piece) });
  assert.equal([instrument.symbol, instrument.tickUnits, instrument.priceDecimals, counters['rejected_frames']], ['BTCUSDT', 1, 1, 0]);
  assert.is(
    text.trimEnd().split('\n').at(-1)!.split(',').slice(3).join(),
    '61659.7,1.486,61659.8,0.981,61659.0,0.002,61659.9,0.188,61658.1,0.033,61660.0,7.977',
  );
  await convertToEvents({ files: [out], format: 'hftbacktest', out: again });
  assert.equal(fileBytes(again), fileBytes(out));
});

test('NumPy loads the file with the dtype of the events', async () => {
  const file = dataFile('binance/usdm_ethusdt_20240718.gz');
  if (file === undefined) return;
  if (spawnSync('python3', ['-c', 'import numpy']).status !== 0) {
    process.stdout.write('skipped: python3 with numpy is absent\n');
    return;
  }
  const out = path('numpy.npz');
  const result = await convertToEvents({ files: [file], format: 'binance-usdm', out });
  const script = `import numpy, sys
a = numpy.load(sys.argv[1])
d = a['data']
print(a.files, d.dtype.descr, d.shape, d.nbytes, int(d['ev'][0]), int(d['local_ts'].max()), repr(float(d['px'].sum())))`;
  const { stdout, stderr, status } = spawnSync('python3', ['-c', script, out], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
  const { events, header } = readNpz(out);
  const localNs = events.reduce((most, one) => (one.localNs > most ? one.localNs : most), 0n);
  assert.match(stdout, /^\['data'\] /);
  assert.ok(stdout.includes(/\[\(.*\)\]/.exec(header)![0]), stdout);
  assert.ok(stdout.includes(` (${result.rows},) ${64 * result.rows} ${events[0]!.ev} ${localNs} `), stdout);
});

test.run();
