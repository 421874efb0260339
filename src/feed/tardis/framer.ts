import { basename } from 'node:path';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAMER_MORE, type Framer } from '../transport/framer.ts';
import { isTardisHeader, type TardisColumns, tardisColumns } from './columns.ts';

/** Bytes of the rows of one message: a snapshot of BOOK_LEVELS_MAX levels a side has about half as many. */
const MESSAGE_BYTES_MAX = 4 << 20;
/** Digits of an epoch time in microseconds; 19 would be nanoseconds, which some copies of these files hold. */
const TIME_DIGITS = 16;
const SECOND_DIGITS = 10;
const SHOWN_BYTES = 80;
const READ_TYPES = 'incremental_book_L2, trades, quotes or book_snapshot';
const LIQUIDATIONS = /(?:^|[_-])liquidations(?:[_.-]|$)/;
const LINE_FEED = 10;
const COMMA = 44;

/**
 * Messages of a Tardis CSV, one a frame, with their local time: of incremental_book_L2 all rows in a row that have the same
 * symbol, local time and is_snapshot, of the other kinds each row. The header is a frame of its own, for the decoder; it has
 * the time of the first row.
 */
export class TardisFramer implements Framer {
  readonly bytesMax = MESSAGE_BYTES_MAX;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  /** Line that the bytes asked for next begin with, from 1. */
  private line = 1;
  private columns: TardisColumns | undefined;
  /** Lines and bytes of the frame asked for that were looked at before and belong to it. */
  private knownLines = 0;
  private knownBytes = 0;

  begin(file: string): void {
    this.file = file;
    // Their columns are those of trades, which they are not: a liquidation is told again as the trade that it was.
    if (LIQUIDATIONS.test(basename(file))) {
      throw new TickpathError('ERR_TARDIS', `${file}: liquidations are not read; expected ${READ_TYPES}`, EXIT.DATA);
    }
    this.line = 1;
    this.columns = undefined;
    this.knownLines = 0;
    this.knownBytes = 0;
  }

  next(block: Uint8Array, from: number, to: number): number {
    return this.take(block, from, to, false);
  }

  /** A last row may lack its line feed. */
  last(block: Uint8Array, from: number, to: number): number {
    return this.take(block, from, to, true);
  }

  tooLong(): never {
    throw this.bad(`a message of more than ${MESSAGE_BYTES_MAX} bytes; expected rows of one message to fit`);
  }

  private take(block: Uint8Array, from: number, to: number, ending: boolean): number {
    const feed = endOfLine(block, from, to, ending);
    if (feed < 0) return FRAMER_MORE;
    if (feed === from || (feed === from + 1 && block[from] === 13)) return this.pass(from, from, after(feed, to), 1);
    if (this.columns === undefined || (this.line > 1 && isTardisHeader(block, from))) return this.takeHeader(block, from, to, feed, ending);
    const columns = this.columns;
    this.readTime(block, from, feed, this.line);
    if (columns.isSnapshot < 0) return this.pass(from, feed, after(feed, to), 1);
    let lines = Math.max(1, this.knownLines);
    let end = this.knownLines > 0 ? from + this.knownBytes : feed;
    for (;;) {
      const begin = after(end, to);
      const next = begin < to ? endOfLine(block, begin, to, ending) : -1;
      if (next < 0 && !(ending && begin >= to)) {
        this.knownLines = lines;
        this.knownBytes = end - from;
        return FRAMER_MORE;
      }
      if (next < 0 || !this.isSameMessage(block, from, feed, begin, next)) return this.pass(from, end, begin, lines);
      end = next;
      lines++;
    }
  }

  private takeHeader(block: Uint8Array, from: number, to: number, feed: number, ending: boolean): number {
    const text = new TextDecoder().decode(block.subarray(from, feed)).trimEnd();
    const columns = tardisColumns(text);
    if (columns === undefined) {
      throw this.bad(
        `expected the header of ${READ_TYPES}, found "${text.slice(0, SHOWN_BYTES)}"${text.length > SHOWN_BYTES ? '...' : ''}`,
      );
    }
    const row = after(feed, to);
    const rowEnd = row < to ? endOfLine(block, row, to, ending) : -1;
    if (rowEnd < 0 && !ending) return FRAMER_MORE;
    this.columns = columns;
    // A file of a header alone has no time and gives no frame.
    if (rowEnd < 0) return this.pass(from, from, row, 1);
    this.readTime(block, row, rowEnd, this.line + 1);
    return this.pass(from, feed, row, 1);
  }

  /** The frame is `block[start, end)` of `lines` lines. */
  private pass(start: number, end: number, next: number, lines: number): number {
    this.start = start;
    this.end = end;
    this.line += lines;
    this.knownLines = 0;
    this.knownBytes = 0;
    return next;
  }

  private isSameMessage(block: Uint8Array, from: number, feed: number, other: number, otherFeed: number): boolean {
    const columns = this.columns!;
    return (
      sameCell(block, from, feed, other, otherFeed, columns.localTimestamp) &&
      sameCell(block, from, feed, other, otherFeed, columns.isSnapshot) &&
      sameCell(block, from, feed, other, otherFeed, columns.symbol)
    );
  }

  private readTime(block: Uint8Array, from: number, feed: number, line: number): void {
    const at = cellAt(block, from, feed, this.columns!.localTimestamp);
    let seconds = 0;
    let micros = 0;
    let digits = 0;
    for (; at >= 0 && at + digits < feed; digits++) {
      const digit = block[at + digits]! - 48;
      if (digit < 0 || digit > 9) break;
      if (digits < SECOND_DIGITS) seconds = seconds * 10 + digit;
      else micros = micros * 10 + digit;
    }
    const stop = block[at + digits];
    if (digits !== TIME_DIGITS || (at + digits < feed && stop !== COMMA && stop !== 13)) {
      const text = new TextDecoder().decode(block.subarray(from, Math.min(feed, from + SHOWN_BYTES)));
      this.line = line;
      throw this.bad(`expected a local_timestamp of ${TIME_DIGITS} digits (microseconds), found "${text}"`);
    }
    this.seconds = seconds;
    this.nanos = micros * 1000;
  }

  private bad(what: string): TickpathError {
    return new TickpathError('ERR_TARDIS', `${this.file}:${this.line}: ${what}`, EXIT.DATA);
  }
}

/** Where the line that begins at `from` ends, without its line feed; -1 when it does not end here. */
function endOfLine(block: Uint8Array, from: number, to: number, ending: boolean): number {
  const feed = block.indexOf(LINE_FEED, from);
  if (feed >= 0 && feed < to) return feed;
  return ending ? to : -1;
}

/** Where the line after the one that ends at `feed` begins. */
function after(feed: number, to: number): number {
  return feed < to ? feed + 1 : to;
}

/** Where column `column` of a row begins, -1 when the row has fewer. */
function cellAt(block: Uint8Array, from: number, feed: number, column: number): number {
  let at = from;
  for (let left = column; left > 0; left--) {
    while (at < feed && block[at] !== COMMA) at++;
    if (at >= feed) return -1;
    at++;
  }
  return at;
}

function sameCell(block: Uint8Array, from: number, feed: number, other: number, otherFeed: number, column: number): boolean {
  let a = cellAt(block, from, feed, column);
  let b = cellAt(block, other, otherFeed, column);
  if (a < 0 || b < 0) return false;
  for (; ; a++, b++) {
    const left = a < feed ? block[a]! : COMMA;
    const right = b < otherFeed ? block[b]! : COMMA;
    if (left !== right) return false;
    if (left === COMMA) return true;
  }
}
