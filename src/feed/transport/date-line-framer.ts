import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { scanTime } from '../json/time.hot.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';

const EXPECTED = 'a receive time such as 2016-03-12 00:08:37,352, a space and a JSON object';
const DATE_BYTES = 'yyyy-mm-dd hh:mm:ss,mmm'.length;
const SHOWN_BYTES = 60;

/**
 * Lines of a Python log: `2016-03-12 00:08:37,352 {...}`, ended by a line feed; blank lines are passed over. The time names no
 * zone and is read as UTC.
 */
export class DateLineFramer implements Framer {
  readonly bytesMax = FRAME_BYTES_MAX + DATE_BYTES + 2;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  private line = 0;
  private readonly text = new Uint8Array(DATE_BYTES + 1);
  private readonly numbers = new Float64Array(2);

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
    this.start = from + DATE_BYTES + 1;
  }

  /** The line's time, written as RFC 3339 would have it. */
  private readTime(block: Uint8Array, from: number, end: number): void {
    const text = this.text;
    if (end - from < DATE_BYTES + 3) this.bad(block, from, end);
    for (let i = 0; i < DATE_BYTES; i++) text[i] = block[from + i]!;
    text[DATE_BYTES] = 90;
    const isDate = text[10] === 32 && text[19] === 44 && block[from + DATE_BYTES] === 32;
    text[10] = 84;
    text[19] = 46;
    if (!isDate || scanTime(text, 0, text.length, this.numbers, 0, 1) < 0) this.bad(block, from, end);
    if (block[from + DATE_BYTES + 1] !== 123 || block[end - 1] !== 125) this.bad(block, from, end);
    const ms = this.numbers[0]!;
    this.seconds = Math.floor(ms / 1000);
    this.nanos = (ms - this.seconds * 1000) * 1e6;
  }

  private bad(block: Uint8Array, from: number, end: number): never {
    const text = new TextDecoder().decode(block.subarray(from, Math.min(end, from + SHOWN_BYTES)));
    const more = end - from > SHOWN_BYTES ? '...' : '';
    throw new TickpathError('ERR_LINE', `${this.file}:${this.line}: expected ${EXPECTED}, found "${text}"${more}`, EXIT.DATA);
  }

  tooLong(): never {
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line + 1}: the line is longer than ${this.bytesMax} bytes; expected one frame a line`,
      EXIT.DATA,
    );
  }
}
