import { RING_CLOSED_OFFSET, RING_FULL, RING_HEAD_OFFSET, RING_TAIL_OFFSET, RING_WAITING_OFFSET, type RingViews } from './layout.ts';

const HEAD = RING_HEAD_OFFSET / 4;
const TAIL = RING_TAIL_OFFSET / 4;
const CLOSED = RING_CLOSED_OFFSET / 4;
const WAITING = RING_WAITING_OFFSET / 4;

/**
 * The writing end; exactly one per ring. `claim` a slot, write its 64 bytes through `i32`/`f64` at `slot * 16` and
 * `slot * 8`, then `publish` everything claimed. The consumer's index is re-read only when the cached copy says full.
 */
export class RingProducer {
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly f64: Float64Array<SharedArrayBuffer>;
  readonly stamps: Float64Array<SharedArrayBuffer>;
  private readonly control: Int32Array<SharedArrayBuffer>;
  private readonly capacity: number;
  private readonly mask: number;
  private next: number;
  private cachedTail: number;

  constructor(views: RingViews) {
    this.i32 = views.i32;
    this.f64 = views.f64;
    this.stamps = views.stamps;
    this.control = views.control;
    this.capacity = views.capacity;
    this.mask = views.capacity - 1;
    this.next = Atomics.load(views.control, HEAD);
    this.cachedTail = Atomics.load(views.control, TAIL);
  }

  /** Slot index of the next record, or RING_FULL. The record is invisible until `publish`. */
  claim(): number {
    const next = this.next;
    if (((next - this.cachedTail) | 0) >= this.capacity) {
      this.cachedTail = Atomics.load(this.control, TAIL);
      if (((next - this.cachedTail) | 0) >= this.capacity) return RING_FULL;
    }
    this.next = (next + 1) | 0;
    return next & this.mask;
  }

  /** Free slots as of now; loads the consumer's index. */
  free(): number {
    this.cachedTail = Atomics.load(this.control, TAIL);
    return this.capacity - ((this.next - this.cachedTail) | 0);
  }

  /** Makes all claimed records visible with one sequentially consistent store; wakes the consumer only if it sleeps. */
  publish(): void {
    const control = this.control;
    Atomics.store(control, HEAD, this.next);
    if (Atomics.load(control, WAITING) === 1) Atomics.notify(control, HEAD, 1);
  }

  /** Publishes, then says that nothing follows: a consumer that sees CLOSED finds the final head behind it. */
  close(): void {
    this.publish();
    Atomics.store(this.control, CLOSED, 1);
    Atomics.notify(this.control, HEAD, 1);
  }
}

/**
 * The reading end; exactly one per ring. `poll` says how many records are ready, `slot(i)` addresses the i-th of them,
 * `release(n)` gives n slots back. The producer's index is re-read only when the cached copy says empty.
 */
export class RingConsumer {
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly f64: Float64Array<SharedArrayBuffer>;
  readonly stamps: Float64Array<SharedArrayBuffer>;
  private readonly control: Int32Array<SharedArrayBuffer>;
  private readonly mask: number;
  private next: number;
  private cachedHead: number;

  constructor(views: RingViews) {
    this.i32 = views.i32;
    this.f64 = views.f64;
    this.stamps = views.stamps;
    this.control = views.control;
    this.mask = views.capacity - 1;
    this.next = Atomics.load(views.control, TAIL);
    this.cachedHead = this.next;
  }

  /** Records ready, at most `limit`. */
  poll(limit: number): number {
    let ready = (this.cachedHead - this.next) | 0;
    if (ready === 0) {
      this.cachedHead = Atomics.load(this.control, HEAD);
      ready = (this.cachedHead - this.next) | 0;
    }
    return ready < limit ? ready : limit;
  }

  /** Slot index of the i-th ready record, 0 <= i < the last `poll`. */
  slot(i: number): number {
    return (this.next + i) & this.mask;
  }

  /** Gives `count` slots back to the producer. */
  release(count: number): void {
    this.next = (this.next + count) | 0;
    Atomics.store(this.control, TAIL, this.next);
  }

  /** True when the producer closed the ring and everything was read. */
  drained(): boolean {
    if (Atomics.load(this.control, CLOSED) !== 1) return false;
    this.cachedHead = Atomics.load(this.control, HEAD);
    return this.cachedHead === this.next;
  }

  /** Sleeps until something may be ready, at most `timeoutMs`. Only for threads that may block. */
  wait(timeoutMs: number): void {
    const control = this.control;
    Atomics.store(control, WAITING, 1);
    if (Atomics.load(control, HEAD) === this.next && Atomics.load(control, CLOSED) !== 1) {
      Atomics.wait(control, HEAD, this.next, timeoutMs);
    }
    Atomics.store(control, WAITING, 0);
  }
}
