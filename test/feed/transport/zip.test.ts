import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TickpathError } from '../../../src/core/errors.ts';
import { Prng } from '../../../src/core/prng.ts';
import { InflatedFile } from '../../../src/feed/transport/inflate.ts';
import { isZip } from '../../../src/feed/transport/zip-directory.ts';
import { zip } from '../../support/event-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickpath-zip-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** What the reader makes of a file of these bytes: its inflated bytes, or the error. */
async function read(bytes: Uint8Array, aheadBytes = 1 << 20): Promise<Buffer | TickpathError> {
  const file = join(folder, 'archive.zip');
  writeFileSync(file, bytes);
  const input = new InflatedFile(file, aheadBytes, () => {});
  const chunks: Uint8Array[] = [];
  try {
    for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) chunks.push(chunk.slice());
  } catch (error) {
    return error as TickpathError;
  } finally {
    input.close();
  }
  return Buffer.concat(chunks);
}
async function messageOf(bytes: Uint8Array): Promise<string> {
  const found = await read(bytes);
  if (Buffer.isBuffer(found)) throw new Error(`expected a failure, read ${found.length} bytes`);
  assert.is(found.code, 'ERR_ZIP');
  assert.match(found.message, /archive\.zip: /);
  return found.message;
}

const prng = new Prng(7);
const content = Buffer.from(Array.from({ length: 700_000 }, () => prng.nextInt(7)));
/** Places of the directory's fields of an archive with one entry and no comment. */
const endAt = (bytes: Uint8Array): number => bytes.length - 22;
const centralAt = (bytes: Uint8Array): number => Buffer.from(bytes).readUInt32LE(endAt(bytes) + 16);
function with32(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(value, at);
  return copy;
}
function with16(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(value, at);
  return copy;
}

test('the only file of an archive is read: stored, deflated, with zip64 lengths, before a comment, whatever is read ahead', async () => {
  for (const file of [
    { name: 'a.csv', bytes: content },
    { name: 'a.csv', bytes: content, stored: true },
    { name: 'a.csv', bytes: content, wide: true },
    { name: 'a.csv', bytes: content, wide: true, stored: true },
  ])
    for (const aheadBytes of [1, 1 << 16, 64 << 20]) assert.ok(content.equals((await read(zip([file]), aheadBytes)) as Buffer));
  assert.ok(content.equals((await read(zip([{ name: 'a.csv', bytes: content }], 'PK\x05\x06 is no end'.repeat(40)))) as Buffer));
  assert.is(((await read(zip([{ name: 'empty', bytes: new Uint8Array(0) }]))) as Buffer).length, 0);
});

test('folders do not count, and of several files data.npy is read', async () => {
  const other = { name: 'other.npy', bytes: new Uint8Array(9) };
  assert.ok(
    content.equals(
      (await read(
        zip([
          { name: 'x/', bytes: new Uint8Array(0) },
          { name: 'x/a.csv', bytes: content },
        ]),
      )) as Buffer,
    ),
  );
  assert.ok(content.equals((await read(zip([other, { name: 'data.npy', bytes: content }, other]))) as Buffer));
  assert.match(
    await messageOf(zip([other, { name: 'b', bytes: content }])),
    /holds 2 files \("other\.npy", "b"\); expected one, or one named data\.npy/,
  );
  assert.match(await messageOf(zip([])), /holds no file/);
});

test('content that is not what the directory says is refused', async () => {
  const bytes = zip([{ name: 'a.csv', bytes: content }]);
  const central = centralAt(bytes);
  assert.match(await messageOf(with32(bytes, central + 16, 1)), /CRC-32 is wrong/);
  assert.match(await messageOf(with32(bytes, central + 24, content.length - 1)), /inflates to more than the 699999 bytes/);
  assert.match(await messageOf(with32(bytes, central + 24, content.length + 1)), /has 700000 bytes; its directory says 700001/);
  const flipped = Buffer.from(bytes);
  for (let i = 100; i < 200; i++) flipped[i]! ^= 0xff;
  assert.match(await messageOf(flipped), /is corrupt/);
  const cut = with32(bytes, central + 20, 1_000);
  assert.match(await messageOf(cut), /is corrupt|bytes; its directory says/);
});

test('a directory that is hostile or damaged is refused before anything is inflated', async () => {
  const bytes = zip([{ name: 'a.csv', bytes: content }]);
  const [end, central] = [endAt(bytes), centralAt(bytes)];
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [bytes.subarray(0, bytes.length - 1), /no directory at its end/],
    [bytes.subarray(0, 40), /no directory at its end/],
    [with16(bytes, end + 4, 1), /one part of several/],
    [with16(bytes, end + 10, 2), /entry 2 of 2 is not in its directory/],
    [with16(bytes, end + 10, 5_000), /5000 entries; expected at most 1024 \(ZIP_ENTRIES_MAX\)/],
    [with32(bytes, end + 12, 2 << 20), /ZIP_DIRECTORY_BYTES_MAX/],
    [with32(bytes, end + 16, 0xfffffff0), /beyond its end/],
    [with16(bytes, central + 8, 1), /is encrypted/],
    [with16(bytes, central + 10, 12), /method 12; expected stored \(0\) or deflated \(8\)/],
    [with16(bytes, central + 28, 60_000), /goes beyond its directory/],
    [with32(bytes, central + 20, content.length), /beyond its directory/],
    [with32(bytes, central + 42, 0xfffffff0), /stands beyond its directory/],
    [with32(bytes, central + 42, 7), /not where its directory says/],
    [with32(bytes, central + 24, 0xfffffff0), /ZIP_RATIO_MAX/],
  ];
  for (const [archive, expected] of cases) assert.match(await messageOf(archive), expected);
});

test('a bomb is refused by its ratio, and lengths of 2^63 by their size', async () => {
  assert.match(await messageOf(zip([{ name: 'bomb', bytes: new Uint8Array(20 << 20) }])), /expected at most 1000 times \(ZIP_RATIO_MAX\)/);
  const wide = Buffer.from(zip([{ name: 'a', bytes: content, wide: true }]));
  wide.writeBigUInt64LE(2n ** 63n, centralAt(wide) + 46 + 1 + 4);
  assert.match(await messageOf(wide), /the inflated length of entry "a" is 9223372036854775808; expected at most 2\^53 - 1/);
});

test('entries that overlap are refused', async () => {
  const bytes = Buffer.from(
    zip([
      { name: 'a', bytes: content, stored: true },
      { name: 'data.npy', bytes: content, stored: true },
    ]),
  );
  const second = bytes.readUInt32LE(endAt(bytes) + 16) + 46 + 1;
  bytes.writeUInt32LE(0, second + 42);
  assert.match(await messageOf(bytes), /entries "a" and "data\.npy" overlap|beyond its directory/);
});

test('2,000 damaged archives: each is read as it was or refused with one error', async () => {
  const small = content.subarray(0, 3_000);
  const sources = [zip([{ name: 'a', bytes: small }]), zip([{ name: 'b', bytes: small, wide: true, stored: true }], 'comment')];
  let refused = 0;
  for (let i = 0; i < 2_000; i++) {
    const bytes = Buffer.from(sources[i % 2]!);
    // The directory and its end are hit more often than the content.
    for (let change = 1 + prng.nextInt(3); change > 0; change--) {
      const at = prng.nextInt(2) === 0 ? prng.nextInt(bytes.length) : bytes.length - 1 - prng.nextInt(120);
      bytes[at] = prng.nextInt(3) === 0 ? 0xff : prng.nextInt(256);
    }
    const given = prng.nextInt(5) === 0 ? bytes.subarray(0, prng.nextInt(bytes.length)) : bytes;
    const found = await read(given);
    if (Buffer.isBuffer(found)) {
      // Without its magic bytes it is a file like any other.
      assert.ok(small.equals(found) || (!isZip(given) && found.equals(given)));
    } else {
      assert.is(found.code, 'ERR_ZIP');
      refused++;
    }
  }
  assert.ok(refused > 1_000, `${refused} refused`);
});

test.run();
