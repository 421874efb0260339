import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';

const SHOWN_BYTES = 60;

/** What all framers of text share: a frame stands in a line; blank lines are passed over, a last line may lack its line feed. */
export abstract class TextFramer implements Framer {
  abstract readonly bytesMax: number;
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

  last(block: Uint8Array, from: number, to: number): number {
    const next = this.next(block, from, to);
    if (next !== FRAMER_MORE) return next;
    this.take(block, from, to);
    return to;
  }

  tooLong(): never {
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line + 1}: the line is longer than ${this.bytesMax} bytes; expected one frame a line`,
      EXIT.DATA,
    );
  }

  /**
   * Reads `seconds` and `nanos` of the line in `block[from, end)`, which is not blank; where its frame begins, `end` when it
   * has none. Throws by `refuse`.
   */
  protected abstract read(block: Uint8Array, from: number, end: number): number;

  protected refuse(block: Uint8Array, from: number, end: number, expected: string): never {
    const text = new TextDecoder().decode(block.subarray(from, Math.min(end, from + SHOWN_BYTES)));
    const more = end - from > SHOWN_BYTES ? '...' : '';
    throw new TickpathError('ERR_LINE', `${this.file}:${this.line}: expected ${expected}, found "${text}"${more}`, EXIT.DATA);
  }

  private take(block: Uint8Array, from: number, feed: number): void {
    this.line++;
    let end = feed;
    while (end > from && (block[end - 1] === 13 || block[end - 1] === 32)) end--;
    this.start = end;
    this.end = end;
    if (end > from) this.start = this.read(block, from, end);
  }
}
