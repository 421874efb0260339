import * as assert from 'uvu/assert';
import { fuzzRange } from './target.ts';
import { FUZZ_TARGETS, type FuzzName } from './targets.ts';

const FRAMES = 1_000_000;
/** What a heap may seem to grow by for reasons of its own; a byte kept a frame would be more. */
const HEAP_BYTES_MAX = 900_000;

/** A million mutated frames of one decoder: no crash, no growth, and what is accepted the naive decoder reads alike. */
export async function fuzzMillion(name: FuzzName): Promise<void> {
  const target = await FUZZ_TARGETS[name]();
  const { accepted, heapBytes } = fuzzRange(target, { seed: 1_723_161_255, stream: 0, frames: FRAMES });
  assert.ok(accepted > FRAMES * (target.acceptedMin ?? 1 / 50), `${accepted} accepted: enough to compare`);
  assert.ok(accepted < FRAMES * 0.9, `${accepted} accepted: mutations break frames`);
  assert.ok(heapBytes < HEAP_BYTES_MAX, `the heap grew by ${heapBytes} bytes`);
}
