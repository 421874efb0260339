import * as assert from 'uvu/assert';
import { Prng } from '../../src/core/prng.ts';
import { DECODE } from '../../src/feed/l2/status.ts';
import type { BinanceDecoder } from '../../src/feed/venue/binance/decoder.hot.ts';

/** Bytes that matter to the grammar come up more often than others. */
export const LIKELY_BYTES: Uint8Array = new TextEncoder().encode('{}[]",:.0123456789-+eEuUTbBaAsptqXm\\ \n\t');

/** Copies `source` to `target` with one to three bytes changed, added, removed or cut off; the new length. */
function mutate(prng: Prng, source: Uint8Array, target: Uint8Array): number {
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

export interface FrameFuzz {
  readonly seed: number;
  readonly frames: number;
  readonly samples: readonly string[];
  readonly createDecoder: () => BinanceDecoder;
  /** Compares an accepted frame with the naive decoder. */
  readonly check: (frame: string, decoder: BinanceDecoder) => void;
}

/** Decodes mutated samples by both paths, which must agree, and has every accepted one checked. */
export function fuzzFrames({ seed, frames, samples, createDecoder, check }: FrameFuzz): void {
  const prng = new Prng(seed);
  const decoder = createDecoder();
  const general = createDecoder();
  const sources = samples.map((text) => new TextEncoder().encode(text));
  const target = new Uint8Array(4_096);
  const text = new TextDecoder();
  let accepted = 0;
  for (let i = 0; i < frames; i++) {
    // Four of a kind in a row: a decoder that expects what came before is right and wrong in turns.
    const size = mutate(prng, sources[(i >> 2) % sources.length]!, target);
    const status = decoder.decode(target, 0, size);
    if (i % 4 === 0) {
      const slow = general.decodeAnyOrder(target, 0, size);
      if (slow !== status) assert.is(`${slow}`, `${status}: ${text.decode(target.subarray(0, size))}`);
    }
    if (status !== DECODE.OK) continue;
    accepted++;
    check(text.decode(target.subarray(0, size)), decoder);
  }
  assert.ok(accepted > frames / 20, `${accepted} accepted: enough to compare`);
  assert.ok(accepted < frames / 2, `${accepted} accepted: most mutations break a frame`);
}
