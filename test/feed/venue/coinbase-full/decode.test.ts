import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DECODE, decodeStatusName } from '../../../../src/feed/l2/status.ts';
import { FullDecoder } from '../../../../src/feed/venue/coinbase-full/decode.hot.ts';
import { type NaiveEvent, naiveFull } from '../../../reference/naive-coinbase-full.ts';
import { FULL_INSTRUMENTS, fullFormOf } from '../../../support/coinbase-full-form.ts';
import {
  changeText,
  doneText,
  fullMatchText,
  fullSnapshotText,
  lineText,
  openText,
  orderId,
  receivedText,
  sampleFullFrames,
} from '../../../support/coinbase-full-frames.ts';

const instruments = FULL_INSTRUMENTS;
const decoder = new FullDecoder(instruments);
const decode = (bytes: Uint8Array): NaiveEvent | number | 'refused' => fullFormOf(decoder, bytes, bytes.length);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test('every sample frame decodes as the naive decoder says', () => {
  for (const text of sampleFullFrames()) {
    const found = decode(encode(text));
    assert.equal(typeof found === 'number' ? (found > 0 ? 'other' : 'refused') : found, naiveFull(text, instruments), text);
  }
});

test('a frame cut off anywhere is refused', () => {
  for (const text of sampleFullFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++)
      assert.ok((decode(encode(whole.slice(0, length))) as number) < 0, whole.slice(0, length));
  }
});

const cases: [string, string, number][] = [
  ['an unknown product', openText(1, 1, 'buy', '1.00', '1', 'ETH-USD'), DECODE.UNKNOWN_SYMBOL],
  ['another channel', '{"type":"ticker","product_id":"BTC-USD"}', DECODE.UNKNOWN_KIND],
  ['no type', '{"product_id":"BTC-USD"}', DECODE.MISSING_FIELD],
  ['no sequence', receivedText(1).replace('"sequence":1', '"x":1'), DECODE.MISSING_FIELD],
  ['a sequence as text', receivedText(1).replace('"sequence":1', '"sequence":"1"'), DECODE.BAD_FIELD],
  ['no time', openText(1, 1, 'buy', '1.00', '1').replace('"time"', '"tame"'), DECODE.MISSING_FIELD],
  ['a done without time', doneText(1, 1, 'buy', '1.00', '1').replace(/"time":"[^"]*"/, '"time":""'), DECODE.MISSING_FIELD],
  ['an order id of another form', openText(1, 1, 'buy', '1.00', '1').replace(orderId(1), orderId(1).slice(1)), DECODE.BAD_FIELD],
  ['an open of another side', openText(1, 1, 'buy', '1.00', '1').replace('"buy"', '"bid"'), DECODE.BAD_FIELD],
  ['an open without price', openText(1, 1, 'buy', '1.00', '1').replace('"price":"1.00"', '"price":null'), DECODE.BAD_FIELD],
  ['an open of nothing', openText(1, 1, 'buy', '1.00', '0'), DECODE.QTY_RANGE],
  ['a line of nothing', lineText(1, 1, 'buy', '1.00', '0.0'), DECODE.QTY_RANGE],
  ['a bid beyond the grid', openText(1, 1, 'buy', '1000000000', '1'), DECODE.PRICE_RANGE],
  ['a price off the grid', openText(1, 1, 'sell', '1.001', '1'), DECODE.TOO_MANY_DECIMALS],
  ['a size off the grid', openText(1, 1, 'sell', '1.00', '0.000000001'), DECODE.TOO_MANY_DECIMALS],
  ['a match without maker', fullMatchText(1, 1, 'sell', '1.00', '1').replace('maker_order_id', 'order_id'), DECODE.MISSING_FIELD],
  ['a change of a size with an exponent', changeText(1, 1, 'sell', { new_size: '1e1' }), DECODE.BAD_DECIMAL],
  ['a snapshot without asks', fullSnapshotText(1, [], []).replace('"asks"', '"oops"'), DECODE.MISSING_FIELD],
];
for (const [what, text, status] of cases) {
  test(`${what} gives ${decodeStatusName(status)}`, () => {
    const found = decode(encode(text));
    assert.is(typeof found === 'number' ? decodeStatusName(found) : found, decodeStatusName(status));
  });
}

test.run();
