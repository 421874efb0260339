import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { TextFramer } from './text-framer.ts';

/** Digits of an epoch time in nanoseconds, and the space after them. */
const TIME_DIGITS = 19;
const SECOND_DIGITS = 10;
const PREFIX_BYTES = TIME_DIGITS + 1;

/** Capture lines: `<19-digit epoch ns> <JSON>`, ended by a line feed; blank lines are passed over. */
export class LineFramer extends TextFramer {
  readonly bytesMax = FRAME_BYTES_MAX + PREFIX_BYTES + 1;

  protected read(block: Uint8Array, from: number, end: number): number {
    this.readTime(block, from, end);
    return from + PREFIX_BYTES;
  }

  private readTime(block: Uint8Array, from: number, end: number): void {
    if (end - from < PREFIX_BYTES + 1 || block[from + TIME_DIGITS] !== 32)
      this.refuse(block, from, end, 'a 19-digit receive time in ns and a space');
    let seconds = 0;
    let nanos = 0;
    for (let i = 0; i < TIME_DIGITS; i++) {
      const digit = block[from + i]! - 48;
      if (digit < 0 || digit > 9) this.refuse(block, from, end, 'a 19-digit receive time in ns and a space');
      if (i < SECOND_DIGITS) seconds = seconds * 10 + digit;
      else nanos = nanos * 10 + digit;
    }
    if (block[from + PREFIX_BYTES] !== 123 || block[end - 1] !== 125) this.refuse(block, from, end, 'a JSON object after the receive time');
    this.seconds = seconds;
    this.nanos = nanos;
  }
}
