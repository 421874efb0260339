import { RECORD_BYTES, RECORD_DOUBLES } from '../../src/core/records/layout.ts';

const HEAD = 0;
const TAIL = 1;
/** The records follow on the cache line after the indexes. */
const HEADER_BYTES = 64;

/**
 * The ring one writes first, as the other side of the ring bench: both indexes side by side in one cache line, each of them
 * read atomically at every record, slots found by division. Correct, and slow for exactly these reasons.
 */
export class NaiveRing {
  readonly f64: Float64Array<SharedArrayBuffer>;
  private readonly control: Int32Array<SharedArrayBuffer>;
  private readonly capacity: number;
  private claimed: number;

  constructor(buffer: SharedArrayBuffer, offset: number, capacity: number) {
    this.control = new Int32Array(buffer, offset, HEADER_BYTES / 4);
    this.f64 = new Float64Array(buffer, offset + HEADER_BYTES, capacity * RECORD_DOUBLES);
    this.capacity = capacity;
    this.claimed = Atomics.load(this.control, HEAD);
  }

  static bytes(capacity: number): number {
    return HEADER_BYTES + capacity * RECORD_BYTES;
  }

  /** Slot of the next record, or -1 when the ring is full. */
  claim(): number {
    const tail = Atomics.load(this.control, TAIL);
    if (((this.claimed - tail) | 0) >= this.capacity) return -1;
    const slot = (this.claimed >>> 0) % this.capacity;
    this.claimed = (this.claimed + 1) | 0;
    return slot;
  }

  publish(): void {
    Atomics.store(this.control, HEAD, this.claimed);
  }

  /** Slot of the oldest record, or -1 when the ring is empty. */
  next(): number {
    const tail = Atomics.load(this.control, TAIL);
    return Atomics.load(this.control, HEAD) === tail ? -1 : (tail >>> 0) % this.capacity;
  }

  release(): void {
    Atomics.store(this.control, TAIL, (Atomics.load(this.control, TAIL) + 1) | 0);
  }
}
