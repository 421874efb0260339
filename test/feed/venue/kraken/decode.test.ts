import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../../src/core/limits.ts';
import { N_CHECKSUM } from '../../../../src/feed/l2/message.hot.ts';
import { DECODE, decodeStatusName, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { KrakenDecoder } from '../../../../src/feed/venue/kraken/decode.hot.ts';
import { naiveKraken } from '../../../reference/naive-kraken.ts';
import {
  BTC_USD,
  bookText,
  type FirstLevel,
  firstChange,
  firstSnapshot,
  firstTicker,
  firstTrades,
  instrumentText,
  MATIC_USD,
  sampleFrames,
  subscribedText,
  tickerText,
  tradeElement,
  tradeText,
  XMR_USD,
} from '../../../support/kraken-frames.ts';
import { decodeAll, resultsOf } from '../../../support/l2-decoding.ts';

const instruments = [BTC_USD, MATIC_USD, XMR_USD];
const AT = '1618678133.365913';
const level = (price: string, qty: string, time = AT): FirstLevel => [price, qty, time];

/** What the decoder says of a frame between bytes that would continue it. */
function decode(text: string, decoder = new KrakenDecoder(instruments)): ReturnType<typeof decodeAll> {
  const bytes = new TextEncoder().encode(`9"}]${text}}]0"`);
  return decodeAll(decoder, bytes, 4, bytes.length - 4);
}
const statusOf = (text: string): string =>
  decode(text)
    .map((one) => (typeof one === 'number' ? decodeStatusName(one) : one.kind))
    .join(' ');

test('every sample frame decodes as the naive decoder says', () => {
  for (const text of sampleFrames()) assert.equal(resultsOf(decode(text)), naiveKraken(text, instruments), text);
});

test('a frame cut off anywhere is refused as a message of no instrument, which costs every book', () => {
  const decoder = new KrakenDecoder(instruments);
  for (const text of sampleFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++) {
      const bytes = new TextEncoder().encode(whole.slice(0, length));
      assert.ok(decoder.decode(bytes, 0, bytes.length) < 0, whole.slice(0, length));
      assert.equal([decoder.message.kind, decoder.message.instrument], [MESSAGE.DEPTH, -1]);
    }
  }
});

const update = (bid: string, rest = ''): string =>
  `{"channel":"book","type":"update","data":[{"symbol":"MATIC/USD","bids":[${bid}],"asks":[],"checksum":1${rest}}]}`;
const cases: [what: string, text: string, status: string][] = [
  ['no JSON', 'pong', 'bad_json'],
  ['bytes after the object', `${bookText('update', {})}x`, 'bad_json'],
  ['too many brackets', `${'['.repeat(40)}${']'.repeat(40)}`, 'too_deep'],
  ['a recorded answer to a request', 'https://api.kraken.com/0/public/AssetPairs -> 1618678132.358447: {}', 'unknown_kind'],
  ['a control message', '{"method":"pong","req_id":42}', 'unknown_kind'],
  ['trades from before the subscription', tradeText('snapshot', tradeElement(1, '0.5', '1', 'buy')), 'unknown_kind'],
  ['another symbol', bookText('update', { symbol: 'ETH/USD' }), 'unknown_symbol'],
  ['another symbol beside a known one', bookText('update', { symbol: 'ETH/USD' }, {}), 'unknown_symbol depth'],
  ['a bad element beside a good one', bookText('update', { bids: [['0.56666', '1']] }, {}), 'too_many_decimals depth'],
  ['no data', '{"channel":"book","type":"update","data":[]}', 'bad_field'],
  ['an unknown type', '{"channel":"book","type":"delta","data":[]}', 'bad_field'],
  ['a book without checksum', '{"channel":"book","type":"update","data":[{"symbol":"MATIC/USD","bids":[],"asks":[]}]}', 'missing_field'],
  ['a price in quotes', update('{"price":"0.5","qty":1}'), 'bad_field'],
  ['a price with an exponent', update('{"price":5e-1,"qty":1}'), 'bad_decimal'],
  ['a price below zero', update('{"price":-0.5,"qty":1}'), 'bad_decimal'],
  ['a price of zero', update('{"price":0.0,"qty":1}'), 'price_range'],
  ['a bid beyond the grid', update('{"price":999999999,"qty":1}'), 'price_range'],
  ['a level without quantity', update('{"price":0.5}'), 'missing_field'],
  ['a level with two prices', update('{"price":0.5,"price":0.6,"qty":1}'), 'duplicate_field'],
  ['a quantity beyond 2^53 - 1', update('{"price":0.5,"qty":90071992.54740992}'), 'qty_range'],
  ['a time that is none', update('{"price":0.5,"qty":1}', ',"timestamp":"2023-13-06T17:35:55Z"'), 'bad_field'],
  ['a ticker with a price and no quantity', tickerText(['0.5', '0'], ['0.6', '1']), 'price_range'],
  ['a trade of nothing', tradeText('update', tradeElement(1, '0.5', '0', 'buy')), 'qty_range'],
  ['v1: an empty array', '[]', 'unknown_kind'],
  ['v1: another channel', '[1,["354.1","1"],"spread","XMR/USD"]', 'unknown_kind'],
  ['v1: too few elements', '[1,{},"XMR/USD"]', 'bad_field'],
  ['v1: another pair', firstChange([{ b: [level('354.15', '1')], c: '1' }], 10, 'ETH/USD'), 'unknown_symbol'],
  ['v1: a depth that is no number', '[1,{"b":[],"c":"1"},"book-x","XMR/USD"]', 'bad_field'],
  ['v1: a change without checksum', firstChange([{ b: [level('354.15', '1')] }]), 'missing_field'],
  [
    'v1: two checksums',
    firstChange([
      { b: [], c: '1' },
      { a: [], c: '1' },
    ]),
    'duplicate_field',
  ],
  ['v1: a snapshot of one side', '[1,{"as":[]},"book-10","XMR/USD"]', 'missing_field'],
  ['v1: a snapshot and a change in one', '[1,{"as":[],"bs":[]},{"a":[],"c":"1"},"book-10","XMR/USD"]', 'bad_field'],
  ['v1: a level without time', '[1,{"b":[["354.15","1"]],"c":"1"},"book-10","XMR/USD"]', 'bad_field'],
  ['v1: a price off the tick', firstChange([{ b: [level('354.155', '1')], c: '1' }]), 'off_tick'],
  ['v1: a trade of neither side', firstTrades([['354.11', '1', AT, 'x', 'l', '']]), 'bad_field'],
  [
    'v1: a trade without side beside a good one',
    firstTrades([
      ['354.11', '1', AT],
      ['354.11', '1', AT, 'b'],
    ]),
    'bad_field trade',
  ],
  ['v1: a ticker without its ask', '[996,{"b":["1.0",1,"1.0"]},"ticker","XMR/USD"]', 'missing_field'],
];
for (const [what, text, status] of cases) test(`${what} gives ${status}`, () => assert.is(statusOf(text), status));

test('the two objects of one change are one message, in order', () => {
  const text = firstChange([{ a: [level('354.30', '1'), level('354.30', '0')] }, { b: [level('354.10', '2')], c: '974942666' }]);
  const decoder = new KrakenDecoder(instruments);
  const [message] = decode(text, decoder);
  assert.equal(typeof message === 'object' && message.kind === 'depth' && [message.asks, message.bids], [
    [
      [35430, 100_000_000],
      [35430, 0],
    ],
    [[35410, 200_000_000]],
  ]);
  assert.is(decoder.message.numbers[N_CHECKSUM], 974942666);
});

test('an ask beyond the grid is left out and counted', () => {
  const [message] = decode(firstSnapshot([level('354.15', '1')], [level('354.20', '1'), level('99999997.00000000', '1')]));
  assert.equal(typeof message === 'object' && message.kind === 'snapshot' && [message.asks.length, message.far], [1, 1]);
});

test('the depth is that of the channel, of the answer to the subscription, or the shallowest that holds the snapshot', () => {
  const decoder = new KrakenDecoder(instruments);
  decode(firstSnapshot([], [], 1000), decoder);
  assert.is(decoder.books.depth[2], 1000);
  const ladder = (count: number): [string, string][] => [...Array(count).keys()].map((i) => [`${1 + i}`, '1']);
  decode(bookText('snapshot', { bids: ladder(3) }), decoder);
  assert.is(decoder.books.depth[1], 10);
  decode(bookText('snapshot', { asks: ladder(11) }), decoder);
  assert.is(decoder.books.depth[1], 25);
  decode(subscribedText(500), decoder);
  assert.is(decoder.books.depth[1], 500);
  decode(bookText('snapshot', { asks: ladder(11) }), decoder);
  assert.is(decoder.books.depth[1], 500);
});

test('a change of a book of another depth is not for this book', () => {
  const decoder = new KrakenDecoder(instruments);
  decode(firstSnapshot([], [], 10), decoder);
  const other = firstChange([{ b: [level('354.15', '1')], c: '1' }], 100);
  assert.equal(decode(other, decoder), [DECODE.UNKNOWN_KIND]);
  const only = new KrakenDecoder(instruments, 100);
  assert.equal(decode(firstSnapshot([], [], 10), only), [DECODE.UNKNOWN_KIND]);
  assert.equal(resultsOf(decode(other, only)), naiveKraken(other, instruments));
});

test('the precisions of the venue are taken for the checksums, from the channel instrument or the decimals of a snapshot', () => {
  const decoder = new KrakenDecoder([
    { ...MATIC_USD, id: 0 },
    { ...XMR_USD, id: 1, priceDecimals: 2, tickUnits: 1 },
  ]);
  decode(instrumentText('MATIC/USD', 5, 7), decoder);
  decode(instrumentText('ETH/USD', 1, 1), decoder);
  decode(firstSnapshot([level('354.15000000', '1.0')], []), decoder);
  assert.equal([...decoder.books.priceDecimals, ...decoder.books.qtyDecimals], [5, 8, 7, 1]);
});

test("times reach the nanosecond, and that of a message of the first API is its newest level's", () => {
  const [message] = decode(firstChange([{ b: [level('354.15', '1', '1618678133.365913'), level('354.14', '1', '1618678132.9')], c: '1' }]));
  assert.equal(typeof message === 'object' && message.time, [1_618_678_133_365, 913_000]);
  assert.equal(typeof message === 'object' && message.kind === 'depth' && message.last, 1_618_678_133_365_913);
  const [again] = decode(firstChange([{ b: [['354.15', '1', '1618678133.365913', 'r']], c: '1' }]));
  assert.equal(typeof again === 'object' && again.kind === 'depth' && again.last, 0);
});

test('a ticker of the first API has price and quantity, not the whole lots between', () => {
  const decoder = new KrakenDecoder(instruments);
  decode(firstTicker(['354.11', '2.5'], ['354.12', '3.25']), decoder);
  assert.equal([decoder.message.kind, decoder.message.bidTicks[0], decoder.message.bidLots[0]], [MESSAGE.TICKER, 35411, 250_000_000]);
  assert.equal([decoder.message.askTicks[0], decoder.message.askLots[0]], [35412, 325_000_000]);
});

test('frames and sides above the limits are refused', () => {
  assert.is(statusOf(bookText('update', {}).replace('}]}', `,"pad":"${'x'.repeat(FRAME_BYTES_MAX)}"}]}`)), 'frame_too_large');
  const many = (count: number): string => bookText('update', { bids: Array<[string, string]>(count).fill(['1', '1']) });
  assert.is(statusOf(many(BOOK_LEVELS_MAX / 2 + 1)), 'too_many_levels');
  assert.is(statusOf(many(BOOK_LEVELS_MAX / 2)), 'depth');
});

test.run();
