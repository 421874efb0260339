import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FRAME_BYTES_MAX } from '../../../../src/core/limits.ts';
import { DECODE, decodeStatusName } from '../../../../src/feed/l2/status.ts';
import { HyperliquidDecoder } from '../../../../src/feed/venue/hyperliquid/decode.hot.ts';
import { naiveHyperliquid } from '../../../reference/naive-hyperliquid.ts';
import {
  BTC_COIN,
  hyperTrade,
  hyperTradesText,
  l2BookText,
  SPOT_COIN,
  sampleHyperliquidFrames,
} from '../../../support/hyperliquid-frames.ts';
import { decodeAll, fuzz, resultsOf } from '../../../support/l2-decoding.ts';

const FRAMES = 300_000;
const instruments = [BTC_COIN, SPOT_COIN];
const decoder = new HyperliquidDecoder(instruments);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function decode(text: string): ReturnType<typeof decodeAll> {
  const bytes = encode(text);
  const direct = decodeAll(decoder, bytes, 0, bytes.length);
  const block = encode(`9"}]${text}}]0"${'9'.repeat(64)}`);
  assert.equal(decodeAll(decoder, block, 4, 4 + bytes.length), direct, 'the surroundings of a frame do not matter');
  return direct;
}

test('every sample frame decodes as the naive decoder says', () => {
  for (const text of sampleHyperliquidFrames()) assert.equal(resultsOf(decode(text)), naiveHyperliquid(text, instruments), text);
});

test('a frame cut off anywhere is refused', () => {
  for (const text of sampleHyperliquidFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++)
      assert.ok((decode(whole.slice(0, length))[0] as number) < 0, whole.slice(0, length));
  }
});

const BOOK = l2BookText(1, [['1.5', '2']], [['2.5', '3']]);
const cases: [string, string, number][] = [
  ['an unknown coin', l2BookText(1, [], [], 'ETH'), DECODE.UNKNOWN_SYMBOL],
  ['another channel', '{"channel":"webData2","data":{}}', DECODE.UNKNOWN_KIND],
  ['no trade', hyperTradesText(), DECODE.UNKNOWN_KIND],
  ['no data', '{"channel":"l2Book"}', DECODE.MISSING_FIELD],
  ['data that is no object', '{"channel":"l2Book","data":[]}', DECODE.BAD_FIELD],
  ['a book without time', BOOK.replace('"time"', '"tame"'), DECODE.MISSING_FIELD],
  ['a book without levels', BOOK.replace('"levels"', '"lavels"'), DECODE.MISSING_FIELD],
  ['a book of one side', '{"coin":"BTC","time":1,"levels":[[]]}', DECODE.BAD_FIELD],
  ['a book of three sides', '{"coin":"BTC","time":1,"levels":[[],[],[]]}', DECODE.BAD_FIELD],
  ['a level that is no object', '{"coin":"BTC","time":1,"levels":[[["1.5","2"]],[]]}', DECODE.BAD_FIELD],
  ['a level without price', BOOK.replace('"px"', '"pz"'), DECODE.MISSING_FIELD],
  ['a price that is a number', BOOK.replace('"1.5"', '1.5'), DECODE.BAD_FIELD],
  ['a price off the grid', BOOK.replace('"1.5"', '"1.55"'), DECODE.TOO_MANY_DECIMALS],
  ['a price of zero', BOOK.replace('"1.5"', '"0.0"'), DECODE.PRICE_RANGE],
  ['a level of nothing', BOOK.replace('"sz":"2"', '"sz":"0"'), DECODE.QTY_RANGE],
  ['a key twice in a level', BOOK.replace('"px":"1.5"', '"px":"1.5","px":"1.6"'), DECODE.DUPLICATE_FIELD],
  ['a trade of another side', hyperTradesText(hyperTrade(1, '1.5', '1', 'A')).replace('"A"', '"S"'), DECODE.BAD_FIELD],
  ['a trade id as text', hyperTradesText(hyperTrade(1, '1.5', '1', 'A')).replace('"tid":1', '"tid":"1"'), DECODE.BAD_FIELD],
  ['a trade of nothing', hyperTradesText(hyperTrade(1, '1.5', '0.0', 'A')), DECODE.QTY_RANGE],
];
for (const [what, text, status] of cases) {
  test(`${what} gives ${decodeStatusName(status)}`, () => {
    assert.equal(
      decode(text).map((found) => (typeof found === 'number' ? decodeStatusName(found) : found)),
      [decodeStatusName(status)],
    );
  });
}

test('a frame above the limit is refused by its length', () => {
  const bytes = encode(`{"channel":"l2Book","pad":"${'x'.repeat(FRAME_BYTES_MAX)}"}`);
  assert.equal(decodeAll(decoder, bytes, 0, bytes.length), [DECODE.FRAME_TOO_LARGE]);
});

test('300,000 mutated frames: none crashes, both paths agree, and what is accepted the naive decoder reads alike', () => {
  const accepted = fuzz({
    frames: sampleHyperliquidFrames(),
    instruments,
    decoder,
    general: new HyperliquidDecoder(instruments),
    naive: naiveHyperliquid,
    count: FRAMES,
    seed: 1703875200,
  });
  assert.ok(accepted > FRAMES / 50 && accepted < FRAMES / 2, `${accepted} accepted`);
});

test.run();
