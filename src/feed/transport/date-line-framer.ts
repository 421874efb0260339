import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { scanTime } from '../json/time.hot.ts';
import { TextFramer } from './text-framer.ts';

const EXPECTED = 'a receive time such as 2016-03-12 00:08:37,352, a space and a JSON object';
const DATE_BYTES = 'yyyy-mm-dd hh:mm:ss,mmm'.length;

/**
 * Lines of a Python log: `2016-03-12 00:08:37,352 {...}`, ended by a line feed; blank lines are passed over. The time names no
 * zone and is read as UTC.
 */
export class DateLineFramer extends TextFramer {
  readonly bytesMax = FRAME_BYTES_MAX + DATE_BYTES + 2;
  private readonly text = new Uint8Array(DATE_BYTES + 1);
  private readonly numbers = new Float64Array(2);

  protected read(block: Uint8Array, from: number, end: number): number {
    this.readTime(block, from, end);
    return from + DATE_BYTES + 1;
  }

  /** The line's time, written as RFC 3339 would have it. */
  private readTime(block: Uint8Array, from: number, end: number): void {
    const text = this.text;
    if (end - from < DATE_BYTES + 3) this.refuse(block, from, end, EXPECTED);
    for (let i = 0; i < DATE_BYTES; i++) text[i] = block[from + i]!;
    text[DATE_BYTES] = 90;
    const isDate = text[10] === 32 && text[19] === 44 && block[from + DATE_BYTES] === 32;
    text[10] = 84;
    text[19] = 46;
    if (!isDate || scanTime(text, 0, text.length, this.numbers, 0, 1) < 0) this.refuse(block, from, end, EXPECTED);
    if (block[from + DATE_BYTES + 1] !== 123 || block[end - 1] !== 125) this.refuse(block, from, end, EXPECTED);
    const ms = this.numbers[0]!;
    this.seconds = Math.floor(ms / 1000);
    this.nanos = (ms - this.seconds * 1000) * 1e6;
  }
}
