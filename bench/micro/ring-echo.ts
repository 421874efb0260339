import type { LatencyHistogram } from '../../src/core/histogram.hot.ts';
import { RECORD_DOUBLES } from '../../src/core/records/layout.ts';
import type { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import type { Clock } from '../../src/core/time.ts';
import type { NaiveRing } from './naive-ring.ts';
import type { Patience } from './ring-transfer.ts';

/** Sends one record at a time and waits for it to come back. `clock` undefined: no time is taken, for the mean. Returns a sum. */
export function pingOurs(
  out: RingProducer,
  back: RingConsumer,
  count: number,
  patience: Patience,
  clock: Clock | undefined,
  times: LatencyHistogram,
): number {
  let sum = 0;
  let beganNs = clock === undefined ? 0 : clock.nowNs();
  for (let n = 0; n < count; n++) {
    out.f64[out.claim() * RECORD_DOUBLES] = n;
    out.publish();
    while (back.poll(1) === 0) patience.wait();
    sum += back.f64[back.slot(0) * RECORD_DOUBLES]!;
    back.release(1);
    if (clock === undefined) continue;
    const nowNs = clock.nowNs();
    // The first one wakes the other thread.
    if (n > 0) times.record(nowNs - beganNs);
    beganNs = nowNs;
  }
  return sum;
}

export function echoOurs(ring: RingConsumer, back: RingProducer, count: number, patience: Patience): void {
  for (let n = 0; n < count; n++) {
    while (ring.poll(1) === 0) patience.wait();
    back.f64[back.claim() * RECORD_DOUBLES] = ring.f64[ring.slot(0) * RECORD_DOUBLES]!;
    back.publish();
    ring.release(1);
  }
}

export function pingNaive(
  out: NaiveRing,
  back: NaiveRing,
  count: number,
  patience: Patience,
  clock: Clock | undefined,
  times: LatencyHistogram,
): number {
  let sum = 0;
  let beganNs = clock === undefined ? 0 : clock.nowNs();
  for (let n = 0; n < count; n++) {
    out.f64[out.claim() * RECORD_DOUBLES] = n;
    out.publish();
    let slot = back.next();
    while (slot < 0) {
      patience.wait();
      slot = back.next();
    }
    sum += back.f64[slot * RECORD_DOUBLES]!;
    back.release();
    if (clock === undefined) continue;
    const nowNs = clock.nowNs();
    // The first one wakes the other thread.
    if (n > 0) times.record(nowNs - beganNs);
    beganNs = nowNs;
  }
  return sum;
}

export function echoNaive(ring: NaiveRing, back: NaiveRing, count: number, patience: Patience): void {
  for (let n = 0; n < count; n++) {
    let slot = ring.next();
    while (slot < 0) {
      patience.wait();
      slot = ring.next();
    }
    back.f64[back.claim() * RECORD_DOUBLES] = ring.f64[slot * RECORD_DOUBLES]!;
    back.publish();
    ring.release();
  }
}
