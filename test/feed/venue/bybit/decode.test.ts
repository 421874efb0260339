import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../../src/core/limits.ts';
import { PRICE_NONE } from '../../../../src/core/price.ts';
import { N_EVENT_MS, N_TRANSACT_MS } from '../../../../src/feed/l2/message.hot.ts';
import { decodeStatusName, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { BybitDecoder } from '../../../../src/feed/venue/bybit/decode.hot.ts';
import { N_CROSS_SEQUENCE } from '../../../../src/feed/venue/bybit/rule.hot.ts';
import { naiveBybit } from '../../../reference/naive-bybit.ts';
import { BTCUSDT, bookText, sampleFrames, tradeElement, tradeText, XRPUSDT } from '../../../support/bybit-frames.ts';
import { decodeAll, resultsOf } from '../../../support/l2-decoding.ts';

const instruments = [BTCUSDT, XRPUSDT];

/** What the decoder says of a frame between bytes that would continue it. */
function decode(text: string, decoder = new BybitDecoder(instruments, 50)): ReturnType<typeof decodeAll> {
  const bytes = new TextEncoder().encode(`9"}]${text}}]0"`);
  return decodeAll(decoder, bytes, 4, bytes.length - 4, true);
}
const statusOf = (text: string): string =>
  decode(text)
    .map((one) => (typeof one === 'number' ? decodeStatusName(one) : one.kind))
    .join(' ');

test('every sample frame decodes as the naive decoder says, for books of every depth', () => {
  for (const depth of [1, 50, 200]) {
    const decoder = new BybitDecoder(instruments, depth);
    for (const text of sampleFrames()) assert.equal(resultsOf(decode(text, decoder)), naiveBybit(depth)(text, instruments), text);
  }
});

test('a frame cut off anywhere is refused as a message of no instrument, which costs every book', () => {
  const decoder = new BybitDecoder(instruments);
  for (const text of sampleFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++) {
      const bytes = new TextEncoder().encode(whole.slice(0, length));
      assert.ok(decoder.decode(bytes, 0, bytes.length) < 0, whole.slice(0, length));
      assert.equal([decoder.message.kind, decoder.message.instrument], [MESSAGE.DEPTH, -1]);
    }
  }
});

const DELTA = bookText('delta', { b: [['27450.00', '0.400']], u: 2 });
const cases: [what: string, text: string, status: string][] = [
  ['no JSON', 'pong', 'bad_json'],
  ['bytes after the object', `${DELTA}x`, 'bad_json'],
  ['an answer', '{"success":true,"op":"subscribe"}', 'unknown_kind'],
  ['another topic', '{"topic":"kline.5.BTCUSDT","data":[]}', 'unknown_kind'],
  ['the book with retail orders', '{"topic":"orderbook.rpi.BTCUSDT","type":"snapshot","ts":1,"data":{}}', 'unknown_kind'],
  ['a book of another depth', bookText('delta', { u: 2, depth: 200 }), 'unknown_kind'],
  ['a change of the best prices alone', bookText('delta', { u: 2, depth: 1 }), 'unknown_kind'],
  ['another symbol', bookText('delta', { u: 2, symbol: 'ETHUSDT' }), 'unknown_symbol'],
  ['a topic of another symbol', DELTA.replace('orderbook.50.BTCUSDT', 'orderbook.50.XRPUSDT'), 'bad_field'],
  ['a topic that is longer', DELTA.replace('orderbook.50.BTCUSDT', 'orderbook.50.BTCUSDTX'), 'bad_field'],
  ['an unknown type', DELTA.replace('delta', 'update'), 'bad_field'],
  ['no type', DELTA.replace('"type":"delta",', ''), 'bad_field'],
  ['no time', DELTA.replace('"ts":1733011200691,', ''), 'missing_field'],
  ['no data', '{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1}', 'bad_field'],
  ['no side', DELTA.replace('"a":[],', ''), 'missing_field'],
  ['no number', DELTA.replace('"u":2,', ''), 'missing_field'],
  ['a number in quotes', DELTA.replace('"u":2', '"u":"2"'), 'bad_field'],
  ['a price that is a number', DELTA.replace('"27450.00"', '27450.00'), 'bad_field'],
  ['a price of zero', DELTA.replace('27450.00', '0.00'), 'price_range'],
  ['a price with too many decimals', DELTA.replace('27450.00', '27450.001'), 'too_many_decimals'],
  ['a bid beyond the grid', DELTA.replace('27450.00', '99999999.00'), 'price_range'],
  ['no trade', tradeText([]), 'bad_field'],
  ['a trade of neither side beside a good one', tradeText([tradeElement('1', '1', 'None'), tradeElement('1', '1')]), 'bad_field trade'],
  ['a trade of nothing', tradeText([tradeElement('1', '0')]), 'qty_range'],
  [
    'a trade of another symbol beside a known one',
    tradeText([tradeElement('1', '1', 'Buy', { s: 'ETHUSDT' }), tradeElement('1', '1')]),
    'unknown_symbol trade',
  ],
];
for (const [what, text, status] of cases) test(`${what} gives ${status}`, () => assert.is(statusOf(text), status));

test("times are taken from text or number, the matching engine's before the message's, wherever they stand", () => {
  const decoder = new BybitDecoder(instruments, 50);
  for (const ts of ['1733011200691', '"1733011200691"']) {
    decode(bookText('delta', { u: 2, ts }), decoder);
    assert.equal([decoder.message.numbers[N_EVENT_MS], decoder.message.numbers[N_TRANSACT_MS]], [1733011200691, 1733011200589]);
  }
  decode(DELTA.replace(',"cts":1733011200589', '').replace('"ts":1733011200691,', '').replace(/}$/, ',"ts":"7"}'), decoder);
  assert.is(decoder.message.numbers[N_TRANSACT_MS], 7);
});

test('a message without cross sequence has none', () => {
  const decoder = new BybitDecoder(instruments, 50);
  decode(bookText('delta', { u: 2, seq: 130020239261 }), decoder);
  assert.is(decoder.message.numbers[N_CROSS_SEQUENCE], 130020239261);
  decode(DELTA.replace(',"seq":20', ''), decoder);
  assert.is(decoder.message.numbers[N_CROSS_SEQUENCE], 0);
});

test('without a chosen depth the deepest snapshot is the book, and best prices beside it are tickers', () => {
  const decoder = new BybitDecoder(instruments);
  const kindOf = (type: 'snapshot' | 'delta', depth: number): unknown =>
    decode(bookText(type, { depth, u: 5, a: [['1', '1']] }), decoder).map((one) =>
      typeof one === 'number' ? decodeStatusName(one) : one.kind,
    )[0];
  assert.is(kindOf('snapshot', 1), 'snapshot');
  assert.is(kindOf('delta', 50), 'unknown_kind');
  assert.is(kindOf('snapshot', 50), 'snapshot');
  assert.equal([kindOf('snapshot', 1), decoder.message.bidTicks[0], decoder.message.askTicks[0]], ['ticker', PRICE_NONE, 100]);
  assert.is(kindOf('delta', 50), 'depth');
  assert.is(kindOf('snapshot', 200), 'snapshot');
  assert.is(kindOf('delta', 50), 'unknown_kind');
});

test('a message holds up to 1,024 trades, block trades are not of the market, and ids are numbers or nothing', () => {
  const decoder = new BybitDecoder(instruments);
  const many = Array.from({ length: 1_024 }, (_, i) => tradeElement(`${1 + i}.5`, '1', 'Sell', { i: `${i}` }));
  const found = decode(tradeText(many), decoder);
  assert.is(found.length, 1_024);
  assert.equal(found.map((one) => (typeof one === 'object' && one.kind === 'trade' ? [one.id, one.price] : one)).at(-1), [1_023, 102_450]);
  const ids = ['2100000000007764263', '9dc75fca-4bdd', '12', 13].map((i) => tradeElement('1', '1', 'Buy', { i, BT: i === 13 }));
  assert.equal(
    decode(tradeText(ids), decoder).map((one) => (typeof one === 'object' && one.kind === 'trade' ? [one.id, one.market] : one)),
    [
      [0, true],
      [0, true],
      [12, true],
      [13, false],
    ],
  );
});

test('frames and sides above the limits are refused', () => {
  assert.is(statusOf(DELTA.replace(/}$/, `,"pad":"${'x'.repeat(FRAME_BYTES_MAX)}"}`)), 'frame_too_large');
  const many = (count: number): string => bookText('delta', { b: Array<[string, string]>(count).fill(['1', '1']), u: 2 });
  assert.is(statusOf(many(BOOK_LEVELS_MAX + 1)), 'too_many_levels');
  assert.is(statusOf(many(BOOK_LEVELS_MAX)), 'depth');
});

test.run();
