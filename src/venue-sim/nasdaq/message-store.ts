import { EXIT, TickpathError } from '../../core/errors.ts';
import { SERVED_BYTES_MAX } from '../../core/limits.ts';

const FIRST_BYTES = 1 << 16;
const FIRST_MESSAGES = 1 << 10;

/** The messages of one session by number, from 1: what a server of the session sends, and sends again. */
export class MessageStore {
  private bytes = new Uint8Array(FIRST_BYTES);
  private ends = new Float64Array(FIRST_MESSAGES);
  private messages = 0;
  private readonly bytesMax: number;

  constructor(bytesMax: number = SERVED_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  /** Messages so far, which is also the number of the last one. */
  get count(): number {
    return this.messages;
  }

  /** Throws ERR_SERVE when the session would be larger than `bytesMax`. */
  append(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const from = this.endOf(this.messages);
    const to = from + end - start;
    if (to > this.bytesMax)
      throw new TickpathError('ERR_SERVE', `a session of more than ${this.bytesMax} bytes; serve a part of it`, EXIT.DATA);
    if (to > this.bytes.length) {
      const grown = new Uint8Array(Math.max(to, Math.min(this.bytesMax, 2 * this.bytes.length)));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    if (this.messages === this.ends.length) {
      const grown = new Float64Array(2 * this.ends.length);
      grown.set(this.ends);
      this.ends = grown;
    }
    this.bytes.set(bytes.subarray(start, end), from);
    this.ends[this.messages++] = to;
  }

  /** Message `number`, as a view that is valid until the next `append`. */
  message(number: number): Uint8Array {
    return this.bytes.subarray(this.endOf(number - 1), this.endOf(number));
  }

  private endOf(number: number): number {
    return number === 0 ? 0 : this.ends[number - 1]!;
  }
}
