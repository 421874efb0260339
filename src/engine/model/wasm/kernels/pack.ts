import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { repeat } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { BLOCK_OUTPUTS } from './qgemm.ts';

/** int16 elements 0..3 of two vectors alternating, and 4..7. */
const INTERLEAVE_LOW = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const INTERLEAVE_HIGH = [8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31];

/** Bytes that `emitPack` writes. */
export function packedBytes(inputs: number, outputs: number): number {
  return Math.ceil(outputs / 4) * 4 * Math.ceil(inputs / 2) * 4;
}

/**
 * Brings a q16 matrix [inputs, outputs] that is only known at run time into the order of `packWeights`. What stands behind
 * the last column is read and packed too, and belongs to outputs that are not stored.
 */
export function emitPack(emitter: Emitter, from: Pointer, inputs: number, outputs: number, target: Pointer): void {
  const { body } = emitter;
  const [even, odd, packed] = [body.local(), body.local(), body.local()];
  const pairs = Math.ceil(inputs / 2);
  const whole = Math.floor(inputs / 2);
  const padded = Math.ceil(outputs / 4) * 4;
  let at = target.offset;
  for (let first = 0; first < padded; first += BLOCK_OUTPUTS) {
    const width = Math.min(BLOCK_OUTPUTS, padded - first);
    const pair = (source: Pointer, to: Pointer, single: boolean): void => {
      for (let n = 0; n < width; n += 8) {
        body.load(source, 2 * n).set(even);
        if (single) body.int(0).op(V128.I16X8_SPLAT).set(odd);
        else body.load(source, 2 * (outputs + n)).set(odd);
        body
          .get(even)
          .get(odd)
          .shuffle(INTERLEAVE_LOW)
          .set(packed)
          .store(to, 4 * n, packed);
        if (n + 4 < width)
          body
            .get(even)
            .get(odd)
            .shuffle(INTERLEAVE_HIGH)
            .set(packed)
            .store(to, 4 * (n + 4), packed);
      }
    };
    const streams = [
      { from: { ...from, offset: from.offset + 2 * first }, bytes: 4 * outputs },
      { from: { ...target, offset: at }, bytes: 4 * width },
    ];
    repeat(body, whole, streams, ([source, to]) => pair(source!, to!, false));
    if (pairs > whole) {
      pair({ ...from, offset: from.offset + 2 * (first + 2 * whole * outputs) }, { ...target, offset: at + 4 * width * whole }, true);
    }
    at += 4 * width * pairs;
  }
}
