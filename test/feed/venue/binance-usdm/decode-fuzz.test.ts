import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../../src/core/prng.ts';
import { DECODE } from '../../../../src/feed/l2/status.ts';
import { UsdmDecoder } from '../../../../src/feed/venue/binance-usdm/decode.hot.ts';
import { naiveDecode } from '../../../reference/naive-usdm.ts';
import { assertSame } from '../../../support/usdm-compare.ts';
import { BTC, PEPE, sampleFrames } from '../../../support/usdm-frames.ts';

const FRAMES = 1_000_000;
const instruments = [BTC, PEPE];
/** Bytes that matter to the grammar come up more often than others. */
const LIKELY = new TextEncoder().encode('{}[]",:.0123456789-+eEuUTbBaAsptqXm\\ \n\t');

function mutate(prng: Prng, source: Uint8Array, target: Uint8Array, length: number): number {
  target.set(source.subarray(0, length));
  let size = length;
  for (let change = 1 + prng.nextInt(3); change > 0 && size > 2; change--) {
    const at = prng.nextInt(size);
    const byte = prng.nextInt(5) === 0 ? prng.nextInt(256) : LIKELY[prng.nextInt(LIKELY.length)]!;
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

test('a million mutated frames: none crashes, both paths agree, and what is accepted the naive decoder reads alike', () => {
  const prng = new Prng(1723161255);
  const decoder = new UsdmDecoder(instruments);
  const general = new UsdmDecoder(instruments);
  const sources = sampleFrames().map((text) => new TextEncoder().encode(text));
  const target = new Uint8Array(4_096);
  const text = new TextDecoder();
  let accepted = 0;
  for (let i = 0; i < FRAMES; i++) {
    const source = sources[i % sources.length]!;
    const size = mutate(prng, source, target, source.length);
    const status = decoder.decode(target, 0, size);
    if (i % 4 === 0) {
      const slow = general.decodeAnyOrder(target, 0, size);
      if (slow !== status) assert.is(`${slow}`, `${status}: ${text.decode(target.subarray(0, size))}`);
    }
    if (status !== DECODE.OK) continue;
    accepted++;
    const frame = text.decode(target.subarray(0, size));
    assertSame(frame, decoder.message, naiveDecode(frame, instruments));
  }
  assert.ok(accepted > FRAMES / 20, `${accepted} accepted: enough to compare`);
  assert.ok(accepted < FRAMES / 2, `${accepted} accepted: most mutations break a frame`);
});

test('frames of random bytes of every size are refused', () => {
  const prng = new Prng(77);
  const decoder = new UsdmDecoder(instruments);
  for (const size of [1, 2, 7, 64, 500, 4_096, 65_536, 300_000, 1 << 20, (1 << 20) + 1]) {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = LIKELY[prng.nextInt(LIKELY.length)]!;
    assert.ok(decoder.decode(bytes, 0, size) < 0 || size < 8);
  }
});

test.run();
