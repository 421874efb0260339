import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../../src/core/ports.ts';
import { ManualClock } from '../../../../src/core/time.ts';
import { dumpBook } from '../../../../src/feed/book-dump.ts';
import { midnightOfFileS } from '../../../../src/feed/file-date.ts';
import type { Format } from '../../../../src/feed/formats.ts';
import { FileTransport } from '../../../../src/feed/transport/file.ts';
import { BinaryFileFramer } from '../../../../src/feed/venue/nasdaq-itch/binary-file.ts';
import { discoverItch, discoverMold } from '../../../../src/feed/venue/nasdaq-itch/discover.ts';
import { itchMessage } from '../../../support/itch-messages.ts';
import { concat, moldPacketOf, pcapFile, udpFrame } from '../../../support/packets.ts';

const test = suite('binary file');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-itch-'));
});
test.after(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const prefixed = (length: number, message: Uint8Array): Uint8Array => concat(Uint8Array.of(length >> 8, length & 0xff), message);
const HOUR_NS = 3_600_000_000_000;
const DAY = [
  itchMessage('S', { event: 'O', locate: 0, timeNs: 3 * HOUR_NS }),
  itchMessage('R', { stock: 'ABC', locate: 7, timeNs: 3 * HOUR_NS + 1 }),
  itchMessage('R', { stock: 'XYZ', locate: 8, timeNs: 3 * HOUR_NS + 2 }),
  itchMessage('H', { stock: 'ABC', locate: 7, state: 'T', timeNs: 3 * HOUR_NS + 3 }),
  itchMessage('A', { stock: 'ABC', locate: 7, side: 'B', ref: 1, shares: 10, price: 1_234_500, timeNs: 4 * HOUR_NS }),
  itchMessage('D', { locate: 7, ref: 1, timeNs: 4 * HOUR_NS + 5 }),
];

/** Types and receive times of a file's frames. */
async function framesOf(file: string): Promise<{ types: string; lengths: number[]; recvNs: number[]; baseEpochNs: bigint }> {
  const transport = new FileTransport({ files: [file], framer: new BinaryFileFramer(), clock: new ManualClock() });
  let types = '';
  const lengths: number[] = [];
  const recvNs: number[] = [];
  await transport.run({
    onConnection: (event) => assert.ok(event === CONNECTION.CONNECTED || event === CONNECTION.END),
    onFrame: (bytes, start, end, times) => {
      types += String.fromCharCode(bytes[start]!);
      lengths.push(end - start);
      recvNs.push(times[0]!);
    },
  });
  return { types, lengths, recvNs, baseEpochNs: transport.baseEpochNs };
}
async function errorOf(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => '',
    (error: Error) => error.message,
  );
}

test('sizes come from the type: true lengths, zero lengths and lengths that lie give the same messages', async () => {
  const lengths = DAY.map((message) => message.length);
  for (const [name, lengthOf] of [
    ['true', (message: Uint8Array) => message.length],
    ['zero', () => 0],
    ['plus-two', (message: Uint8Array) => message.length + 2],
    ['one', () => 1],
  ] as const) {
    const file = fileOf(name, concat(...DAY.map((message) => prefixed(lengthOf(message), message))));
    const found = await framesOf(file);
    assert.equal([found.types, found.lengths], ['SRRHAD', lengths], name);
    assert.equal(found.recvNs, [0, 1, 2, 3, HOUR_NS, HOUR_NS + 5]);
  }
});

test('an empty message marks the end and may stand anywhere', async () => {
  const zero = Uint8Array.of(0, 0);
  const file = fileOf('ended', concat(zero, prefixed(12, DAY[0]!), zero, zero, zero, prefixed(19, DAY[5]!), zero));
  assert.is((await framesOf(file)).types, 'SD');
});

test('a message of an unknown type, or longer than its type, is handed over as the length says', async () => {
  const longer = concat(DAY[1]!, Uint8Array.of(1, 2, 3));
  const file = fileOf(
    'newer',
    concat(prefixed(12, DAY[0]!), prefixed(5, Uint8Array.of(90, 1, 2, 3, 4)), prefixed(42, longer), prefixed(19, DAY[5]!)),
  );
  const found = await framesOf(file);
  assert.equal([found.types, found.lengths], ['SZRD', [12, 5, 42, 19]]);
});

test('a file that is cut off, or is none, is an error that names file and byte', async () => {
  const whole = concat(...DAY.map((message) => prefixed(message.length, message)));
  assert.match(
    await errorOf(() => framesOf(fileOf('cut', whole.subarray(0, 30)))),
    /cut: byte 14: the file ends within a message, 16 bytes/,
  );
  assert.match(
    await errorOf(() => framesOf(fileOf('none', concat(prefixed(12, DAY[0]!), Uint8Array.of(0, 0, 90, 1))))),
    /none: byte 14: expected a message of ITCH 5.0, found the type 0x5a without a length/,
  );
});

test('the date is the one in the file name, at midnight in New York; without one the day is 1970-01-01', async () => {
  assert.is(midnightOfFileS('/x/01302019.NASDAQ_ITCH50.gz'), Date.UTC(2019, 0, 30, 5) / 1000);
  assert.is(midnightOfFileS('20190530.BX_ITCH_50.gz'), Date.UTC(2019, 4, 30, 4) / 1000);
  assert.is(midnightOfFileS('S081321-v50.txt.gz'), Date.UTC(2021, 7, 13, 4) / 1000);
  assert.is(midnightOfFileS('GOOG_2012-06-21_34200000_57600000_message_10.csv'), Date.UTC(2012, 5, 21, 4) / 1000);
  for (const name of ['itch', '20191301.itch', 'a1234567890b']) assert.is(midnightOfFileS(name), 0, name);
  const bytes = concat(...DAY.map((message) => prefixed(0, message)));
  const { baseEpochNs } = await framesOf(fileOf('01302019.NASDAQ_ITCH50', bytes));
  assert.is(baseEpochNs, BigInt(Date.UTC(2019, 0, 30, 8)) * 1_000_000n);
});

async function dump(format: Format, file: string, symbol?: string): Promise<string> {
  let text = '';
  const write = (piece: string): void => {
    text += piece;
  };
  await dumpBook({ files: [file], format, depth: 1, every: 'event', out: 'csv', write, ...(symbol === undefined ? {} : { symbol }) });
  return text;
}

test('the book of a file and of a capture is printed in the decimals of the feed', async () => {
  const at = BigInt(Date.UTC(2019, 0, 30, 5)) * 1_000_000n;
  const file = fileOf('01302019.itch', concat(...DAY.map((message) => prefixed(0, message))));
  const [first, second] = [at + 4n * BigInt(HOUR_NS), at + 4n * BigInt(HOUR_NS) + 5n];
  assert.is(await dump('itch', file, 'ABC'), `5,${first},${first},123.4500,10,,\n6,${second},${second},,,,\n`);
  const seconds = Number(first / 1_000_000_000n);
  const packets = [DAY.slice(0, 4), DAY.slice(4)].map((messages, i) => ({
    seconds,
    fraction: 7 + i,
    bytes: udpFrame(moldPacketOf(1 + 4 * i, messages)),
  }));
  const capture = fileOf('capture.pcap', pcapFile(packets, true, true));
  assert.is(await dump('mold-pcap', capture, 'ABC'), `2,${first},${first + 8n},123.4500,10,,\n2,${second},${first + 8n},,,,\n`);
});

test('stocks are listed from the directory, or from orders where there is none', async () => {
  const file = fileOf('directory', concat(...DAY.map((message) => prefixed(0, message))));
  const list = async (path: string): Promise<string[]> => (await discoverItch([path])).instruments.map((one) => one.symbol);
  assert.equal(await list(file), ['ABC', 'XYZ']);
  assert.equal(await list(fileOf('orders', concat(...DAY.slice(3).map((message) => prefixed(0, message))))), ['ABC']);
  const configured = [{ symbol: 'QQQ', tickSize: '0.01', lotSize: '1' }];
  assert.equal(
    (await discoverItch([file], configured)).instruments.map((one) => [one.id, one.symbol, one.tickUnits]),
    [
      [0, 'QQQ', 1],
      [1, 'ABC', 1],
      [2, 'XYZ', 1],
    ],
  );
  assert.equal((await discoverItch([file], configured, 'QQQ')).discovered, []);
});

test('of thousands of stocks the one that is wanted is found, and a list of them is refused', async () => {
  const many = Array.from({ length: 3_000 }, (_, i) => itchMessage('R', { stock: `S${i}`, locate: i + 1 }));
  const file = fileOf('many', concat(...[...many, DAY[4]!].map((message) => prefixed(0, message))));
  const { instruments, discovered } = await discoverItch([file], [], 'S2999');
  assert.equal([instruments.length, instruments[0]!.symbol, discovered], [1, 'S2999', ['S2999']]);
  assert.match(await errorOf(() => discoverItch([file])), /many: 3000 stocks \(S0, S1, .*, \.\.\.\); name one with --symbol/);
  assert.match(await errorOf(() => discoverItch([file], [], 'NONE')), /no stock NONE in the first 3001 messages; they name 3000: S0, S1/);
  assert.match(
    await errorOf(() => discoverItch([fileOf('empty', Uint8Array.of(0, 0))])),
    /empty: no message; expected Nasdaq TotalView-ITCH 5.0/,
  );
  const capture = fileOf(
    'many.pcap',
    pcapFile([{ seconds: 1, fraction: 0, bytes: udpFrame(moldPacketOf(1, many.slice(0, 20))) }], false, false),
  );
  assert.equal((await discoverMold([capture], [], 'S19')).discovered, ['S19']);
  assert.match(await errorOf(() => discoverMold([capture], [], 'S21')), /no stock S21 in the first 20 messages/);
});

test.run();
