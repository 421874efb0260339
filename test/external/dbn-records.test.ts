import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/core/time.ts';
import { DbnFramer } from '../../src/feed/dbn/framer.ts';
import { readDbnMetadata } from '../../src/feed/dbn/metadata.ts';
import { type DbnRecord, type DbnValue, readDbnRecord } from '../../src/feed/dbn/record.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { InflatedFile } from '../../src/feed/transport/inflate.ts';
import { naiveDbn } from '../reference/naive-dbn.ts';
import { dataFile } from '../support/data.ts';

/** Every record of a file; each must read as the naive decoder says. */
async function recordsOf(file: string): Promise<DbnRecord[]> {
  const records: DbnRecord[] = [];
  const transport = new FileTransport({ files: [file], clock: new ManualClock(), framer: new DbnFramer() });
  await transport.run({
    onConnection: () => {},
    onFrame: (block, start, end) => {
      const bytes = block.slice(start, end);
      const record = readDbnRecord(bytes);
      const naive = naiveDbn(bytes);
      assert.ok(record !== undefined && naive !== undefined, file);
      assert.equal([record.name, record.version], [naive.name, naive.version]);
      for (const [name, value] of Object.entries(naive.fields)) {
        const read = record.fields[name];
        if (read !== undefined) assert.is(`${read}`, name === 'quantity' && value === 2147483647 ? `${2n ** 63n - 1n}` : `${value}`, name);
      }
      records.push(record);
    },
  });
  return records;
}

async function inflated(file: string): Promise<Uint8Array> {
  const input = new InflatedFile(file, 1 << 20, () => {});
  const chunks: Uint8Array[] = [];
  for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) chunks.push(new Uint8Array(chunk));
  return Buffer.concat(chunks);
}

const withoutType = (fields: Readonly<Record<string, DbnValue>>): Record<string, DbnValue> => ({ ...fields, rtype: 0 });

test('every schema and version of the Databento test files decodes to the same records', async () => {
  const folder = dataFile('dbn/databento');
  if (folder === undefined) return;
  const groups = new Map<string, [name: string, records: DbnRecord[]][]>();
  for (const name of readdirSync(folder).sort()) {
    // Fragments, and the definitions of DBZ, were made of other records than the files of the same schema.
    const several = name.startsWith('multi-frame') ? ' several' : '';
    const group = `${name.split('.')[1]}${name.includes('.frag') ? ' fragment' : ''}${name.endsWith('definition.dbz') ? ' dbz' : ''}${several}`;
    const files = groups.get(group) ?? [];
    groups.set(group, files);
    files.push([name, await recordsOf(join(folder, name))]);
  }
  let files = 0;
  for (const members of groups.values()) {
    const [, first] = members[0]!;
    for (const [name, records] of members) {
      files++;
      const dbz = name.endsWith('.dbz');
      assert.is(records.length, first.length, name);
      records.forEach((record, i) => {
        assert.is(record.name, first[i]!.name, name);
        const expected = first[i]!.fields;
        // A DBZ says of a bar that it is one, not of which interval.
        if (dbz && record.name === 'ohlcv') assert.equal(withoutType(record.fields), withoutType(expected), name);
        else assert.equal(record.fields, expected, name);
      });
    }
  }
  process.stdout.write(`${files} files in ${groups.size} groups, alike field by field\n`);
  assert.ok(files >= 70);
});

test('the published vectors decode', async () => {
  const file = dataFile('dbn/databento/test_data.mbo.v3.dbn');
  const quotes = dataFile('dbn/databento/test_data.mbp-1.dbn');
  const trades = dataFile('dbn/databento/test_data.trades.dbn');
  if (file === undefined || quotes === undefined || trades === undefined) return;
  const sum = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 8);
  assert.equal([sum(file), sum(quotes), sum(trades)], ['d2a526d9', 'b6ea8469', '6ef751ab']);
  const metadata = readDbnMetadata(readFileSync(file), file);
  assert.equal([metadata.version, metadata.dataset, metadata.schema, metadata.limit], [3, 'GLBX.MDP3', 0, 2n]);
  assert.equal([metadata.start, metadata.end], [1609160400000000000n, 1609200000000000000n]);
  assert.equal([metadata.stypeIn, metadata.stypeOut], [1, 0]);
  assert.equal((await recordsOf(file))[0]!.fields, {
    rtype: 0xa0,
    publisher_id: 1,
    instrument_id: 5482,
    ts_event: 1609160400000429831n,
    order_id: 647784973705n,
    price: 3722750000000n,
    size: 1,
    flags: 128,
    channel_id: 0,
    action: 'C',
    side: 'A',
    ts_recv: 1609160400000704060n,
    ts_in_delta: 22993,
    sequence: 1170352,
  });
  const quote = (await recordsOf(quotes))[0]!.fields;
  assert.equal([quote['bid_px_00'], quote['bid_sz_00'], quote['bid_ct_00']], [3720250000000n, 24, 15]);
  assert.equal([quote['ask_px_00'], quote['ask_sz_00'], quote['ask_ct_00'], quote['sequence']], [3720500000000n, 11, 9, 1170362]);
  const trade = (await recordsOf(trades))[0]!.fields;
  assert.equal([trade['price'], trade['size'], trade['action'], trade['side']], [3720250000000n, 5, 'T', 'A']);
  assert.equal([trade['flags'], trade['ts_in_delta'], trade['sequence']], [129, 19251, 1170380]);
});

test('the metadata of every test file names its instruments', async () => {
  const folder = dataFile('dbn/databento');
  if (folder === undefined) return;
  for (const name of readdirSync(folder).filter((one) => /\.dbn(\.zst)?$/.test(one))) {
    const metadata = readDbnMetadata(await inflated(join(folder, name)), name);
    assert.ok(metadata.version >= 1 && metadata.dataset.includes('.'), name);
    assert.ok(
      metadata.mappings.every(({ intervals }) => intervals.every(({ startDate }) => startDate > 20_000_000)),
      name,
    );
  }
});

test.run();
