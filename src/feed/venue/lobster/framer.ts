import { EXIT, TickpathError } from '../../../core/errors.ts';
import { midnightOfFileS } from '../../file-date.ts';
import { FRAMER_MORE, type Framer } from '../../transport/framer.ts';

const LINE_BYTES_MAX = 1 << 16;
const LINE_FEED = 10;
const COMMA = 44;
const POINT = 46;
const NANO_DIGITS = 9;
const SECOND_DIGITS_MAX = 5;
const SHOWN_BYTES = 60;

/**
 * Rows of a LOBSTER message file with the rows of its order-book file behind them (joined-lines.ts). Receive time is the row's
 * own: seconds after the New York midnight of the date in the file's name, from text to integers.
 */
export class LobsterFramer implements Framer {
  readonly bytesMax = LINE_BYTES_MAX;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  private midnightS = 0;
  private line = 0;

  begin(file: string): void {
    this.file = file;
    this.midnightS = midnightOfFileS(file);
    this.line = 0;
  }

  last(block: Uint8Array, from: number, to: number): number {
    return this.next(block, from, to);
  }

  next(block: Uint8Array, from: number, to: number): number {
    const feed = block.indexOf(LINE_FEED, from);
    if (feed < 0 || feed >= to) return FRAMER_MORE;
    this.line++;
    this.readTime(block, from, feed);
    this.start = from;
    this.end = feed;
    return feed + 1;
  }

  private readTime(block: Uint8Array, from: number, end: number): void {
    let seconds = 0;
    let at = from;
    for (; at < end && isDigit(block[at]!); at++) seconds = seconds * 10 + block[at]! - 48;
    if (at === from || at - from > SECOND_DIGITS_MAX) this.bad(block, from, end);
    let nanos = 0;
    let digits = 0;
    if (block[at] === POINT) {
      for (at++; at < end && isDigit(block[at]!); at++) {
        if (digits === NANO_DIGITS) this.bad(block, from, end);
        nanos = nanos * 10 + block[at]! - 48;
        digits++;
      }
    }
    if (block[at] !== COMMA) this.bad(block, from, end);
    this.seconds = this.midnightS + seconds;
    this.nanos = nanos * 10 ** (NANO_DIGITS - digits);
  }

  private bad(block: Uint8Array, from: number, end: number): never {
    const text = new TextDecoder().decode(block.subarray(from, Math.min(end, from + SHOWN_BYTES)));
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line}: expected a time of seconds after midnight with at most 9 decimals, found "${text}"`,
      EXIT.DATA,
    );
  }

  tooLong(): never {
    throw new TickpathError('ERR_LINE', `${this.file}:${this.line + 1}: the row is longer than ${LINE_BYTES_MAX} bytes`, EXIT.DATA);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
