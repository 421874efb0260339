import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../../src/core/errors.ts';
import { InflatedFile } from '../../../src/feed/transport/inflate.ts';
import { Xxh64 } from '../../../src/feed/transport/xxh64.ts';
import { nativeZstd, portableZstd, ZSTD_NATIVE, ZstdInflate } from '../../../src/feed/transport/zstd.ts';
import { ZstdError } from '../../../src/feed/transport/zstd-frame.ts';
import { naiveXxh64 } from '../../reference/naive-xxh64.ts';
import { frameOf, joined, rawFrame, skippableFrame, ZSTD_SAMPLE, ZSTD_SAMPLE_TEXT, zerosFrame } from '../../support/zstd-frames.ts';

const test = suite('zstd');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Both decoders where this Node has its own, else the portable one. */
const DECODERS = ZSTD_NATIVE ? [nativeZstd, portableZstd] : [portableZstd];

/** What a stream inflates to, or the error it fails with. */
function inflate(create: typeof nativeZstd, bytes: Uint8Array, pieceBytes = bytes.length): Promise<string | Error> {
  const stream = new ZstdInflate(create);
  const chunks: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  return new Promise((resolve) => {
    stream.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
    stream.on('error', resolve);
    for (let at = 0; at < bytes.length; at += pieceBytes) stream.write(bytes.subarray(at, at + pieceBytes));
    stream.end();
  });
}

async function assertFails(bytes: Uint8Array, message: RegExp): Promise<void> {
  for (const create of DECODERS) {
    const error = await inflate(create, bytes);
    assert.instance(error, ZstdError, `${error}`);
    assert.match((error as Error).message, message);
  }
}

test('a compressed frame inflates in pieces of every small size', async () => {
  for (const create of DECODERS)
    for (const pieceBytes of [1, 2, 3, 7, 64, 1 << 20]) assert.is(await inflate(create, ZSTD_SAMPLE, pieceBytes), ZSTD_SAMPLE_TEXT);
});

test('frames in a row, raw, repeated and compressed, with skippable ones around them, give all their bytes', async () => {
  const skipped = skippableFrame(bytesOf('not content'));
  const stream = joined(
    skipped,
    ZSTD_SAMPLE,
    rawFrame(bytesOf('raw')),
    skipped,
    frameOf(1, [65], 5),
    rawFrame(new Uint8Array(0), { checksum: false }),
    ZSTD_SAMPLE,
    skippableFrame(new Uint8Array(0)),
  );
  for (const create of DECODERS)
    for (const pieceBytes of [1, 5, stream.length])
      assert.is(await inflate(create, stream, pieceBytes), `${ZSTD_SAMPLE_TEXT}rawAAAAA${ZSTD_SAMPLE_TEXT}`);
});

test('a stream cut off at any byte is refused', async () => {
  const stream = joined(rawFrame(bytesOf('raw')), skippableFrame(new Uint8Array(3)), rawFrame(bytesOf('more'), { checksum: false }));
  const ends = new Set([16 + 3, 16 + 3 + 11]);
  for (let length = 1; length < stream.length; length++)
    if (!ends.has(length)) await assertFails(stream.subarray(0, length), /^is cut off$/);
  for (let length = 5; length < ZSTD_SAMPLE.length; length += 9) await assertFails(ZSTD_SAMPLE.subarray(0, length), /^is cut off$/);
});

test('a frame with any one bit of it flipped is refused or says the same', async () => {
  const damaged = new Uint8Array(ZSTD_SAMPLE);
  let refused = 0;
  for (let at = 0; at < damaged.length; at++) {
    damaged[at] = damaged[at]! ^ (1 << (at % 8));
    for (const create of DECODERS) {
      const found = await inflate(create, damaged);
      if (found instanceof ZstdError) refused++;
      else assert.is(found, ZSTD_SAMPLE_TEXT, `byte ${at}`);
    }
    damaged[at] = ZSTD_SAMPLE[at]!;
  }
  assert.ok(refused > 0.99 * damaged.length * DECODERS.length);
});

test('a wrong checksum, a wrong size, impossible blocks, dictionaries, large windows and stray bytes are refused', async () => {
  const wrongSum = rawFrame(bytesOf('raw'));
  wrongSum[wrongSum.length - 1]! ^= 1;
  await assertFails(wrongSum, /^is corrupt \(.*checksum/);
  await assertFails(rawFrame(bytesOf('raw'), { sizeSaid: 4 }), /^is corrupt/);
  await assertFails(frameOf(3, [0, 0]), /impossible block/);
  await assertFails(frameOf(2, [0]), /impossible block/);
  await assertFails(frameOf(0, [], (128 << 10) + 1), /impossible block/);
  await assertFails(joined(ZSTD_SAMPLE, bytesOf('junk')), /other bytes stand where a frame should begin/);
  await assertFails(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 1, 1, 0, 0]), /needs a dictionary/);
  await assertFails(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x80, 1, 0, 0]), /looks back 67108864 bytes; expected at most 33554432/);
  await assertFails(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x08, 0x38, 1, 0, 0]), /reserved bit/);
});

test('Huffman weights coded by a table of one symbol are refused, not read for ever', async () => {
  // Compressed literals, one stream of 16 for 10 bytes; tree: 4 bytes, accuracy 5, first probability 32 of 32.
  const literals = [2 | (10 << 4), 16 << 6, 16 >> 2];
  const tree = [4, 0xf0, 0x03, 0x01, 0x01];
  await assertFails(frameOf(2, [...literals, ...tree, ...new Array(20).fill(1)]), /impossible block/);
});

test('a few bytes that inflate to a gigabyte wait for their reader', async () => {
  for (const create of DECODERS) {
    const stream = new ZstdInflate(create);
    stream.write(zerosFrame(8_192));
    let read = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
      assert.ok(stream.readableLength <= 3 * (256 << 10), `${stream.readableLength} bytes wait`);
      read += chunk.length;
      if (read >= 16 << 20) break;
    }
    assert.ok(stream.destroyed);
  }
});

test('the checksum equals the naive one over pieces of any size', () => {
  assert.is(new Xxh64().digest(), 0xef46db3751d8e999n);
  const bytes = new Uint8Array(3_000).map((_, i) => (i * i * 31 + (i >> 3)) & 255);
  for (let length = 0; length < 140; length++) {
    const hash = new Xxh64();
    hash.update(bytes.subarray(0, length));
    assert.is(hash.digest(), naiveXxh64(bytes.subarray(0, length)));
  }
  for (const piece of [1, 31, 33, 64, 1_000]) {
    const hash = new Xxh64();
    for (let at = 0; at < bytes.length; at += piece) hash.update(bytes.subarray(at, at + piece));
    assert.is(hash.digest(), naiveXxh64(bytes));
  }
});

test('a file of zstd is told by its first bytes; what is wrong with it is said with the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickpath-zstd-'));
  const read = async (name: string, bytes: Uint8Array): Promise<string> => {
    writeFileSync(join(folder, name), bytes);
    const input = new InflatedFile(join(folder, name), 1 << 20, () => {});
    let text = '';
    for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) text += Buffer.from(chunk).toString('latin1');
    assert.is(input.digests()[0]!.bytes, bytes.length);
    return text;
  };
  try {
    assert.is(await read('a.txt', joined(ZSTD_SAMPLE, ZSTD_SAMPLE)), ZSTD_SAMPLE_TEXT + ZSTD_SAMPLE_TEXT);
    assert.is(await read('b.txt', joined(skippableFrame(bytesOf('x')), ZSTD_SAMPLE)), ZSTD_SAMPLE_TEXT);
    const error = await read('cut.zst', ZSTD_SAMPLE.subarray(0, 100)).catch((caught: unknown) => caught);
    assert.instance(error, TickpathError);
    assert.is((error as TickpathError).exitCode, EXIT.DATA);
    assert.match((error as Error).message, /cut\.zst: the zstd stream is cut off after 100 bytes; expected a complete zstd file$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
