import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KrakenDecoder } from '../../../../src/feed/venue/kraken/decode.hot.ts';
import { naiveKraken } from '../../../reference/naive-kraken.ts';
import { BTC_USD, MATIC_USD, sampleFrames, XMR_USD } from '../../../support/kraken-frames.ts';
import { fuzz } from '../../../support/l2-decoding.ts';

const FRAMES = 300_000;
const instruments = [BTC_USD, MATIC_USD, XMR_USD];

test('300,000 mutated frames: none crashes, both paths agree, and what is accepted the naive decoder reads alike', () => {
  const decoder = new KrakenDecoder(instruments);
  const general = new KrakenDecoder(instruments);
  const accepted = fuzz({ frames: sampleFrames(), instruments, decoder, general, naive: naiveKraken, count: FRAMES, seed: 1618678133 });
  assert.ok(accepted > FRAMES / 50 && accepted < FRAMES / 2, `${accepted} accepted`);
});

test.run();
