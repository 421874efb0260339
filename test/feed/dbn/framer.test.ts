import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../../src/core/errors.ts';
import { FRAME_TIME } from '../../../src/core/ports.ts';
import { Prng } from '../../../src/core/prng.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { DbnFramer } from '../../../src/feed/dbn/framer.ts';
import { readDbnMetadata } from '../../../src/feed/dbn/metadata.ts';
import { FileTransport } from '../../../src/feed/transport/file.ts';
import { ES_METADATA, FIRST_NS, levels, type MetadataOptions, mbo, metadata, otherRecord, UNDEF_TIME } from '../../support/dbn-records.ts';
import { joined, rawFrame } from '../../support/zstd-frames.ts';

const test = suite('dbn framer');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-dbn-'));
});
test.after(() => rmSync(folder, { recursive: true }));

interface Got {
  /** Hex of each frame, and its receive time after FIRST_NS. */
  readonly frames: [hex: string, recvNs: number][];
}

async function play(...contents: Uint8Array[]): Promise<Got> {
  const files = contents.map((content, i) => {
    const file = join(folder, `f${i}.dbn`);
    writeFileSync(file, content);
    return file;
  });
  const frames: Got['frames'] = [];
  const transport = new FileTransport({ files, clock: new ManualClock(), framer: new DbnFramer(), baseEpochNs: FIRST_NS });
  await transport.run({
    onConnection: () => {},
    onFrame: (bytes, start, end, times) => {
      frames.push([Buffer.from(bytes.slice(start, end)).toString('hex'), times[FRAME_TIME.RECV_NS]!]);
    },
  });
  return { frames };
}

async function failure(content: Uint8Array): Promise<string> {
  const error = await play(content).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.instance(error, TickpathError, 'the file must be refused');
  assert.is((error as TickpathError).exitCode, EXIT.DATA);
  return (error as TickpathError).message;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const one = mbo('A', 1n, { recvNs: FIRST_NS + 5n });
const two = levels('T', [], { recvNs: FIRST_NS + 7n });

test('records come one by one with their receive times, whatever the version, packed or not', async () => {
  for (const version of [1, 2, 3]) {
    const file = joined(metadata({ ...ES_METADATA, version }), one, two);
    for (const content of [file, gzipSync(file), rawFrame(file), joined(rawFrame(file.subarray(0, 200)), rawFrame(file.subarray(200)))]) {
      assert.equal((await play(content)).frames, [
        [hex(one), 5],
        [hex(two), 7],
      ]);
    }
  }
});

test('metadata larger than the block is passed over, a fragment needs none, and files may follow in one stream', async () => {
  const symbols = Array.from({ length: 2_000 }, (_, i) => `SYMBOL${i}`);
  assert.equal((await play(joined(metadata({ symbols }), one))).frames, [[hex(one), 5]]);
  assert.equal((await play(joined(one, two))).frames.length, 2);
  const stream = joined(metadata({ version: 2 }), one, metadata({ version: 3, symbols }), two);
  assert.equal(
    (await play(stream, joined(metadata(), two))).frames.map(([, recvNs]) => recvNs),
    [5, 7, 7],
  );
});

test('a record without receive time has its venue time, one without any the time before', async () => {
  const bar = otherRecord(0x20, 56);
  const timeless = otherRecord(0x17, 320);
  new DataView(timeless.buffer).setBigUint64(8, UNDEF_TIME, true);
  const late = mbo('A', 1n, { timeNs: FIRST_NS + 9n, recvNs: UNDEF_TIME });
  const { frames } = await play(joined(one, bar, late, timeless));
  assert.equal(
    frames.map(([, recvNs]) => recvNs),
    [5, 0, 9, 9],
  );
});

test('with send times every record is eight bytes longer', async () => {
  const long = new Uint8Array(64);
  long.set(one);
  long[0] = 16;
  assert.equal((await play(joined(metadata({ tsOut: true }), long))).frames, [[hex(long), 5]]);
  assert.match(await failure(joined(metadata({ tsOut: true }), one)), /byte 128: a record of type 0xa0 and 56 bytes; expected 64$/);
  assert.match(await failure(joined(metadata(), long)), /byte 128: a record of type 0xa0 and 64 bytes; expected 56$/);
});

test('types that are not known are handed over whatever their length', async () => {
  const unknown = otherRecord(0x77, 24);
  assert.equal(
    (await play(joined(metadata(), unknown, one))).frames.map(([text]) => text),
    [hex(unknown), hex(one)],
  );
});

test('impossible lengths, versions and beginnings are refused with file and byte', async () => {
  const short = otherRecord(0x77, 16);
  short[0] = 3;
  assert.match(
    await failure(joined(metadata(), one, short)),
    /f0\.dbn: byte 184: a record of type 0x77 and 12 bytes; expected at least 16$/,
  );
  assert.match(
    await failure(joined(metadata({ version: 2 }), otherRecord(0x13, 520))),
    /byte 128: a record of type 0x13 and 520 bytes; expected 400$/,
  );
  assert.match(await failure(joined(one, otherRecord(0x13, 60))), /expected 360 or 368 or 400 or 408 or 520 or 528$/);
  const newer = metadata();
  newer[3] = 4;
  assert.match(await failure(joined(newer, one)), /byte 0: DBN version 4; expected 1 to 3$/);
  const small = metadata();
  small[4] = 20;
  assert.match(await failure(small), /byte 0: metadata of 20 bytes; expected at least 100$/);
  assert.match(
    await failure(new TextEncoder().encode('1723161255030314667 {"e":"trade"}\n')),
    /byte 0: neither DBN metadata nor a DBN record/,
  );
});

test('a file that ends within a record or the head of its metadata is refused', async () => {
  const file = joined(metadata(), one);
  for (const length of [1, 15, 16, 55])
    assert.match(await failure(file.subarray(0, 128 + length)), new RegExp(`byte 128: the file ends ${length} bytes into a record$`));
  assert.match(await failure(file.subarray(0, 60)), /byte 0: the file ends 60 bytes into metadata$/);
});

test('mutated files are read or refused, never anything else', async () => {
  const prng = new Prng(5);
  const file = joined(metadata(ES_METADATA), one, two, otherRecord(0x13, 520), one);
  for (let round = 0; round < 400; round++) {
    const bytes = new Uint8Array(file);
    for (let change = 1 + prng.nextInt(3); change > 0; change--) bytes[prng.nextInt(bytes.length)] = prng.nextInt(256);
    const content = prng.nextInt(3) === 0 ? bytes.subarray(0, 1 + prng.nextInt(bytes.length)) : bytes;
    const error = await play(content).catch((caught: unknown) => caught);
    if (error instanceof Error) assert.instance(error, TickpathError, error.stack ?? '');
  }
});

const FULL: MetadataOptions = { ...ES_METADATA, symbols: ['ESH4', 'NQH4'], schema: 2, stypeIn: 3, stypeOut: 0 };

test('metadata of every version says the same', () => {
  for (const version of [1, 2, 3]) {
    const read = readDbnMetadata(metadata({ ...FULL, version }), 'x.dbn');
    assert.equal(read, {
      version,
      dataset: 'TEST.DATA',
      schema: 2,
      start: FIRST_NS,
      end: undefined,
      limit: 0n,
      stypeIn: 3,
      stypeOut: 0,
      tsOut: false,
      symbols: ['ESH4', 'NQH4'],
      partial: [],
      notFound: [],
      mappings: [{ symbol: 'ESH4', intervals: [{ startDate: 20231114, endDate: 20231116, symbol: '17077' }] }],
    });
  }
});

test('lists of metadata that claim more than there is are refused before anything is read', () => {
  const bytes = metadata(FULL);
  for (let at = 108; at < bytes.length; at += 4) {
    const damaged = new Uint8Array(bytes);
    damaged.fill(0xff, at, at + 4);
    try {
      readDbnMetadata(damaged, 'x.dbn');
    } catch (error) {
      assert.instance(error, TickpathError);
      assert.match((error as Error).message, /^x\.dbn: byte \d+: metadata holds /);
    }
  }
});

test.run();
