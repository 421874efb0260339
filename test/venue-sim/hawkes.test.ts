import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../src/core/prng.ts';
import { HawkesProcess } from '../../src/venue-sim/flow/hawkes.ts';
import { Variates } from '../../src/venue-sim/flow/variates.ts';

function counts(process: HawkesProcess, seconds: number, types: number): number[] {
  const seen = new Array<number>(types).fill(0);
  for (let type = process.next(seconds * 1e9); type >= 0; type = process.next(seconds * 1e9)) {
    seen[type]!++;
    process.excite(type);
  }
  return seen;
}

test('without branching each type arrives at its base rate', () => {
  const process = new HawkesProcess(
    2,
    [
      {
        decayPerS: 10,
        branching: [
          [0, 0],
          [0, 0],
        ],
      },
    ],
    new Variates(new Prng(3)),
    0,
  );
  process.baselinePerS[0] = 5;
  process.baselinePerS[1] = 20;
  const [first, second] = counts(process, 1_000, 2);
  // Four standard deviations of a Poisson count.
  assert.ok(Math.abs(first! - 5_000) < 4 * Math.sqrt(5_000), `saw ${first}`);
  assert.ok(Math.abs(second! - 20_000) < 4 * Math.sqrt(20_000), `saw ${second}`);
});

test('the mean rates solve rate = base + branching transposed times rate', () => {
  const branching = [
    [0.3, 0.4],
    [0.1, 0.2],
  ];
  const process = new HawkesProcess(2, [{ decayPerS: 30, branching }], new Variates(new Prng(4)), 0);
  process.baselinePerS[0] = 4;
  process.baselinePerS[1] = 2;
  // (I - B^T) rate = base: 0.7 x - 0.1 y = 4, -0.4 x + 0.8 y = 2.
  const x = (4 * 0.8 + 2 * 0.1) / (0.7 * 0.8 - 0.1 * 0.4);
  const y = (2 + 0.4 * x) / 0.8;
  const [first, second] = counts(process, 4_000, 2);
  assert.ok(Math.abs(first! / 4_000 / x - 1) < 0.05, `saw ${first! / 4_000}, expected ${x}`);
  assert.ok(Math.abs(second! / 4_000 / y - 1) < 0.05, `saw ${second! / 4_000}, expected ${y}`);
});

test('a proposal that is not excited leaves no trace', () => {
  const process = new HawkesProcess(1, [{ decayPerS: 1, branching: [[0.9]] }], new Variates(new Prng(5)), 0);
  process.baselinePerS[0] = 10;
  let proposals = 0;
  while (process.next(500e9) >= 0) proposals++;
  assert.ok(Math.abs(proposals - 5_000) < 4 * Math.sqrt(5_000), `saw ${proposals}`);
});

test.run();
