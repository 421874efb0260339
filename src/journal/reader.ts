import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@msgpack/msgpack';
import { EXIT, TickpathError } from '../core/errors.ts';
import { RECORD_BYTES, RECORD_LAYOUT_VERSION } from '../core/records/layout.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_KIND,
  BLOCK_PAYLOAD_BYTES_MAX,
  checkBlock,
  decodeBlockHeader,
  decodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './layout.ts';

/** One verified block: records as views on their bytes, or a document. */
export type JournalBlock =
  | {
      readonly kind: 'records';
      readonly firstRecord: number;
      readonly count: number;
      readonly bytes: Uint8Array;
      readonly i32: Int32Array;
      readonly f64: Float64Array;
    }
  | { readonly kind: 'document'; readonly value: unknown };

/** Bytes at the end of the last segment that are no whole block: a write that a crash cut short. */
export interface TornTail {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Reads a journal block by block, verifying checksum, chain and numbering. A tail that is cut short is reported in `torn`;
 * anything wrong before it throws `ERR_JOURNAL_CORRUPT` naming file, byte and what was expected.
 */
export class JournalReader {
  readonly folder: string;
  baseEpochNs = 0n;
  segments = 0;
  blocks = 0;
  records = 0;
  torn: TornTail | undefined;
  private readonly names: readonly string[];
  private chain: Uint8Array = new Uint8Array(32);

  constructor(folder: string) {
    this.folder = folder;
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.tpj')) : [];
    if (names.length === 0) {
      throw new TickpathError('ERR_JOURNAL_MISSING', `${folder}: no journal there (expected ${segmentName(1)})`, EXIT.USAGE);
    }
    this.names = names.sort();
  }

  *read(): Generator<JournalBlock> {
    for (const [index, name] of this.names.entries()) {
      const path = join(this.folder, name);
      if (name !== segmentName(index + 1)) this.corrupt(path, 0, `segment ${segmentName(index + 1)} here`);
      const file = openSync(path, 'r');
      try {
        yield* this.readSegment(file, path, index === this.names.length - 1);
      } finally {
        closeSync(file);
      }
    }
  }

  private *readSegment(file: number, path: string, last: boolean): Generator<JournalBlock> {
    const head = readAt(file, 0, SEGMENT_HEADER_BYTES);
    if (last && head.length < SEGMENT_HEADER_BYTES) {
      this.torn = { file: path, offset: 0, bytes: head.length };
      return;
    }
    const header = decodeSegmentHeader(head);
    if (typeof header === 'string') return this.corrupt(path, 0, header);
    if (header.segment !== this.segments + 1) this.corrupt(path, 12, `segment number ${this.segments + 1}, found ${header.segment}`);
    if (header.recordLayout !== RECORD_LAYOUT_VERSION)
      this.corrupt(path, 10, `record layout ${RECORD_LAYOUT_VERSION}, found ${header.recordLayout}`);
    if (Buffer.compare(header.chain, this.chain) !== 0) this.corrupt(path, 24, 'a segment that continues the chain of the one before');
    if (this.segments > 0 && header.baseEpochNs !== this.baseEpochNs)
      this.corrupt(path, 16, `base ${this.baseEpochNs}, found ${header.baseEpochNs}`);
    this.segments++;
    this.baseEpochNs = header.baseEpochNs;
    for (let offset = SEGMENT_HEADER_BYTES; ; ) {
      const block = this.readBlock(file, path, offset, last);
      if (block === undefined) return;
      offset += block.bytes;
      yield block.block;
    }
  }

  private readBlock(file: number, path: string, offset: number, last: boolean): { block: JournalBlock; bytes: number } | undefined {
    const head = readAt(file, offset, BLOCK_HEADER_BYTES);
    if (head.length === 0) return undefined;
    if (head.length < BLOCK_HEADER_BYTES) return this.cut(path, offset, head.length, last);
    const header = decodeBlockHeader(head);
    if (header === undefined) return this.corrupt(path, offset, 'a block header');
    if (header.payloadBytes > BLOCK_PAYLOAD_BYTES_MAX)
      return this.corrupt(path, offset + 20, `at most ${BLOCK_PAYLOAD_BYTES_MAX} bytes of payload`);
    const payload = readAt(file, offset + BLOCK_HEADER_BYTES, header.payloadBytes);
    if (payload.length < header.payloadBytes) return this.cut(path, offset, BLOCK_HEADER_BYTES + payload.length, last);
    const chain = checkBlock(head, payload, this.chain);
    if (typeof chain === 'string') return this.corrupt(path, offset, chain);
    if (header.firstRecord !== this.records)
      return this.corrupt(path, offset + 8, `record number ${this.records}, found ${header.firstRecord}`);
    if (new DataView(head.buffer, head.byteOffset).getUint32(28, true) !== 0) return this.corrupt(path, offset + 28, 'a zero word');
    this.chain = chain;
    this.blocks++;
    const bytes = BLOCK_HEADER_BYTES + payload.length;
    if (header.kind === BLOCK_KIND.DOCUMENT) return { block: { kind: 'document', value: decode(payload) }, bytes };
    if (header.kind !== BLOCK_KIND.RECORDS || payload.length !== header.records * RECORD_BYTES) {
      return this.corrupt(path, offset + 4, `a record block of ${header.records} records`);
    }
    this.records += header.records;
    const i32 = new Int32Array(payload.buffer, payload.byteOffset, payload.length / 4);
    const f64 = new Float64Array(payload.buffer, payload.byteOffset, payload.length / 8);
    return { block: { kind: 'records', firstRecord: header.firstRecord, count: header.records, bytes: payload, i32, f64 }, bytes };
  }

  private cut(path: string, offset: number, bytes: number, last: boolean): undefined {
    if (!last) this.corrupt(path, offset, 'a whole block: only the last segment may end in the middle of one');
    this.torn = { file: path, offset, bytes };
    return undefined;
  }

  private corrupt(path: string, offset: number, expected: string): never {
    throw new TickpathError(
      'ERR_JOURNAL_CORRUPT',
      `${path}: corrupt at byte ${offset} (block ${this.blocks}): expected ${expected}`,
      EXIT.DATA,
    );
  }
}

/** Fresh, aligned bytes of the file from `offset`; fewer than `length` at its end. */
function readAt(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(file, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

export interface JournalCheck {
  readonly records: number;
  readonly blocks: number;
  readonly segments: number;
  /** SHA-256 over the records' bytes. */
  readonly sha256: string;
  readonly torn?: TornTail;
}

/** Reads and verifies a whole journal. */
export function checkJournal(folder: string): JournalCheck {
  const reader = new JournalReader(folder);
  const hash = createHash('sha256');
  for (const block of reader.read()) if (block.kind === 'records') hash.update(block.bytes);
  return {
    records: reader.records,
    blocks: reader.blocks,
    segments: reader.segments,
    sha256: hash.digest('hex'),
    ...(reader.torn === undefined ? {} : { torn: reader.torn }),
  };
}
