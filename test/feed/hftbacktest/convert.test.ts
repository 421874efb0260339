import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convertToEvents } from '../../../src/app/convert.ts';
import type { TickpathError } from '../../../src/core/errors.ts';
import { Prng } from '../../../src/core/prng.ts';
import { dumpBook } from '../../../src/feed/book-dump.ts';
import { ROW, RowStore } from '../../../src/feed/hftbacktest/rows.ts';
import { type NaiveEvent, naiveEvents, naiveLastBook, naiveRows } from '../../reference/naive-events.ts';
import { BUY, CLEAR, DEPTH, EXCH, fileBytes, headerOf, LOCAL, readNpz, SELL, SNAPSHOT, TRADE } from '../../support/event-files.ts';
import { captureLines } from '../../support/futures-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickpath-convert-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
function capture(name: string, lines: readonly string[]): string {
  writeFileSync(path(name), `${lines.join('\n')}\n`);
  return path(name);
}
async function failureOf(work: Promise<unknown>): Promise<TickpathError> {
  try {
    await work;
  } catch (error) {
    return error as TickpathError;
  }
  throw new Error('expected a failure');
}

test('made captures convert to the rows of the naive converter, however few are sorted at a time', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const lines = captureLines(seed, 300);
    const file = capture(`madeusdt_${seed}.txt`, lines);
    const rows = naiveRows(lines);
    const { events, offsetNs } = naiveEvents(rows);
    for (const runRows of [1 << 20, 97]) {
      const [out, snapshotOut] = [path('out.npz'), path('eod.npz')];
      const result = await convertToEvents({ files: [file], format: 'binance-usdm', out, snapshotOut, runRows });
      const found = readNpz(out);
      assert.equal(found.events, events);
      assert.is(found.header.trimEnd(), headerOf(events.length));
      assert.not(found.rest);
      assert.equal([result.rawRows, result.rows, BigInt(result.localOffsetNs)], [rows.length, events.length, offsetNs]);
      const count = (test: (ev: number) => boolean): number => events.filter(({ ev }) => test(ev)).length;
      const sees = (ev: number, flag: number): boolean => Math.floor(ev / flag) % 2 === 1;
      assert.is(
        result.both,
        count((ev) => sees(ev, EXCH) && sees(ev, LOCAL)),
      );
      assert.is(
        result.exchangeOnly,
        count((ev) => sees(ev, EXCH) && !sees(ev, LOCAL)),
      );
      assert.is(
        result.localOnly,
        count((ev) => !sees(ev, EXCH)),
      );
      assert.ok(result.exchangeOnly > 0, 'messages overtake one another');
      const kinds = [DEPTH, TRADE, SNAPSHOT, CLEAR].map((kind) => count((ev) => ev % 256 === kind));
      assert.equal(Object.values(result.kinds), kinds);
      assert.ok(kinds.every((one) => one > 0));
      const book = naiveLastBook(events);
      const last = readNpz(snapshotOut).events;
      const sideOf = (side: number) => last.filter(({ ev }) => sees(ev, side)).map(({ px, qty }) => [px, qty]);
      assert.equal([sideOf(BUY), sideOf(SELL)], [book.bids, book.asks]);
      assert.equal(result.snapshotLevels, { bids: book.bids.length, asks: book.asks.length });
      const localNs = events.filter(({ ev }) => sees(ev, LOCAL)).at(-1)!.localNs;
      assert.ok(last.every((one) => one.exchNs === localNs && one.localNs === localNs && one.ev % 256 === SNAPSHOT));
    }
  }
});

test('a base latency is added where local times are moved, and nowhere else', async () => {
  const behind = capture('behindusdt.txt', captureLines(3, 100));
  const out = path('latency.npz');
  const plain = await convertToEvents({ files: [behind], format: 'binance-usdm', out });
  const more = await convertToEvents({ files: [behind], format: 'binance-usdm', out, baseLatencyNs: 1_000 });
  assert.is(more.localOffsetNs, plain.localOffsetNs + 1_000);
  const again = await convertToEvents({ files: [out], format: 'hftbacktest', out: path('again.npz'), baseLatencyNs: 1_000 });
  assert.is(again.localOffsetNs, 0);
});

test('what was written reads as the same rows and is written again byte for byte', async () => {
  for (const seed of [21, 22]) {
    const sorted = captureLines(seed, 600).sort();
    const first = path('btcusdt_first.npz');
    const second = path('btcusdt_second.npz');
    await convertToEvents({ files: [capture('sorted.txt', sorted)], format: 'binance-usdm', out: first });
    const result = await convertToEvents({ files: [first], format: 'hftbacktest', out: second });
    assert.equal(fileBytes(second), fileBytes(first));
    assert.is(result.localOffsetNs, 0);
  }
});

test('the book read back is, after each message, the one that the naive local side holds', async () => {
  const lines = captureLines(31, 800, true);
  const out = path('bookusdt.npz');
  await convertToEvents({ files: [capture('book.txt', lines)], format: 'binance-usdm', out });
  const { events } = naiveEvents(naiveRows(lines));
  let text = '';
  await dumpBook({ files: [out], format: 'hftbacktest', depth: 100, every: 'event', out: 'csv', write: (piece) => (text += piece) });
  const rows = text.trimEnd().split('\n');
  const local = events.filter(({ ev }) => Math.floor(ev / LOCAL) % 2 === 1);
  const isOf = ({ exchNs, localNs, ev }: NaiveEvent, row: string): boolean =>
    ev % 256 !== TRADE && row.split(',').slice(1, 3).join() === `${exchNs},${localNs}`;
  for (const row of rows.slice(-40)) {
    const { bids, asks } = naiveLastBook(local.slice(0, 1 + local.findLastIndex((one) => isOf(one, row))));
    const cells = row.split(',').slice(3).map(Number);
    const expected = Array.from({ length: 100 }, (_, i) => [...(bids[i] ?? [0, 0]), ...(asks[i] ?? [0, 0])]).flat();
    assert.equal(cells, expected, row.slice(0, 80));
  }
  assert.ok(rows.length > 300);
});

test('any other format converts to what its feed stage validated: whole books, changes, trades, and a clear where a book is given up', async () => {
  const header = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
  const row = (us: number, snapshot: boolean, side: string, price: string, amount: string): string =>
    `deribit,BTC,${1_600_000_000_000_000 + us},${1_600_000_000_000_100 + us},${snapshot},${side},${price},${amount}`;
  const rows = [
    row(0, true, 'bid', '100.5', '2'),
    row(0, true, 'ask', '101', '3'),
    row(10, false, 'bid', '100', '4'),
    row(20, false, 'bid', '100.5', '0'),
    row(30, false, 'bid', 'x', '1'),
  ];
  const out = path('tardis.npz');
  const result = await convertToEvents({ files: [capture('tardis.csv', [header, ...rows])], format: 'tardis', out });
  const all = EXCH + LOCAL;
  const events = readNpz(out).events.map(({ ev, exchNs, localNs, px, qty }) => [
    ev - all,
    `${exchNs}`.slice(-6),
    `${localNs}`.slice(-6),
    px,
    qty,
  ]);
  assert.equal(events, [
    [CLEAR + BUY, '000000', '100000', Number.NaN, 0],
    [CLEAR + SELL, '000000', '100000', Number.NaN, 0],
    [SNAPSHOT + BUY, '000000', '100000', 100.5, 2],
    [SNAPSHOT + SELL, '000000', '100000', 101, 3],
    [DEPTH + BUY, '010000', '110000', 100, 4],
    [DEPTH + BUY, '020000', '120000', 100.5, 0],
    [CLEAR + BUY, '130000', '130000', Number.NaN, 0],
    [CLEAR + SELL, '130000', '130000', Number.NaN, 0],
  ]);
  assert.is(result.rejectedFrames, 1);
});

test('rows sort by either time, equal times staying in order, over runs of any size', () => {
  const prng = new Prng(5);
  for (const runRows of [1, 2, 3, 7, 64, 1_000]) {
    const store = new RowStore({ path: path('rows'), runRows });
    const rows = Array.from({ length: 500 }, (_, i) => [prng.nextInt(40), prng.nextInt(40), i] as const);
    for (const [exch, local, px] of rows) store.add(1, exch, local, px, 0);
    for (const order of [ROW.EXCH_NS, ROW.LOCAL_NS]) {
      const cursor = store.sorted(order);
      const found: number[] = [];
      while (cursor.next()) found.push(cursor.row[ROW.PX]!);
      const expected = [...rows].sort((a, b) => a[order]! - b[order]!).map(([, , px]) => px);
      assert.equal(found, expected);
    }
    store.close();
  }
});

test('too many rows, and times too far apart, are one clear error, and nothing is left behind', async () => {
  const store = new RowStore({ path: path('many'), runRows: 4, runsMax: 2 });
  for (let i = 0; i < 8; i++) store.add(1, i, i, 1, 1);
  assert.throws(
    () => {
      for (let i = 0; i < 4; i++) store.add(1, i, i, 1, 1);
    },
    (error: TickpathError) => error.code === 'ERR_CONVERT' && error.message.includes('CONVERT_RUNS_MAX'),
  );
  store.close();
  const lines = captureLines(9, 50);
  const far = lines.map((line, i) => (i < 40 ? line : line.replace(/"T":\d+/, '"T":1')));
  const error = await failureOf(convertToEvents({ files: [capture('far.txt', far)], format: 'binance-usdm', out: path('far.npz') }));
  assert.equal([error.code, error.message.includes('104 days')], ['ERR_CONVERT', true]);
  assert.not(existsSync(path('far.npz')));
  assert.equal(
    readdirSync(folder).filter((name) => /rows-|part$/.test(name)),
    [],
  );
});

test.run();
