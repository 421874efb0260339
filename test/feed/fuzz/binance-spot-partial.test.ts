import { test } from 'uvu';
import { fuzzMillion } from '../../support/fuzz/million.ts';

test('a million mutated frames for the decoder of binance-spot-partial: none crashes, nothing is kept, and what is accepted the naive decoder reads alike', () =>
  fuzzMillion('binance-spot-partial'));

test.run();
