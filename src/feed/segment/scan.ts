import { createHash } from 'node:crypto';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { SEGMENT_DOCUMENT_BYTES_MAX, SNAPSHOT_BYTES_MAX } from '../../core/limits.ts';
import { FRAMER_MORE } from '../transport/framer.ts';
import { type InputDigest, inputBytes } from '../transport/inflate.ts';
import { openGroup } from '../transport/inputs.ts';
import type { SegmentDocument } from './document.ts';
import { SegmentFramer, type SegmentTail } from './framer.ts';
import { kindAt, RECORD, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, type SegmentHead } from './layout.ts';
import { type Loss, type SegmentEnd, SegmentTally } from './tally.ts';

const AHEAD_BYTES = 1 << 20;

/** What stands in the header of a segment. */
export interface SegmentHeader {
  readonly head: SegmentHead;
  readonly document: SegmentDocument;
}

/** What a whole segment was found to hold. */
export interface SegmentScan {
  /** Undefined when the file ends within it. */
  readonly header: SegmentHeader | undefined;
  /** Closing record, as it stands there or as it would have to be. */
  readonly end: SegmentEnd;
  readonly closed: boolean;
  /** Bytes of the header and the whole records. */
  readonly wholeBytes: number;
  /** Chain value and time after them. */
  readonly chain: number;
  readonly lastNs: number;
  readonly tail: SegmentTail | undefined;
  readonly disk: InputDigest;
}

/** Reads the header of a segment, packed or not; throws ERR_SEGMENT when the file is no segment or ends within its header. */
export async function readSegmentHeader(file: string): Promise<SegmentHeader> {
  inputBytes(file);
  const framer = new SegmentFramer(SEGMENT_DOCUMENT_BYTES_MAX);
  framer.begin(file);
  const input = openGroup([file], AHEAD_BYTES, () => {});
  let block: Uint8Array = new Uint8Array(0);
  try {
    for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) {
      block = Buffer.concat([block, chunk]);
      if (framer.next(block, 0, block.length) !== FRAMER_MORE) return { head: framer.head!, document: framer.document! };
    }
  } finally {
    input.close();
  }
  throw new TickpathError(
    'ERR_SEGMENT',
    `${file}: ends after ${block.length} bytes, within its header; expected a segment of a recording (at least ${SEGMENT_HEADER_BYTES} bytes and its document)`,
    EXIT.DATA,
  );
}

/** Reads and verifies a whole segment; throws ERR_SEGMENT when it is corrupt anywhere before its tail. */
export async function scanSegment(file: string): Promise<SegmentScan> {
  inputBytes(file);
  const framer = new SegmentFramer(SNAPSHOT_BYTES_MAX);
  const scanner = new Scanner(framer);
  framer.begin(file);
  const input = openGroup([file], AHEAD_BYTES, () => {});
  try {
    for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) scanner.take(chunk);
    scanner.finish();
    return scanner.result(input.digests()[0]!);
  } finally {
    input.close();
  }
}

/** Walks the records of a segment, whatever chunks they come in. */
class Scanner {
  private readonly framer: SegmentFramer;
  private readonly hash = createHash('sha256');
  private readonly tally = new SegmentTally();
  private block: Uint8Array = new Uint8Array(AHEAD_BYTES);
  private from = 0;
  private to = 0;
  private end: SegmentEnd | undefined;

  constructor(framer: SegmentFramer) {
    this.framer = framer;
  }

  take(chunk: Uint8Array): void {
    const kept = this.to - this.from;
    if (kept + chunk.length > this.block.length) {
      const larger = new Uint8Array(2 * (kept + chunk.length));
      larger.set(this.block.subarray(this.from, this.to));
      this.block = larger;
    } else {
      this.block.copyWithin(0, this.from, this.to);
    }
    this.block.set(chunk, kept);
    this.from = 0;
    this.to = kept + chunk.length;
    this.walk((from) => this.framer.next(this.block, from, this.to));
  }

  finish(): void {
    this.walk((from) => this.framer.last(this.block, from, this.to));
    this.framer.finish();
  }

  result(disk: InputDigest): SegmentScan {
    const { framer } = this;
    const { head, document, position, tail, closed } = framer;
    return {
      header: head === undefined || document === undefined ? undefined : { head, document },
      end: this.end ?? this.tally.end('recovered', position, this.hash.copy().digest('hex')),
      closed,
      wholeBytes: position,
      chain: framer.chain,
      lastNs: framer.timeNs,
      tail,
      disk,
    };
  }

  private walk(next: (from: number) => number): void {
    const { framer } = this;
    while (this.from < this.to) {
      const { position, records, chain } = framer;
      const after = next(this.from);
      if (after === FRAMER_MORE) return;
      if (framer.records > records) this.record(position, chain);
      if (framer.position > position) this.hash.update(this.block.subarray(this.from, after));
      this.from = after;
    }
  }

  /** The record at `from`, which is byte `offset` of the segment. */
  private record(offset: number, chain: number): void {
    const { block, from, framer } = this;
    const kind = kindAt(block, from);
    const payload = (): unknown =>
      JSON.parse(new TextDecoder().decode(block.subarray(from + RECORD_HEADER_BYTES, from + framer.position - offset)));
    if (kind === RECORD.END) this.end = payload() as SegmentEnd;
    else this.tally.add(kind, offset, framer.timeNs, chain);
    if (kind === RECORD.LOSS) this.tally.lose(payload() as Loss);
  }
}
