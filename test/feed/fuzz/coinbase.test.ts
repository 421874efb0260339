import { test } from 'uvu';
import { fuzzMillion } from '../../support/fuzz/million.ts';

test('a million mutated frames for the decoder of coinbase: none crashes, nothing is kept, and what is accepted the naive decoder reads alike', () =>
  fuzzMillion('coinbase'));

test.run();
