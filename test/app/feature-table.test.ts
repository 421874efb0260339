import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FEATURE_TABLE_ROWS, FeatureTable, type FeatureTableInfo } from '../../src/app/feature-table.ts';
import { instrumentFromText } from '../../src/core/instrument.ts';
import { Prng } from '../../src/core/prng.ts';
import { FEATURES } from '../../src/engine/features/feature-set.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickpath-features-'));
const test = suite('feature table');
test.after(() => rmSync(folder, { recursive: true }));

const info: FeatureTableInfo = {
  instrument: instrumentFromText(0, { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' }),
  baseEpochNs: 1_723_161_255_030_314_667n,
};

const inputs = [{ file: 'a.gz', sha256: 'ab' }];

/** Fills a table with seeded rows and returns them as they should read back. */
function fill(
  table: FeatureTable,
  count: number,
): { tick: number; recv: bigint; ready: number; bid: number; ask: number; bidLots: number; features: Float32Array }[] {
  const random = new Prng(1);
  const rows = [];
  for (let i = 0; i < count; i++) {
    const features = new Float32Array(FEATURES.length).map(() => random.nextNormal() * 10 ** (random.nextInt(12) - 8));
    const bid = 2_147_000_000 - random.nextInt(1000);
    const row = {
      tick: i + 1,
      recv: info.baseEpochNs + BigInt(i * 1_000_003),
      ready: i % 3 === 0 ? 0 : 1,
      bid,
      ask: bid + 1,
      bidLots: 2 ** 40 + i,
      features,
    };
    table.add(row.tick, i * 1_000_003, 5, row.ready === 1, row.bid, row.bidLots, row.ask, 7, features);
    rows.push(row);
  }
  return rows;
}

test('Parquet reads back exactly, over several row groups, with its metadata', async () => {
  const path = join(folder, 'f.parquet');
  const table = new FeatureTable(path, info);
  const rows = fill(table, FEATURE_TABLE_ROWS + 1_000);
  assert.not(existsSync(path), 'the file has no name before it is whole');
  table.close(inputs);
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  assert.is(Number(metadata.num_rows), rows.length);
  assert.is(metadata.row_groups.length, 2);
  const keys = Object.fromEntries(metadata.key_value_metadata!.map(({ key, value }) => [key, value]));
  assert.equal([keys['feature_set'], keys['feature_set_version'], keys['symbol'], keys['tick_size']], ['tp40', '1', 'BTCUSDT', '0.10']);
  assert.is(keys['inputs'], JSON.stringify(inputs));
  const read = await parquetReadObjects({ file });
  rows.forEach((row, i) => {
    const got = read[i]!;
    if (got['tick'] !== row.tick || got['recv_time_ns'] !== row.recv || got['ready'] !== row.ready || got['bid_lots'] !== row.bidLots)
      assert.unreachable(`row ${i}`);
    if (got['bid_ticks'] !== row.bid || got['ask_ticks'] !== row.ask || got['mid_ticks_x2'] !== BigInt(row.bid + row.ask))
      assert.unreachable(`row ${i}`);
    FEATURES.forEach((feature, k) => {
      if (!Object.is(got[`f_${feature.name}`], row.features[k])) assert.unreachable(`row ${i}, ${feature.name}`);
    });
  });
});

test('CSV holds the same rows, and its floats read back to the same float32', () => {
  const path = join(folder, 'f.csv');
  const table = new FeatureTable(path, info);
  const rows = fill(table, 500);
  table.close(inputs);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 501);
  assert.is(lines[0]!.split(',').length, 49);
  rows.forEach((row, i) => {
    const cells = lines[i + 1]!.split(',');
    assert.equal(cells.slice(0, 4), [String(row.tick), String(row.recv), '5', String(row.ready)]);
    for (let k = 0; k < row.features.length; k++) assert.is(Math.fround(Number(cells[9 + k])), row.features[k]);
  });
});

test('a table without rows is a valid file', async () => {
  const path = join(folder, 'empty.parquet');
  new FeatureTable(path, info).close(inputs);
  assert.equal(await parquetReadObjects({ file: await asyncBufferFromFile(path) }), []);
});

test('giving up leaves nothing behind', () => {
  for (const name of ['gone.parquet', 'gone.csv']) {
    const table = new FeatureTable(join(folder, name), info);
    fill(table, 10);
    table.abort();
    assert.not(existsSync(join(folder, name)));
    assert.not(existsSync(join(folder, `${name}.partial`)));
  }
});

test('memory stays bounded while rows stream to disk', () => {
  const path = join(folder, 'many.parquet');
  const table = new FeatureTable(path, info);
  const features = new Float32Array(FEATURES.length);
  for (let i = 0; i < 4 * FEATURE_TABLE_ROWS; i++) table.add(i, i, 5, true, 1, 1, 2, 1, features.fill(i));
  assert.ok(statSync(`${path}.partial`).size > 0, 'row groups are on disk before the end');
  table.close(inputs);
});

test('a path that cannot be written, or of another kind, is refused by name', () => {
  assert.throws(() => new FeatureTable(join(folder, 'no', 'f.parquet'), info), /f\.parquet cannot be written: ENOENT/);
  assert.throws(() => new FeatureTable(join(folder, 'f.json'), info), /f\.json: expected a name ending in \.parquet or \.csv/);
});

test.run();
