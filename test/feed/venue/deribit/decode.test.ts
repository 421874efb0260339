import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FRAME_BYTES_MAX } from '../../../../src/core/limits.ts';
import { DECODE, decodeStatusName } from '../../../../src/feed/l2/status.ts';
import { DeribitDecoder } from '../../../../src/feed/venue/deribit/decode.hot.ts';
import { naiveDeribit } from '../../../reference/naive-deribit.ts';
import { bookText, notification, OPTION, PERPETUAL, sampleDeribitFrames, tradeData, tradesText } from '../../../support/deribit-frames.ts';
import { decodeAll, fuzz, resultsOf } from '../../../support/l2-decoding.ts';

const FRAMES = 300_000;
const instruments = [PERPETUAL, OPTION];
const decoder = new DeribitDecoder(instruments);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function decode(text: string): ReturnType<typeof decodeAll> {
  const bytes = encode(text);
  const direct = decodeAll(decoder, bytes, 0, bytes.length, true);
  const block = encode(`9"}]${text}}]0"${'9'.repeat(64)}`);
  assert.equal(decodeAll(decoder, block, 4, 4 + bytes.length, true), direct, 'the surroundings of a frame do not matter');
  return direct;
}

test('every sample frame decodes as the naive decoder says', () => {
  for (const text of sampleDeribitFrames()) assert.equal(resultsOf(decode(text)), naiveDeribit(text, instruments), text);
});

test('a frame cut off anywhere is refused', () => {
  for (const text of sampleDeribitFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++)
      assert.ok((decode(whole.slice(0, length))[0] as number) < 0, whole.slice(0, length));
  }
});

test('numbers are read from their text: what floats would round stays apart', () => {
  const fine = new DeribitDecoder([{ ...PERPETUAL, priceDecimals: 9, qtyDecimals: 6, tickUnits: 1, lotUnits: 1 }]);
  const bytes = encode(bookText(1, undefined, [['new', '0.100000001', '900000000.000001']], []));
  const [book] = decodeAll(fine, bytes, 0, bytes.length);
  assert.equal((book as { bids: unknown }).bids, [[100_000_001, 900_000_000_000_001]]);
});

test('block trades and trades of the legs of a combination were not made in this book', () => {
  const market = (extra: string): unknown =>
    (decode(tradesText(tradeData(1, '92294.5', '10', 'sell', extra)))[0] as { market: boolean }).market;
  assert.equal(
    [
      '',
      ',"block_trade_id":"B"',
      ',"block_rfq_id":1',
      ',"combo_id":"C"',
      ',"combo_trade_id":"1"',
      ',"combo_id":null',
      ',"liquidation":"T"',
    ].map(market),
    [true, false, false, false, false, true, true],
  );
});

const one = (level: string): string => bookText(2, 1, [], []).replace('"bids":[]', `"bids":[${level}]`);
const cases: [string, string, number][] = [
  ['an unknown instrument', bookText(1, undefined, [], [], 'ETH-PERPETUAL'), DECODE.UNKNOWN_SYMBOL],
  ['a grouped book', notification('book.BTC-PERPETUAL.none.10.100ms', '{}'), DECODE.UNKNOWN_KIND],
  ['a product list of a recording', 'https://www.deribit.com/api/v2/x -> 1.5: {"result":[]}', DECODE.UNKNOWN_KIND],
  ['no trade', tradesText(), DECODE.UNKNOWN_KIND],
  ['params that are no object', '{"method":"subscription","params":[]}', DECODE.BAD_FIELD],
  ['no data', '{"method":"subscription","params":{"channel":"book.X.raw"}}', DECODE.MISSING_FIELD],
  ['a book of another type', bookText(2, 1, [], []).replace('"change"', '"update"'), DECODE.BAD_FIELD],
  ['a change without its predecessor', bookText(2, 1, [], []).replace('"prev_change_id":1,', ''), DECODE.MISSING_FIELD],
  ['a change whose predecessor is null', bookText(2, 1, [], []).replace('"prev_change_id":1,', '"prev_change_id":null,'), DECODE.BAD_FIELD],
  ['no change id', bookText(2, 1, [], []).replace('"change_id"', '"changes"'), DECODE.MISSING_FIELD],
  ['a fractional time', bookText(2, 1, [], []).replace('1626993723632', '1626993723632.5'), DECODE.ID_RANGE],
  ['an action of another name', one('["update",1.0,10]'), DECODE.BAD_FIELD],
  ['a level without amount', one('["new",1.0]'), DECODE.BAD_FIELD],
  ['a level of four', one('["new",1.0,10,1]'), DECODE.BAD_FIELD],
  ['a price as text', one('["new","1.0",10]'), DECODE.BAD_FIELD],
  ['a price with an exponent', one('["new",1e3,10]'), DECODE.BAD_DECIMAL],
  ['a negative price', one('["new",-1.0,10]'), DECODE.BAD_DECIMAL],
  ['a price of zero', one('["new",0.0,10]'), DECODE.PRICE_RANGE],
  ['a price off the tick', one('["new",1.1,10]'), DECODE.OFF_TICK],
  ['an amount off the lot', one('["new",1.5,10.5]'), DECODE.OFF_LOT],
  ['a new level of nothing', one('["new",1.5,0.0]'), DECODE.QTY_RANGE],
  ['a trade of nothing', tradesText(tradeData(1, '1.5', '0', 'buy')), DECODE.QTY_RANGE],
  ['a trade of no direction', tradesText(tradeData(1, '1.5', '1', 'buy').replace('"direction"', '"d"')), DECODE.MISSING_FIELD],
  ['a key twice', bookText(2, 1, [], []).replace('"bids"', '"asks":[],"bids"'), DECODE.DUPLICATE_FIELD],
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
  const bytes = encode(`{"method":"subscription","pad":"${'x'.repeat(FRAME_BYTES_MAX)}"}`);
  assert.equal(decodeAll(decoder, bytes, 0, bytes.length), [DECODE.FRAME_TOO_LARGE]);
});

test('300,000 mutated frames: none crashes, both paths agree, and what is accepted the naive decoder reads alike', () => {
  const accepted = fuzz({
    frames: sampleDeribitFrames(),
    instruments,
    decoder,
    general: new DeribitDecoder(instruments),
    naive: naiveDeribit,
    count: FRAMES,
    seed: 1626993723,
    links: true,
  });
  assert.ok(accepted > FRAMES / 50 && accepted < FRAMES / 2, `${accepted} accepted`);
});

test.run();
