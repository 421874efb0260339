import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TickpathError } from '../../../src/core/errors.ts';
import type { Instrument, InstrumentText } from '../../../src/core/instrument.ts';
import { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { type BookDumpResult, dumpBook } from '../../../src/feed/book-dump.ts';
import { decimalTextOf } from '../../../src/feed/hftbacktest/decimal.ts';
import { discoverEvents } from '../../../src/feed/hftbacktest/discover.ts';
import { createEventFeed } from '../../../src/feed/hftbacktest/feed.ts';
import type { NaiveEvent } from '../../reference/naive-events.ts';
import {
  BUY,
  CLEAR,
  DEPTH,
  EXCH,
  eventBytes,
  eventNpy,
  headerOf,
  LOCAL,
  npy,
  SELL,
  SNAPSHOT,
  TRADE,
  zip,
} from '../../support/event-files.ts';
import { assertAllocatesNothing } from '../../support/feed-allocation.ts';
import { levelsOf, RecordRig } from '../../support/record-rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickpath-events-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const T = 1_700_000_000_000_000_000n;
const COIN: Instrument = { id: 0, symbol: 'BTCUSDT', priceDecimals: 1, qtyDecimals: 3, tickUnits: 1, lotUnits: 1 };
/** A row that both sides see; times in ms after T. */
const row = (ev: number, px: number, qty: number, ms = 0, flags = EXCH + LOCAL): NaiveEvent => {
  const exchNs = T + BigInt(ms) * 1_000_000n;
  return { ev: ev + flags, exchNs, localNs: exchNs + 5_000_000n, px, qty };
};
const START = [
  row(CLEAR + BUY, 100, 0),
  row(SNAPSHOT + BUY, 100.1, 2),
  row(SNAPSHOT + BUY, 100, 1),
  row(CLEAR + SELL, 101, 0),
  row(SNAPSHOT + SELL, 100.5, 3),
];
const rigOf = (): RecordRig => new RecordRig({ instruments: [COIN], create: createEventFeed, baseEpochNs: T }).connect();
const started = (): RecordRig => {
  const rig = rigOf().send(eventBytes(START));
  rig.take();
  return rig;
};

function write(content: Uint8Array, name = 'btcusdt_20231114.npy'): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
interface Dump extends BookDumpResult {
  readonly out: string[];
}
async function dump(files: readonly string[], instruments?: readonly InstrumentText[]): Promise<Dump> {
  let text = '';
  const options = { files, format: 'hftbacktest', depth: 2, every: 'event', out: 'csv' } as const;
  const result = await dumpBook({ ...options, write: (piece) => (text += piece), ...(instruments === undefined ? {} : { instruments }) });
  return { ...result, out: text === '' ? [] : text.trimEnd().split('\n') };
}
async function failure(files: readonly string[]): Promise<TickpathError> {
  try {
    await dump(files);
  } catch (error) {
    return error as TickpathError;
  }
  throw new Error('expected a failure');
}

test('a snapshot makes the book live, changes change it, and trades are told while it is', () => {
  const rig = rigOf().send(
    eventBytes([row(TRADE + BUY, 100.5, 1)]),
    eventBytes([row(DEPTH + BUY, 99, 7)]),
    eventBytes([row(TRADE + BUY, 100.5, 1)]),
  );
  assert.is(rig.take(), 'DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT/1|');
  rig.send(eventBytes(START));
  assert.is(rig.take(), 'CLEAR END 1001/1005 SUBSCRIBED_NO_SNAPSHOT>LIVE/3|');
  assert.equal(levelsOf(rig.feed.book(0), SIDE.BUY), ['1001x2000', '1000x1000', '990x7000'], 'what came before stays beyond the snapshot');
  rig.send(eventBytes([row(TRADE + SELL, 100.1, 0.5)]), eventBytes([row(DEPTH + BUY, 100.1, 0), row(DEPTH + SELL, 100.4, 0.001)]));
  assert.is(rig.take(), 'sell 1001x500| END 1000/1004|');
  assert.equal(levelsOf(rig.replicas[0]!, SIDE.SELL), levelsOf(rig.feed.book(0), SIDE.SELL));
  assert.equal([rig.counter('trade_messages'), rig.counter('messages_not_live')], [3, 2]);
});

test('a clear takes the levels of its side through its price, all without one, both sides without a side', () => {
  const rig = started();
  const sides = (): string[] => [SIDE.BUY, SIDE.SELL].map((side) => levelsOf(rig.feed.book(0), side).join(' '));
  rig.send(eventBytes([row(DEPTH + BUY, 99.5, 1), row(DEPTH + SELL, 101, 1), row(DEPTH + SELL, 102, 1)]));
  rig.send(eventBytes([row(CLEAR + SELL, 101, 0)]));
  assert.equal(sides(), ['1001x2000 1000x1000 995x1000', '1020x1000']);
  rig.send(eventBytes([row(CLEAR + BUY, 100, 0), row(SNAPSHOT + BUY, 100.2, 4)]));
  assert.equal(sides(), ['1002x4000 995x1000', '1020x1000']);
  rig.send(eventBytes([row(SNAPSHOT + BUY, 99, 1), row(CLEAR, Number.NaN, 0), row(SNAPSHOT + SELL, 103, 2)]));
  assert.equal(sides(), ['', '1030x2000']);
  assert.is(rig.replicas[0]!.levels(SIDE.SELL), 1);
});

test('a bad row gives the book up until the next snapshot; a bad trade does not', () => {
  const rig = started().send(eventBytes([row(TRADE + BUY, 100.55, 1)]));
  assert.equal([rig.take(), rig.counter('record_rejected_off_tick')], ['', 1]);
  rig.send(eventBytes([row(DEPTH + BUY, 100, 0.0005)]));
  assert.equal([rig.take(), rig.counter('record_rejected_off_lot'), rig.feed.book(0).levels(SIDE.BUY)], ['LIVE>GAP/6|', 1, 0]);
  rig.send(eventBytes([row(DEPTH + BUY, 100, 1)]), eventBytes(START));
  assert.is(rig.take(), 'CLEAR END 1001/1005 GAP>LIVE/3|');
});

test('prices and quantities within the tolerance are their tick and lot, others are refused', () => {
  const statuses = (px: number, qty: number): string => {
    const rig = started().send(eventBytes([row(DEPTH + SELL, px, qty)]));
    const names = ['off_tick', 'off_lot', 'price_range', 'qty_range'].filter((name) => rig.counter(`record_rejected_${name}`) > 0);
    return names.join() || `${rig.replicas[0]!.qtyOf(SIDE.SELL, Math.round(px * 10))}`;
  };
  assert.is(statuses(61_594.100000000006, 0.1 + 0.2), '300');
  assert.is(statuses(61_594.10000005, 0.3), '300');
  assert.is(statuses(61_594.100001, 0.3), 'off_tick');
  assert.is(statuses(100.5, 0.3000000005), '300');
  assert.is(statuses(100.5, 0.300001), 'off_lot');
  assert.is(statuses(214_748_364.8, 1), 'price_range');
  for (const px of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) assert.is(statuses(px, 1), 'price_range');
  for (const qty of [Number.NaN, -1, 1e300, 2 ** 49]) assert.is(statuses(100.5, qty), 'qty_range');
});

test('the shortest decimals that a float64 stands for', () => {
  for (const [value, text] of [
    [61_594.100000000006, '61594.1'],
    [0.1 + 0.2, '0.3'],
    [617_050, '617050'],
    [0.014, '0.014'],
    [1e-8, '0.00000001'],
    [61_594.10000001, '61594.10000001'],
    [0, '0'],
  ] as const)
    assert.is(decimalTextOf(value), text);
  for (const value of [-1, Number.NaN, 1e300, Math.PI]) assert.is(decimalTextOf(value), undefined);
});

test('a file is read plain, packed by gzip, and in a zip archive, alike', async () => {
  const events = [
    ...START,
    row(DEPTH + BUY, 100.2, 1, 10),
    row(DEPTH + BUY, 100.2, 9, 10, EXCH),
    row(TRADE + BUY, 100.5, 1, 11),
    row(DEPTH + SELL, 100.5, 0, 12),
  ];
  const bytes = eventNpy(events);
  const other = { name: 'other.npy', bytes: new Uint8Array(4) };
  const expected = [
    '1,1700000000000000000,1700000000005000000,100.1,2,100.5,3,100.0,1,,',
    '2,1700000000010000000,1700000000015000000,100.2,1,100.5,3,100.1,2,,',
    '4,1700000000012000000,1700000000017000000,100.2,1,,,100.1,2,,',
  ];
  for (const file of [
    write(bytes),
    write(gzipSync(bytes), 'btcusdt.npy.gz'),
    write(zip([{ name: 'data.npy', bytes }]), 'btcusdt_1.npz'),
    write(zip([other, { name: 'data.npy', bytes, stored: true, wide: true }, other]), 'btcusdt_2.npz'),
  ]) {
    const { out, instrument, counters } = await dump([file]);
    assert.equal([out, instrument.symbol, counters['frames']], [expected, 'BTCUSDT', 4]);
  }
});

test("a snapshot without times, as hftbacktest's own are, begins the book of the file behind it", async () => {
  const untimed = START.filter(({ ev }) => ev % 256 === SNAPSHOT).map((one) => ({ ...one, exchNs: 0n, localNs: 0n }));
  const snapshot = write(eventNpy(untimed), 'btcusdt_20231113_eod.npy');
  const day = write(eventNpy([row(DEPTH + BUY, 100.2, 1, 10), row(DEPTH + SELL, 100.4, 2, 20)]), 'btcusdt_20231114.npy');
  const { out, state } = await dump([snapshot, day]);
  assert.equal(out, [
    '1,0,1700000000015000000,100.1,2,100.5,3,100.0,1,,',
    '2,1700000000010000000,1700000000015000000,100.2,1,100.5,3,100.1,2,,',
    '3,1700000000020000000,1700000000025000000,100.2,1,100.4,2,100.1,2,100.5,3',
  ]);
  assert.is(state, 4);
});

test('one configured instrument is that of the file whatever its name; else the name says it', async () => {
  const file = write(eventNpy(START), 'data.npy');
  const given = { symbol: 'ANY', tickSize: '0.01', lotSize: '0.0001' };
  assert.equal((await dump([file], [given])).out[0]!.split(',').slice(3, 5), ['100.10', '2.0000']);
  assert.equal((await discoverEvents([file])).discovered, ['DATA']);
  const both = await failure([file, write(eventNpy(START), 'eth_1.npy')]);
  assert.equal([both.code, both.message.includes('several symbols (DATA, ETH)')], ['ERR_INPUT', true]);
});

test('a file that ends early, goes on, or holds nothing that is seen is one clear error', async () => {
  const bytes = eventNpy(START);
  const cases: readonly (readonly [Uint8Array, string, RegExp])[] = [
    [bytes.subarray(0, bytes.length - 1), 'ERR_NPY', /the file ends after 4 of 5 rows/],
    [bytes.subarray(0, bytes.length - 64), 'ERR_NPY', /the file ends after 4 of 5 rows/],
    [eventNpy([row(TRADE + BUY, 1, 1), row(TRADE + BUY, 1, 1)]).subarray(0, -64), 'ERR_NPY', /the file ends after 1 of 2 rows/],
    [npy(headerOf(3), new Uint8Array(0)), 'ERR_NPY', /the file ends within its header|0 of 3 rows/],
    [bytes.subarray(0, 50), 'ERR_NPY', /ends within its header/],
    [Buffer.concat([bytes, new Uint8Array(3)]), 'ERR_NPY', /behind its last row/],
    [npy(headerOf(0), new Uint8Array(0)), 'ERR_DISCOVER', /no row with a local_ts/],
    [eventNpy(START.map((one) => ({ ...one, ev: one.ev - LOCAL }))), 'ERR_DISCOVER', /flag 1<<30/],
    [eventNpy(START.map((one) => ({ ...one, localNs: -5n }))), 'ERR_NPY', /row 1: a local_ts below 0/],
    [new TextEncoder().encode('exchange,symbol\n'.repeat(9)), 'ERR_NPY', /no NumPy array/],
    [eventNpy(Array.from({ length: 40_000 }, (_, i) => row(SNAPSHOT + BUY, i + 1, 1))), 'ERR_NPY', /a message of more than 32770 rows/],
  ];
  for (const [content, code, expected] of cases) {
    const error = await failure([write(content)]);
    assert.is(error.code, code, error.stack);
    assert.match(error.message, expected);
    assert.match(error.message, /btcusdt_20231114\.npy: /);
  }
});

test('500 damaged archives are read or refused, never anything else', async () => {
  const prng = new Prng(12);
  const events = Array.from({ length: 40 }, (_, i) =>
    row((i % 3 === 0 ? TRADE : DEPTH) + (i % 2 === 0 ? BUY : SELL), 100 + (i % 2) + i / 10, 1, i),
  );
  const plain = eventNpy([...START, ...events]);
  const sources = [plain, zip([{ name: 'data.npy', bytes: plain }]), zip([{ name: 'data.npy', bytes: plain, stored: true }])];
  for (let i = 0; i < 500; i++) {
    const bytes = Uint8Array.from(sources[i % 3]!);
    for (let change = 1 + prng.nextInt(3); change > 0; change--) bytes[prng.nextInt(bytes.length)] = prng.nextInt(256);
    const cut = prng.nextInt(4) === 0 ? bytes.subarray(0, prng.nextInt(bytes.length)) : bytes;
    const file = write(cut);
    try {
      await dump([file]);
    } catch (error) {
      const { code } = error as TickpathError;
      assert.ok(['ERR_NPY', 'ERR_ZIP', 'ERR_DISCOVER', 'ERR_GZIP'].includes(code), (error as Error).stack);
    }
  }
});

test('600,000 messages through decode, book and ring leave nothing on the heap', async () => {
  const counters = await assertAllocatesNothing({
    createFeed: createEventFeed,
    instruments: [COIN],
    opening: [eventBytes(START)],
    cycle: [
      eventBytes([row(DEPTH + BUY, 99.9, 1.234), row(DEPTH + SELL, 100.7, 4)]),
      eventBytes([row(TRADE + BUY, 100.5, 0.25, 3)]),
      eventBytes([row(DEPTH + BUY, 99.9, 0), row(DEPTH + SELL, 100.7, 0)]),
      eventBytes([row(CLEAR + BUY, 100, 0), row(SNAPSHOT + BUY, 100.1, 2), row(SNAPSHOT + BUY, 100, 1)]),
    ],
    frames: 300_000,
  });
  assert.ok(counters['trade_messages']! > 100_000);
});

test.run();
