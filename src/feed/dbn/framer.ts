import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAMER_MORE, type Framer } from '../transport/framer.ts';
import {
  DBN_HEADER_BYTES,
  DBN_RECORD_BYTES_MAX,
  DBN_SHAPES,
  DBN_TS_EVENT_AT,
  DBN_TYPE_AT,
  DBN_VERSION_MAX,
  DBN_WORD_BYTES,
  lengthsAllowed,
  MBO_AT,
  RTYPE,
  TRADE_AT,
  TS_RECV_FIRST_AT,
} from './layout.ts';
import { METADATA_AT, METADATA_BYTES_MIN, METADATA_PRELUDE_BYTES } from './metadata.ts';
import { readI32, readTime } from './words.hot.ts';

/** Where each type of record has its receive time. */
const TIME_AT = new Uint8Array(256).fill(DBN_TS_EVENT_AT);
TIME_AT[RTYPE.MBO] = MBO_AT.TS_RECV;
for (const type of [
  RTYPE.TRADE,
  RTYPE.MBP_1,
  RTYPE.MBP_10,
  RTYPE.CMBP_1,
  RTYPE.TCBBO,
  RTYPE.CBBO_1S,
  RTYPE.CBBO_1M,
  RTYPE.BBO_1S,
  RTYPE.BBO_1M,
])
  TIME_AT[type] = TRADE_AT.TS_RECV;
for (const type of [RTYPE.STATUS, RTYPE.DEFINITION, RTYPE.IMBALANCE, RTYPE.STATISTICS]) TIME_AT[type] = TS_RECV_FIRST_AT;

const METADATA_FIXED_BYTES = METADATA_PRELUDE_BYTES + METADATA_BYTES_MIN;

/**
 * Records of a DBN file, one a frame, with their receive time (venue time for the types that have none). Metadata is passed
 * over; a file without, a fragment or what a DBZ holds, begins with a record. Refuses a record whose length its type never
 * has, because what follows it could not be found.
 */
export class DbnFramer implements Framer {
  readonly bytesMax = DBN_RECORD_BYTES_MAX;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  /** Place in the inflated file of the bytes asked for next. */
  private position = 0;
  private skip = 0;
  /** True until the first record or metadata of the file was seen. */
  private first = true;
  private allowed: Int32Array = lengthsAllowed(undefined, undefined);
  private readonly time = new Float64Array(2);

  begin(file: string): void {
    this.file = file;
    this.position = 0;
    this.skip = 0;
    this.first = true;
    this.allowed = lengthsAllowed(undefined, undefined);
  }

  next(block: Uint8Array, from: number, to: number): number {
    if (this.skip > 0) return this.pass(from, Math.min(to - from, this.skip));
    if (to - from < DBN_HEADER_BYTES) return FRAMER_MORE;
    if (isMetadata(block, from)) {
      if (to - from < METADATA_FIXED_BYTES) return FRAMER_MORE;
      this.skip = this.beginMetadata(block, from);
      return this.pass(from, Math.min(to - from, this.skip));
    }
    const bytes = block[from]! * DBN_WORD_BYTES;
    this.check(block, from, bytes);
    if (to - from < bytes) return FRAMER_MORE;
    const { time } = this;
    // A record without any time keeps that of the one before.
    if (readTime(block, from + TIME_AT[block[from + DBN_TYPE_AT]!]!, time, 0) || readTime(block, from + DBN_TS_EVENT_AT, time, 0)) {
      this.seconds = time[0]!;
      this.nanos = time[1]!;
    }
    this.first = false;
    this.start = from;
    this.end = from + bytes;
    this.position += bytes;
    return this.end;
  }

  last(block: Uint8Array, from: number, to: number): number {
    const next = this.next(block, from, to);
    if (next !== FRAMER_MORE) return next;
    const what = isMetadata(block, from) ? 'metadata' : 'a record';
    throw this.bad(`the file ends ${to - from} bytes into ${what}`);
  }

  tooLong(): never {
    throw this.bad(`a record is longer than ${this.bytesMax} bytes`);
  }

  /** Leaves `bytes` of metadata behind: a frame of nothing. */
  private pass(from: number, bytes: number): number {
    this.skip -= bytes;
    this.position += bytes;
    this.start = from;
    this.end = from;
    return from + bytes;
  }

  /** Bytes of the metadata at `from`. */
  private beginMetadata(block: Uint8Array, from: number): number {
    const version = block[from + METADATA_AT.VERSION]!;
    if (version < 1 || version > DBN_VERSION_MAX) throw this.bad(`DBN version ${version}; expected 1 to ${DBN_VERSION_MAX}`);
    const bytes = readI32(block, from + METADATA_AT.LENGTH) >>> 0;
    if (bytes < METADATA_BYTES_MIN) throw this.bad(`metadata of ${bytes} bytes; expected at least ${METADATA_BYTES_MIN}`);
    this.first = false;
    this.allowed = lengthsAllowed(version, block[from + (version === 1 ? METADATA_AT.TS_OUT_V1 : METADATA_AT.TS_OUT)] !== 0);
    return METADATA_PRELUDE_BYTES + bytes;
  }

  private check(block: Uint8Array, from: number, bytes: number): void {
    const rtype = block[from + DBN_TYPE_AT]!;
    const words = block[from]!;
    const fits = bytes >= DBN_HEADER_BYTES && (this.allowed[8 * rtype + (words >> 5)]! & (1 << (words & 31))) !== 0;
    if (fits && (!this.first || DBN_SHAPES.has(rtype))) return;
    if (this.first) throw this.bad('neither DBN metadata nor a DBN record stands here');
    const sizes: number[] = [];
    for (let count = 4; count < 256; count++)
      if ((this.allowed[8 * rtype + (count >> 5)]! & (1 << (count & 31))) !== 0) sizes.push(count * DBN_WORD_BYTES);
    const expected = DBN_SHAPES.has(rtype) ? sizes.join(' or ') : `at least ${DBN_HEADER_BYTES}`;
    throw this.bad(`a record of type 0x${rtype.toString(16).padStart(2, '0')} and ${bytes} bytes; expected ${expected}`);
  }

  private bad(what: string): TickpathError {
    return new TickpathError('ERR_DBN', `${this.file}: byte ${this.position}: ${what}`, EXIT.DATA);
  }
}

/** "DBN"; no record has that length and type. */
export function isMetadata(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x44 && bytes[at + 1] === 0x42 && bytes[at + 2] === 0x4e;
}
