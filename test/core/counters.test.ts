import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CounterSpec, Counters } from '../../src/core/counters.ts';

const SPECS: readonly CounterSpec[] = ['a', 'b', 'c'].map((name) => ({ name, unit: 'things', help: name }));
const make = (offset = 0) => {
  const buffer = new SharedArrayBuffer(offset + Counters.bytes(SPECS.length));
  return { buffer, counters: new Counters(buffer, offset, SPECS) };
};

test('counters go on beyond 2^31 and 2^32', () => {
  const { counters } = make();
  let expected = 0;
  for (let i = 0; i < 5_000; i++) {
    counters.add(1, 2 ** 31 - 1);
    expected += 2 ** 31 - 1;
    assert.is(counters.read(1), expected);
    counters.increment(1);
    expected++;
    assert.is(counters.read(1), expected);
  }
  assert.ok(expected > 2 ** 43);
  assert.equal(counters.snapshot(), { a: 0, b: expected, c: 0 });
});

test('counters stand 128 bytes apart, so that counting disturbs no neighbour', () => {
  const { buffer, counters } = make(256);
  counters.increment(0);
  counters.increment(2);
  const words = new Int32Array(buffer);
  assert.equal(
    [...words].flatMap((word, i) => (word === 0 ? [] : [4 * i])),
    [256, 256 + 2 * 128],
  );
  assert.is(Counters.bytes(3), 3 * 128);
});

test('two views of one memory see the same counters', () => {
  const { buffer, counters } = make();
  const other = new Counters(buffer, 0, SPECS);
  counters.add(2, 40);
  other.add(2, 2);
  assert.is(counters.read(2), 42);
});

test.run();
