import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  LatencyTimeline,
  TIMELINE_BUCKETS,
  TIMELINE_BYTES,
  TIMELINE_INTERVALS,
  timelineBucket,
  timelineBucketValue,
} from '../../src/core/timeline.hot.ts';

const fresh = (): LatencyTimeline => new LatencyTimeline(new SharedArrayBuffer(TIMELINE_BYTES), 0);
const total = (timeline: LatencyTimeline): number => timeline.counts.reduce((sum, count) => sum + count, 0);

test('a bucket holds its values to one eighth of an octave', () => {
  for (let value = 32; value < 2 ** 31; value = Math.ceil(value * 1.013)) {
    const end = timelineBucketValue(timelineBucket(value));
    assert.ok(value < end && value >= end / 1.125 - 1, `${value} against the upper end ${end}`);
  }
  assert.is(timelineBucket(0), 0);
  assert.is(timelineBucket(2 ** 40), TIMELINE_BUCKETS - 1);
});

test('samples fall into the second in which they were taken, with the exact maximum', () => {
  const timeline = fresh();
  timeline.record(Float64Array.of(0), 0, 100);
  timeline.record(Float64Array.of(999_999_999), 0, 3_000);
  timeline.record(Float64Array.of(1_000_000_000), 0, 50);
  assert.is(timeline.header[1], 2);
  assert.is(timeline.maximaNs[0], 3_000);
  assert.is(timeline.maximaNs[1], 50);
  assert.is(total(timeline), 3);
});

test('a session longer than the intervals folds without losing a sample', () => {
  const timeline = fresh();
  const seconds = 3 * TIMELINE_INTERVALS;
  for (let second = 0; second < seconds; second++) timeline.record(Float64Array.of(second * 1e9), 0, 100 + second);
  assert.is(timeline.header[0], 4e9);
  assert.is(total(timeline), seconds);
  assert.is(timeline.header[1], Math.ceil(seconds / 4));
  assert.is(timeline.maximaNs[0], 103);
  assert.is(timeline.maximaNs[seconds / 4 - 1], 100 + seconds - 1);
});

test.run();
