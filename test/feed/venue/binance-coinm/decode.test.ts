import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DECODE } from '../../../../src/feed/l2/status.ts';
import { CoinmDecoder } from '../../../../src/feed/venue/binance-coinm/decode.hot.ts';
import {
  BTCUSD,
  coinmSampleFrames,
  coinmTickerText,
  depthText,
  LINKUSD,
  tickerText,
  tradeText,
  withPair,
} from '../../../support/binance-frames.ts';
import { checkCutOff, checkSamples, decodeText, takesFastPath } from '../../../support/decoder-checks.ts';

const instruments = [BTCUSD, LINKUSD];
const decoder = new CoinmDecoder(instruments);
const symbol = 'BTCUSD_PERP';

test('every sample frame decodes as the naive decoder says, by both paths', () => {
  assert.is(checkSamples(decoder, coinmSampleFrames(), instruments, 'futures'), 9);
});

test('a frame cut off anywhere is refused', () => checkCutOff(decoder, coinmSampleFrames()));

test('depth, trades and tickers in both of their key orders take the fast path', () => {
  const depth = depthText({ first: 1007198631260, last: 1007198631565, previous: 1007198631198, symbol, bids: [['61773.6', '1001']] });
  assert.ok(takesFastPath(decoder, withPair(depth)));
  assert.ok(takesFastPath(decoder, coinmTickerText(1007198632021, ['61804.7', '35'], ['61804.8', '1645'])));
  assert.ok(takesFastPath(decoder, withPair(tickerText(1007198632021, ['61804.7', '35'], ['61804.8', '1645'], symbol))));
  assert.ok(takesFastPath(decoder, tradeText(849714402, '61804.8', '4', false, 'MARKET', symbol)));
});

test('depth without its pair, which other futures send, is read all the same', () => {
  const depth = depthText({ first: 2, last: 3, previous: 1, symbol });
  assert.not(takesFastPath(decoder, depth));
  assert.is(decodeText(decoder, depth), DECODE.OK);
});

test('half a contract is refused', () => {
  const depth = withPair(depthText({ first: 2, last: 3, previous: 1, symbol, bids: [['61773.6', '0.5']] }));
  assert.is(decodeText(decoder, depth), DECODE.TOO_MANY_DECIMALS);
});

test.run();
