import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { dataFile } from '../support/data.ts';

const MICROS = '000';

async function book(file: string, depth: number): Promise<{ lines: string[]; counters: Readonly<Record<string, number>> }> {
  let text = '';
  const { counters } = await dumpBook({
    files: [file],
    format: 'tardis',
    depth,
    every: 'event',
    out: 'csv',
    write: (piece) => (text += piece),
  });
  return { lines: text === '' ? [] : text.trimEnd().split('\n'), counters };
}
const rowsOf = (file: string): string[][] => {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => row.split(','));
};
const number = (text: string | undefined): number => Number(text);

test('9,999 quotes print as they stand', async () => {
  const file = dataFile('nautilus/tardis_binance-futures_quotes_BTCUSDT_2020-02-22.csv.gz');
  if (file === undefined) return;
  const rows = rowsOf(file);
  const { lines } = await book(file, 1);
  assert.equal([rows.length, lines.length], [9_999, 9_999]);
  lines.forEach((line, i) => {
    const columns = line.split(',');
    const [, , time, local, askAmount, ask, bid, bidAmount] = rows[i]!;
    assert.equal(columns.slice(0, 3), [`${i + 1}`, `${time}${MICROS}`, `${local}${MICROS}`]);
    assert.equal(columns.slice(3).map(number), [bid, bidAmount, ask, askAmount].map(number));
  });
});

test('9,999 trades are read, none refused', async () => {
  const file = dataFile('nautilus/tardis_binance-futures_trades_BTCUSDT_2020-02-22.csv.gz');
  if (file === undefined) return;
  const { counters } = await book(file, 1);
  assert.equal([counters['frames'], counters['trade_messages'], counters['rejected_frames']], [9_999, 9_999, 0]);
});

test('book snapshots print as they stand, to their depth', async () => {
  for (const depth of [5, 25]) {
    const file = dataFile(`nautilus/tardis_binance-futures_book_snapshot_${depth}_BTCUSDT.csv`);
    if (file === undefined) return;
    const rows = rowsOf(file);
    const { lines } = await book(file, depth);
    assert.equal([rows.length, lines.length], [10, 10]);
    lines.forEach((line, i) => {
      const columns = line.split(',').slice(3).map(number);
      const expected = Array.from({ length: depth }, (_, level) => {
        const [ask, askAmount, bid, bidAmount] = rows[i]!.slice(4 + 4 * level, 8 + 4 * level).map(number);
        return [bid, bidAmount, ask, askAmount];
      }).flat();
      assert.equal(columns, expected);
    });
  }
});

test('changed levels and the small format samples are read', async () => {
  const file = dataFile('nautilus/tardis_deribit_incremental_book_L2_BTC-PERPETUAL.csv');
  const trades = dataFile('nautilus/tardis_bitmex_trades_XBTUSD.csv');
  const quotes = dataFile('nautilus/tardis_huobi-dm-swap_quotes_BTC-USD.csv');
  if (file === undefined || trades === undefined || quotes === undefined) return;
  const { lines, counters } = await book(file, 15);
  assert.equal([lines.length, counters['rejected_frames']], [1, 0]);
  const asks = lines[0]!
    .split(',')
    .slice(3)
    .filter((_, i) => i % 4 === 2 || i % 4 === 3);
  assert.equal(
    asks.map(number),
    rowsOf(file).flatMap((row) => [number(row[6]), number(row[7])]),
  );
  assert.is((await book(trades, 1)).counters['trade_messages'], 10);
  assert.is((await book(quotes, 1)).lines.length, 10);
});

test.run();
