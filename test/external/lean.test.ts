import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { dataFile } from '../support/data.ts';

/** 2013-10-07 00:00 in New York, ms. */
const MIDNIGHT = 1_381_118_400_000;
const price = (text: string): string => `${Number(text) / 10_000}`;

test('every state of a day of BAC quotes prints as its pair of rows says', async () => {
  const file = dataFile('lean/bac_20131007_quote.csv.gz');
  if (file === undefined) return;
  let text = '';
  const { counters } = await dumpBook({
    files: [file],
    format: 'lean',
    depth: 1,
    every: 'event',
    out: 'csv',
    write: (piece) => (text += piece),
  });
  const lines = text.trimEnd().split('\n');
  const rows = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  assert.equal([counters['rejected_frames'], counters['book_gaps']], [0, 0]);
  let at = 0;
  let sides = ['', '', '', ''];
  for (const line of lines) {
    const first = rows[at++]!.split(',');
    const pair = first[1] !== '0' && rows[at]?.startsWith(`${first[0]},0,0,`) === true ? rows[at++]!.split(',') : undefined;
    if (first[1] !== '0') sides = [price(first[1]!), first[2]!, sides[2]!, sides[3]!];
    const asks = pair ?? (first[3] === '0' ? undefined : first);
    if (asks !== undefined) sides = [sides[0]!, sides[1]!, price(asks[3]!), asks[4]!];
    const columns = line.split(',');
    if (columns[1] !== `${MIDNIGHT + Number(first[0])}000000`) assert.is(columns[1], first[0]);
    const found = columns.slice(3).map((cell) => (cell === '' ? '' : `${Number(cell)}`));
    if (found.join() !== sides.join()) assert.equal(found, sides, line);
  }
  assert.is(at, rows.length);
  process.stdout.write(`${rows.length} rows, ${lines.length} states, all equal\n`);
});

test.run();
