import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OkxDecoder } from '../../../../src/feed/venue/okx/decode.hot.ts';
import { OKX_BOOKS } from '../../../../src/feed/venue/okx/modes.ts';
import { naiveOkx } from '../../../reference/naive-okx.ts';
import { fuzz } from '../../../support/l2-decoding.ts';
import { BTC_USDT, sampleFrames, UNI_SWAP } from '../../../support/okx-frames.ts';

const FRAMES = 75_000;
const instruments = [BTC_USDT, UNI_SWAP];

for (const books of OKX_BOOKS) {
  test(`75,000 mutated frames for a feed of ${books}: none crashes, both paths agree, and what is accepted the naive decoder reads alike`, () => {
    const decoder = new OkxDecoder(instruments, books);
    const options = {
      frames: sampleFrames(),
      instruments,
      decoder,
      general: new OkxDecoder(instruments, books),
      naive: naiveOkx(books),
      count: FRAMES,
      links: true,
    };
    const accepted = fuzz({ ...options, seed: 1652459225 });
    assert.ok(accepted > FRAMES / 50 && accepted < FRAMES / 2, `${accepted} accepted`);
  });
}

test.run();
