import { EXIT, TickpathError } from '../../core/errors.ts';
import { SEGMENT_DOCUMENT_BYTES_MAX } from '../../core/limits.ts';
import { CONNECTION } from '../../core/ports.ts';
import { FRAMER_MORE, type Framer } from '../transport/framer.ts';
import { decodeDocument, isConnection, type SegmentDocument, sourceText } from './document.ts';
import {
  checkDocument,
  checkPayload,
  decodeSegmentHead,
  detailAt,
  isRecordHeader,
  kindAt,
  payloadBytesAt,
  RECORD,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  type SegmentHead,
  streamAt,
  timeAt,
} from './layout.ts';

const NS_PER_S = 1_000_000_000n;

/** Where a file stands. ZEROS: nothing but zero bytes follow, which a lost machine leaves behind. */
const PLACE = { HEADER: 0, RECORDS: 1, ENDED: 2, ZEROS: 3 } as const;

/** Bytes at the end of a file that are no whole record. */
export interface SegmentTail {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Reads segments one after another, verifying every checksum and the chain. Frames and fetched snapshots are frames; connection
 * events are given as such. A segment that does not continue the one before begins with one: whatever lies between is not known.
 * A tail that a crash cut short is a warning, anything wrong before it throws `ERR_SEGMENT` naming file and byte.
 */
export class SegmentFramer implements Framer {
  readonly bytesMax: number;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  connection = 0;
  readonly warnings: string[] = [];
  /** Of the record just found: RECORD, the stream it came by, its time. */
  kind = 0;
  stream = 0;
  timeNs = 0;
  /** Of the file at hand, once its header was read. */
  head: SegmentHead | undefined;
  document: SegmentDocument | undefined;
  /** Whole records read of the file at hand, and the bytes they and the header take. */
  records = 0;
  position = 0;
  /** Chain value after what was read. */
  chain = 0;
  tail: SegmentTail | undefined;
  private readonly frameBytesMax: number;
  private file = '';
  private place: number = PLACE.HEADER;
  private baseSeconds = 0;
  private baseNanos = 0;
  /** The last file that was read to its closing record: what the next may continue. */
  private before: { readonly recording: string; readonly segment: number; readonly chain: number } | undefined;
  private first: SegmentDocument | undefined;
  private zeros = 0;

  /** `frameBytesMax`: longest frame of the venue, bytes. */
  constructor(frameBytesMax: number) {
    this.frameBytesMax = frameBytesMax;
    this.bytesMax = Math.max(frameBytesMax, SEGMENT_DOCUMENT_BYTES_MAX) + SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES;
  }

  /** True once the closing record of the file at hand was read. */
  get closed(): boolean {
    return this.place === PLACE.ENDED;
  }

  begin(file: string): void {
    this.file = file;
    this.place = PLACE.HEADER;
    this.head = undefined;
    this.document = undefined;
    this.records = 0;
    this.position = 0;
    this.chain = 0;
    this.zeros = 0;
    this.tail = undefined;
  }

  next(block: Uint8Array, from: number, to: number): number {
    this.start = from;
    this.end = from;
    this.connection = 0;
    if (this.place === PLACE.HEADER) return this.readHeader(block, from, to);
    if (this.place === PLACE.ENDED) throw this.corrupt(this.position, 'nothing after the closing record');
    if (this.place === PLACE.ZEROS) return this.passZeros(block, from, to);
    if (to - from < RECORD_HEADER_BYTES) return FRAMER_MORE;
    if (!isRecordHeader(block, from, this.chain)) {
      if (!isZero(block, from, from + RECORD_HEADER_BYTES)) throw this.corrupt(this.position, 'a record header whose checksum is right');
      this.place = PLACE.ZEROS;
      return this.passZeros(block, from, to);
    }
    const bytes = payloadBytesAt(block, from);
    if (bytes > this.frameBytesMax) throw this.corrupt(this.position, `at most ${this.frameBytesMax} bytes of payload, found ${bytes}`);
    const after = from + RECORD_HEADER_BYTES + bytes;
    if (after > to) return FRAMER_MORE;
    const chain = checkPayload(block, from);
    if (chain < 0) throw this.corrupt(this.position, `a payload of ${bytes} bytes whose checksum is right`);
    this.take(block, from, after);
    this.chain = chain;
    this.records++;
    this.position += after - from;
    return after;
  }

  last(block: Uint8Array, from: number, to: number): number {
    const next = this.next(block, from, to);
    if (next !== FRAMER_MORE) return next;
    // The file ends within a record: whoever wrote it was stopped there.
    this.tail = { offset: this.position, bytes: to - from };
    return to;
  }

  finish(): void {
    const { file, place, position } = this;
    if (place === PLACE.ZEROS) this.tail = { offset: position, bytes: this.zeros };
    this.before =
      place === PLACE.ENDED && this.head !== undefined
        ? { recording: this.document!.recording, segment: this.head.segment, chain: this.chain }
        : undefined;
    if (this.tail !== undefined) {
      this.warnings.push(
        `${file}: the last ${this.tail.bytes} bytes, from byte ${this.tail.offset} on, are no whole record: the recorder was stopped there; what stands before is whole`,
      );
    } else if (place !== PLACE.ENDED) {
      this.warnings.push(`${file}: has no closing record: the recorder was stopped after byte ${position}; what stands before is whole`);
    }
  }

  tooLong(): never {
    throw this.corrupt(this.position, `a record of at most ${this.bytesMax} bytes`);
  }

  private readHeader(block: Uint8Array, from: number, to: number): number {
    if (to - from < SEGMENT_HEADER_BYTES) return FRAMER_MORE;
    const head = decodeSegmentHead(block, from);
    if (!('segment' in head)) throw this.corrupt(head.at, head.expected);
    if (head.documentBytes > SEGMENT_DOCUMENT_BYTES_MAX)
      throw this.corrupt(16, `a document of at most ${SEGMENT_DOCUMENT_BYTES_MAX} bytes, found ${head.documentBytes}`);
    const after = from + SEGMENT_HEADER_BYTES + head.documentBytes;
    if (after > to) return FRAMER_MORE;
    const chain = checkDocument(block, from, head.documentBytes);
    if (chain < 0) throw this.corrupt(SEGMENT_HEADER_BYTES, 'a document whose checksum is right');
    const document = decodeDocument(block.subarray(from + SEGMENT_HEADER_BYTES, after));
    if (typeof document === 'string') throw this.corrupt(SEGMENT_HEADER_BYTES, document);
    this.compare(document);
    this.head = head;
    this.document = document;
    this.chain = chain;
    this.baseSeconds = Number(document.baseEpochNs / NS_PER_S);
    this.baseNanos = Number(document.baseEpochNs % NS_PER_S);
    this.setTime(document.openedNs);
    this.connection = this.beginning(head, document);
    this.position = after - from;
    this.place = PLACE.RECORDS;
    return after;
  }

  /** Segments that are read as one are of one venue and have the same instruments. */
  private compare(document: SegmentDocument): void {
    const first = this.first;
    this.first ??= document;
    if (first === undefined) return;
    const [a, b] = [sourceText(first), sourceText(document)];
    if (a !== b) throw this.corrupt(SEGMENT_HEADER_BYTES, `what the segment before has, ${a}, found ${b}`);
  }

  /** CONNECTION that the segment begins with, 0 when it continues the one before. */
  private beginning(head: SegmentHead, document: SegmentDocument): number {
    const { before } = this;
    const { recording, connection } = document;
    const follows = before?.recording === recording && before.segment + 1 === head.segment && before.chain === head.continues;
    // A recorder that was started anew knows of no connection.
    if (connection === 0) return this.first === document ? 0 : CONNECTION.DISCONNECTED;
    return follows ? 0 : connection;
  }

  /** The record at `from`, checked but for what its kind demands. */
  private take(block: Uint8Array, from: number, after: number): void {
    const kind = kindAt(block, from);
    this.kind = kind;
    this.stream = streamAt(block, from);
    this.setTime(timeAt(block, from));
    if (kind === RECORD.FRAME || kind === RECORD.SNAPSHOT) {
      this.start = from + RECORD_HEADER_BYTES;
      this.end = after;
    } else if (kind === RECORD.CONNECTION) {
      const event = detailAt(block, from);
      if (!isConnection(event)) throw this.corrupt(this.position + 5, `a connection event from 1 to 3, found ${event}`);
      this.connection = event;
    } else if (kind === RECORD.LOSS) {
      // What was lost may have changed any book; the recorder says anew that the connection stands.
      this.connection = CONNECTION.DISCONNECTED;
    } else if (kind === RECORD.END) {
      this.place = PLACE.ENDED;
    } else {
      throw this.corrupt(this.position + 4, `a kind of record from 1 to ${RECORD.END}, found ${kind}`);
    }
  }

  private setTime(timeNs: number): void {
    this.timeNs = timeNs;
    const seconds = Math.floor(timeNs / 1e9);
    const nanos = this.baseNanos + (timeNs - seconds * 1e9);
    this.seconds = this.baseSeconds + seconds + (nanos >= 1e9 ? 1 : 0);
    this.nanos = nanos >= 1e9 ? nanos - 1e9 : nanos;
  }

  private passZeros(block: Uint8Array, from: number, to: number): number {
    if (!isZero(block, from, to)) throw this.corrupt(this.position, 'a record header whose checksum is right');
    this.zeros += to - from;
    this.start = to;
    this.end = to;
    return to;
  }

  private corrupt(offset: number, expected: string): TickpathError {
    return new TickpathError(
      'ERR_SEGMENT',
      `${this.file}: corrupt at byte ${offset} (after ${this.records} whole records): expected ${expected}`,
      EXIT.DATA,
    );
  }
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
