import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BookDumpOptions, dumpBook } from '../../src/feed/book-dump.ts';
import { depthText, snapshotText, tickerText, tradeText } from '../support/binance-frames.ts';

const test = suite('book dump');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-dump-'));
});
test.after(() => rmSync(folder, { recursive: true }));

const FIRST = 1_700_000_000_000_000_000n;
/** [ns after the first line, frame] */
const CAPTURE: [number, string][] = [
  [0, depthText({ previous: 90, first: 95, last: 99, bids: [['1.00', '9']], timeMs: 1_699_999_999_998 })],
  [100, depthText({ previous: 99, first: 100, last: 105, bids: [['99.90', '1.000']], timeMs: 1_699_999_999_999 })],
  [200, tickerText(101, ['100.00', '2.000'], ['100.10', '3.000'])],
  [300, snapshotText(103, [['100.00', '2.000']], [['100.10', '3.000']])],
  [400, tradeText(1, '100.00', '1.000', true)],
  [900_000, depthText({ previous: 105, first: 106, last: 107, asks: [['100.10', '0.000']] })],
  [999_999, '{"result":null,"id":1}'],
  [1_000_000, depthText({ previous: 107, first: 108, last: 109, asks: [['100.30', '0.500']] })],
];
const LINES = [
  '2,1699999999999000000,1700000000000000100,100.00,2.000,100.10,3.000,99.90,1.000,,',
  '6,1700000000000000000,1700000000000900000,100.00,2.000,,,99.90,1.000,,',
  '8,1700000000000000000,1700000000001000000,100.00,2.000,100.30,0.500,99.90,1.000,,',
];

async function dump(options: Partial<BookDumpOptions>): Promise<{ text: string; sha256: string; lines: number }> {
  const file = join(folder, 'capture.txt');
  writeFileSync(file, CAPTURE.map(([ns, frame]) => `${FIRST + BigInt(ns)} ${frame}\n`).join(''));
  let text = '';
  const write = (piece: string): void => {
    text += piece;
  };
  const { sha256, lines } = await dumpBook({
    files: [file],
    format: 'binance-usdm',
    depth: 2,
    every: 'event',
    out: 'csv',
    write,
    ...options,
  });
  return { text, sha256, lines };
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('one line an applied event: buffered ones with their own number and times, those the snapshot holds none', async () => {
  const { text, lines } = await dump({});
  assert.equal(text.split('\n'), [...LINES, '']);
  assert.is(lines, 3);
  assert.is((await dump({ every: 'message' })).text, text);
});

test('every ms keeps the last event of each millisecond of local time', async () => {
  assert.is((await dump({ every: 'ms' })).text, `${LINES[1]}\n${LINES[2]}\n`);
});

test('the hash is that of the lines with their line feeds', async () => {
  const { text } = await dump({});
  assert.is((await dump({ out: 'hash' })).text, `${sha256(text)}\n`);
});

test('json holds the same columns by name', async () => {
  const first = JSON.parse((await dump({ out: 'json' })).text.split('\n')[0]!);
  assert.equal(first, {
    seq: 2,
    exchange_ns: '1699999999999000000',
    local_ns: '1700000000000000100',
    bids: [
      ['100.00', '2.000'],
      ['99.90', '1.000'],
    ],
    asks: [['100.10', '3.000']],
  });
});

test('a bad depth and an unknown symbol are refused', async () => {
  for (const options of [{ depth: 0 }, { depth: 1.5 }, { symbol: 'ETHUSDT' }]) {
    let message = '';
    await dump(options).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, /expected an integer from 1|no instrument ETHUSDT/);
  }
});

test.run();
