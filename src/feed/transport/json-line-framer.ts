import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { TextFramer } from './text-framer.ts';

const KEY = new TextEncoder().encode('"ts":');
const TIME_DIGITS = 13;

/**
 * One JSON object a line and nothing before it, as venues publish their own recordings: nobody received these frames, so the venue's
 * time, the first `"ts"` of a line in epoch ms, stands for the receive time. A later line without one has that of the line before.
 */
export class JsonLineFramer extends TextFramer {
  readonly bytesMax = FRAME_BYTES_MAX + 1;

  protected read(block: Uint8Array, from: number, end: number): number {
    if (block[from] !== 123 || block[end - 1] !== 125) this.refuse(block, from, end, 'a JSON object');
    if (!this.readTime(block, from, end) && this.seconds === 0) this.refuse(block, from, end, 'a "ts" of 13 digits, epoch ms');
    return from;
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
}

function keyAt(block: Uint8Array, from: number, end: number): number {
  for (let at = block.indexOf(KEY[0]!, from); at >= 0 && at + KEY.length <= end; at = block.indexOf(KEY[0]!, at + 1)) {
    let i = 1;
    while (i < KEY.length && block[at + i] === KEY[i]) i++;
    if (i === KEY.length) return at;
  }
  return -1;
}
