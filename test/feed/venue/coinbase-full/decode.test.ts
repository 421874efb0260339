import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRICE_NONE } from '../../../../src/core/price.ts';
import { Prng } from '../../../../src/core/prng.ts';
import { SIDE } from '../../../../src/core/records/market.ts';
import { N_LAST_ID, N_TRADE_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../../../src/feed/l2/message.hot.ts';
import { DECODE, decodeStatusName } from '../../../../src/feed/l2/status.ts';
import { FullDecoder, NO_ORDER } from '../../../../src/feed/venue/coinbase-full/decode.hot.ts';
import { FULL } from '../../../../src/feed/venue/coinbase-full/order.ts';
import { type NaiveEvent, type NaiveOrder, naiveFull } from '../../../reference/naive-coinbase-full.ts';
import { BTC_USD, SKL_EUR } from '../../../support/coinbase-frames.ts';
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
import { mutate } from '../../../support/mutate.ts';

const FRAMES = 300_000;
const instruments = [BTC_USD, { ...SKL_EUR, priceDecimals: 1, tickUnits: 1, qtyDecimals: 8 }];
const decoder = new FullDecoder(instruments);
const KINDS: readonly NaiveEvent['kind'][] = ['other', 'other', 'open', 'done', 'match', 'change', 'line', 'snapshot'];

function idText(): string {
  const hex = [...new Uint32Array(decoder.orderId.buffer)].map((word) => word.toString(16).padStart(8, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function orderForm(): NaiveOrder {
  return {
    order: idText(),
    sell: decoder.side === SIDE.SELL,
    price: decoder.isFar === 1 ? 'far' : decoder.ticks[0]!,
    size: decoder.lots[0]!,
  };
}

/** The event at hand in the naive form; orders of a snapshot are read, and the snapshot refused with its first bad one. */
function formOf(): NaiveEvent | 'refused' {
  const { message, kind } = decoder;
  const n = message.numbers;
  const common = {
    kind: KINDS[kind]!,
    instrument: message.instrument,
    sequence: n[N_LAST_ID]!,
    time: [n[N_TRANSACT_MS]!, n[N_TRANSACT_REST_NS]!] as [number, number],
  };
  if (kind === FULL.OTHER) return common;
  if (kind === FULL.SNAPSHOT) {
    const orders: NaiveOrder[] = [];
    for (let status = decoder.nextOrder(); status !== NO_ORDER; status = decoder.nextOrder()) {
      if (status < 0) return 'refused';
      orders.push(orderForm());
    }
    return { ...common, orders };
  }
  return {
    ...common,
    order: idText(),
    ...(decoder.side < 0 ? {} : { sell: decoder.side === SIDE.SELL }),
    ...(decoder.isFar === 1 ? { price: 'far' as const } : decoder.ticks[0]! === PRICE_NONE ? {} : { price: decoder.ticks[0]! }),
    ...(decoder.hasLots === 0 ? {} : { size: decoder.lots[0]! }),
    ...(kind === FULL.MATCH ? { trade: n[N_TRADE_ID]! } : {}),
  };
}

function decode(bytes: Uint8Array, size = bytes.length): NaiveEvent | number | 'refused' {
  const status = decoder.decode(bytes, 0, size);
  return status === DECODE.OK ? formOf() : status;
}
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

test('300,000 mutated frames: none crashes, both paths agree, and what is accepted the naive decoder reads alike', () => {
  const prng = new Prng(760636963);
  const sources = sampleFullFrames().map(encode);
  const target = new Uint8Array(4_096);
  const text = new TextDecoder();
  const general = new FullDecoder(instruments);
  let accepted = 0;
  for (let i = 0; i < FRAMES; i++) {
    // Four of a kind in a row: what a decoder expects from the message before is right and wrong in turns.
    const size = mutate(prng, sources[(i >> 2) % sources.length]!, target);
    const status = decoder.decode(target, 0, size);
    const slow = general.decodeAnyOrder(target, 0, size);
    if (status !== slow || decoder.kind !== general.kind || decoder.message.instrument !== general.message.instrument)
      assert.is(text.decode(target.subarray(0, size)), `${status} ${slow}`);
    const found = decode(target, size);
    if (typeof found === 'number' || found === 'refused') continue;
    accepted++;
    const frame = text.decode(target.subarray(0, size));
    const expected = naiveFull(frame, instruments);
    if (JSON.stringify(found) !== JSON.stringify(expected)) assert.equal({ frame, found }, { frame, found: expected });
  }
  assert.ok(accepted > FRAMES / 50 && accepted < FRAMES / 2, `${accepted} accepted`);
});

test.run();
