import { assert } from '../assert.ts';
import { CACHE_PAIR_BYTES } from '../memory.ts';
import { RECORD_BYTES } from '../records/layout.ts';

/**
 * Single-producer single-consumer ring in shared memory.
 *
 *   byte 0     head      records published, int32, wraps; written by the producer only
 *        128   tail      records released,  int32, wraps; written by the consumer only
 *        256   closed    1 when the producer will publish no more
 *        384   waiting   1 while the consumer sleeps on `head`
 *        512   records   capacity x 64 bytes
 *        ...   stamps    capacity x 32 bytes: measured times (ns) of a record, by STAMP, beside the records because
 *                        measured times must never reach what is journaled
 *
 * Each index stands on its own pair of cache lines. Payload is written with plain stores; `Atomics.store(head)` publishes
 * it and `Atomics.load(head)` in the consumer acquires it, so the payload is race-free (ECMA-262, memory model).
 */
export const RING_HEAD_OFFSET = 0;
export const RING_TAIL_OFFSET = CACHE_PAIR_BYTES;
export const RING_CLOSED_OFFSET = 2 * CACHE_PAIR_BYTES;
export const RING_WAITING_OFFSET = 3 * CACHE_PAIR_BYTES;
export const RING_RECORDS_OFFSET = 4 * CACHE_PAIR_BYTES;
export const RING_STAMPS = 4;
const RING_STAMP_BYTES = 8 * RING_STAMPS;

/** Doubles of a record's stamps: planned or handed over (T0), handed over, decoded and in the book (T1). */
export const STAMP = { T0_NS: 0, HANDED_NS: 1, T1_NS: 2 } as const;

/** Status of `claim`: the consumer is a whole capacity behind. The ring's owner applies its written policy. */
export const RING_FULL = -1;

/** Bytes of a ring of `capacity` records; `capacity` is a power of two. */
export function ringBytes(capacity: number): number {
  assert(capacity >= 2 && (capacity & (capacity - 1)) === 0, 'Invariant: a ring capacity is a power of two');
  return RING_RECORDS_OFFSET + capacity * (RECORD_BYTES + RING_STAMP_BYTES);
}

/** The views both ends use; `control` indexes int32 words of the header. */
export interface RingViews {
  readonly capacity: number;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly f64: Float64Array<SharedArrayBuffer>;
  readonly stamps: Float64Array<SharedArrayBuffer>;
}

export function ringViews(buffer: SharedArrayBuffer, offset: number, capacity: number): RingViews {
  assert(offset % CACHE_PAIR_BYTES === 0, 'Invariant: a ring begins on a pair of cache lines');
  const records = offset + RING_RECORDS_OFFSET;
  const stamps = records + capacity * RECORD_BYTES;
  assert(offset + ringBytes(capacity) <= buffer.byteLength, 'Invariant: a ring lies inside its memory');
  return {
    capacity,
    control: new Int32Array(buffer, offset, RING_RECORDS_OFFSET / 4),
    i32: new Int32Array(buffer, records, (capacity * RECORD_BYTES) / 4),
    f64: new Float64Array(buffer, records, (capacity * RECORD_BYTES) / 8),
    stamps: new Float64Array(buffer, stamps, capacity * RING_STAMPS),
  };
}
