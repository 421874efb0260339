import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FRAME_BYTES_MAX } from '../../../../src/core/limits.ts';
import { ownFeedCounters } from '../../../../src/feed/counters.ts';
import { DECODE, decodeStatusName, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { CoinbaseDecoder } from '../../../../src/feed/venue/coinbase/decode.hot.ts';
import { naiveCoinbase } from '../../../reference/naive-coinbase.ts';
import {
  advancedBookText,
  advancedText,
  advancedTrade,
  BTC_USD,
  heartbeatText,
  matchText,
  SKL_EUR,
  sampleFrames,
  snapshotText,
  tickerText,
  updateText,
} from '../../../support/coinbase-frames.ts';
import { decodeAll, resultsOf } from '../../../support/l2-decoding.ts';

const instruments = [BTC_USD, SKL_EUR];
const counters = ownFeedCounters();
const decoder = new CoinbaseDecoder(instruments, counters);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function decode(text: string): ReturnType<typeof decodeAll> {
  const bytes = encode(text);
  const direct = decodeAll(decoder, bytes, 0, bytes.length);
  const block = encode(`9"}]${text}}]0"${'9'.repeat(64)}`);
  assert.equal(decodeAll(decoder, block, 4, 4 + bytes.length), direct, 'the surroundings of a frame do not matter');
  return direct;
}

test('every sample frame decodes as the naive decoder says', () => {
  for (const text of sampleFrames()) assert.equal(resultsOf(decode(text)), naiveCoinbase(text, instruments), text);
});

test('a frame cut off anywhere is refused, and may have been a change of any book', () => {
  for (const text of sampleFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++) {
      const [status] = decode(whole.slice(0, length));
      assert.is(typeof status === 'number' && status < 0, true, whole.slice(0, length));
      assert.equal([decoder.message.kind, decoder.message.instrument], [MESSAGE.DEPTH, -1]);
    }
  }
});

test('an l2update of the documentation decodes to a bid removed at its microsecond', () => {
  const [update] = decode(
    '{"type":"l2update","product_id":"BTC-USD","time":"2019-08-14T20:42:27.265123Z","changes":[["buy","10101.80","0.162567"],["buy","10101.81","0"]]}',
  );
  assert.equal(update, {
    kind: 'depth',
    instrument: 0,
    time: [1_565_815_347_265, 123_000],
    last: 1_565_815_347_265_123,
    previous: 0,
    bids: [
      [1_010_180, 16_256_700],
      [1_010_181, 0],
    ],
    asks: [],
    far: 0,
  });
});

test('the side of a match is that of the maker; the last one from before the subscription is no market trade', () => {
  const [sell] = decode(matchText(10, '400.23', '5.23512', 'buy'));
  assert.equal(sell, {
    kind: 'trade',
    instrument: 0,
    time: [1_775_572_200_244, 75_000],
    id: 10,
    price: 40_023,
    qty: 523_512_000,
    sell: true,
    market: true,
  });
  const [last] = decode(matchText(10, '400.23', '5.23512', 'sell', 'last_match'));
  assert.equal([(last as { sell: boolean }).sell, (last as { market: boolean }).market], [false, false]);
});

test('asks beyond the grid are left out and counted, bids there are refused', () => {
  const [far] = decode(
    snapshotText(
      [['1.00', '1']],
      [
        ['888888888.00', '1'],
        ['2.00', '3'],
        ['9999999999999999999', '2'],
      ],
    ),
  );
  assert.equal([(far as { asks: unknown }).asks, (far as { far: number }).far], [[[200, 300_000_000]], 2]);
  assert.equal(decode(snapshotText([['888888888.00', '1']], [])), [DECODE.PRICE_RANGE]);
  assert.equal(decode(snapshotText([], [['99999999999999999x', '1']])), [DECODE.BAD_DECIMAL]);
  assert.equal(decode(snapshotText([], [['1.99999999999999999.9', '1']])), [DECODE.TOO_MANY_DECIMALS]);
  assert.equal(decode(snapshotText([], [['888888888.00', 'x']])), [DECODE.BAD_DECIMAL]);
});

const cases: [string, string, number][] = [
  ['an unknown product', updateText(1, [], 'ETH-USD'), DECODE.UNKNOWN_SYMBOL],
  ['an unknown type', '{"type":"received","product_id":"BTC-USD"}', DECODE.UNKNOWN_KIND],
  ['an array', '[1,2]', DECODE.UNKNOWN_KIND],
  ['no type', '{"product_id":"BTC-USD"}', DECODE.MISSING_FIELD],
  ['a type that is no text', '{"type":7}', DECODE.BAD_FIELD],
  ['no product', '{"type":"l2update","time":"2021-04-17T16:43:30Z","changes":[]}', DECODE.MISSING_FIELD],
  ['an update without time', '{"type":"l2update","product_id":"BTC-USD","changes":[]}', DECODE.MISSING_FIELD],
  ['an update of a time that is not', updateText(1, []).replace('T14', 'T24'), DECODE.BAD_FIELD],
  ['a change of another side', updateText(1, [['buy', '1.00', '1']]).replace('buy', 'bid'), DECODE.BAD_FIELD],
  [
    'a change without size',
    '{"type":"l2update","product_id":"BTC-USD","time":"2021-04-17T16:43:30Z","changes":[["buy","1.00"]]}',
    DECODE.BAD_FIELD,
  ],
  ['a price that is a number', updateText(1, [['buy', '1.00', '1']]).replace('"1.00"', '1.00'), DECODE.BAD_FIELD],
  ['a price off the grid', updateText(1, [['buy', '1.001', '1']]), DECODE.TOO_MANY_DECIMALS],
  ['a price off the tick', updateText(1, [['buy', '0.4386', '1']], 'SKL-EUR'), DECODE.OFF_TICK],
  ['a price of zero', updateText(1, [['sell', '0.00', '1']]), DECODE.PRICE_RANGE],
  ['a size with an exponent', updateText(1, [['buy', '1.00', '1e3']]), DECODE.BAD_DECIMAL],
  ['a negative size', updateText(1, [['buy', '1.00', '-1']]), DECODE.BAD_DECIMAL],
  ['a key twice', updateText(1, []).replace('"type"', '"time":"2021-04-17T16:43:30Z","type"'), DECODE.DUPLICATE_FIELD],
  ['a match of nothing', matchText(1, '1.00', '0', 'buy'), DECODE.QTY_RANGE],
  ['a fractional trade id', matchText(1, '1.00', '1', 'buy').replace('"trade_id":1', '"trade_id":1.5'), DECODE.ID_RANGE],
  ['an Advanced frame without number', advancedText('l2_data', 0, 0, []).replace('"sequence_num":0', '"x":0'), DECODE.MISSING_FIELD],
  [
    'an Advanced event that is no object',
    '{"channel":"l2_data","timestamp":"2021-04-17T16:43:30Z","sequence_num":0,"events":[1]}',
    DECODE.BAD_FIELD,
  ],
  ['an Advanced event of another type', advancedBookText(0, 0, 'update', []).replace('"update"', '"delete"'), DECODE.BAD_FIELD],
  [
    'an Advanced side of another name',
    advancedBookText(0, 0, 'update', [['bid', '1.00', '1']]).replace('"bid"', '"buy"'),
    DECODE.BAD_FIELD,
  ],
  [
    'an Advanced trade of a number as id',
    advancedText('market_trades', 0, 0, [{ type: 'update', trades: [advancedTrade(1, '1.00', '1', 'BUY')] }]).replace(
      '"trade_id":"1"',
      '"trade_id":1',
    ),
    DECODE.BAD_FIELD,
  ],
  ['no event', advancedText('l2_data', 0, 0, []), DECODE.UNKNOWN_KIND],
  ['the product list of a recording', 'https://api.pro.coinbase.com/products -> 1618677816.8: [{"id":"BTC-USD"}]', DECODE.UNKNOWN_KIND],
];
for (const [what, text, status] of cases) {
  test(`${what} gives ${decodeStatusName(status)}`, () => {
    assert.equal(
      decode(text).map((one) => (typeof one === 'number' ? decodeStatusName(one) : one)),
      [decodeStatusName(status)],
    );
  });
}

test('a frame above the limit is refused by its length', () => {
  const bytes = encode(`{"type":"l2update","pad":"${'x'.repeat(FRAME_BYTES_MAX)}"}`);
  assert.equal(decodeAll(decoder, bytes, 0, bytes.length), [DECODE.FRAME_TOO_LARGE]);
});

test('one Advanced frame may hold good, bad and foreign events; each is told apart', () => {
  const update = (product: string, price: string): object => ({
    type: 'update',
    product_id: product,
    updates: [{ side: 'bid', event_time: '2026-04-07T14:30:00Z', price_level: price, new_quantity: '1' }],
  });
  const found = decode(
    advancedText('l2_data', 0, 0, [update('BTC-USD', '1.00'), update('BTC-USD', '1.001'), update('X', '1'), update('SKL-EUR', '2')]),
  );
  assert.equal(
    found.map((one) => (typeof one === 'number' ? one : one.kind)),
    ['depth', DECODE.TOO_MANY_DECIMALS, DECODE.UNKNOWN_SYMBOL, 'depth'],
  );
});

test('a tick of the heartbeat shows trades that were dropped, once the trade had a second to come', () => {
  const own = ownFeedCounters();
  const checked = new CoinbaseDecoder(instruments, own);
  const send = (text: string): number => {
    const bytes = encode(text);
    checked.decode(bytes, 0, bytes.length);
    return own.snapshot()['trades_missed']!;
  };
  assert.is(send(heartbeatText(3)), 0);
  assert.is(send(matchText(10, '1.00', '1', 'buy', 'last_match')), 0);
  assert.is(send(matchText(11, '1.00', '1', 'buy')), 0);
  assert.is(send(matchText(14, '1.00', '1', 'buy')), 2);
  assert.is(send(matchText(13, '1.00', '1', 'buy')), 2);
  assert.is(send(heartbeatText(15)), 2);
  assert.is(send(matchText(15, '1.00', '1', 'buy')), 2);
  assert.is(send(heartbeatText(18)), 2);
  assert.is(send(heartbeatText(18)), 5);
  assert.is(send(heartbeatText(18)), 5);
  assert.is(send(matchText(19, '1.00', '1', 'buy')), 5);
  assert.is(send(matchText(30, '1.00', '1', 'buy', 'last_match')), 5);
});

test('numbers of an Advanced connection that do not follow each other are counted; a connection begins at 0', () => {
  const own = ownFeedCounters();
  const checked = new CoinbaseDecoder(instruments, own);
  const send = (sequence: number): number => {
    const bytes = encode(advancedText('heartbeats', sequence, 1, []));
    checked.decode(bytes, 0, bytes.length);
    return own.snapshot()['sequence_breaks']!;
  };
  assert.equal([5, 6, 7, 9, 10, 10, 0, 1].map(send), [0, 0, 0, 1, 1, 2, 2, 2]);
});

test('a ticker has no place among the book events', () => {
  assert.equal(decode(tickerText(244075)), [{ kind: 'ticker', instrument: 0, time: [1_775_572_200_244, 75_000] }]);
});

test.run();
