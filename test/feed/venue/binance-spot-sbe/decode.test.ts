import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../../src/core/prng.ts';
import { SIDE } from '../../../../src/core/records/market.ts';
import { N_FIRST_ID, N_LAST_ID, N_TRADE_ID, N_TRADE_LOTS, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../../../src/feed/l2/message.hot.ts';
import { DECODE, decodeStatusName, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { SPOT, SPOT_PARTIAL } from '../../../../src/feed/venue/binance/dialect.ts';
import { SpotSbeDecoder } from '../../../../src/feed/venue/binance-spot-sbe/decode.hot.ts';
import type { NaiveMessage } from '../../../reference/naive-binance.ts';
import { naiveSbe } from '../../../reference/naive-sbe.ts';
import { naiveForm } from '../../../support/binance-compare.ts';
import { SPOT_BTC, SPOT_NKN } from '../../../support/binance-frames.ts';
import { encodeSbe, type SbeFrame, sbeBest, sbeDiff, sbeSampleFrames, sbeSnapshot, sbeTrades } from '../../../support/sbe-frames.ts';

const instruments = [SPOT_BTC, SPOT_NKN];
const decoder = new SpotSbeDecoder(instruments, SPOT);
const partial = new SpotSbeDecoder(instruments, SPOT_PARTIAL);
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** Status of every message of a frame, which stands amid other bytes, and the messages that are accepted. */
function decodeAll(which: SpotSbeDecoder, frame: Uint8Array): { statuses: number[]; messages: NaiveMessage[] } {
  const block = new Uint8Array(frame.length + 32).fill(0x99);
  block.set(frame, 7);
  const statuses: number[] = [];
  const messages: NaiveMessage[] = [];
  let status = which.decode(block, 7, 7 + frame.length);
  for (;;) {
    statuses.push(status);
    if (status === DECODE.OK) messages.push(naiveForm(which.message, 'spot'));
    if (which.more === 0) return { statuses, messages };
    status = which.next();
  }
}
const statusOf = (frame: SbeFrame, which = decoder): string => decodeStatusName(decodeAll(which, encodeSbe(frame)).statuses[0]!);
const assertAsNaive = (which: SpotSbeDecoder, frame: Uint8Array): number => {
  const { messages } = decodeAll(which, frame);
  const expected = naiveSbe(frame, instruments, which === partial).filter((one) => one !== undefined);
  if (JSON.stringify(messages) !== JSON.stringify(expected)) assert.equal(messages, expected, Buffer.from(frame).toString('hex'));
  return messages.length;
};

test('the derived vector of a best bid and ask is read', () => {
  const frame = hex(
    '320011270100000040222018240a0600b168de3a00000000f8f840bf905f6203000080d1f008000000008001a05f6203000040787d01000000000742544355534454',
  );
  assert.equal(decodeAll(decoder, frame).statuses, [DECODE.OK]);
  const { message } = decoder;
  assert.equal([message.kind, message.numbers[N_LAST_ID]], [MESSAGE.TICKER, 987654321]);
  assert.equal([message.numbers[N_TRANSACT_MS], message.numbers[N_TRANSACT_REST_NS]], [1_700_000_000_123, 456_000]);
  assert.equal(
    [message.bidTicks[0], message.bidLots[0], message.askTicks[0], message.askLots[0]],
    [3_721_045, 150_000_000, 3_721_046, 25_000_000],
  );
  assert.equal(encodeSbe(sbeBest(987_654_321, [3_721_045_000_000, 150_000_000], [3_721_046_000_000, 25_000_000])), frame);
});

test('the derived vector of changes is read, a quantity of zero as a removal', () => {
  const frame = hex(
    '1a0013270100000040222018240a06009d00000000000000a000000000000000f8f81000010080a903000000000000ca9a3b0000000010000100a0f7030000000000000000000000000006424e42425443',
  );
  const bnb = new SpotSbeDecoder([{ id: 0, symbol: 'BNBBTC', priceDecimals: 4, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 }], SPOT);
  assert.equal(decodeAll(bnb, frame).statuses, [DECODE.OK]);
  const { message } = bnb;
  assert.equal([message.numbers[N_FIRST_ID], message.numbers[N_LAST_ID]], [157, 160]);
  assert.equal([message.bidTicks[0], message.bidLots[0], message.askTicks[0], message.askLots[0]], [24, 10, 26, 0]);
});

test('the derived vector of a trade is read, with exponents of its own', () => {
  const frame = hex(
    '120010270100000040222018240a060078202018240a0600fef8190001000000393000000000000055c73800000000006400000000000000010742544355534454',
  );
  assert.equal(decodeAll(decoder, frame).statuses, [DECODE.OK]);
  const { message } = decoder;
  assert.equal([message.kind, message.numbers[N_TRADE_ID], message.tradeTicks], [MESSAGE.TRADE, 12345, 3_721_045]);
  assert.equal([message.numbers[N_TRADE_LOTS], message.tradeSide, message.tradeIsMarket], [100, SIDE.SELL, 1]);
});

test('every sample frame decodes as the naive decoder says', () => {
  const read = (which: SpotSbeDecoder): number => sbeSampleFrames().reduce((sum, frame) => sum + assertAsNaive(which, frame), 0);
  assert.equal([read(decoder), read(partial)], [10, 8]);
});

test('every trade of a frame is a message, a bad one among them costs none of the others', () => {
  const frame = encodeSbe(
    sbeTrades([
      [1, 3_721_045_000_000, 100, 1],
      [2, 3_721_045_500_000, 100, 1],
      [3, 3_721_046_000_000, 100, 255],
      [4, 3_721_046_000_000, 100, 0],
    ]),
  );
  const { statuses, messages } = decodeAll(decoder, frame);
  assert.equal(statuses.map(decodeStatusName), ['ok', 'off_tick', 'bad_field', 'ok']);
  assert.equal(
    messages.map((one) => one.kind === 'trade' && one.id),
    [1, 4],
  );
  assert.is(statusOf(sbeTrades([])), 'unknown_kind');
});

test('a frame cut off anywhere is refused, and so is one that goes on behind its symbol', () => {
  for (const frame of sbeSampleFrames()) {
    for (let length = 0; length < frame.length - 3; length++) assert.equal(decodeAll(decoder, frame.slice(0, length)).messages, []);
  }
  assert.is(statusOf({ ...sbeDiff(1, 2, [], []), extraEnd: 1 }), 'bad_length');
  assert.is(statusOf({ ...sbeDiff(1, 2, [], []), extraEnd: 1, version: 1 }), 'ok');
});

test('lengths are those of the message: longer blocks are skipped, shorter ones refused', () => {
  const diff = sbeDiff(157, 160, [[6_183_763_000_000, 1]], [[6_183_764_000_000, 2]]);
  for (const extra of [{ extraRoot: 1 }, { extraEntry: 5 }, { extraRoot: 40, extraEntry: 40, version: 7 }]) {
    assertAsNaive(decoder, encodeSbe({ ...diff, ...extra }));
    assert.is(statusOf({ ...diff, ...extra }), 'ok');
    assert.is(statusOf({ ...sbeTrades([[1, 3_721_045_000_000, 100, 1]]), ...extra }), 'ok');
  }
  assert.is(statusOf({ ...diff, extraRoot: -1 }), 'bad_length');
  assert.is(statusOf({ ...diff, extraEntry: -1 }), 'bad_length');
});

test('another schema, template and symbol are told apart', () => {
  assert.is(statusOf({ ...sbeDiff(1, 2, [], []), schemaId: 3 }), 'wrong_schema');
  assert.is(statusOf({ ...sbeDiff(1, 2, [], []), symbol: 'ETHUSDT' }), 'unknown_symbol');
  const frame = encodeSbe(sbeDiff(1, 2, [], []));
  frame[2] = 0x14;
  assert.equal(decodeAll(decoder, frame).statuses, [DECODE.UNKNOWN_KIND]);
});

const decimals: readonly [what: string, price: number | bigint, exponent: number, status: string][] = [
  ['a mantissa with fewer decimals', 6_183_763, -2, 'ok'],
  ['a mantissa above the decimals', 61_837, 0, 'ok'],
  ['a positive exponent', 61, 3, 'ok'],
  ['more decimals that are zero', 61_837_630_000_000_00n, -11, 'ok'],
  ['more decimals that are not', 61_837_630_000_000_01n, -11, 'too_many_decimals'],
  ['a price off the tick', 6_183_763_500_000, -8, 'off_tick'],
  ['a negative price', -1, -8, 'bad_decimal'],
  ['a price of zero', 0, -8, 'price_range'],
  ['zero with any exponent', 0, -128, 'price_range'],
  ['a price beyond int32 ticks', 2_147_483_648_000_000n, -8, 'price_range'],
  ['the largest price', 2_147_483_647_000_000n, -8, 'ok'],
  ['a price beyond 2^53 units', 9_007_199_254_740_991n, -7, 'price_range'],
  ['a mantissa beyond 2^53', 9_007_199_254_740_992n, -16, 'price_range'],
  ['an exponent beyond any grid', 1, 127, 'price_range'],
  ['an exponent below any grid', 1, -128, 'too_many_decimals'],
];
for (const [what, price, exponent, status] of decimals) {
  test(`${what} gives ${status}`, () => {
    const diff = sbeDiff(1, 2, [], []);
    const frame = { ...diff, root: { ...diff.root, priceExponent: exponent }, groups: [[{ price, qty: 5 }], []] };
    assert.is(statusOf(frame), status);
    assertAsNaive(decoder, encodeSbe(frame));
    assert.is(decoder.message.kind, MESSAGE.DEPTH, 'a refused depth message is known as one');
    assert.is(decoder.message.instrument, 0);
  });
}

test('decimals of every exponent and random mantissas come out as exact arithmetic says', () => {
  const prng = new Prng(5);
  let accepted = 0;
  for (let i = 0; i < 5_000; i++) {
    let price = BigInt(1 + prng.nextInt(1_000_000_000)) * BigInt(1 + prng.nextInt(9_000_000));
    const exponent = prng.nextInt(28) - 20;
    if (prng.nextInt(2) === 0) price = BigInt(1 + prng.nextInt(99_999)) * 10n ** BigInt(prng.nextInt(12));
    const diff = sbeDiff(1, 2, [], []);
    const root = { ...diff.root, priceExponent: exponent, qtyExponent: exponent };
    accepted += assertAsNaive(
      decoder,
      encodeSbe({ ...diff, root, groups: [[{ price, qty: price }], [{ price: 61_837n * 10n ** 8n, qty: price }]] }),
    );
    accepted += assertAsNaive(
      decoder,
      encodeSbe({
        ...sbeBest(1, [1, 1], [1, 1]),
        root: { ...sbeBest(1, [1, 1], [1, 1]).root, ...root, bidPrice: price, bidQty: 1, askPrice: price, askQty: price },
      }),
    );
  }
  assert.ok(accepted > 250, `${accepted} accepted`);
});

test('whole books of depth20 are read where they are asked for, changes are not', () => {
  const whole = sbeSnapshot(160, [[6_183_763_000_000, 1]], []);
  assert.equal([statusOf(whole), statusOf(whole, partial)], ['unknown_kind', 'ok']);
  assert.equal([statusOf(sbeDiff(1, 2, [], [])), statusOf(sbeDiff(1, 2, [], []), partial)], ['ok', 'unknown_kind']);
});

test('JSON beside the binary frames is read as that of spot', () => {
  const text = (json: string): number => decodeAll(decoder, new TextEncoder().encode(json)).statuses[0]!;
  assert.is(text('{"result":null,"id":1}'), DECODE.UNKNOWN_KIND);
  assert.is(text('{"stream":"btcusdt@depthSnapshot","data":{"lastUpdateId":158,"bids":[["1.00","2"]],"asks":[]}}'), DECODE.OK);
  assert.equal([decoder.message.kind, decoder.message.instrument, decoder.message.bidTicks[0]], [MESSAGE.SNAPSHOT, 0, 100]);
  assert.ok(text('{"broken"') < 0);
});

test.run();
