import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../src/core/prng.ts';
import { exactExp, exactLog } from '../../src/venue-sim/exact-math.ts';

test('the exponential agrees with the library to 1e-15 of its value over the whole range', () => {
  const prng = new Prng(11);
  for (let i = 0; i < 100_000; i++) {
    const x = (prng.nextFloat() - 0.5) * 200;
    const want = Math.exp(x);
    assert.ok(Math.abs(exactExp(x) - want) <= want * 1e-15, `exp(${x})`);
  }
  assert.is(exactExp(0), 1);
  assert.is(exactExp(-1e6), 0);
  assert.is(exactExp(1e6), Infinity);
});

test('the logarithm agrees with the library and inverts the exponential', () => {
  const prng = new Prng(12);
  for (let i = 0; i < 100_000; i++) {
    const x = prng.nextFloat() * 1e6 + 1e-9;
    assert.ok(Math.abs(exactLog(x) - Math.log(x)) <= 1e-15 * Math.max(1, Math.abs(Math.log(x))), `log(${x})`);
  }
  assert.is(exactLog(1), 0);
  assert.is(exactLog(0), -Infinity);
  assert.ok(Math.abs(exactExp(exactLog(123.456)) - 123.456) < 1e-12);
});

test.run();
