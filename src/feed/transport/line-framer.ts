import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';

/** Digits of an epoch time in nanoseconds, and the space after them. */
const TIME_DIGITS = 19;
const SECOND_DIGITS = 10;
const PREFIX_BYTES = TIME_DIGITS + 1;
const SHOWN_BYTES = 60;

/** Capture lines: `<19-digit epoch ns> <JSON>`, ended by a line feed; blank lines are passed over. */
export class LineFramer implements Framer {
  readonly bytesMax = FRAME_BYTES_MAX + PREFIX_BYTES + 1;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  private line = 0;

  begin(file: string): void {
    this.file = file;
    this.line = 0;
  }

  next(block: Uint8Array, from: number, to: number): number {
    const feed = block.indexOf(10, from);
    if (feed < 0 || feed >= to) return FRAMER_MORE;
    this.take(block, from, feed);
    return feed + 1;
  }

  /** A last line may lack its line feed. */
  last(block: Uint8Array, from: number, to: number): number {
    const next = this.next(block, from, to);
    if (next !== FRAMER_MORE) return next;
    this.take(block, from, to);
    return to;
  }

  private take(block: Uint8Array, from: number, feed: number): void {
    this.line++;
    let end = feed;
    while (end > from && (block[end - 1] === 13 || block[end - 1] === 32)) end--;
    this.start = end;
    this.end = end;
    if (end === from) return;
    this.readTime(block, from, end);
    this.start = from + PREFIX_BYTES;
  }

  private readTime(block: Uint8Array, from: number, end: number): void {
    if (end - from < PREFIX_BYTES + 1 || block[from + TIME_DIGITS] !== 32)
      this.bad(block, from, end, 'a 19-digit receive time in ns and a space');
    let seconds = 0;
    let nanos = 0;
    for (let i = 0; i < TIME_DIGITS; i++) {
      const digit = block[from + i]! - 48;
      if (digit < 0 || digit > 9) this.bad(block, from, end, 'a 19-digit receive time in ns and a space');
      if (i < SECOND_DIGITS) seconds = seconds * 10 + digit;
      else nanos = nanos * 10 + digit;
    }
    if (block[from + PREFIX_BYTES] !== 123 || block[end - 1] !== 125) this.bad(block, from, end, 'a JSON object after the receive time');
    this.seconds = seconds;
    this.nanos = nanos;
  }

  private bad(block: Uint8Array, from: number, end: number, expected: string): never {
    const text = new TextDecoder().decode(block.subarray(from, Math.min(end, from + SHOWN_BYTES)));
    const more = end - from > SHOWN_BYTES ? '...' : '';
    throw new TickpathError('ERR_LINE', `${this.file}:${this.line}: expected ${expected}, found "${text}"${more}`, EXIT.DATA);
  }

  tooLong(): never {
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line + 1}: the line is longer than ${this.bytesMax} bytes; expected one frame a line`,
      EXIT.DATA,
    );
  }
}
