import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SIDE } from '../../src/core/records/market.ts';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { BybitDecoder } from '../../src/feed/venue/bybit/decode.hot.ts';
import { discoverBybit } from '../../src/feed/venue/bybit/discover.ts';
import { NaiveBook } from '../reference/naive-book.ts';
import { naiveBybit } from '../reference/naive-bybit.ts';
import { tarTexts, zipFirst } from '../support/archives.ts';
import { BTCUSDT } from '../support/bybit-frames.ts';
import { dataFile } from '../support/data.ts';
import { decodeAll, resultsOf } from '../support/l2-decoding.ts';

const MESSAGES = 50;
const DEPTH = 500;
const folder = mkdtempSync(join(tmpdir(), 'tickpath-bybit-data-'));
test.after(() => rmSync(folder, { recursive: true }));

/** The venue's own recording, unpacked; undefined when it is absent. */
function recording(): string | undefined {
  const zip = dataFile('nautilus/bybit_2024-12-01_XRPUSDT_ob500_head.data.zip');
  if (zip === undefined) return undefined;
  const file = join(folder, 'XRPUSDT.data');
  writeFileSync(file, zipFirst(zip));
  return file;
}

test('a snapshot and 49 deltas: contiguous, never more than 500 levels a side, every book equal to the naive twin', async () => {
  const file = recording();
  const zip = dataFile('nautilus/bybit_2024-12-01_XRPUSDT_ob500_head.data.zip');
  if (file === undefined || zip === undefined) return;
  const { instruments } = await discoverBybit([file]);
  const frames = zipFirst(zip).toString('utf8').trimEnd().split('\n');
  assert.is(frames.length, MESSAGES);
  const decoder = new BybitDecoder(instruments);
  const twin = new NaiveBook();
  const books: string[][][] = [];
  for (const frame of frames) {
    const bytes = new TextEncoder().encode(frame);
    const expected = naiveBybit(DEPTH)(frame, instruments);
    assert.equal(resultsOf(decodeAll(decoder, bytes, 0, bytes.length, true)), expected);
    const [message] = expected;
    if (typeof message !== 'object' || (message.kind !== 'snapshot' && message.kind !== 'depth')) throw new Error(frame);
    if (message.kind === 'snapshot') twin.clear();
    for (const [price, qty] of message.bids) twin.apply(SIDE.BUY, price, qty);
    for (const [price, qty] of message.asks) twin.apply(SIDE.SELL, price, qty);
    books.push([SIDE.BUY, SIDE.SELL].map((side) => twin.sorted(side).map(([price, qty]) => `${price} ${qty}`)));
    for (const side of books.at(-1)!) assert.ok(side.length <= DEPTH);
  }
  const lines: string[] = [];
  const write = (text: string): void => {
    lines.push(...text.split('\n').filter((line) => line !== ''));
  };
  const result = await dumpBook({ files: [file], format: 'bybit', depth: DEPTH, every: 'event', out: 'json', write });
  assert.equal([result.lines, result.counters['depth_applied'], result.counters['book_gaps']], [MESSAGES, MESSAGES, 0]);
  lines.forEach((line, i) => {
    const { bids, asks } = JSON.parse(line) as Record<'bids' | 'asks', [string, string][]>;
    const found = [bids, asks].map((side) => side.map(([price, qty]) => `${BigInt(price.replace('.', ''))} ${qty}`));
    assert.equal(found, books[i]);
  });
});

test('a delta left out is seen at the next one', async () => {
  const zip = dataFile('nautilus/bybit_2024-12-01_XRPUSDT_ob500_head.data.zip');
  if (zip === undefined) return;
  const frames = zipFirst(zip).toString('utf8').trimEnd().split('\n');
  for (const left of [1, 20, MESSAGES - 2]) {
    const file = join(folder, `without-${left}.data`);
    writeFileSync(file, frames.filter((_, i) => i !== left).join('\n'));
    const result = await dumpBook({ files: [file], format: 'bybit', depth: 1, every: 'event', out: 'hash', write: () => {} });
    assert.equal([result.counters['book_gaps'], result.lines], [1, left]);
  }
});

test('the samples of the adapter decode as the naive decoder says', () => {
  const archive = dataFile('nautilus/adapter_test_data.tar.gz');
  if (archive === undefined) return;
  const kinds = new Set<string>();
  for (const [name, content] of tarTexts(archive)) {
    if (!/adapters\/bybit\/test_data\/ws_/.test(name)) continue;
    const decoder = new BybitDecoder([BTCUSDT], 1);
    const bytes = new TextEncoder().encode(content);
    const found = resultsOf(decodeAll(decoder, bytes, 0, bytes.length, true));
    assert.equal(found, naiveBybit(1)(content, [BTCUSDT]), name);
    for (const result of found) kinds.add(typeof result === 'string' ? result : result.kind);
  }
  assert.equal([...kinds].sort(), ['depth', 'other', 'snapshot']);
});

test.run();
