import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleCount } from '../../src/core/histogram.ts';
import { STAGES } from '../../src/core/stages.ts';
import { measureAllocation } from '../support/allocation.ts';
import { PathRig } from '../support/path-rig.ts';

const TICKS = 1_000_000;
const WARM_UP_TICKS = 300_000;

test('a million ticks through the whole path collect no garbage and leave the heap flat', async () => {
  const rig = await PathRig.create();
  const { collections, heapBytes } = await measureAllocation(
    () => rig.drive(WARM_UP_TICKS),
    () => rig.drive(TICKS),
  );
  const feed = rig.feed.counters.snapshot();
  const lane = rig.built.views.laneCounters.snapshot();
  // The path did its work: every stage on every tick, and orders that filled.
  assert.is(feed['frames'], WARM_UP_TICKS + TICKS);
  assert.equal([feed['rejected_frames'], feed['bbo_mismatch'], lane['journal_overflows']], [0, 0, 0]);
  assert.ok(lane['decisions']! > 0.9 * TICKS, `${lane['decisions']} decisions`);
  assert.ok(lane['fills']! > 1_000, `${lane['fills']} fills`);
  const samples = Object.fromEntries(STAGES.map((stage, i) => [stage, sampleCount(rig.built.views.latency[i]!)]));
  assert.is(samples['inference'], lane['decisions']);
  assert.ok(samples['tick_to_order']! > 1_000);
  assert.is(collections, 0, `${collections} garbage collections`);
  // One small object a tick would be 16 MB; what is left is the compiler's own.
  assert.ok(heapBytes < 2 * TICKS, `${heapBytes} bytes of heap`);
});

test.run();
