import { EXIT, TickpathError } from '../../core/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { InputDigest } from './inflate.ts';

/** Stands between the two parts of a joined line; another byte in the first line of a file. */
export const JOIN = { NEXT: 9, FIRST: 11 } as const;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** Joined bytes handed over at a time, about. */
const CHUNK_BYTES = 64 << 10;
/** A line longer than this is no line. */
const LINE_BYTES_MAX = 1 << 20;

/**
 * Two files read in step: each line of the first, a byte of JOIN, and the same line of the second. They must have equally many
 * lines. Progress is that of the first file.
 */
export class JoinedLines implements ByteSource {
  private readonly file: string;
  private readonly left: Lines;
  private readonly right: Lines;
  private readonly rightName: string;
  private joined = 0;
  private ended = false;
  private out = new Uint8Array(2 * CHUNK_BYTES);

  constructor(file: string, left: ByteSource, rightName: string, right: ByteSource) {
    this.file = file;
    this.left = new Lines(file, left);
    this.right = new Lines(rightName, right);
    this.rightName = rightName;
  }

  open(): void {
    this.left.source.open();
    this.right.source.open();
  }

  async fill(bytes: number): Promise<void> {
    await this.left.source.fill(bytes);
    await this.right.source.fill(bytes);
  }

  get complete(): boolean {
    return this.left.source.complete && this.right.source.complete;
  }

  close(): void {
    this.left.source.close();
    this.right.source.close();
  }

  digests(): readonly InputDigest[] {
    return [...this.left.source.digests(), ...this.right.source.digests()];
  }

  async next(): Promise<Uint8Array | undefined> {
    let length = 0;
    while (length < CHUNK_BYTES && !this.ended) {
      const more = this.left.take() || (await this.left.more());
      const beside = this.right.take() || (await this.right.more());
      if (more !== beside) this.unequal(more ? this.rightName : this.file, more ? this.file : this.rightName);
      if (!more) {
        this.ended = true;
        break;
      }
      length = this.join(length);
    }
    return length === 0 ? undefined : this.out.subarray(0, length);
  }

  /** Writes the lines at hand behind `length` bytes; the new length. */
  private join(length: number): number {
    const { left, right } = this;
    const needed = length + (left.end - left.start) + (right.end - right.start) + 2;
    if (needed > this.out.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.out.subarray(0, length));
      this.out = larger;
    }
    const out = this.out;
    out.set(left.bytes.subarray(left.start, left.end), length);
    let at = length + left.end - left.start;
    out[at++] = this.joined++ === 0 ? JOIN.FIRST : JOIN.NEXT;
    out.set(right.bytes.subarray(right.start, right.end), at);
    at += right.end - right.start;
    out[at++] = LINE_FEED;
    return at;
  }

  private unequal(shorter: string, longer: string): never {
    throw new TickpathError(
      'ERR_LINE',
      `${shorter}: ends after ${this.joined} lines, ${longer} has more; expected one line for each`,
      EXIT.DATA,
    );
  }
}

/** The lines of a source, without line ends and blank lines; `bytes[start, end)` is the line at hand. */
class Lines {
  readonly source: ByteSource;
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  private readonly name: string;
  private from = 0;
  private to = 0;
  private finished = false;

  constructor(name: string, source: ByteSource) {
    this.name = name;
    this.source = source;
  }

  /** Takes the next whole line of the bytes at hand; false when there is none. */
  take(): boolean {
    while (this.from < this.to) {
      const feed = this.bytes.indexOf(LINE_FEED, this.from);
      if (feed < 0 || feed >= this.to) break;
      this.start = this.from;
      this.end = feed > this.from && this.bytes[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed;
      this.from = feed + 1;
      if (this.end > this.start) return true;
    }
    return false;
  }

  /** Takes the next line once enough is read; false at the end. A last line may lack its line feed. */
  async more(): Promise<boolean> {
    while (!this.finished) {
      const chunk = await this.source.next();
      if (chunk === undefined) {
        this.finished = true;
        if (this.from === this.to) return false;
        this.append(Uint8Array.of(LINE_FEED));
      } else this.append(chunk);
      if (this.take()) return true;
      if (this.to - this.from > LINE_BYTES_MAX)
        throw new TickpathError('ERR_LINE', `${this.name}: a line is longer than ${LINE_BYTES_MAX} bytes`, EXIT.DATA);
    }
    return false;
  }

  private append(chunk: Uint8Array): void {
    const left = this.to - this.from;
    const bytes = new Uint8Array(left + chunk.length);
    bytes.set(this.bytes.subarray(this.from, this.to));
    bytes.set(chunk, left);
    this.bytes = bytes;
    this.from = 0;
    this.to = bytes.length;
  }
}
