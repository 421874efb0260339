import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import type { Instrument } from '../../../src/core/instrument.ts';
import { dumpBook } from '../../../src/feed/book-dump.ts';
import { discoverDbn } from '../../../src/feed/dbn/discover.ts';
import {
  ES_METADATA,
  ES_NUMBER,
  FIRST_NS,
  levels,
  type MetadataOptions,
  mbo,
  metadata,
  otherRecord,
  quarters,
} from '../../support/dbn-records.ts';
import { joined } from '../../support/zstd-frames.ts';

const test = suite('dbn discovery');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-dbn-'));
});
test.after(() => rmSync(folder, { recursive: true }));

let written = 0;
function write(...parts: Uint8Array[]): string {
  const file = join(folder, `${written++}.dbn`);
  writeFileSync(file, joined(...parts));
  return file;
}
const grid = (one: Instrument): unknown[] => [one.symbol, one.priceDecimals, one.tickUnits, one.venueId];
const orders = (count: number, tick: bigint, number = ES_NUMBER, publisher = 1): Uint8Array[] =>
  Array.from({ length: count }, (_, i) =>
    mbo('A', BigInt(i + 1), {
      number,
      publisher,
      side: 'B',
      size: 1,
      price: 4_000_000_000_000n + BigInt(i * i + i) * tick,
      recvNs: FIRST_NS + 3n,
    }),
  );
const venueId = (publisher: number, number: number): number => publisher * 2 ** 32 + number;
/** A definition of version 3 with a tick size and a symbol. */
function definition(number: number, tick: bigint, symbol: string): Uint8Array {
  const record = otherRecord(0x13, 520);
  const view = new DataView(record.buffer);
  view.setUint32(4, number, true);
  view.setBigInt64(24, tick, true);
  record.fill(0, 238, 238 + 71);
  record.set(Buffer.from(symbol), 238);
  return record;
}

test('the symbol is that of the metadata, the tick size the divisor of many prices, or a power of ten', async () => {
  const many = await discoverDbn([write(metadata(ES_METADATA), ...orders(70, 125_000_000n))]);
  assert.equal(many.instruments.map(grid), [['ESH4', 2, 25, venueId(1, ES_NUMBER)]]);
  assert.is(many.baseEpochNs, FIRST_NS + 3n);
  assert.equal(many.discovered, ['ESH4']);
  const few = await discoverDbn([write(metadata({ ...ES_METADATA, version: 1 }), ...orders(5, 125_000_000n))]);
  assert.equal(few.instruments.map(grid), [['ESH4', 2, 1, venueId(1, ES_NUMBER)]]);
});

test('a definition before the records gives tick size and symbol', async () => {
  const file = write(metadata(), definition(ES_NUMBER, 250_000_000n, 'ESZ9'), ...orders(3, 1_000_000_000n));
  assert.equal((await discoverDbn([file])).instruments.map(grid), [['ESZ9', 2, 25, venueId(1, ES_NUMBER)]]);
  const other = await discoverDbn([write(definition(ES_NUMBER, 5_000_000_000n, 'X')), write(metadata(), ...orders(3, 5_000_000_000n))]);
  assert.equal(other.instruments.map(grid), [['X', 0, 5, venueId(1, ES_NUMBER)]]);
});

test('a fragment names its instruments by number', async () => {
  assert.equal((await discoverDbn([write(...orders(2, 10_000_000n))])).instruments.map(grid), [['17077', 2, 1, venueId(1, ES_NUMBER)]]);
});

test('a symbol that stands for several instruments names none of them', async () => {
  const interval = (symbol: string): { startDate: number; endDate: number; symbol: string } => ({
    startDate: 20231114,
    endDate: 20231115,
    symbol,
  });
  const parent: MetadataOptions = { stypeIn: 4, mappings: [{ symbol: 'ES.FUT', intervals: [interval('17077'), interval('5')] }] };
  const found = await discoverDbn([write(metadata(parent), ...orders(2, 10_000_000n), ...orders(2, 10_000_000n, 5))]);
  assert.equal(
    found.instruments.map((one) => one.symbol),
    ['17077', '5'],
  );
  const reversed: MetadataOptions = { stypeIn: 0, stypeOut: 1, mappings: [{ symbol: '17077', intervals: [interval('ESH4')] }] };
  assert.is((await discoverDbn([write(metadata(reversed), ...orders(2, 10_000_000n))])).instruments[0]!.symbol, 'ESH4');
});

test('an instrument that several publishers bring is one of each', async () => {
  const file = write(metadata(ES_METADATA), ...orders(2, 10_000_000n), ...orders(2, 10_000_000n, ES_NUMBER, 39));
  assert.equal((await discoverDbn([file])).instruments.map(grid), [
    ['ESH4@1', 2, 1, venueId(1, ES_NUMBER)],
    ['ESH4@39', 2, 1, venueId(39, ES_NUMBER)],
  ]);
});

test('configured instruments come first and get their number by their symbol', async () => {
  const file = write(metadata(ES_METADATA), ...orders(2, 10_000_000n));
  const { instruments, discovered } = await discoverDbn([file], [{ symbol: 'ESH4', tickSize: '0.0025', lotSize: '1' }]);
  assert.equal([instruments.map(grid), discovered], [[['ESH4', 4, 25, venueId(1, ES_NUMBER)]], []]);
});

test('what holds no book, too many instruments, and grids that do not fit are refused', async () => {
  const fails = async (
    file: string,
    configured: { symbol: string; tickSize: string; lotSize: string }[],
    message: RegExp,
  ): Promise<void> => {
    const error = await discoverDbn([file], configured).catch((caught: unknown) => caught);
    assert.instance(error, TickpathError);
    assert.match((error as Error).message, message);
  };
  await fails(write(metadata(), otherRecord(0x20, 56)), [], /no instrument in the first 65536 records/);
  await fails(write(metadata()), [], /no instrument/);
  await fails(write(...Array.from({ length: 65 }, (_, i) => orders(1, 1n, i)).flat()), [], /65 instruments; expected at most 64/);
  await fails(write(mbo('A', 1n, { price: 4_000_000_000_000_001n })), [], /configure its tick_size/);
  await fails(write(...orders(1, 1n)), [{ symbol: 'X', tickSize: '0.0000000001', lotSize: '1' }], /at most 9 decimals/);
  const cut = metadata({ symbols: Array.from({ length: 50 }, (_, i) => `S${i}`) });
  await fails(write(cut.subarray(0, 400)), [], /the file ends within \d+ bytes of metadata/);
});

test('the book is printed for the symbol asked for, by event and by message', async () => {
  const add = (id: bigint, side: string, price: number, flags: number, number = ES_NUMBER): Uint8Array =>
    mbo('A', id, { number, side, price: quarters(price), size: Number(id), flags, timeNs: FIRST_NS + id, recvNs: FIRST_NS + 10n + id });
  const file = write(
    metadata(ES_METADATA),
    mbo('R', 0n, { flags: 0x80 }),
    add(1n, 'B', 19_240, 0),
    add(2n, 'A', 19_241, 0x80),
    mbo('R', 0n, { flags: 0x80, number: 9 }),
    add(3n, 'B', 7, 0x80, 9),
    add(4n, 'B', 19_239, 0x80),
  );
  const dump = async (every: 'event' | 'message', symbol: string): Promise<string[]> => {
    let out = '';
    await dumpBook({ files: [file], format: 'dbn', depth: 2, every, out: 'csv', symbol, write: (piece) => (out += piece) });
    return out.trimEnd().split('\n');
  };
  assert.equal(await dump('event', 'ESH4'), [
    '1,1700000000000000000,1700000000000000000,,,,,,,,',
    '2,1700000000000000001,1700000000000000011,4810.00,1,,,,,,',
    '3,1700000000000000002,1700000000000000012,4810.00,1,4810.25,2,,,,',
    '6,1700000000000000004,1700000000000000014,4810.00,1,4810.25,2,4809.75,4,,',
  ]);
  assert.equal(
    (await dump('message', 'ESH4')).map((line) => line.split(',')[0]),
    ['1', '3', '6'],
  );
  assert.equal(await dump('message', '9'), [
    '4,1700000000000000000,1700000000000000000,,,,,,,,',
    '5,1700000000000000003,1700000000000000013,1.75,3,,,,,,',
  ]);
  const records = write(levels('T', [], { price: quarters(3), size: 1, side: 'A' }));
  assert.is((await dumpBook({ files: [records], format: 'dbn', depth: 1, every: 'event', out: 'csv', write: () => {} })).lines, 0);
});

test.run();
