import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../../src/core/errors.ts';
import { Prng } from '../../../src/core/prng.ts';
import { BOOK_STATE, SIDE } from '../../../src/core/records/market.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { type BookDumpOptions, type BookDumpResult, dumpBook } from '../../../src/feed/book-dump.ts';
import { discoverTardis } from '../../../src/feed/tardis/discover.ts';
import { createTardisFeed } from '../../../src/feed/tardis/feed.ts';
import { TardisFramer } from '../../../src/feed/tardis/framer.ts';
import { FileTransport } from '../../../src/feed/transport/file.ts';
import { levelsOf, RecordRig } from '../../support/record-rig.ts';

const test = suite('tardis');
let folder = '';
let written = 0;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-tardis-'));
});
test.after(() => rmSync(folder, { recursive: true }));

function write(content: string | Uint8Array): string {
  const file = join(folder, `${written++}.csv`);
  writeFileSync(file, content);
  return file;
}
async function dump(content: string | Uint8Array, options: Partial<BookDumpOptions> = {}): Promise<BookDumpResult & { out: string[] }> {
  let text = '';
  const base = { format: 'tardis', depth: 2, every: 'event', out: 'csv' } as const;
  const result = await dumpBook({ files: [write(content)], ...base, write: (piece) => (text += piece), ...options });
  return { ...result, out: text === '' ? [] : text.trimEnd().split('\n') };
}
async function failure(content: string): Promise<string> {
  const error = await dump(content).catch((caught: unknown) => caught);
  assert.instance(error, TickpathError, `${error}`);
  assert.is((error as TickpathError).exitCode, EXIT.DATA);
  return (error as Error).message;
}

const BOOK = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n';
const T = 1_600_000_000_000_000;
const row = (at: number, snapshot: boolean, side: string, price: string, amount: string, symbol = 'BTC-PERP'): string =>
  `deribit,${symbol},${T + at},${T + at + 500},${snapshot},${side},${price},${amount}\n`;
const ns = (at: number): string => `${T + at}000,${T + at + 500}000`;
const START = row(10, true, 'bid', '100.5', '20') + row(10, true, 'ask', '101', '10') + row(10, true, 'bid', '99', '5');

test('rows of one local time are one message: a line when the time changes, and after the last row', async () => {
  const content =
    BOOK + START + row(20, false, 'bid', '100.5', '0') + row(20, false, 'ask', '100.5', '7') + row(30, false, 'ask', '101', '0');
  const expected = [`1,${ns(10)},100.5,20,101.0,10,99.0,5,,`, `2,${ns(20)},99.0,5,100.5,7,,,101.0,10`, `3,${ns(30)},99.0,5,100.5,7,,,,`];
  assert.equal((await dump(content)).out, expected);
  assert.equal((await dump(content, { every: 'message' })).out, expected);
  assert.equal((await dump(gzipSync(content))).out, expected);
  assert.equal((await dump(content.replaceAll('\n', '\r\n').trimEnd())).out, expected);
});

test('rows before the first snapshot are passed over, a snapshot after changes begins the book again', async () => {
  const result = await dump(
    BOOK +
      row(1, false, 'bid', '50', '1') +
      START +
      row(20, false, 'bid', '98', '1') +
      row(30, true, 'ask', '102', '3') +
      row(40, true, 'bid', '90.5', '4'),
  );
  assert.is(result.counters['record_without_book'], 1);
  assert.equal(result.out.slice(2), [`4,${ns(30)},,,102.0,3,,,,`, `5,${ns(40)},90.5,4,102.0,3,,,,`]);
});

test('symbols have books of their own, also at one local time', async () => {
  const content =
    BOOK + START + row(20, true, 'bid', '7', '1', 'ETH') + row(20, false, 'bid', '100', '1') + row(20, false, 'bid', '8', '2', 'ETH');
  assert.equal((await dump(content, { symbol: 'ETH', depth: 1 })).out, [`2,${ns(20)},7,1,,`, `4,${ns(20)},8,2,,`]);
  assert.equal((await dump(content, { symbol: 'BTC-PERP', depth: 1 })).out.length, 2);
});

test('a later file, or a header in the middle, goes on with the book', async () => {
  const first = write(BOOK + START);
  const second = write(BOOK + row(20, false, 'bid', '100', '1'));
  let text = '';
  await dumpBook({ files: [first, second], format: 'tardis', depth: 1, every: 'event', out: 'csv', write: (piece) => (text += piece) });
  assert.is(text, `1,${ns(10)},100.5,20,101.0,10\n2,${ns(20)},100.5,20,101.0,10\n`);
  assert.is((await dump(BOOK + START + BOOK + row(20, false, 'bid', '100', '1'))).lines, 2);
});

test('small amounts as JavaScript writes them are exact', async () => {
  const content = BOOK + row(1, true, 'bid', '100', '1e-7') + row(1, true, 'ask', '1.5e2', '1') + row(2, true, 'ask', '101', '1.25e-6');
  const result = await dump(content);
  assert.is(result.instrument.qtyDecimals, 8);
  assert.is(result.counters['record_rejected_bad_decimal'], 1, 'an exponent above zero is no such number');
  assert.equal((await dump(BOOK + row(1, true, 'bid', '100', '1e-7') + row(1, true, 'ask', '101', '1.25e-6'))).out, [
    `1,${ns(1)},100,0.00000010,101,0.00000125,,,,`,
  ]);
});

test('columns are found by name, further ones are passed over', async () => {
  const content = `exchange,symbol,local_timestamp,amount,price,side,extra,is_snapshot,timestamp\nderibit,X,${T},5,10,bid,?,true,${T - 7}\n`;
  assert.equal((await dump(content)).out, [`1,${T - 7}000,${T}000,10,5,,,,,,`]);
});

const SNAPSHOT =
  'exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,bids[1].price,bids[1].amount\n';

test('a book snapshot is the whole book, its empty cells are no levels, and a crossed one is a state', async () => {
  const result = await dump(
    `${SNAPSHOT}bitmex,X,${T},${T + 1},101,1,100,2,102,3,99.5,4\nbitmex,X,${T + 2},${T + 3},101,1,,,102.5,0,,\nbitmex,X,${T + 4},${T + 5},99,1,100,2,,,,\n`,
  );
  assert.equal(result.out, [
    `1,${T}000,${T + 1}000,100.0,2,101.0,1,99.5,4,102.0,3`,
    `2,${T + 2}000,${T + 3}000,,,101.0,1,,,,`,
    `3,${T + 4}000,${T + 5}000,100.0,2,99.0,1,,,,`,
  ]);
  assert.is(result.state, BOOK_STATE.NOT_TRADING);
  assert.is((await dump(`${SNAPSHOT}bitmex,X,${T},${T + 1},101,1,100,2,102,3,100,4\n`)).counters['record_rejected_levels_unsorted'], 1);
});

test('quotes are a book of one level', async () => {
  const header = 'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n';
  const result = await dump(`${header}x,Y,${T},${T + 1},5,101.5,100,2\nx,Y,${T + 2},${T + 3},,,100.5,2.5\n`, { depth: 1 });
  assert.equal(result.out, [`1,${T}000,${T + 1}000,100.0,2.0,101.5,5.0`, `2,${T + 2}000,${T + 3}000,100.5,2.5,,`]);
});

test('trades reach the ring with their aggressor; those without one are counted', async () => {
  const header = 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n';
  const trade = (side: string, price = '100.5'): string => `x,Y,${T},${T + 1},,${side},${price},0.25\n`;
  const file = write(header + trade('buy') + trade('sell') + trade('unknown') + trade('sell', '101'));
  const { instruments, baseEpochNs } = await discoverTardis([file]);
  const rig = new RecordRig({ instruments, create: createTardisFeed, baseEpochNs }).connect();
  rig.take();
  await new FileTransport({ files: [file], clock: new ManualClock(), framer: new TardisFramer(), baseEpochNs }).run({
    onConnection: () => {},
    onFrame: (bytes, start, end) => void rig.send(bytes.slice(start, end)),
  });
  assert.is(rig.take(), 'buy 1005x25| sell 1005x25| sell 1010x25|');
  assert.equal([rig.feed.frames, rig.counter('trade_messages'), rig.counter('record_trades_without_side')], [4, 4, 1]);
});

test('a row that cannot be read gives the book up until the next snapshot', async () => {
  const bad: [row: string, counter: string][] = [
    [row(20, false, 'buy', '100', '1'), 'bad_side'],
    [row(20, false, 'bid', '100.25', '1'), 'too_many_decimals'],
    [row(20, false, 'bid', '0', '1'), 'no_price'],
    [row(20, false, 'bid', '-5', '1'), 'bad_decimal'],
    [row(20, false, 'bid', '100', '0.5'), 'too_many_decimals'],
    [row(20, false, 'bid', '100', ''), 'bad_decimal'],
    [row(20, false, 'bid', '100', '1').replace('false', 'maybe'), 'bad_field'],
    [row(20, false, 'bid', '100', '1').replace(',bid', ''), 'bad_length'],
    [row(20, false, 'bid', '100', '1').replace(`${T + 20},`, `${T + 20}0,`), 'bad_field'],
  ];
  const grid = [{ symbol: 'BTC-PERP', tickSize: '0.5', lotSize: '1' }];
  for (const [text, counter] of bad) {
    const broken = await dump(BOOK + START + text + row(30, false, 'bid', '99.5', '1'), { instruments: grid });
    assert.equal([broken.lines, broken.counters[`record_rejected_${counter}`], broken.state], [1, 1, BOOK_STATE.GAP], text);
    const healed = await dump(BOOK + START + text + row(30, true, 'bid', '99.5', '1'), { instruments: grid });
    assert.equal([healed.lines, healed.state], [2, BOOK_STATE.LIVE], text);
  }
  const off = await dump(BOOK + START + row(20, false, 'bid', '100.1', '1'), { instruments: [{ ...grid[0]!, tickSize: '0.5' }] });
  assert.is(off.counters['record_rejected_off_tick'], 1);
});

test('files that are no such CSV are refused with file and line', async () => {
  assert.match(await failure('a,b,c\n1,2,3\n'), /\d\.csv:1: expected the header of incremental_book_L2.*found "a,b,c"$/);
  assert.match(await failure(`${BOOK}${START}deribit,X,${T}000,${T}000,true,bid,1,1\n`), /:5: expected a local_timestamp of 16 digits/);
  assert.match(await failure(`${BOOK}${START}junk\n`), /:5: expected a local_timestamp of 16 digits \(microseconds\), found "junk"$/);
  assert.match(await failure(BOOK), /no row in the first/);
  assert.match(await failure(`${BOOK}${START}${START.replaceAll('deribit', 'bitmex')}`), /several exchanges \(deribit, bitmex\)/);
  const endless = BOOK + row(1, true, 'bid', '1', '1').repeat(80_000);
  assert.match(await failure(endless), /a message of more than 4194304 bytes/);
});

test('a snapshot that fills many blocks is one message', async () => {
  const rows = Array.from({ length: 9_000 }, (_, i) => row(1, true, 'bid', `${i + 1}`, '1')).join('');
  const result = await dump(BOOK + rows + row(2, false, 'bid', '1', '0'), { depth: 1 });
  assert.equal(result.out, [`1,${ns(1)},9000,1,,`, `2,${ns(2)},9000,1,,`]);
});

test('fifty thousand random rows make the book of a map of levels', async () => {
  const prng = new Prng(77);
  const book = { bid: new Map<number, number>(), ask: new Map<number, number>() };
  let content = BOOK;
  let expected = '';
  for (let at = 1; at <= 12_000; at++) {
    const snapshot = at === 1 || prng.nextInt(500) === 0;
    if (snapshot) {
      book.bid.clear();
      book.ask.clear();
    }
    for (let rows = 1 + prng.nextInt(7); rows > 0; rows--) {
      const side = prng.nextInt(2) === 0 ? 'bid' : 'ask';
      const ticks = side === 'bid' ? 1_000 - prng.nextInt(200) : 1_001 + prng.nextInt(200);
      const amount = snapshot ? 1 + prng.nextInt(99) : prng.nextInt(3) * prng.nextInt(99);
      content += row(at, snapshot, side, `${ticks / 2}`, `${amount}`);
      if (amount === 0) book[side].delete(ticks);
      else book[side].set(ticks, amount);
    }
    // Two snapshots in a row would go on with the first.
    if (snapshot) content += row(at, false, 'bid', '1', '0');
    const best = (side: 'bid' | 'ask'): string => {
      const prices = [...book[side].keys()].sort((a, b) => (side === 'bid' ? b - a : a - b));
      return prices.length === 0 ? '-' : `${prices[0]}x${book[side].get(prices[0]!)}/${prices.length}`;
    };
    expected = `${best('bid')} ${best('ask')}`;
  }
  const file = write(content);
  const { instruments, baseEpochNs } = await discoverTardis([file]);
  const rig = new RecordRig({ instruments, create: createTardisFeed, baseEpochNs }).connect();
  await new FileTransport({ files: [file], clock: new ManualClock(), framer: new TardisFramer(), baseEpochNs }).run({
    onConnection: () => {},
    onFrame: (bytes, start, end) => void rig.send(bytes.slice(start, end)),
  });
  const view = rig.feed.book(0);
  const top = (side: number): string => (view.levels(side) === 0 ? '-' : `${levelsOf(view, side)[0]}/${view.levels(side)}`);
  assert.is(`${top(SIDE.BUY)} ${top(SIDE.SELL)}`, expected);
  assert.is(rig.counter('rejected_frames'), 0);
  assert.equal(levelsOf(rig.replicas[0]!, SIDE.BUY), levelsOf(view, SIDE.BUY));
});

test('other kinds of files are refused with one error, though their columns look like those that are read', async () => {
  const head = 'exchange,symbol,timestamp,local_timestamp';
  for (const columns of [
    'funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price',
    'type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,bid_iv,ask_price,ask_amount,ask_iv',
  ])
    assert.match(
      await failure(`${head},${columns}\n`),
      /:1: expected the header of incremental_book_L2, trades, quotes or book_snapshot, found/,
    );
  const file = join(folder, 'deribit_liquidations_2020-04-01_BTC.csv');
  writeFileSync(file, `${head},id,side,price,amount\n`);
  const error = (await dump('', { files: [file] }).catch((caught: unknown) => caught)) as TickpathError;
  assert.equal([error.code, error.message.includes('liquidations are not read; expected incremental_book_L2')], ['ERR_TARDIS', true]);
});

test('only the words themselves are true, false, buy, sell, unknown, bid and ask', async () => {
  const rejected = async (text: string): Promise<number> => (await dump(text, { symbol: 'BTC-PERP' })).counters['rejected_frames']!;
  const last = row(20, false, 'bid', '100', '1');
  const trade = `exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nderibit,BTC-PERP,${T},${T},7,buy,100,1\n`;
  assert.equal([await rejected(BOOK + START + last), await rejected(trade)], [0, 0]);
  for (const [right, wrong] of [
    ['false', 'fxlse'],
    ['false', 'trux'],
    ['bid', 'bad'],
  ] as const)
    assert.is(await rejected(BOOK + START + last.replace(right, wrong)), 1, wrong);
  for (const wrong of ['bxy', 'sell!', 'sxxx', 'uuuuuuu']) assert.is(await rejected(trade.replace('buy', wrong)), 1, wrong);
});

test('mutated files are read or refused, never anything else', async () => {
  const prng = new Prng(12);
  const source = new TextEncoder().encode(BOOK + START + row(20, false, 'bid', '100', '1') + row(30, true, 'ask', '102', '3'));
  for (let round = 0; round < 300; round++) {
    const bytes = new Uint8Array(source);
    for (let change = 1 + prng.nextInt(4); change > 0; change--)
      bytes[prng.nextInt(bytes.length)] = prng.nextInt(4) === 0 ? prng.nextInt(256) : 44;
    const error = await dump(bytes.subarray(0, 1 + prng.nextInt(bytes.length)), { symbol: 'BTC-PERP' }).catch((caught: unknown) => caught);
    if (error instanceof Error) assert.instance(error, TickpathError, error.stack ?? '');
  }
});

test.run();
