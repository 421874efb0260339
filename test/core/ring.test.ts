import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RECORD_WORDS } from '../../src/core/records/layout.ts';
import { LatestValue, latestBytes } from '../../src/core/ring/latest.hot.ts';
import {
  RING_CLOSED_OFFSET,
  RING_FULL,
  RING_HEAD_OFFSET,
  RING_RECORDS_OFFSET,
  RING_TAIL_OFFSET,
  RING_WAITING_OFFSET,
  ringBytes,
  ringViews,
} from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';

function make(capacity: number, start = 0) {
  const views = ringViews(new SharedArrayBuffer(ringBytes(capacity)), 0, capacity);
  views.control[RING_HEAD_OFFSET / 4] = start;
  views.control[RING_TAIL_OFFSET / 4] = start;
  return { producer: new RingProducer(views), consumer: new RingConsumer(views), views };
}

test('head, tail, closed and waiting words stand 128 bytes apart, ahead of the records', () => {
  assert.equal([RING_HEAD_OFFSET, RING_TAIL_OFFSET, RING_CLOSED_OFFSET, RING_WAITING_OFFSET, RING_RECORDS_OFFSET], [0, 128, 256, 384, 512]);
});

test('a capacity that is no power of two is refused', () => {
  assert.throws(() => ringBytes(100));
  assert.throws(() => ringBytes(1));
});

test('nothing is visible before publish, everything after it', () => {
  const { producer, consumer } = make(8);
  producer.i32[producer.claim() * RECORD_WORDS] = 11;
  producer.i32[producer.claim() * RECORD_WORDS] = 12;
  assert.is(consumer.poll(8), 0);
  producer.publish();
  assert.is(consumer.poll(8), 2);
  assert.equal([consumer.i32[consumer.slot(0) * RECORD_WORDS], consumer.i32[consumer.slot(1) * RECORD_WORDS]], [11, 12]);
});

test('a full ring says so and takes records again after a release', () => {
  const { producer, consumer } = make(4);
  for (let i = 0; i < 4; i++) assert.not.equal(producer.claim(), RING_FULL);
  assert.is(producer.claim(), RING_FULL);
  assert.is(producer.free(), 0);
  producer.publish();
  consumer.poll(4);
  consumer.release(3);
  assert.is(producer.free(), 3);
  for (let i = 0; i < 3; i++) assert.not.equal(producer.claim(), RING_FULL);
  assert.is(producer.claim(), RING_FULL);
});

test('a closed ring is drained only when its last record was released', () => {
  const { producer, consumer } = make(4);
  producer.claim();
  producer.close();
  assert.not.ok(consumer.drained());
  assert.is(consumer.poll(4), 1);
  consumer.release(1);
  assert.ok(consumer.drained());
});

test('waiting returns at once when something is ready or the ring is closed', () => {
  const { producer, consumer, views } = make(4);
  producer.claim();
  producer.publish();
  consumer.wait(60_000);
  consumer.poll(4);
  consumer.release(1);
  producer.close();
  consumer.wait(60_000);
  assert.is(views.control[RING_WAITING_OFFSET / 4], 0);
});

for (const [name, start] of [
  ['2^31', 2 ** 31 - 5],
  ['2^32', -5],
] as const) {
  test(`indices wrap at ${name} without losing or repeating a record`, () => {
    const { producer, consumer } = make(4, start | 0);
    let sent = 0;
    let seen = 0;
    while (seen < 40) {
      for (let slot = producer.claim(); slot !== RING_FULL; slot = producer.claim()) producer.i32[slot * RECORD_WORDS + 5] = sent++;
      producer.publish();
      const ready = consumer.poll(3);
      assert.ok(ready > 0 && ready <= 3);
      for (let i = 0; i < ready; i++) assert.is(consumer.i32[consumer.slot(i) * RECORD_WORDS + 5], seen++);
      consumer.release(ready);
    }
  });
}

test('any mix of claims, publications, polls and releases behaves as a queue', () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant('claim' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('publish' as const), count: fc.constant(0) }),
    fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 6 }) }),
  );
  fc.assert(
    fc.property(fc.constantFrom(2, 4, 8), fc.integer(), fc.array(command, { maxLength: 200 }), (capacity, start, commands) => {
      const { producer, consumer } = make(capacity, start);
      const claimed: number[] = [];
      const visible: number[] = [];
      let next = 0;
      for (const { kind, count } of commands) {
        if (kind === 'publish') {
          producer.publish();
          visible.push(...claimed.splice(0));
        } else if (kind === 'claim') {
          for (let i = 0; i < count; i++) {
            const slot = producer.claim();
            const full = claimed.length + visible.length >= capacity;
            assert.is(slot === RING_FULL, full);
            if (full) continue;
            producer.i32[slot * RECORD_WORDS] = next;
            claimed.push(next++);
          }
        } else {
          let left = count;
          for (let ready = consumer.poll(left); ready > 0 && left > 0; ready = consumer.poll(left)) {
            for (let i = 0; i < ready; i++) assert.is(consumer.i32[consumer.slot(i) * RECORD_WORDS], visible.shift());
            consumer.release(ready);
            left -= ready;
          }
          if (left > 0) assert.is(visible.length, 0);
        }
      }
    }),
    { numRuns: 400 },
  );
});

test('the latest-value slot gives the newest complete value', () => {
  const slot = new LatestValue(new SharedArrayBuffer(latestBytes(3)), 0, 3);
  const out = new Int32Array(3);
  slot.write(Int32Array.of(1, 2, 3));
  slot.write(Int32Array.of(4, 5, 6));
  assert.is(slot.read(out), 0);
  assert.equal([...out], [4, 5, 6]);
});

test.run();
