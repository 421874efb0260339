import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../../src/core/prng.ts';
import { OrderIds, scanOrderId } from '../../../../src/feed/venue/coinbase-full/order-ids.hot.ts';

test('100,000 random steps agree with a map, in a table so small that ids collide all the time', () => {
  const prng = new Prng(11);
  const table = new OrderIds(50);
  const map = new Map<string, number>();
  const id = new Int32Array(4);
  for (let step = 0; step < 100_000; step++) {
    // Few values a word: many ids differ in one word only.
    for (let i = 0; i < 4; i++) id[i] = prng.nextInt(3) - 1;
    const key = id.join();
    const known = map.get(key);
    assert.is(table.find(id), known ?? -1);
    if (known !== undefined) {
      if (prng.nextInt(2) === 0) continue;
      table.remove(known);
      map.delete(key);
    } else {
      const number = table.insert(id);
      if (map.size === 50) assert.is(number, -1);
      else {
        assert.not([...map.values()].includes(number), 'a number stands for one id');
        map.set(key, number);
      }
    }
    assert.is(table.size, map.size);
    if (step % 5_000 === 4_999) {
      table.clear();
      map.clear();
    }
  }
});

test('ids whose hashes share a slot are kept apart and survive the removal of others', () => {
  const table = new OrderIds(1_000);
  const prng = new Prng(5);
  const ids = [...Array(1_000).keys()].map((i) => Int32Array.of(i & 7, prng.nextInt(2), 0, i));
  const numbers = ids.map((id) => table.insert(id));
  assert.is(new Set(numbers).size, 1_000);
  assert.is(table.insert(Int32Array.of(9, 9, 9, 9)), -1);
  ids.forEach((_, i) => {
    if (i % 3 === 0) table.remove(numbers[i]!);
  });
  ids.forEach((id, i) => assert.is(table.find(id), i % 3 === 0 ? -1 : numbers[i]!));
});

test('a UUID is read to four words; another text is not', () => {
  const id = new Int32Array(4);
  const scan = (text: string): boolean => {
    const bytes = new TextEncoder().encode(text);
    return scanOrderId(bytes, 0, bytes.length, id);
  };
  assert.is(scan('db32e2a2-aa29-43e6-bcc2-418882e4d90d'), true);
  assert.equal([...new Uint32Array(id.buffer)], [0xdb32e2a2, 0xaa2943e6, 0xbcc24188, 0x82e4d90d]);
  assert.is(scan('DB32E2A2-AA29-43E6-BCC2-418882E4D90D'), true);
  assert.equal([...new Uint32Array(id.buffer)], [0xdb32e2a2, 0xaa2943e6, 0xbcc24188, 0x82e4d90d]);
  for (const text of [
    '',
    'db32e2a2aa2943e6bcc2418882e4d90d',
    'db32e2a2-aa29-43e6-bcc2-418882e4d90',
    'gb32e2a2-aa29-43e6-bcc2-418882e4d90d',
    'db32e2a2-aa29-43e6-bcc24-18882e4d90d',
  ])
    assert.is(scan(text), false, text);
});

test.run();
