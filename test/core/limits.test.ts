import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as limits from '../../src/core/limits.ts';
import { PRICE_NONE, PRICE_TICKS_MAX } from '../../src/core/price.ts';

test('every limit is a positive safe integer', () => {
  for (const [name, value] of Object.entries(limits)) assert.ok(Number.isSafeInteger(value) && value > 0, `${name} = ${value}`);
});

test('ring capacities are powers of two and a batch is a part of each', () => {
  const { MARKET_RING_RECORDS, ORDER_RING_RECORDS, REPORT_RING_RECORDS, JOURNAL_RING_RECORDS, DRAIN_BATCH_RECORDS } = limits;
  for (const records of [MARKET_RING_RECORDS, ORDER_RING_RECORDS, REPORT_RING_RECORDS, JOURNAL_RING_RECORDS]) {
    assert.is(2 ** Math.round(Math.log2(records)), records);
    assert.ok(DRAIN_BATCH_RECORDS <= records / 4);
  }
});

test('the largest snapshot a venue sends fits the market ring, and what features look at fits a book', () => {
  // Both sides with their clear, state and end.
  assert.ok(limits.MARKET_RING_RECORDS >= 2 * 5_000 + 3);
  assert.ok(limits.FEATURE_LEVELS <= limits.BOOK_LEVELS_MAX);
});

test('every open order can be cancelled and can report four times in one batch', () => {
  assert.ok(limits.OPEN_ORDERS_MAX <= limits.ORDER_RING_RECORDS);
  assert.ok(4 * limits.OPEN_ORDERS_MAX <= limits.REPORT_RING_RECORDS);
});

test('order ids and prices fit an int32, latencies and times a double exactly', () => {
  assert.ok(limits.ORDERS_SESSION_MAX <= 2 ** 31 - 1);
  assert.equal([PRICE_NONE, PRICE_TICKS_MAX], [-(2 ** 31), 2 ** 31 - 1]);
  assert.ok(limits.LATENCY_NS_MAX < 2 ** 53);
});

test('one frame fits the buffer of frames, and a journal block its segment', () => {
  assert.ok(limits.FRAME_BYTES_MAX <= limits.SYNC_BUFFER_BYTES_MAX);
  assert.ok(limits.JOURNAL_BLOCK_RECORDS_MAX * 64 < limits.JOURNAL_SEGMENT_BYTES_MAX);
});

test.run();
