import type { Prng } from '../../../src/core/prng.ts';
import { DbnDecoder } from '../../../src/feed/dbn/decode.hot.ts';
import { RECORD } from '../../../src/feed/recorded/status.ts';
import { naiveMeaning } from '../../reference/naive-dbn.ts';
import { DBN_INSTRUMENTS, DBN_NAIVE_INSTRUMENTS, DBN_SAMPLES, meaningOf } from '../dbn-samples.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

/** Bytes worth changing: of the header, and of what decides. */
const LIKELY = [0, 1, 2, 4, 16, 24, 26, 28, 29, 30, 32, 36, 38, 39, 48, 56, 64, 80];

export function dbnTarget(): FuzzTarget {
  const decoder = new DbnDecoder(DBN_INSTRUMENTS);
  return {
    sources: DBN_SAMPLES,
    mutate: mutateRecord,
    acceptedMin: 1 / 10,
    check: (bytes, size, _which, refusals) => {
      const accepted = decoder.decode(bytes, 0, size) === RECORD.OK;
      if (!accepted && !refusals) return false;
      const expected = naiveMeaning(bytes.slice(0, size), DBN_NAIVE_INSTRUMENTS);
      mustEqual(accepted ? meaningOf(decoder.message, expected?.split(' ', 1)[0] ?? '') : 'refused', expected ?? 'refused');
      return accepted;
    },
  };
}

function mutateRecord(prng: Prng, source: Uint8Array, target: Uint8Array): number {
  target.set(source);
  let size = source.length;
  for (let change = 1 + prng.nextInt(2); change > 0; change--) {
    const at = prng.nextInt(3) === 0 ? LIKELY[prng.nextInt(LIKELY.length)]! : prng.nextInt(size);
    const how = prng.nextInt(8);
    if (how < 4) target[at] = prng.nextInt(256);
    else if (how < 6) target[at] = target[at]! ^ (1 << prng.nextInt(8));
    else if (how === 6) target[at] = 'ABCFMNRT'.charCodeAt(prng.nextInt(8));
    else if (prng.nextInt(20) === 0) size = prng.nextInt(size) + 1;
  }
  return size;
}
