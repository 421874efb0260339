import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { DbnDecoder } from '../../../src/feed/dbn/decode.hot.ts';
import { DBN_SHAPES, versionOf } from '../../../src/feed/dbn/layout.ts';
import { type DbnValue, readDbnRecord } from '../../../src/feed/dbn/record.ts';
import { PRICE, readTime, storeTicks } from '../../../src/feed/dbn/words.hot.ts';
import {
  N_EVENT_NS,
  N_EVENT_S,
  N_LOTS,
  N_SEQUENCE,
  RECORD_MESSAGE,
  type RecordMessage,
  SIDE_NONE,
  TIME,
} from '../../../src/feed/recorded/message.hot.ts';
import { RECORD } from '../../../src/feed/recorded/status.ts';
import { type NaiveInstrument, naiveDbn, naiveMeaning } from '../../reference/naive-dbn.ts';
import { ES, ES_NUMBER, levels, mbo, otherRecord, type Pair, quarters, UNDEF_PRICE, UNDEF_TIME } from '../../support/dbn-records.ts';

const RECORDS = 1_000_000;
/** Beside ES a share of another publisher with the same number, in lots of 100 and ticks of 0.0001. */
const OTHER = { ...ES, id: 1, symbol: 'XYZ', priceDecimals: 4, tickUnits: 1, lotUnits: 100, venueId: 2 * 2 ** 32 + ES_NUMBER };
const instruments = [ES, OTHER];
const naive: readonly NaiveInstrument[] = [
  { publisher: 1, number: ES_NUMBER, tickNanos: 250_000_000n, lotUnits: 1 },
  { publisher: 2, number: ES_NUMBER, tickNanos: 100_000n, lotUnits: 100 },
];

/** What was decoded, in the words of the naive decoder; `name` tells types apart that decode alike. */
function meaningOf(message: RecordMessage, name: string): string {
  const n = message.numbers;
  const action = String.fromCharCode(message.action);
  const side = message.side === SIDE_NONE ? 'N' : message.side === SIDE.BUY ? 'B' : 'A';
  const time = message.time === TIME.OWN ? `${BigInt(n[N_EVENT_S]!) * 1_000_000_000n + BigInt(n[N_EVENT_NS]!)}` : 'none';
  const parts: (string | number)[] = [name, message.instrument, action, side, message.flags, time, n[N_SEQUENCE]!];
  const order = message.kind === RECORD_MESSAGE.ORDER;
  if (order ? 'AMT'.includes(action) : action === 'T') parts.push(message.priceTicks);
  if (order ? 'ACMT'.includes(action) : action === 'T') parts.push(n[N_LOTS]!);
  if (order) parts.push(`${(BigInt(message.orderHigh >>> 0) << 32n) | BigInt(message.orderLow >>> 0)}`);
  for (let i = 0; i < message.bidCount; i++) parts.push(`bid:${message.bidTicks[i]}x${message.bidLots[i]}`);
  for (let i = 0; i < message.askCount; i++) parts.push(`ask:${message.askTicks[i]}x${message.askLots[i]}`);
  return parts.join(' ');
}

const ladder: Pair[] = Array.from({ length: 10 }, (_, i) => [quarters(19_240 - i), 10 + i, quarters(19_241 + i), 20 + i]);
const SAMPLES = [
  mbo('A', 6_412_777_162_812n, { price: quarters(19_196), size: 2, side: 'B', flags: 0x80 }),
  mbo('A', 2n ** 63n + 5n, { price: -quarters(7), size: 1, side: 'A' }),
  mbo('C', 6_412_777_162_812n, { price: quarters(19_196), size: 1, side: 'B', flags: 0x82 }),
  mbo('M', 77n, { price: quarters(19_200), size: 9, side: 'A', flags: 0x80, timeNs: UNDEF_TIME }),
  mbo('T', 0n, { price: quarters(19_200), size: 3, side: 'B' }),
  mbo('F', 77n, { price: quarters(19_200), size: 3, side: 'A' }),
  mbo('R', 0n, { flags: 0x28 }),
  mbo('A', 5n, { publisher: 2, price: 1_000_100_000n, size: 300, side: 'B', flags: 0x80 }),
  levels('T', [], { price: quarters(19_200), size: 5, side: 'A', sequence: 4_000_000_000 }),
  levels('A', [[quarters(19_199), 5, quarters(19_200), 6]], { side: 'B' }),
  levels('T', [[quarters(19_199), 5, UNDEF_PRICE, 0]], { price: quarters(3), size: 1, side: 'N' }),
  levels('M', ladder, { side: 'A' }),
  levels('N', [[quarters(19_199), 5, quarters(19_200), 6]], { rtype: 0xc3, side: 'N' }),
];
const NAMES = ['mbo', 'mbo', 'mbo', 'mbo', 'mbo', 'mbo', 'mbo', 'mbo', 'trade', 'mbp1', 'mbp1', 'mbp10', 'bbo'];

test('each kind of record decodes as the naive decoder says', () => {
  const decoder = new DbnDecoder(instruments);
  SAMPLES.forEach((bytes, i) => {
    const expected = naiveMeaning(bytes, naive);
    assert.ok(expected !== undefined, `sample ${i} is accepted`);
    assert.is(decoder.decode(bytes, 0, bytes.length), RECORD.OK, `sample ${i}`);
    assert.is(meaningOf(decoder.message, NAMES[i]!), expected);
  });
});

test('what cannot be on a book is refused with its reason', () => {
  const decoder = new DbnDecoder(instruments);
  const status = (bytes: Uint8Array): number => decoder.decode(bytes, 0, bytes.length);
  const order = { price: quarters(4), size: 1, side: 'B' };
  assert.is(status(mbo('X', 1n, order)), RECORD.BAD_ACTION);
  assert.is(status(mbo('A', 1n, { ...order, side: 'N' })), RECORD.BAD_SIDE);
  assert.is(status(mbo('A', 1n, { ...order, side: 'Z' })), RECORD.BAD_SIDE);
  assert.is(status(mbo('A', 1n, { ...order, price: UNDEF_PRICE })), RECORD.NO_PRICE);
  assert.is(status(mbo('M', 1n, { ...order, price: quarters(4) + 1n })), RECORD.OFF_TICK);
  assert.is(status(mbo('T', 1n, { ...order, price: UNDEF_PRICE - 1n })), RECORD.PRICE_RANGE);
  assert.is(status(mbo('C', 1n, { ...order, size: 0 })), RECORD.QTY_RANGE);
  assert.is(status(mbo('A', 1n, { ...order, flags: 0x40 })), RECORD.NOT_AN_ORDER);
  assert.is(status(mbo('A', 1n, { ...order, publisher: 2, size: 150 })), RECORD.OFF_LOT);
  assert.is(status(mbo('A', 1n, { ...order, publisher: 3 })), RECORD.UNKNOWN_SYMBOL);
  assert.is(status(mbo('A', 1n, order).subarray(0, 52)), RECORD.BAD_LENGTH);
  assert.is(status(otherRecord(0x20, 56)), RECORD.UNKNOWN_KIND);
  const crossedOver: Pair[] = [
    [quarters(1), 1, quarters(2), 1],
    [quarters(1), 1, quarters(3), 1],
  ];
  assert.is(status(levels('A', crossedOver, { count: 10 })), RECORD.LEVELS_UNSORTED);
});

test('prices are exact quotients over the whole range of 64 bits', () => {
  const prng = new Prng(9);
  const view = new DataView(new ArrayBuffer(8));
  const ticks = new Int32Array(1);
  const random64 = (): bigint =>
    (BigInt(prng.nextInt(2 ** 31)) << 33n) ^ (BigInt(prng.nextInt(2 ** 31)) << 10n) ^ BigInt(prng.nextInt(1024));
  for (let i = 0; i < 200_000; i++) {
    const tick = BigInt(1 + prng.nextInt(2 ** 31)) * 10n ** BigInt(prng.nextInt(7));
    const exact = i % 2 === 0;
    const near = BigInt(prng.nextInt(2 ** 31)) * (i % 4 < 2 ? 1n : -1n);
    const price = BigInt.asIntN(64, exact ? near * tick : random64());
    view.setBigInt64(0, price, true);
    const quotient = price / tick;
    const tooLarge = quotient > 2147483647n || quotient < -2147483647n;
    const status = storeTicks(view, 0, Number(tick), ticks);
    if (price === UNDEF_PRICE) assert.is(status, PRICE.UNDEFINED);
    else if (price % tick === 0n && !tooLarge) assert.equal([status, ticks[0]], [PRICE.OK, Number(quotient)], `${price} / ${tick}`);
    else assert.ok(status === PRICE.OFF_TICK || status === PRICE.TOO_LARGE, `${price} / ${tick}`);
  }
});

test('times are exact to the nanosecond over the whole range', () => {
  const prng = new Prng(10);
  const bytes = new Uint8Array(8);
  const out = new Float64Array(2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 100_000; i++) {
    const near = BigInt(prng.nextInt(2 ** 31)) * 1_000_000_000n + BigInt(prng.nextInt(3)) - 1n;
    const time = BigInt.asUintN(64, i % 2 === 0 ? near : BigInt(prng.nextInt(2 ** 31)) * 8_589_934_592n + BigInt(prng.nextInt(2 ** 31)));
    view.setBigUint64(0, time, true);
    if (time === UNDEF_TIME) continue;
    assert.ok(readTime(bytes, 0, out, 0));
    assert.is(BigInt(out[0]!) * 1_000_000_000n + BigInt(out[1]!), time);
    assert.ok(out[1]! >= 0 && out[1]! < 1e9);
  }
  view.setBigUint64(0, UNDEF_TIME, true);
  assert.not(readTime(bytes, 0, out, 0));
});

test('every type and version reads as the naive tables say, older ones with the fields of version 3', () => {
  for (const [rtype, shape] of DBN_SHAPES) {
    const newest = readDbnRecord(otherRecord(rtype, shape.bytes[2]))!;
    shape.bytes.forEach((size, index) => {
      for (const extra of [0, 8]) {
        const bytes = otherRecord(rtype, size + extra, index);
        const expected = naiveDbn(bytes)!;
        const found = readDbnRecord(bytes)!;
        assert.equal([found.name, found.version], [expected.name, expected.version]);
        assert.is(found.version, versionOf(rtype, size));
        const names = Object.keys(found.fields).filter((name) => name !== 'ts_out');
        assert.equal(names, Object.keys(newest.fields));
        for (const [name, value] of Object.entries(found.fields)) {
          const read = expected.fields[name] as DbnValue | undefined;
          if (read !== undefined) assert.is(bigIntOr(value), bigIntOr(read), `${shape.name} ${name}`);
        }
      }
    });
    assert.is(readDbnRecord(otherRecord(rtype, shape.bytes[2] + 4)), undefined);
  }
  assert.is(readDbnRecord(otherRecord(0x77, 40)), undefined);
});

/** Widened integers compare by value. */
function bigIntOr(value: DbnValue): DbnValue {
  return typeof value === 'number' ? BigInt(value) : value;
}

test('a million mutated records: none crashes, and exactly what the naive decoder takes is accepted, alike', () => {
  const prng = new Prng(1_703_422_805);
  const decoder = new DbnDecoder(instruments);
  const target = new Uint8Array(512);
  /** Bytes worth changing: of the header, and of what decides. */
  const likely = [0, 1, 2, 4, 16, 24, 26, 28, 29, 30, 32, 36, 38, 39, 48, 56, 64, 80];
  let accepted = 0;
  for (let i = 0; i < RECORDS; i++) {
    const which = i % 12 === 0 ? 11 : i % SAMPLES.length;
    const source = SAMPLES[which]!;
    target.set(source);
    let size = source.length;
    for (let change = 1 + prng.nextInt(2); change > 0; change--) {
      const at = prng.nextInt(3) === 0 ? likely[prng.nextInt(likely.length)]! : prng.nextInt(size);
      const how = prng.nextInt(8);
      if (how < 4) target[at] = prng.nextInt(256);
      else if (how < 6) target[at] = target[at]! ^ (1 << prng.nextInt(8));
      else if (how === 6) target[at] = 'ABCFMNRT'.charCodeAt(prng.nextInt(8));
      else if (prng.nextInt(20) === 0) size = prng.nextInt(size) + 1;
    }
    const status = decoder.decode(target, 0, size);
    // The naive decoder is slow: all that was accepted, and a part of what was not.
    if (status !== RECORD.OK && i % 8 !== 0) continue;
    if (status === RECORD.OK && which === 11 && i % 4 !== 0) continue;
    const bytes = target.subarray(0, size);
    const expected = naiveMeaning(bytes, naive);
    const found = status === RECORD.OK ? meaningOf(decoder.message, expected?.split(' ', 1)[0] ?? '') : undefined;
    if (found !== expected) assert.is(`${status}: ${found}`, `${expected}: ${Buffer.from(bytes).toString('hex')}`);
    if (status === RECORD.OK) accepted++;
  }
  assert.ok(accepted > RECORDS / 4, `${accepted} accepted: enough to compare`);
});

test.run();
