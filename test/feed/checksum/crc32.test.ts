import { crc32 as zlibCrc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { crc32 } from '../../../src/feed/checksum/crc32.hot.ts';
import { writeDigits } from '../../../src/feed/checksum/digits.hot.ts';

const of = (text: string): number => {
  const bytes = new TextEncoder().encode(`x${text}x`);
  return crc32(bytes, 1, bytes.length - 1) >>> 0;
};

test('the check value of the polynomial', () => {
  assert.is(of('123456789'), 0xcbf43926);
  assert.is(of(''), 0);
});

test('random bytes give what zlib gives, where this Node has it', () => {
  if (typeof zlibCrc32 !== 'function') return;
  const prng = new Prng(5);
  for (let i = 0; i < 1_000; i++) {
    const bytes = Uint8Array.from({ length: prng.nextInt(300) }, () => prng.nextInt(256));
    assert.is(crc32(bytes, 0, bytes.length) >>> 0, zlibCrc32(bytes));
  }
});

test('the digits of every size up to 2^53 - 1, without leading zeros', () => {
  const out = new Uint8Array(40);
  const prng = new Prng(6);
  const values = [0, 1, 9, 10, 99_999_999, 100_000_000, 100_000_001, 1e15, 999_999_999_999_999, Number.MAX_SAFE_INTEGER];
  for (let i = 0; i < 10_000; i++) values.push(Math.floor(prng.nextFloat() * 10 ** prng.nextInt(16)));
  for (const value of values) {
    const end = writeDigits(Float64Array.of(7, value), 1, out, 3);
    assert.is(new TextDecoder().decode(out.subarray(3, end)), `${value}`);
  }
});

test.run();
