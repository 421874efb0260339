import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../../src/core/errors.ts';
import { Prng } from '../../../src/core/prng.ts';
import { BOOK_STATE } from '../../../src/core/records/market.ts';
import { type BookDumpOptions, type BookDumpResult, dumpBook } from '../../../src/feed/book-dump.ts';
import { leanMidnightS, leanSymbol } from '../../../src/feed/lean/file-name.ts';
import { zip } from '../../support/event-files.ts';

const test = suite('lean');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-lean-'));
});
test.after(() => rmSync(folder, { recursive: true }));

function write(content: string | Uint8Array, name = 'aig_20131007_quote.csv'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
async function dump(content: string | Uint8Array, options: Partial<BookDumpOptions> = {}): Promise<BookDumpResult & { out: string[] }> {
  let text = '';
  const base = { format: 'lean', depth: 1, every: 'event', out: 'csv' } as const;
  const result = await dumpBook({ files: options.files ?? [write(content)], ...base, write: (piece) => (text += piece), ...options });
  return { ...result, out: text === '' ? [] : text.trimEnd().split('\n') };
}
async function failure(files: readonly string[]): Promise<string> {
  const error = await dump('', { files }).catch((caught: unknown) => caught);
  assert.instance(error, TickpathError, `${error}`);
  assert.is((error as TickpathError).exitCode, EXIT.DATA);
  return (error as Error).message;
}

const bid = (ms: number | string, price: number, size: number): string => `${ms},${price},${size},0,0,Q,1,0\n`;
const ask = (ms: number | string, price: number, size: number): string => `${ms},0,0,${price},${size},P,1,0\n`;
/** New York midnight of 2013-10-07, in ms. */
const MIDNIGHT = 1_381_118_400_000;
const ns = (ms: number): string => `${MIDNIGHT + ms}000000,${MIDNIGHT + ms}000000`;

test('a bid and an ask with one time are one state; a row alone leaves the other side as it was', async () => {
  const content =
    ask(14_400_152, 494_100, 300) + bid(14_400_547, 491_800, 300) + ask(14_400_547, 492_000, 3_000) + bid(14_400_600, 491_900, 100);
  const expected = [
    `1,${ns(14_400_152)},,,49.4100,300`,
    `2,${ns(14_400_547)},49.1800,300,49.2000,3000`,
    `3,${ns(14_400_600)},49.1900,100,49.2000,3000`,
  ];
  assert.equal((await dump(content)).out, expected);
  assert.equal((await dump(gzipSync(content.trimEnd()))).out, expected);
  assert.equal((await dump(content.replaceAll('\n', '\r\n'))).out, expected);
});

test('states of one millisecond stay apart, and so do a bid and an ask of different times', async () => {
  const content = bid(5, 100, 1) + ask(5, 200, 1) + bid(5, 110, 1) + ask(5, 200, 2) + bid(6, 120, 1) + ask(7, 210, 1);
  assert.equal(
    (await dump(content)).out.map((line) => line.split(',').slice(3).join(',')),
    ['0.0100,1,0.0200,1', '0.0110,1,0.0200,2', '0.0120,1,0.0200,2', '0.0120,1,0.0210,1'],
  );
});

test('a row of both sides is a state, a row of none an empty one, and locked quotes are a state that is not traded on', async () => {
  const both = (prices: string): string => `9,${prices},P,1,0\n`;
  const result = await dump(both('1000,1,2000,2') + both('0,0,0,0') + both('2000,1,2000,2'));
  assert.equal(
    result.out.map((line) => line.split(',').slice(3).join(',')),
    ['0.1000,1,0.2000,2', ',,,', '0.2000,1,0.2000,2'],
  );
  assert.is(result.state, BOOK_STATE.NOT_TRADING);
});

test('times may have a fraction, and are New York time in summer and winter', async () => {
  assert.match((await dump(bid('1000.25', 100, 1))).out[0]!, /^1,1381118401000250000,/);
  assert.is(leanMidnightS('aig_20131007_quote.csv'), MIDNIGHT / 1000);
  assert.is(leanMidnightS('x/aig_20131207_trade.csv.gz'), Date.UTC(2013, 11, 7, 5) / 1000);
  assert.equal(['aig_20131007_quote.csv.gz', '20131007_bac_tick_trade.csv', '/a/b/BRK.20131007.quote.csv'].map(leanSymbol), [
    'AIG',
    'BAC',
    'BRK',
  ]);
});

test('trades are read; they name no aggressor', async () => {
  const file = write('14400688,491800,300,P,2000,0\n14581540,488700,2000,Q,20002020,1\n', 'aig_20131007_trade.csv');
  const { counters } = await dump('', { files: [file] });
  assert.equal([counters['frames'], counters['trade_messages'], counters['record_trades_without_side']], [2, 2, 2]);
});

test('a row that cannot be read makes the state doubtful until the next', async () => {
  const instruments = [{ symbol: 'AIG', tickSize: '0.01', lotSize: '1' }];
  const bad: [row: string, counter: string][] = [
    [bid(6, 491_850, 1), 'off_tick'],
    [bid(6, 0, 1).replace('6,0,1', '6,0,5'), 'no_price'],
    ['6,abc,1,0,0,Q,1,0\n', 'bad_decimal'],
    ['6,100\n', 'bad_length'],
    ['6,100,1,0,0,Q,1,0,9\n', 'bad_length'],
    [bid(6, 999_999_999_999_900, 1), 'price_range'],
  ];
  for (const [row, counter] of bad) {
    const broken = await dump(bid(5, 491_800, 1) + row, { instruments });
    assert.equal([broken.lines, broken.counters[`record_rejected_${counter}`], broken.state], [1, 1, BOOK_STATE.STALE], row);
    assert.is((await dump(bid(5, 491_800, 1) + row + bid(7, 491_900, 1), { instruments })).state, BOOK_STATE.LIVE, row);
  }
});

test('files without date, symbol or times, and of several symbols, are refused', async () => {
  assert.match(await failure([write(bid(1, 100, 1), 'aig_quote.csv')]), /no date in the file name/);
  assert.match(await failure([write(bid(1, 100, 1), '20131007_quote.csv')]), /no symbol in the file name/);
  assert.match(await failure([write(bid(1, 100, 1)), write(bid(1, 100, 1), 'bac_20131007_quote.csv')]), /several symbols \(AIG, BAC\)/);
  assert.match(await failure([write('time,bid\n')]), /quote\.csv:1: expected a time in milliseconds since midnight/);
  assert.match(await failure([write(bid(1, 100, 1) + bid(90_000_000, 100, 1))]), /:2: expected a time in milliseconds/);
  assert.match(await failure([write(`1,${'1'.repeat(2_000)}`)]), /:1: a row of more than 512 bytes/);
  assert.match(await failure([write('')]), /no row/);
});

test("LEAN's own zip archives are read, symbol and day from the name of the file in them", async () => {
  const rows = bid(1, 494_100, 300) + ask(1, 494_200, 200);
  const named = write(zip([{ name: '20131007_aig_tick_quote.csv', bytes: new TextEncoder().encode(rows) }]), '20131007_quote.zip');
  const { out, instrument } = await dump('', { files: [named] });
  assert.equal(
    [instrument.symbol, out],
    [
      'AIG',
      [`1,${MIDNIGHT}001000000,${MIDNIGHT}001000000,49.4100,300,49.4200,200`.replaceAll(`${MIDNIGHT}001000000`, `${MIDNIGHT + 1}000000`)],
    ],
  );
});

test('mutated files are read or refused, never anything else', async () => {
  const prng = new Prng(13);
  const source = new TextEncoder().encode(`${ask(1, 494_100, 300) + bid(2, 491_800, 300) + ask(2, 492_000, 3_000)}3,491800,300,P,2000,0\n`);
  for (let round = 0; round < 300; round++) {
    const bytes = new Uint8Array(source);
    for (let change = 1 + prng.nextInt(4); change > 0; change--)
      bytes[prng.nextInt(bytes.length)] = prng.nextInt(3) === 0 ? prng.nextInt(256) : 44 + prng.nextInt(6);
    const error = await dump(bytes.subarray(0, 1 + prng.nextInt(bytes.length))).catch((caught: unknown) => caught);
    if (error instanceof Error) assert.instance(error, TickpathError, error.stack ?? '');
  }
});

test.run();
