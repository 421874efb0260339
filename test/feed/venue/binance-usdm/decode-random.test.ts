import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../../src/core/prng.ts';
import { UsdmDecoder } from '../../../../src/feed/venue/binance-usdm/decode.hot.ts';
import { BTC, PEPE } from '../../../support/binance-frames.ts';
import { LIKELY_BYTES } from '../../../support/mutate.ts';

test('frames of random bytes of every size are refused', () => {
  const prng = new Prng(77);
  const decoder = new UsdmDecoder([BTC, PEPE]);
  for (const size of [1, 2, 7, 64, 500, 4_096, 65_536, 300_000, 1 << 20, (1 << 20) + 1]) {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = LIKELY_BYTES[prng.nextInt(LIKELY_BYTES.length)]!;
    assert.ok(decoder.decode(bytes, 0, size) < 0 || size < 8);
  }
});

test.run();
