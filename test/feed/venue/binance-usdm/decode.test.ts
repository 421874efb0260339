import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../../src/core/limits.ts';
import { PRICE_NONE } from '../../../../src/core/price.ts';
import { DECODE, decodeStatusName, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { UsdmDecoder } from '../../../../src/feed/venue/binance-usdm/decode.hot.ts';
import { naiveDecode } from '../../../reference/naive-binance.ts';
import { assertSame } from '../../../support/binance-compare.ts';
import { BTC, depthText, PEPE, sampleFrames, snapshotText, tickerText, tradeText } from '../../../support/binance-frames.ts';

const instruments = [BTC, PEPE];
const decoder = new UsdmDecoder(instruments);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function decode(text: string, which = decoder): number {
  const bytes = encode(text);
  const direct = which.decode(bytes, 0, bytes.length);
  // The same frame in the middle of a larger block, between bytes that would continue it.
  const block = encode(`9"}]${text}}]0"${'9'.repeat(64)}`);
  const inside = which.decode(block, 4, 4 + bytes.length);
  assert.is(inside, direct, 'the surroundings of a frame do not matter');
  return direct;
}

test('every sample frame decodes as the naive decoder says, by both paths', () => {
  for (const text of sampleFrames()) {
    const bytes = encode(text);
    const expected = naiveDecode(text, instruments);
    const status = decode(text);
    assert.is(status === DECODE.OK, expected !== undefined, text);
    if (status === DECODE.OK) assertSame(text, decoder.message, expected);
    assert.is(decoder.decodeAnyOrder(bytes, 0, bytes.length), status, text);
    if (status === DECODE.OK) assertSame(text, decoder.message, expected);
  }
});

test('what the message before had is not taken for another instrument, however alike their texts are', () => {
  const fresh = new UsdmDecoder(instruments);
  // Prices and quantities that stand on both grids, which differ.
  const frames = [BTC, PEPE].flatMap(({ symbol }) => [
    tickerText(5_123_107_839_020, ['100', '1'], ['101', '2'], symbol),
    tickerText(5_123_107_839_020, ['100', '1'], ['101', '2.5'], symbol),
    tickerText(5_123_107_839_021, ['100', '1'], ['101.0000001', '2'], symbol),
    tradeText(77, '100', '3', true, 'MARKET', symbol),
    tradeText(77, '100', '3.5', true, 'MARKET', symbol),
    depthText({
      first: 1_000_000_000_001,
      last: 1_000_000_000_002,
      previous: 1_000_000_000_000,
      bids: [['100', '4']],
      asks: [['101', '5']],
      symbol,
    }),
    // The stream names the other one's symbol.
    depthText({ first: 1_000_000_000_001, last: 1_000_000_000_002, previous: 1_000_000_000_000, bids: [['100', '4']], symbol }).replace(
      `"s":"${symbol}"`,
      '"s":"BTCUSDT"',
    ),
  ]);
  for (const first of frames) {
    for (const second of frames) {
      for (const text of [first, second, first]) {
        const bytes = encode(`${text}${' '.repeat(64)}`);
        const expected = naiveDecode(text, instruments);
        const status = fresh.decode(bytes, 0, bytes.length - 64);
        assert.is(status === DECODE.OK, expected !== undefined, text);
        if (status === DECODE.OK) assertSame(text, fresh.message, expected);
      }
    }
  }
});

test('a frame cut off anywhere is refused', () => {
  for (const text of sampleFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++) assert.is.not(decode(whole.slice(0, length)), DECODE.OK, whole.slice(0, length));
  }
});

const cases: [string, string, number][] = [
  ['no JSON', 'hello', DECODE.BAD_JSON],
  ['an empty frame', '', DECODE.BAD_JSON],
  ['bytes after the object', `${tickerText(1, ['1.0', '1'], ['2.0', '1'])}x`, DECODE.BAD_JSON],
  ['a leading zero in an id', '{"e":"bookTicker","u":01,"s":"BTCUSDT","b":"1.0","B":"1","a":"2.0","A":"1","T":1,"E":1}', DECODE.BAD_JSON],
  ['too many brackets', `${'['.repeat(40)}${']'.repeat(40)}`, DECODE.TOO_DEEP],
  ['an array', '[1,2]', DECODE.UNKNOWN_KIND],
  ['a control reply', '{"result":null,"id":1}', DECODE.UNKNOWN_KIND],
  ['a nested event of another kind', '{"e":"forceOrder","E":1,"o":{"s":"BTCUSDT","S":"SELL"}}', DECODE.UNKNOWN_KIND],
  ['an unknown symbol', tickerText(1, ['1.0', '1'], ['2.0', '1'], 'ETHUSDT'), DECODE.UNKNOWN_SYMBOL],
  ['a missing key', '{"e":"bookTicker","u":1,"s":"BTCUSDT","b":"1.0","B":"1","a":"2.0","T":1,"E":1}', DECODE.MISSING_FIELD],
  ['a price that is a number', '{"e":"bookTicker","u":1,"s":"BTCUSDT","b":1.0,"B":"1","a":"2.0","A":"1","T":1,"E":1}', DECODE.BAD_FIELD],
  ['a key twice', '{"e":"bookTicker","u":1,"u":2,"s":"BTCUSDT","b":"1.0","B":"1","a":"2.0","A":"1","T":1,"E":1}', DECODE.DUPLICATE_FIELD],
  ['an escaped key', '{"\\u0065e":1,"e":"trade"}', DECODE.ESCAPED_TEXT],
  [
    'an escaped symbol',
    '{"e":"bookTicker","u":1,"s":"BTC\\u0055SDT","b":"1.0","B":"1","a":"2.0","A":"1","T":1,"E":1}',
    DECODE.ESCAPED_TEXT,
  ],
  ['an id above 2^53 - 1', tickerText(0, ['1.0', '1'], ['2.0', '1']).replace('"u":0', '"u":9007199254740992'), DECODE.ID_RANGE],
  ['a fractional id', tickerText(0, ['1.0', '1'], ['2.0', '1']).replace('"u":0', '"u":1.0'), DECODE.ID_RANGE],
  ['an exponent in a price', tickerText(1, ['1e2', '1'], ['200.0', '1']), DECODE.BAD_DECIMAL],
  ['a sign in a price', tickerText(1, ['-1.0', '1'], ['2.0', '1']), DECODE.BAD_DECIMAL],
  ['a price of a lone point', tickerText(1, ['.', '1'], ['2.0', '1']), DECODE.BAD_DECIMAL],
  ['a price with too many decimals', tickerText(1, ['1.001', '1'], ['2.0', '1']), DECODE.TOO_MANY_DECIMALS],
  ['a price off the tick', depthText({ first: 1, last: 1, previous: 0, bids: [['1.05', '1']] }), DECODE.OFF_TICK],
  ['a price of zero in depth', depthText({ first: 1, last: 1, previous: 0, bids: [['0.00', '1']] }), DECODE.PRICE_RANGE],
  ['a price beyond int32 ticks', depthText({ first: 1, last: 1, previous: 0, bids: [['214748364.80', '1']] }), DECODE.PRICE_RANGE],
  ['a quantity beyond 2^53 - 1', depthText({ first: 1, last: 1, previous: 0, bids: [['1.00', '9007199254740.992']] }), DECODE.QTY_RANGE],
  ['a ticker price without quantity', tickerText(1, ['1.0', '0'], ['2.0', '1']), DECODE.PRICE_RANGE],
  ['a market trade of nothing', tradeText(1, '1.0', '0', true), DECODE.QTY_RANGE],
  ['a level of one element', '{"lastUpdateId":1,"symbol":"BTCUSDT","bids":[["1.00"]],"asks":[]}', DECODE.BAD_FIELD],
  ['a snapshot without symbol among several instruments', snapshotText(1, [], []), DECODE.SNAPSHOT_WITHOUT_SYMBOL],
];
for (const [what, text, status] of cases) {
  test(`${what} gives ${decodeStatusName(status)}`, () => {
    assert.is(decodeStatusName(decode(text)), decodeStatusName(status));
    assert.is(
      naiveDecode(text, instruments) === undefined ||
        status === DECODE.DUPLICATE_FIELD ||
        status === DECODE.ESCAPED_TEXT ||
        status === DECODE.ID_RANGE ||
        status === DECODE.PRICE_RANGE ||
        status === DECODE.QTY_RANGE,
      true,
    );
  });
}

test('a quantity off the lot is refused', () => {
  const coarse = new UsdmDecoder([{ ...BTC, lotUnits: 5 }]);
  assert.is(decode(depthText({ first: 1, last: 1, previous: 0, bids: [['1.00', '0.012']] }), coarse), DECODE.OFF_LOT);
  assert.is(decode(depthText({ first: 1, last: 1, previous: 0, bids: [['1.00', '0.015']] }), coarse), DECODE.OK);
  assert.is(coarse.message.bidLots[0], 3);
});

test('a frame above the limit is refused by its length', () => {
  const text = `{"e":"depthUpdate","pad":"${'x'.repeat(FRAME_BYTES_MAX)}"}`;
  assert.is(decode(text), DECODE.FRAME_TOO_LARGE);
});

test('more levels than a book holds are refused', () => {
  const bids = [...Array(BOOK_LEVELS_MAX + 1).keys()].map((i): [string, string] => [`${i + 1}.00`, '1']);
  assert.is(decode(depthText({ first: 1, last: 1, previous: 0, bids })), DECODE.TOO_MANY_LEVELS);
  assert.is(decode(depthText({ first: 1, last: 1, previous: 0, bids: bids.slice(1) })), DECODE.OK);
  assert.is(decoder.message.bidCount, BOOK_LEVELS_MAX);
});

test('a refused depth message still names its instrument', () => {
  decode(depthText({ first: 1, last: 1, previous: 0, symbol: '1000PEPEUSDT', bids: [['0.00000001', '1']] }));
  assert.equal([decoder.message.kind, decoder.message.instrument], [MESSAGE.DEPTH, 1]);
});

test('an empty side of a ticker is no price', () => {
  assert.is(decode(tickerText(1, ['0.00', '0.000'], ['2.0', '1'])), DECODE.OK);
  assert.equal([decoder.message.bidTicks[0], decoder.message.bidLots[0]], [PRICE_NONE, 0]);
});

test('a trade of another kind than market is told apart and may be zero', () => {
  assert.is(decode(tradeText(1, '0', '0', true, 'NA')), DECODE.OK);
  assert.is(decoder.message.tradeIsMarket, 0);
  assert.is(decode(tradeText(2, '5.00', '1', true)), DECODE.OK);
  assert.is(decoder.message.tradeIsMarket, 1);
});

test('quantities up to 2^53 - 1 lots are exact', () => {
  for (const [text, lots] of [
    ['9007199254740.991', 9007199254740991],
    ['1000000000000.000', 1e15],
  ] as const) {
    assert.is(decode(depthText({ first: 1, last: 1, previous: 0, bids: [['1.00', text]] })), DECODE.OK);
    assert.is(decoder.message.bidLots[0], lots);
  }
});

test('ids up to 2^53 - 1 are exact', () => {
  for (const id of [0, 9, 12345678, 123456789, 5123107837557, 9007199254740991]) {
    const value = Math.floor(id);
    assert.is(decode(tickerText(value, ['1.0', '1'], ['2.0', '1'])), DECODE.OK);
    assert.is(decoder.message.numbers[3], value);
  }
});

test('with one instrument a snapshot needs no symbol', () => {
  const single = new UsdmDecoder([BTC]);
  assert.is(decode(snapshotText(9, [['1.00', '2.5']], []), single), DECODE.OK);
  assert.equal(
    [single.message.kind, single.message.instrument, single.message.bidTicks[0], single.message.bidLots[0]],
    [MESSAGE.SNAPSHOT, 0, 10, 2500],
  );
});

test.run();
