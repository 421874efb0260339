import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BybitDecoder } from '../../../../src/feed/venue/bybit/decode.hot.ts';
import { naiveBybit } from '../../../reference/naive-bybit.ts';
import { BTCUSDT, sampleFrames, XRPUSDT } from '../../../support/bybit-frames.ts';
import { fuzz } from '../../../support/l2-decoding.ts';

const FRAMES = 300_000;
const DEPTH = 50;
const instruments = [BTCUSDT, XRPUSDT];

test('300,000 mutated frames: none crashes, both paths agree, and what is accepted the naive decoder reads alike', () => {
  const decoder = new BybitDecoder(instruments, DEPTH);
  const options = {
    frames: sampleFrames(),
    instruments,
    decoder,
    general: new BybitDecoder(instruments, DEPTH),
    naive: naiveBybit(DEPTH),
    count: FRAMES,
    links: true,
  };
  const accepted = fuzz({ ...options, seed: 1733011200 });
  assert.ok(accepted > FRAMES / 50 && accepted < FRAMES / 2, `${accepted} accepted`);
});

test.run();
