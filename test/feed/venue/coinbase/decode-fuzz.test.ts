import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ownFeedCounters } from '../../../../src/feed/counters.ts';
import { CoinbaseDecoder } from '../../../../src/feed/venue/coinbase/decode.hot.ts';
import { naiveCoinbase } from '../../../reference/naive-coinbase.ts';
import { BTC_USD, SKL_EUR, sampleFrames } from '../../../support/coinbase-frames.ts';
import { fuzz } from '../../../support/l2-decoding.ts';

const FRAMES = 300_000;
const instruments = [BTC_USD, SKL_EUR];

test('300,000 mutated frames: none crashes, both paths agree, and what is accepted the naive decoder reads alike', () => {
  const decoder = new CoinbaseDecoder(instruments, ownFeedCounters());
  const general = new CoinbaseDecoder(instruments, ownFeedCounters());
  const accepted = fuzz({ frames: sampleFrames(), instruments, decoder, general, naive: naiveCoinbase, count: FRAMES, seed: 1618677816 });
  assert.ok(accepted > FRAMES / 50 && accepted < FRAMES / 2, `${accepted} accepted`);
});

test.run();
