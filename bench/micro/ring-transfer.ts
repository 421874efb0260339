import { DRAIN_BATCH_RECORDS } from '../../src/core/limits.ts';
import { RECORD_DOUBLES } from '../../src/core/records/layout.ts';
import { RING_FULL } from '../../src/core/ring/layout.ts';
import type { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import type { NaiveRing } from './naive-ring.ts';

/** Values repeat after this many records, so that sums of many millions of them stay exact. */
const VALUES = 1_024;
/** Empty polls between two looks at the clock while waiting for the other thread. */
const POLLS_PER_LOOK = 1 << 20;

/** Gives up on a thread that does not come: a bench must end. */
export class Patience {
  private readonly expired: () => boolean;
  private polls = 0;

  constructor(expired: () => boolean) {
    this.expired = expired;
  }

  wait(): void {
    this.polls = (this.polls + 1) | 0;
    if ((this.polls & (POLLS_PER_LOOK - 1)) === 0 && this.expired()) throw new Error('the other thread of the ring bench did not answer');
  }
}

/** What all doubles of records 0 to count - 1 add up to; double d of record n holds (n + d) mod VALUES. */
export function expectedSum(count: number): number {
  let cycle = 0;
  for (let n = 0; n < VALUES; n++) cycle += recordSum(n);
  let sum = Math.floor(count / VALUES) * cycle;
  for (let n = 0; n < count % VALUES; n++) sum += recordSum(n);
  return sum;
}

function recordSum(n: number): number {
  let sum = 0;
  for (let d = 0; d < RECORD_DOUBLES; d++) sum += (n + d) & (VALUES - 1);
  return sum;
}

export function sendOurs(ring: RingProducer, count: number, publishEvery: number, patience: Patience): void {
  const f64 = ring.f64;
  const mask = publishEvery - 1;
  for (let n = 0; n < count; n++) {
    let slot = ring.claim();
    while (slot === RING_FULL) {
      ring.publish();
      patience.wait();
      slot = ring.claim();
    }
    const at = slot * RECORD_DOUBLES;
    for (let d = 0; d < RECORD_DOUBLES; d++) f64[at + d] = (n + d) & (VALUES - 1);
    if ((n & mask) === mask) ring.publish();
  }
  ring.publish();
}

export function receiveOurs(ring: RingConsumer, count: number, patience: Patience): number {
  const f64 = ring.f64;
  let sum = 0;
  for (let left = count; left > 0; ) {
    const ready = ring.poll(DRAIN_BATCH_RECORDS);
    if (ready === 0) {
      patience.wait();
      continue;
    }
    for (let i = 0; i < ready; i++) {
      const at = ring.slot(i) * RECORD_DOUBLES;
      for (let d = 0; d < RECORD_DOUBLES; d++) sum += f64[at + d]!;
    }
    ring.release(ready);
    left -= ready;
  }
  return sum;
}

export function sendNaive(ring: NaiveRing, count: number, publishEvery: number, patience: Patience): void {
  const f64 = ring.f64;
  const mask = publishEvery - 1;
  for (let n = 0; n < count; n++) {
    let slot = ring.claim();
    while (slot < 0) {
      ring.publish();
      patience.wait();
      slot = ring.claim();
    }
    const at = slot * RECORD_DOUBLES;
    for (let d = 0; d < RECORD_DOUBLES; d++) f64[at + d] = (n + d) & (VALUES - 1);
    if ((n & mask) === mask) ring.publish();
  }
  ring.publish();
}

export function receiveNaive(ring: NaiveRing, count: number, patience: Patience): number {
  const f64 = ring.f64;
  let sum = 0;
  for (let left = count; left > 0; ) {
    const slot = ring.next();
    if (slot < 0) {
      patience.wait();
      continue;
    }
    const at = slot * RECORD_DOUBLES;
    for (let d = 0; d < RECORD_DOUBLES; d++) sum += f64[at + d]!;
    ring.release();
    left--;
  }
  return sum;
}
