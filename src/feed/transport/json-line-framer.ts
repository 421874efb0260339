import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';

const KEY = new TextEncoder().encode('"ts":');
const TIME_DIGITS = 13;
const SHOWN_BYTES = 60;

/**
 * One JSON object a line and nothing before it, as venues publish their own recordings: nobody received these frames, so the venue's
 * time, the first `"ts"` of a line in epoch ms, stands for the receive time. A later line without one has that of the line before.
 */
export class JsonLineFramer implements Framer {
  readonly bytesMax = FRAME_BYTES_MAX + 1;
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
    this.start = from;
    this.end = end;
    if (end === from) return;
    if (block[from] !== 123 || block[end - 1] !== 125) this.bad(block, from, end, 'a JSON object');
    if (!this.readTime(block, from, end) && this.seconds === 0) this.bad(block, from, end, 'a "ts" of 13 digits, epoch ms');
  }

  /** False when the line has no time. */
  private readTime(block: Uint8Array, from: number, end: number): boolean {
    const key = keyAt(block, from, end);
    if (key < 0) return false;
    let at = key + KEY.length;
    while (at < end && (block[at] === 32 || block[at] === 34)) at++;
    if (at + TIME_DIGITS > end) return false;
    let ms = 0;
    for (let i = 0; i < TIME_DIGITS; i++) {
      const digit = block[at + i]! - 48;
      if (digit < 0 || digit > 9) return false;
      ms = ms * 10 + digit;
    }
    this.seconds = Math.floor(ms / 1000);
    this.nanos = (ms % 1000) * 1_000_000;
    return true;
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

function keyAt(block: Uint8Array, from: number, end: number): number {
  for (let at = block.indexOf(KEY[0]!, from); at >= 0 && at + KEY.length <= end; at = block.indexOf(KEY[0]!, at + 1)) {
    let i = 1;
    while (i < KEY.length && block[at + i] === KEY[i]) i++;
    if (i === KEY.length) return at;
  }
  return -1;
}
