import type { Prng } from '../../src/core/prng.ts';

/** Bytes that matter to the grammar come up more often than others. */
export const LIKELY_BYTES: Uint8Array = new TextEncoder().encode('{}[]",:.0123456789-+eEtTnNuUsSbBaAZ_\\ \n\t');

/** Copies `source` to `target` with one to three bytes replaced, put in, taken out, or its end cut off; the length. */
export function mutate(prng: Prng, source: Uint8Array, target: Uint8Array): number {
  target.set(source);
  let size = source.length;
  for (let change = 1 + prng.nextInt(3); change > 0 && size > 2; change--) {
    const at = prng.nextInt(size);
    const byte = prng.nextInt(5) === 0 ? prng.nextInt(256) : LIKELY_BYTES[prng.nextInt(LIKELY_BYTES.length)]!;
    const how = prng.nextInt(10);
    if (how < 5) target[at] = byte;
    else if (how < 7) {
      target.copyWithin(at + 1, at, size);
      target[at] = byte;
      size++;
    } else if (how < 9) {
      target.copyWithin(at, at + 1, size);
      size--;
    } else size = at + 1;
  }
  return size;
}
