import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '@msgpack/msgpack';
import { assert } from '../core/assert.ts';
import { EXIT, TickpathError } from '../core/errors.ts';
import { JOURNAL_BLOCK_RECORDS_MAX, JOURNAL_SEGMENT_BYTES_MAX } from '../core/limits.ts';
import { RECORD_BYTES, RECORD_LAYOUT_VERSION, RECORD_WORDS } from '../core/records/layout.ts';
import type { RingConsumer } from '../core/ring/spsc.hot.ts';
import { BLOCK_HEADER_BYTES, BLOCK_KIND, CHAIN_BYTES, encodeBlockHeader, encodeSegmentHeader, segmentName } from './layout.ts';

/** When written blocks are forced to the disk: never, after each block, or once at the end. */
export const JOURNAL_SYNC = ['none', 'block', 'close'] as const;
export type JournalSync = (typeof JOURNAL_SYNC)[number];

export interface JournalOptions {
  /** Epoch nanoseconds of the run's base. */
  readonly baseEpochNs: bigint;
  readonly sync: JournalSync;
  /** A segment is closed when it would grow beyond this; for tests. */
  readonly segmentBytesMax?: number;
}

/** What `close` reports; `sha256` covers the records alone, so it does not depend on how they fell into blocks. */
export interface JournalTotals {
  readonly records: number;
  readonly sha256: string;
  readonly bytes: number;
  readonly segments: number;
}

/** Appends records and documents to a new journal folder. Off the hot path; one writer a journal. */
export class JournalWriter {
  private readonly folder: string;
  private readonly options: JournalOptions;
  private readonly hash = createHash('sha256');
  private readonly block = new Uint8Array(BLOCK_HEADER_BYTES + JOURNAL_BLOCK_RECORDS_MAX * RECORD_BYTES);
  private readonly blockWords = new Int32Array(this.block.buffer, BLOCK_HEADER_BYTES);
  private chain: Uint8Array = new Uint8Array(CHAIN_BYTES);
  private file = -1;
  private segment = 0;
  private segmentBytes = 0;
  private totalBytes = 0;
  private pending = 0;
  private records = 0;

  /** Creates `folder`; throws `ERR_JOURNAL_EXISTS` when it holds a journal already: nothing is ever overwritten. */
  constructor(folder: string, options: JournalOptions) {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).some((name) => name.endsWith('.tpj'))) {
      throw new TickpathError('ERR_JOURNAL_EXISTS', `${folder}: holds a journal already, expected an empty folder`, EXIT.USAGE);
    }
    this.folder = folder;
    this.options = options;
    this.openSegment();
  }

  /** Moves every ready record of `ring` into the journal; returns how many. */
  drain(ring: RingConsumer): number {
    let total = 0;
    for (;;) {
      const count = ring.poll(JOURNAL_BLOCK_RECORDS_MAX - this.pending);
      if (count === 0) return total;
      for (let i = 0; i < count; i++) this.copy(ring.i32, ring.slot(i));
      ring.release(count);
      total += count;
      if (this.pending === JOURNAL_BLOCK_RECORDS_MAX) this.flush();
    }
  }

  /** Appends the record at `slot` of an int32 view. */
  append(i32: Int32Array, slot: number): void {
    this.copy(i32, slot);
    if (this.pending === JOURNAL_BLOCK_RECORDS_MAX) this.flush();
  }

  /** Writes what is pending as a block. */
  flush(): void {
    if (this.pending === 0) return;
    const payload = this.block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + this.pending * RECORD_BYTES);
    this.hash.update(payload);
    this.writeBlock(BLOCK_KIND.RECORDS, this.pending, this.block, payload);
    this.records += this.pending;
    this.pending = 0;
  }

  /** Appends a document (plain data): configuration, identities, a summary. Not part of the records' digest. */
  document(value: unknown): void {
    this.flush();
    const payload = encode(value);
    const bytes = new Uint8Array(BLOCK_HEADER_BYTES + payload.length);
    bytes.set(payload, BLOCK_HEADER_BYTES);
    this.writeBlock(BLOCK_KIND.DOCUMENT, 0, bytes, bytes.subarray(BLOCK_HEADER_BYTES));
  }

  close(): JournalTotals {
    this.flush();
    if (this.options.sync !== 'none') fsyncSync(this.file);
    closeSync(this.file);
    this.file = -1;
    return { records: this.records, sha256: this.hash.digest('hex'), bytes: this.totalBytes, segments: this.segment };
  }

  private copy(source: Int32Array, slot: number): void {
    const from = slot * RECORD_WORDS;
    const to = this.pending * RECORD_WORDS;
    const words = this.blockWords;
    for (let i = 0; i < RECORD_WORDS; i++) words[to + i] = source[from + i]!;
    this.pending++;
  }

  private writeBlock(kind: number, records: number, bytes: Uint8Array, payload: Uint8Array): void {
    const max = this.options.segmentBytesMax ?? JOURNAL_SEGMENT_BYTES_MAX;
    if (this.segmentBytes > 0 && this.segmentBytes + BLOCK_HEADER_BYTES + payload.length > max) this.openSegment();
    const header = { kind, firstRecord: this.records, records, payloadBytes: payload.length };
    this.chain = encodeBlockHeader(bytes, header, payload, this.chain);
    this.write(bytes.subarray(0, BLOCK_HEADER_BYTES + payload.length));
    if (this.options.sync === 'block') fsyncSync(this.file);
  }

  private openSegment(): void {
    if (this.file >= 0) {
      if (this.options.sync !== 'none') fsyncSync(this.file);
      closeSync(this.file);
    }
    this.segment++;
    this.file = openSync(join(this.folder, segmentName(this.segment)), 'wx', 0o600);
    this.segmentBytes = 0;
    this.write(
      encodeSegmentHeader({
        segment: this.segment,
        recordLayout: RECORD_LAYOUT_VERSION,
        baseEpochNs: this.options.baseEpochNs,
        chain: this.chain,
      }),
    );
    this.segmentBytes = 0;
  }

  private write(bytes: Uint8Array): void {
    assert(this.file >= 0, 'Invariant: a journal is written before it is closed');
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
    this.segmentBytes += bytes.length;
    this.totalBytes += bytes.length;
  }
}
