import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { DbnDecoder } from '../../../src/feed/dbn/decode.hot.ts';
import { DBN_SHAPES, versionOf } from '../../../src/feed/dbn/layout.ts';
import { type DbnValue, readDbnRecord } from '../../../src/feed/dbn/record.ts';
import { PRICE, readTime, storeTicks } from '../../../src/feed/dbn/words.hot.ts';
import { RECORD } from '../../../src/feed/recorded/status.ts';
import { naiveDbn, naiveMeaning } from '../../reference/naive-dbn.ts';
import { levels, mbo, otherRecord, type Pair, quarters, UNDEF_PRICE, UNDEF_TIME } from '../../support/dbn-records.ts';
import { DBN_INSTRUMENTS, DBN_NAIVE_INSTRUMENTS, DBN_SAMPLE_NAMES, DBN_SAMPLES, meaningOf } from '../../support/dbn-samples.ts';

test('each kind of record decodes as the naive decoder says', () => {
  const decoder = new DbnDecoder(DBN_INSTRUMENTS);
  DBN_SAMPLES.forEach((bytes, i) => {
    const expected = naiveMeaning(bytes, DBN_NAIVE_INSTRUMENTS);
    assert.ok(expected !== undefined, `sample ${i} is accepted`);
    assert.is(decoder.decode(bytes, 0, bytes.length), RECORD.OK, `sample ${i}`);
    assert.is(meaningOf(decoder.message, DBN_SAMPLE_NAMES[i]!), expected);
  });
});

test('what cannot be on a book is refused with its reason', () => {
  const decoder = new DbnDecoder(DBN_INSTRUMENTS);
  const status = (bytes: Uint8Array): number => decoder.decode(bytes, 0, bytes.length);
  const order = { price: quarters(4), size: 1, side: 'B' };
  assert.is(status(mbo('X', 1n, order)), RECORD.BAD_ACTION);
  assert.is(status(mbo('A', 1n, { ...order, side: 'N' })), RECORD.BAD_SIDE);
  assert.is(status(mbo('A', 1n, { ...order, side: 'Z' })), RECORD.BAD_SIDE);
  assert.is(status(mbo('A', 1n, { ...order, price: UNDEF_PRICE })), RECORD.NO_PRICE);
  assert.is(status(mbo('M', 1n, { ...order, price: quarters(4) + 1n })), RECORD.OFF_TICK);
  assert.is(status(mbo('T', 1n, { ...order, price: UNDEF_PRICE - 1n })), RECORD.PRICE_RANGE);
  assert.is(status(mbo('C', 1n, { ...order, size: 0 })), RECORD.QTY_RANGE);
  for (const flags of [0x10, 0x50]) assert.is(status(mbo('A', 1n, { ...order, flags })), RECORD.NOT_AN_ORDER);
  for (const action of ['M', 'C']) assert.is(status(mbo(action, 1n, { ...order, flags: 0x40 })), RECORD.NOT_AN_ORDER);
  assert.is(status(mbo('A', 1n, { ...order, flags: 0x40, price: UNDEF_PRICE, side: 'N' })), RECORD.BAD_SIDE);
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

test.run();
