import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_LEVELS_MAX } from '../../../../src/core/limits.ts';
import { Prng } from '../../../../src/core/prng.ts';
import { BOOK_STATE } from '../../../../src/core/records/market.ts';
import { DECODE, decodeStatusName, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { TickpathDecoder } from '../../../../src/feed/venue/tickpath/decode.hot.ts';
import { ENCODE, FeedEncoder } from '../../../../src/feed/venue/tickpath/encode.hot.ts';
import { FEED_MESSAGE } from '../../../../src/feed/venue/tickpath/protocol.ts';
import { naiveFeedMessage } from '../../../reference/naive-feed-protocol.ts';
import { FEED_INSTRUMENTS, packAnyhow, randomMessage } from '../../../support/feed-frames.ts';
import { formOf } from '../../../support/l2-decoding.ts';

function said(decoder: TickpathDecoder, bytes: Uint8Array): unknown {
  const status = decoder.decode(bytes, 0, bytes.length);
  return status === DECODE.OK ? formOf(decoder.message, true) : status > 0 ? 'other' : undefined;
}

test('messages in any width of MessagePack are read as the library reads them', () => {
  const prng = new Prng(1);
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  let accepted = 0;
  for (let i = 0; i < 20_000; i++) {
    const message = randomMessage(prng);
    if (message[0] === 0 && message[1] !== 'BTCUSDT') continue;
    const bytes = packAnyhow(message, prng);
    const found = said(decoder, bytes);
    const expected = naiveFeedMessage(bytes, FEED_INSTRUMENTS);
    if (JSON.stringify(found) !== JSON.stringify(expected)) assert.equal({ message, found }, { message, found: expected });
    if (typeof found === 'object') accepted++;
  }
  assert.ok(accepted > 12_000, `${accepted} accepted`);
});

test('the shortest forms, as the library writes them, are read alike', () => {
  const prng = new Prng(2);
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  for (let i = 0; i < 5_000; i++) {
    const message = randomMessage(prng).map((one) => (typeof one === 'bigint' ? one : one));
    const bytes = encode(message, { useBigInt64: true });
    if (message[0] !== 0) assert.equal(said(decoder, bytes), naiveFeedMessage(bytes, FEED_INSTRUMENTS));
  }
});

test('a million mutated frames end in a status, and what is accepted is what the library reads', () => {
  const prng = new Prng(3);
  const sources = Array.from({ length: 200 }, () => packAnyhow(randomMessage(prng), prng)).filter((one) => one.length < 500);
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  const target = new Uint8Array(1_024);
  let accepted = 0;
  const definitions = FEED_INSTRUMENTS.map((one) =>
    encode([0, one.symbol, one.priceDecimals, one.tickUnits, one.qtyDecimals, one.lotUnits, 1]),
  );
  for (let i = 0; i < 1_000_000; i++) {
    // A mutated definition that is well formed refuses all that follows it.
    if (i % 64 === 0) for (const bytes of definitions) decoder.decode(bytes, 0, bytes.length);
    const source = sources[i % sources.length]!;
    target.set(source);
    let size = source.length;
    for (let change = 1 + prng.nextInt(2); change > 0 && size > 1; change--) {
      const at = prng.nextInt(size);
      const how = prng.nextInt(8);
      if (how < 5) target[at] = how < 2 ? 0xc0 + prng.nextInt(32) : prng.nextInt(256);
      else if (how === 5) size = at + 1;
      else if (how === 6) target.copyWithin(at, at + 1, size--);
      else target.copyWithin(at + 1, at, size++);
    }
    const status = decoder.decode(target, 0, size);
    if (status !== DECODE.OK) continue;
    accepted++;
    const bytes = target.slice(0, size);
    const found = formOf(decoder.message, true);
    const expected = naiveFeedMessage(bytes, FEED_INSTRUMENTS);
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      assert.equal({ hex: Buffer.from(bytes).toString('hex'), found }, { hex: Buffer.from(bytes).toString('hex'), found: expected });
    }
  }
  assert.ok(accepted > 60_000 && accepted < 900_000, `${accepted} accepted`);
});

const HEAD = ['BTCUSDT', 7, 1_700_000_000_000_000_000n];
const REFUSED: readonly (readonly [what: string, value: unknown, status: number])[] = [
  ['text alone', 'hello', DECODE.WRONG_SCHEMA],
  ['a number alone', 5, DECODE.WRONG_SCHEMA],
  ['an empty array', [], DECODE.MISSING_FIELD],
  ['a kind that is none', [6, ...HEAD], DECODE.WRONG_SCHEMA],
  ['a kind that is text', ['2', ...HEAD], DECODE.BAD_FIELD],
  ['a message too short', [2, ...HEAD, []], DECODE.MISSING_FIELD],
  ['a message too long', [5, ...HEAD, 1], DECODE.WRONG_SCHEMA],
  ['a symbol that is a number', [5, 1, 7, 0], DECODE.BAD_FIELD],
  ['a sequence with a fraction', [5, 'BTCUSDT', 7.5, 0], DECODE.BAD_FIELD],
  ['a sequence as a float', [5, 'BTCUSDT', 2 ** 60, 0], DECODE.BAD_FIELD],
  ['a sequence beyond 2^53 - 1', [5, 'BTCUSDT', 2n ** 53n, 0], DECODE.ID_RANGE],
  ['a sequence below zero', [5, 'BTCUSDT', -1, 0], DECODE.ID_RANGE],
  ['a change without a number', [2, 'BTCUSDT', 0, 0, [], []], DECODE.ID_RANGE],
  ['a time below zero', [5, 'BTCUSDT', 7, -1], DECODE.ID_RANGE],
  ['half a level', [2, ...HEAD, [1, 2, 3], []], DECODE.MISSING_FIELD],
  ['levels as pairs', [2, ...HEAD, [[1, 2]], []], DECODE.MISSING_FIELD],
  ['a price beyond the grid', [2, ...HEAD, [2 ** 31, 1], []], DECODE.PRICE_RANGE],
  ['a price far beyond it', [2, ...HEAD, [2n ** 60n, 1], []], DECODE.PRICE_RANGE],
  ['a quantity below zero', [2, ...HEAD, [1, -1], []], DECODE.QTY_RANGE],
  ['a quantity beyond 2^53 - 1', [2, ...HEAD, [], [1, 2n ** 53n]], DECODE.QTY_RANGE],
  ['a quantity that is nil', [2, ...HEAD, [], [1, null]], DECODE.BAD_FIELD],
  ['a trade of nothing', [3, ...HEAD, 1, 0, 5, 0], DECODE.QTY_RANGE],
  ['a trade of a third side', [3, ...HEAD, 1, 2, 5, 1], DECODE.BAD_FIELD],
  ['a state that is none', [4, ...HEAD, 8, 0], DECODE.BAD_FIELD],
  ['more levels than a book holds', [1, ...HEAD, new Array(2 * BOOK_LEVELS_MAX + 2).fill(1), []], DECODE.TOO_MANY_LEVELS],
];
for (const [what, value, status] of REFUSED) {
  test(`${what} is refused`, () => {
    const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
    const bytes = encode(value, { useBigInt64: true });
    assert.is(decodeStatusName(decoder.decode(bytes, 0, bytes.length)), decodeStatusName(status));
  });
}

test('a frame cut anywhere, or with anything behind it, is refused', () => {
  const prng = new Prng(4);
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  for (let i = 0; i < 300; i++) {
    const bytes = packAnyhow(randomMessage(prng), prng);
    for (let end = 0; end < bytes.length; end++) assert.ok(decoder.decode(bytes, 0, end) < 0, `cut at ${end}`);
    const longer = Buffer.concat([bytes, Uint8Array.of(0)]);
    if (decoder.decode(bytes, 0, bytes.length) !== DECODE.UNKNOWN_SYMBOL) assert.ok(decoder.decode(longer, 0, longer.length) < 0);
  }
});

test('a refused message says whose book it was, as far as that was read', () => {
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  const after = (value: unknown): [number, number] => {
    const bytes = encode(value, { useBigInt64: true });
    assert.ok(decoder.decode(bytes, 0, bytes.length) < 0);
    return [decoder.message.kind, decoder.message.instrument];
  };
  assert.equal(after([2, 'ES-spread', 7, 0, [1], []]), [MESSAGE.DEPTH, 1]);
  assert.equal(after([2, 5, 7, 0, [1], []]), [MESSAGE.DEPTH, -1]);
  assert.equal(after([3, 'BTCUSDT', 7, 0, 1, 0, 5, 0]), [MESSAGE.TRADE, 0]);
  assert.equal(after(['?']), [MESSAGE.DEPTH, -1]);
});

test('control messages are passed over, whatever they hold', () => {
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  const of = (value: unknown): number => {
    const bytes = encode(value, { useBigInt64: true });
    return decoder.decode(bytes, 0, bytes.length);
  };
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), (map) => of(map) === DECODE.UNKNOWN_KIND));
  const all = {
    a: new Uint8Array(300),
    b: new Uint8Array(70_000),
    c: 1.5,
    d: -(2n ** 60n),
    e: new Date(0),
    f: 'x'.repeat(40_000),
    g: null,
  };
  assert.is(of(all), DECODE.UNKNOWN_KIND);
  assert.is(of({ deep: Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 1) }), DECODE.TOO_DEEP);
  assert.is(decoder.decode(Uint8Array.of(0x81, 0xa1, 0x61, 0xc1), 0, 4), DECODE.BAD_FIELD);
  assert.is(decoder.decode(Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff), 0, 5), DECODE.BAD_LENGTH);
});

test('an instrument defined otherwise than configured has no messages until it is defined alike', () => {
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  const of = (value: unknown): string => {
    const bytes = encode(value);
    return decodeStatusName(decoder.decode(bytes, 0, bytes.length));
  };
  assert.is(of([1, 'BTCUSDT', 0, 0, [], []]), 'ok');
  assert.is(of([0, 'BTCUSDT', 2, 1, 3, 1, 1]), 'wrong_instrument');
  assert.is(of([1, 'BTCUSDT', 0, 0, [], []]), 'wrong_instrument');
  assert.is(of([5, 'ES-spread', 0, 0]), 'ok');
  assert.is(of([0, 'BTCUSDT', 2, 10, 3, 1, 1]), 'unknown_kind');
  assert.is(of([1, 'BTCUSDT', 0, 0, [], []]), 'ok');
});

test('what the encoder writes, the library reads', () => {
  const base = 1_767_225_600_000_000_123n;
  const encoder = new FeedEncoder({ instruments: FEED_INSTRUMENTS, baseEpochNs: base });
  const read = (): unknown => decode(encoder.bytes.subarray(0, encoder.length), { useBigInt64: true });
  const plain = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? one.toString() : typeof one === 'number' ? `${one}` : one)));
  const integer = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
  const large = fc.integer({ min: 0, max: 2 ** 53 - 1 });
  const side = fc.array(fc.tuple(integer, large), { maxLength: 40 });
  fc.assert(
    fc.property(
      large,
      fc.integer({ min: -1e15, max: 1e15 }),
      large,
      integer,
      side,
      side,
      fc.nat(1),
      (seq, timeNs, id, price, bids, asks, which) => {
        encoder.numbers[ENCODE.SEQUENCE] = seq;
        encoder.numbers[ENCODE.TIME_NS] = timeNs;
        encoder.numbers[ENCODE.TRADE_ID] = id;
        encoder.numbers[ENCODE.TRADE_LOTS] = seq;
        const head = [FEED_INSTRUMENTS[which]!.symbol, seq, base + BigInt(timeNs)];
        encoder.book(FEED_MESSAGE.DELTA, which);
        for (const levels of [bids, asks])
          encoder.side(
            Int32Array.from(levels, ([ticks]) => ticks),
            Float64Array.from(levels, ([, lots]) => lots),
            levels.length,
          );
        assert.equal(plain(read()), plain([2, ...head, bids.flat(), asks.flat()]));
        encoder.trade(which, 1, price);
        assert.equal(plain(read()), plain([3, ...head, id, 1, price, seq]));
        encoder.state(which, BOOK_STATE.GAP, 4);
        assert.equal(plain(read()), plain([4, ...head, 6, 4]));
        encoder.heartbeat(which);
        assert.equal(plain(read()), plain([5, ...head]));
      },
    ),
    { numRuns: 500 },
  );
  encoder.definition(1, 1);
  assert.equal(plain(read()), plain([0, 'ES-spread', 2, 25, 0, 1, 1]));
  encoder.numbers[ENCODE.TIME_NS] = Number.NaN;
  encoder.heartbeat(0);
  assert.is(String((read() as unknown[])[3]), '0');
});

test('a whole book of the largest size is written and read', () => {
  const encoder = new FeedEncoder({ instruments: FEED_INSTRUMENTS, baseEpochNs: 0n });
  const decoder = new TickpathDecoder(FEED_INSTRUMENTS);
  const ticks = Int32Array.from({ length: BOOK_LEVELS_MAX }, (_, i) => 2 ** 31 - 1 - i);
  const lots = Float64Array.from({ length: BOOK_LEVELS_MAX }, (_, i) => 2 ** 53 - 1 - i);
  encoder.numbers[ENCODE.SEQUENCE] = 5;
  encoder.book(FEED_MESSAGE.SNAPSHOT, 0);
  encoder.side(ticks, lots, BOOK_LEVELS_MAX);
  encoder.side(ticks, lots, BOOK_LEVELS_MAX);
  assert.is(decoder.decode(encoder.bytes, 0, encoder.length), DECODE.OK);
  assert.equal(decoder.message.askTicks, ticks);
  assert.equal(decoder.message.bidLots, lots);
});

test.run();
