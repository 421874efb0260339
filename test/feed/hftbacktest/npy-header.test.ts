import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TickpathError } from '../../../src/core/errors.ts';
import { Prng } from '../../../src/core/prng.ts';
import { npyHead, npyHeadBytes, readNpyHead } from '../../../src/feed/hftbacktest/npy-header.ts';
import { DESCR, headerOf, npy } from '../../support/event-files.ts';
import { mutate } from '../../support/mutate.ts';

const NONE = new Uint8Array(0);
function read(bytes: Uint8Array): { readonly bytes: number; readonly rows: number } {
  const size = npyHeadBytes('f.npy', bytes);
  return readNpyHead('f.npy', bytes.subarray(0, size));
}
function messageOf(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    assert.equal([(error as TickpathError).code, (error as TickpathError).exitCode], ['ERR_NPY', 4]);
    assert.match((error as Error).message, /^f\.npy: /);
    return (error as Error).message;
  }
  throw new Error('expected a refusal');
}

test('the header that NumPy writes is written, and read in every version and spelling', () => {
  for (const rows of [0, 1, 491_973, 2 ** 40]) {
    const head = npyHead(rows);
    assert.equal([head.length % 64, read(head)], [0, { bytes: head.length, rows }]);
    assert.equal(Buffer.from(head), Buffer.from(npy(`${headerOf(rows)}`, NONE)));
  }
  for (const version of [
    [1, 0],
    [2, 0],
    [3, 0],
  ] as const)
    assert.is(read(npy(headerOf(7), NONE, version)).rows, 7);
  const spelled = `{"shape":(7,),'descr':[${DESCR.slice(1, -1)} , ], "fortran_order" :False}`;
  assert.is(read(npy(spelled, NONE)).rows, 7);
});

test('other dtypes, orders, shapes and versions are refused by name', () => {
  const refusals: readonly (readonly [Uint8Array, RegExp])[] = [
    [npy(headerOf(1, "'<f8'"), NONE), /its dtype is '<f8'; expected that of hftbacktest events: ev <u8, exch_ts <i8/],
    [npy(headerOf(1, DESCR.replace('<f8', '<f4')), NONE), /field 4 of its dtype is \('px', '<f4'\); expected/],
    [npy(headerOf(1, DESCR.replace("'<u8'", "'>u8'")), NONE), /field 1 of its dtype is \('ev', '>u8'\)/],
    [npy(headerOf(1, DESCR.replace("('fval', '<f8')", "('fval', '<f8'), ('x', '<f8')")), NONE), /its dtype has 9 fields/],
    [npy(headerOf(1, DESCR.replace(", ('fval', '<f8')", '')), NONE), /field 8 of its dtype is absent/],
    [npy(headerOf(1, DESCR.replace("'<f8')", "'<f8', (2,))")), NONE), /field 4 of its dtype is \('px', '<f8', \(2,\)\)/],
    [npy(headerOf(1).replace('False', 'True'), NONE), /fortran_order is True; expected False/],
    [npy(headerOf(1).replace('(1,)', '(1, 2)'), NONE), /shape is \(1, 2\); expected one dimension/],
    [npy(headerOf(1).replace('(1,)', '()'), NONE), /shape is \(\)/],
    [npy(headerOf(1).replace('(1,)', '1'), NONE), /shape is 1/],
    [npy(headerOf(1).replace('(1,)', '(9999999999999999,)'), NONE), /at most 2\^53 - 1 bytes/],
    [npy(headerOf(1).replace("'shape'", "'shapes'"), NONE), /has the keys descr, fortran_order, shapes; expected/],
    [npy(headerOf(1).replace("'shape'", "'descr'"), NONE), /"descr" stands twice/],
    [npy(headerOf(1), NONE, [4, 0]), /version 4\.0; expected 1\.0, 2\.0 or 3\.0/],
    [npy(`{${' '.repeat(20_000)}}`, NONE, [2, 0]), /NPY_HEADER_BYTES_MAX/],
    [Buffer.from(`no numpy ${'x'.repeat(40)}`), /no NumPy array/],
  ];
  for (const [bytes, expected] of refusals) assert.match(messageOf(bytes), expected);
});

test('nothing in a header is evaluated: it is a literal or it is refused', () => {
  for (const text of [
    "__import__('os').system('x')",
    "{'descr': eval('1'), 'fortran_order': False, 'shape': (1,)}",
    `{'descr': ${DESCR}, 'fortran_order': False, 'shape': (1+1,)}`,
    `{'descr': ${DESCR}, 'fortran_order': False, 'shape': (1,)}; x`,
    `{'descr': 'a\\'b', 'fortran_order': False, 'shape': (1,)}`,
    '['.repeat(5_000),
    '{'.repeat(5_000),
    "{'__proto__': 1, 'constructor': 2, 'shape': 3}",
    '',
    '{',
    '7',
  ])
    assert.match(messageOf(npy(text, NONE)), /header|keys/);
});

test('100,000 mutated headers are read as what they say or refused with one error', () => {
  const prng = new Prng(3);
  const source = npyHead(1_234);
  const target = new Uint8Array(2 * source.length);
  let taken = 0;
  for (let i = 0; i < 100_000; i++) {
    const size = mutate(prng, source, target);
    const bytes = target.slice(0, Math.max(size, 12));
    try {
      const head = read(bytes);
      assert.ok(head.rows >= 0 && head.bytes <= 12 + 10_000);
      taken++;
    } catch (error) {
      if ((error as TickpathError).code !== 'ERR_NPY') throw error;
    }
  }
  assert.ok(taken > 1_000, `${taken} taken`);
});

test.run();
