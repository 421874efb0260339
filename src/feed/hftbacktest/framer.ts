import { EXIT, TickpathError } from '../../core/errors.ts';
import { BOOK_LEVELS_MAX, NPY_HEADER_BYTES_MAX } from '../../core/limits.ts';
import { readI32, readTime } from '../dbn/words.hot.ts';
import { FRAMER_MORE, type Framer } from '../transport/framer.ts';
import { EVENT, EVENT_AT, EVENT_BYTES, EVENT_FLAG } from './layout.ts';
import { NPY_PRELUDE_BYTES, type NpyHead, npyHeadBytes, readNpyHead } from './npy-header.ts';

/** Bytes of one message: a snapshot of two full sides and their clears. */
const MESSAGE_BYTES_MAX = (2 * BOOK_LEVELS_MAX + 2) * EVENT_BYTES;
/** What rows are that may stand together in a message. */
const GROUP = { ALONE: 0, CHANGES: 1, SNAPSHOT: 2 } as const;

/**
 * Messages of an array of hftbacktest events (.npy), one a frame: rows in a row that the local side sees, with both times the
 * same, of changed levels, or of cleared and snapshot levels; any other row by itself. Rows that only the exchange sees are
 * passed over. Of a snapshot without time the receive time is 0.
 */
export class EventFramer implements Framer {
  readonly bytesMax = Math.max(MESSAGE_BYTES_MAX, NPY_HEADER_BYTES_MAX + NPY_PRELUDE_BYTES) + EVENT_BYTES;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  private head: NpyHead | undefined;
  /** Rows that were passed. */
  private row = 0;
  private readonly time = new Float64Array(2);

  begin(file: string): void {
    this.file = file;
    this.head = undefined;
    this.row = 0;
  }

  next(block: Uint8Array, from: number, to: number): number {
    if (this.head === undefined) return this.takeHead(block, from, to);
    const left = this.head.rows - this.row;
    if (left === 0) throw this.bad(`${to - from} bytes or more behind its last row; expected none`);
    const ready = Math.floor((to - from) / EVENT_BYTES);
    // A row is passed on when the one behind it is here, so that a file which is cut off between two rows ends within a frame.
    if (ready < Math.min(2, left)) return FRAMER_MORE;
    const rows = Math.min(ready, left);
    if (!isLocal(block, from)) return this.pass(from, from, 1);
    let count = 1;
    const group = groupOf(block, from);
    if (group !== GROUP.ALONE) {
      while (count < rows && this.continues(block, from, from + count * EVENT_BYTES, group)) count++;
      if (count === rows && rows < left) return FRAMER_MORE;
    }
    if (!readTime(block, from + EVENT_AT.LOCAL_TS, this.time, 0) || readI32(block, from + EVENT_AT.LOCAL_TS + 4) < 0) {
      throw this.bad(`row ${this.row + 1}: a local_ts below 0; expected epoch nanoseconds`);
    }
    this.seconds = this.time[0]!;
    this.nanos = this.time[1]!;
    return this.pass(from, from + count * EVENT_BYTES, count);
  }

  last(block: Uint8Array, from: number, to: number): number {
    const next = this.next(block, from, to);
    if (next !== FRAMER_MORE) return next;
    if (this.head === undefined) throw this.bad('the file ends within its header');
    const there = this.row + Math.floor((to - from) / EVENT_BYTES);
    throw this.bad(`the file ends after ${there} of ${this.head.rows} rows`);
  }

  tooLong(): never {
    throw this.bad(
      `row ${this.row + 1}: a message of more than ${MESSAGE_BYTES_MAX / EVENT_BYTES} rows; expected at most that many with the same times`,
    );
  }

  private takeHead(block: Uint8Array, from: number, to: number): number {
    if (to - from < NPY_PRELUDE_BYTES) return FRAMER_MORE;
    const bytes = npyHeadBytes(this.file, block.subarray(from, to));
    if (to - from < bytes) return FRAMER_MORE;
    const head = readNpyHead(this.file, block.subarray(from, from + bytes));
    if (head.rows > 0 && to - from === bytes) return FRAMER_MORE;
    this.head = head;
    this.start = from;
    this.end = from;
    return from + bytes;
  }

  private pass(start: number, end: number, rows: number): number {
    this.start = start;
    this.end = end;
    this.row += rows;
    return start + rows * EVENT_BYTES;
  }

  /** True when the row at `other` belongs to the message that begins at `from`. */
  private continues(block: Uint8Array, from: number, other: number, group: number): boolean {
    for (let i = EVENT_AT.EXCH_TS; i < EVENT_AT.PX; i += 4) if (readI32(block, from + i) !== readI32(block, other + i)) return false;
    return isLocal(block, other) && groupOf(block, other) === group;
  }

  private bad(what: string): TickpathError {
    return new TickpathError('ERR_NPY', `${this.file}: ${what}`, EXIT.DATA);
  }
}

function isLocal(block: Uint8Array, at: number): boolean {
  return (readI32(block, at + EVENT_AT.EV) & EVENT_FLAG.LOCAL) !== 0;
}

function groupOf(block: Uint8Array, at: number): number {
  const kind = block[at + EVENT_AT.EV]!;
  if (kind === EVENT.DEPTH) return GROUP.CHANGES;
  return kind === EVENT.DEPTH_CLEAR || kind === EVENT.DEPTH_SNAPSHOT ? GROUP.SNAPSHOT : GROUP.ALONE;
}
