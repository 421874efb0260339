import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FAULT_KINDS } from '../../../src/venue-sim/faults/plan.ts';
import { runSeeds, type SeededCase } from './cases.ts';

const SEEDS = 200;
const MESSAGES = 84;

/** One test a case: the property of docs/faults.md over the first seeds; `npm run soak -- faults` goes on from there. */
export function testFaults(cases: readonly SeededCase[]): void {
  for (const one of cases) {
    test(`${one.name}: ${SEEDS} seeds of faults leave no wrong book LIVE, and each is seen at the first message that shows it`, async () => {
      const { faults, frames, synced, lost, compared } = await runSeeds(one, 1, SEEDS, MESSAGES);
      for (const kind of FAULT_KINDS) assert.ok(faults.get(kind)! >= SEEDS / 20, `${kind}: ${faults.get(kind)}`);
      // What the property says is not said of nothing: books were lost, came back, and were held against the truth.
      assert.ok(frames > (SEEDS * MESSAGES) / 2, `${frames} frames`);
      assert.ok(lost > 0 && synced > 2 * SEEDS, `${lost} lost, ${synced} synced`);
      assert.ok(compared > frames / 2, `${compared} of ${frames} frames compared with the truth`);
    });
  }
}
