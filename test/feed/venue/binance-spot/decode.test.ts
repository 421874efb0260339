import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRICE_NONE } from '../../../../src/core/price.ts';
import { N_EVENT_MS, N_FIRST_ID, N_LAST_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../../../src/feed/l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { SPOT, SPOT_PARTIAL } from '../../../../src/feed/venue/binance/dialect.ts';
import { SpotDecoder } from '../../../../src/feed/venue/binance-spot/decode.hot.ts';
import {
  SPOT_BTC,
  SPOT_NKN,
  spotDepthText,
  spotPartialText,
  spotSampleFrames,
  spotTickerText,
  spotTradeText,
} from '../../../support/binance-frames.ts';
import { checkCutOff, checkSamples, decodeText, takesFastPath } from '../../../support/decoder-checks.ts';

const instruments = [SPOT_BTC, SPOT_NKN];
const decoder = new SpotDecoder(instruments, SPOT);
const partial = new SpotDecoder(instruments, SPOT_PARTIAL);

test('every sample frame decodes as the naive decoder says, by both paths, with changes and with partial depth', () => {
  assert.is(checkSamples(decoder, spotSampleFrames(), instruments, 'spot'), 13);
  assert.is(checkSamples(partial, spotSampleFrames(), instruments, 'spot-partial'), 11);
});

test('a frame cut off anywhere is refused', () => {
  checkCutOff(decoder, spotSampleFrames());
  checkCutOff(partial, spotSampleFrames());
});

test('the messages of the documentation are read', () => {
  const bnb = new SpotDecoder([{ id: 0, symbol: 'BNBBTC', priceDecimals: 4, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 }], SPOT);
  assert.is(
    decodeText(bnb, '{"e":"depthUpdate","E":1672515782136,"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","10"]],"a":[["0.0026","100"]]}'),
    DECODE.OK,
  );
  const { message } = bnb;
  assert.equal([message.numbers[N_FIRST_ID], message.numbers[N_LAST_ID], message.numbers[N_TRANSACT_MS]], [157, 160, 1672515782136]);
  assert.equal([message.bidTicks[0], message.bidLots[0], message.askTicks[0], message.askLots[0]], [24, 10, 26, 100]);
  assert.is(
    decodeText(bnb, '{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1672515782136,"m":true,"M":true}'),
    DECODE.OK,
  );
  assert.is(message.tradeTicks, 10);
  assert.is(decodeText(bnb, '{"e":"serverShutdown","E":1672515782136}'), DECODE.UNKNOWN_KIND);
  assert.is(decodeText(bnb, '{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"]]}'), DECODE.OK);
  assert.is(message.kind, MESSAGE.SNAPSHOT);
});

test('depth, tickers and trades take the fast path', () => {
  assert.ok(takesFastPath(decoder, spotDepthText({ first: 50093239189, last: 50093239202, bids: [['61837.63000000', '3.78826000']] })));
  assert.ok(takesFastPath(decoder, spotTickerText(50093239212, ['61837.63000000', '3.78826000'], ['61837.64000000', '1.54698000'])));
  assert.ok(takesFastPath(decoder, spotTradeText(3735683259, '61837.63000000', '0.02000000', true)));
});

test('a ticker has no time, not the one of the message before', () => {
  decodeText(decoder, spotTradeText(1, '1.00', '1', true));
  assert.is(decodeText(decoder, spotTickerText(1, ['1.00', '1'], ['2.00', '1'])), DECODE.OK);
  assert.equal([decoder.message.numbers[N_TRANSACT_MS], decoder.message.numbers[N_EVENT_MS]], [0, 0]);
});

test('times in microseconds are milliseconds and nanoseconds', () => {
  assert.is(decodeText(decoder, spotDepthText({ first: 1, last: 1, time: 1_700_000_000_123_456 })), DECODE.OK);
  assert.equal([decoder.message.numbers[N_TRANSACT_MS], decoder.message.numbers[N_TRANSACT_REST_NS]], [1_700_000_000_123, 456_000]);
  assert.is(decodeText(decoder, spotDepthText({ first: 1, last: 1 })), DECODE.OK);
  assert.is(decoder.message.numbers[N_TRANSACT_REST_NS], 0);
});

test('an empty side of a ticker is no price', () => {
  assert.is(decodeText(decoder, spotTickerText(1, ['0.00000000', '0.00000000'], ['2.00', '1'])), DECODE.OK);
  assert.equal([decoder.message.bidTicks[0], decoder.message.bidLots[0]], [PRICE_NONE, 0]);
});

test('changes and whole books are told apart by the stream, and each feed reads one kind', () => {
  const whole = spotPartialText(160, [['1.00', '10']], [['2.00', '100']]);
  const changes = spotDepthText({ first: 1, last: 2 });
  assert.equal([decodeText(decoder, whole), decodeText(decoder, changes)], [DECODE.UNKNOWN_KIND, DECODE.OK]);
  assert.equal([decodeText(partial, changes), decodeText(partial, whole)], [DECODE.UNKNOWN_KIND, DECODE.OK]);
  assert.equal([partial.message.kind, partial.message.instrument], [MESSAGE.SNAPSHOT, 0]);
});

test.run();
