import { assert } from '../../core/assert.ts';
import { type ExitCode, TickpathError } from '../../core/errors.ts';
import { CACHE_PAIR_BYTES } from '../../core/memory.ts';
import type { ByteSource } from './byte-source.ts';
import type { InputDigest } from './inflate.ts';

/**
 * Inflated input on its way from a reader thread to the thread that replays it, so that a paced replay never inflates,
 * hashes or waits for a disk between two ticks. Single producer, single consumer, slots of fixed size:
 *
 *   byte 0     head    chunks written, int32, wraps; the reader's
 *        128   tail    chunks given back, int32, wraps; the replay's
 *        256   closed  1 when nothing follows
 *        384   slots   {int32 kind, int32 length, int32 file bytes read since the slot before, int32 0} each
 *        ...   data    BYTE_SLOT_BYTES each
 */
export const BYTE_SLOT_BYTES = 128 << 10;
const BYTE_SLOTS = 64;
const HEAD = 0;
const TAIL = CACHE_PAIR_BYTES / 4;
const CLOSED = 2 * TAIL;
const HEADERS = 3 * TAIL;
const HEADER_WORDS = 4;
const DATA_OFFSET = 4 * (HEADERS + BYTE_SLOTS * HEADER_WORDS);

/** What a slot holds: bytes, the digests at the end of an input (JSON), or why reading failed (JSON). */
const SLOT = { DATA: 0, FILES_END: 1, FAILED: 2 } as const;

const WAIT_MS = 5;

/** Memory of a ring, to hand to both threads. */
export function allocateByteRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA_OFFSET + BYTE_SLOTS * BYTE_SLOT_BYTES);
}

export interface ReadFailure {
  readonly code: `ERR_${string}`;
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** The reading thread's end. `write` blocks the thread while the ring is full. */
export class ByteRingWriter {
  private readonly control: Int32Array;
  private readonly data: Uint8Array;
  private head: number;

  constructor(ring: SharedArrayBuffer) {
    this.control = new Int32Array(ring, 0, DATA_OFFSET / 4);
    this.data = new Uint8Array(ring, DATA_OFFSET);
    this.head = Atomics.load(this.control, HEAD);
  }

  /** `readBytes`: bytes of the file that were read to get this chunk. */
  write(chunk: Uint8Array, readBytes: number): void {
    for (let at = 0; at < chunk.length || at === 0; at += BYTE_SLOT_BYTES) {
      this.put(SLOT.DATA, chunk.subarray(at, at + BYTE_SLOT_BYTES), at === 0 ? readBytes : 0);
    }
  }

  /** Nothing more comes of the files at hand. */
  endFiles(digests: readonly InputDigest[], readBytes: number): void {
    this.put(SLOT.FILES_END, new TextEncoder().encode(JSON.stringify(digests)), readBytes);
  }

  fail(failure: ReadFailure): void {
    this.put(SLOT.FAILED, new TextEncoder().encode(JSON.stringify(failure)), 0);
    this.close();
  }

  close(): void {
    Atomics.store(this.control, CLOSED, 1);
    Atomics.notify(this.control, HEAD);
  }

  private put(kind: number, bytes: Uint8Array, readBytes: number): void {
    const { control } = this;
    for (;;) {
      const tail = Atomics.load(control, TAIL);
      if (((this.head - tail) | 0) < BYTE_SLOTS) break;
      Atomics.wait(control, TAIL, tail);
    }
    const slot = this.head & (BYTE_SLOTS - 1);
    assert(bytes.length <= BYTE_SLOT_BYTES, 'Invariant: a chunk fits its slot');
    this.data.set(bytes, slot * BYTE_SLOT_BYTES);
    const header = HEADERS + slot * HEADER_WORDS;
    control[header] = kind;
    control[header + 1] = bytes.length;
    control[header + 2] = readBytes;
    this.head = (this.head + 1) | 0;
    Atomics.store(control, HEAD, this.head);
    Atomics.notify(control, HEAD);
  }
}

/** The replaying thread's end: one a ring, asked for one source a group of files, in the order in which the reader reads them. */
export class ByteRingReader {
  private readonly control: Int32Array;
  private readonly data: Uint8Array;
  private tail: number;

  constructor(ring: SharedArrayBuffer) {
    this.control = new Int32Array(ring, 0, DATA_OFFSET / 4);
    this.data = new Uint8Array(ring, DATA_OFFSET);
    this.tail = Atomics.load(this.control, TAIL);
  }

  source(files: readonly string[], onRead: (bytes: number) => void): ByteSource {
    return new RingSource(this, files.join(' + '), onRead);
  }

  /** Chunks ready. */
  ready(): number {
    return (Atomics.load(this.control, HEAD) - this.tail) | 0;
  }

  /** True when the reader writes no more. */
  closed(): boolean {
    return Atomics.load(this.control, CLOSED) === 1;
  }

  /** Sleeps a moment unless more chunks than `seen` are ready, then lets the event loop turn: a dead reader is reported there. */
  async wait(seen: number): Promise<void> {
    Atomics.wait(this.control, HEAD, (this.tail + seen) | 0, WAIT_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The chunk at the front. */
  front(): { readonly kind: number; readonly bytes: Uint8Array; readonly readBytes: number } {
    const slot = this.tail & (BYTE_SLOTS - 1);
    const header = HEADERS + slot * HEADER_WORDS;
    const start = slot * BYTE_SLOT_BYTES;
    const bytes = this.data.subarray(start, start + this.control[header + 1]!);
    return { kind: this.control[header]!, bytes, readBytes: this.control[header + 2]! };
  }

  /** Gives the front chunk back. */
  release(): void {
    this.tail = (this.tail + 1) | 0;
    Atomics.store(this.control, TAIL, this.tail);
    Atomics.notify(this.control, TAIL);
  }
}

class RingSource implements ByteSource {
  private readonly ring: ByteRingReader;
  private readonly name: string;
  private readonly onRead: (bytes: number) => void;
  private holds = false;
  private end: readonly InputDigest[] | undefined;

  constructor(ring: ByteRingReader, name: string, onRead: (bytes: number) => void) {
    this.ring = ring;
    this.name = name;
    this.onRead = onRead;
  }

  open(): void {}

  close(): void {}

  get complete(): boolean {
    return this.end !== undefined;
  }

  async fill(bytes: number): Promise<void> {
    const wanted = Math.min(Math.ceil(bytes / BYTE_SLOT_BYTES), BYTE_SLOTS / 2);
    for (let ready = this.ring.ready(); ready < wanted && !this.ring.closed(); ready = this.ring.ready()) await this.ring.wait(ready);
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.holds) this.ring.release();
    this.holds = false;
    if (this.end !== undefined) return undefined;
    while (this.ring.ready() === 0) {
      // The reader publishes its last chunk before it closes, so an empty closed ring stays empty.
      if (this.ring.closed() && this.ring.ready() === 0) {
        throw new TickpathError('ERR_INPUT', `${this.name}: the reader ended before the input did`);
      }
      await this.ring.wait(0);
    }
    const { kind, bytes, readBytes } = this.ring.front();
    this.onRead(readBytes);
    this.holds = true;
    if (kind === SLOT.DATA) return bytes;
    // A decoder refuses views on shared memory.
    const document = JSON.parse(new TextDecoder().decode(bytes.slice())) as readonly InputDigest[] & ReadFailure;
    if (kind === SLOT.FAILED) throw new TickpathError(document.code, document.message, document.exitCode);
    this.end = document;
    return this.next();
  }

  digests(): readonly InputDigest[] {
    assert(this.end !== undefined, 'Invariant: digests are asked for at the end of their files');
    return this.end;
  }
}
