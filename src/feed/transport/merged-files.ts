import type { ByteSource } from './byte-source.ts';
import { CryptofeedFramer } from './cryptofeed-framer.ts';
import { FRAMER_MORE } from './framer.ts';
import type { InputDigest } from './inflate.ts';

/** Bytes gathered before they are handed on; a longer line goes alone. */
const CHUNK_BYTES = 64 << 10;
const LINE_FEED = 10;

/**
 * Several cryptofeed recordings as one, line by line in order of receive time; of lines with the same time that of the file
 * named first comes first. Lines that hold no frame are left out. Memory is bounded by one line and one chunk of each file.
 */
export class MergedFiles implements ByteSource {
  private readonly lanes: readonly Lane[];
  private readonly sources: readonly ByteSource[];
  private readonly out: Uint8Array;

  constructor(files: readonly string[], sources: readonly ByteSource[]) {
    this.sources = sources;
    this.lanes = sources.map((source, i) => new Lane(files[i]!, source));
    this.out = new Uint8Array(2 * CHUNK_BYTES + 1);
  }

  open(): void {
    for (const source of this.sources) source.open();
  }

  async fill(bytes: number): Promise<void> {
    for (const source of this.sources) await source.fill(Math.ceil(bytes / this.sources.length));
  }

  async next(): Promise<Uint8Array | undefined> {
    let length = 0;
    while (length < CHUNK_BYTES) {
      let first: Lane | undefined;
      for (const lane of this.lanes) {
        if (!lane.holds && !lane.ended && !lane.advance()) await lane.load();
        if (lane.holds && (first === undefined || lane.isBefore(first))) first = lane;
      }
      if (first === undefined) break;
      if (first.lineBytes > CHUNK_BYTES) {
        if (length > 0) break;
        const alone = new Uint8Array(first.lineBytes + 1);
        return alone.subarray(0, first.take(alone, 0));
      }
      length = first.take(this.out, length);
    }
    return length === 0 ? undefined : this.out.subarray(0, length);
  }

  get complete(): boolean {
    return this.sources.every((source) => source.complete);
  }

  close(): void {
    for (const source of this.sources) source.close();
  }

  digests(): readonly InputDigest[] {
    return this.sources.flatMap((source) => source.digests());
  }
}

/** One of the files, standing at the next line that holds a frame. */
class Lane {
  readonly lineBytesMax: number;
  holds = false;
  ended = false;
  private readonly framer = new CryptofeedFramer();
  private readonly source: ByteSource;
  private block: Uint8Array;
  private from = 0;
  private to = 0;
  private next = 0;
  private sourceEnded = false;

  constructor(file: string, source: ByteSource) {
    this.source = source;
    this.lineBytesMax = this.framer.bytesMax;
    this.block = new Uint8Array(2 * CHUNK_BYTES);
    this.framer.begin(file);
  }

  /** Length of the line at hand. */
  get lineBytes(): number {
    return this.next - this.from;
  }

  isBefore(other: Lane): boolean {
    const a = this.framer;
    const b = other.framer;
    return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);
  }

  /** Goes to the next line with a frame; false when more bytes are needed. */
  advance(): boolean {
    const { framer } = this;
    while (this.from < this.to) {
      const next = this.sourceEnded ? framer.last(this.block, this.from, this.to) : framer.next(this.block, this.from, this.to);
      if (next === FRAMER_MORE) return false;
      this.next = next;
      if (framer.start !== framer.end) {
        this.holds = true;
        return true;
      }
      this.from = next;
    }
    this.ended = this.sourceEnded;
    return this.ended;
  }

  /** Reads on until `advance` has come to a line or to the end. */
  async load(): Promise<void> {
    while (!this.advance()) {
      if (this.to - this.from > this.lineBytesMax) this.framer.tooLong();
      const chunk = await this.source.next();
      if (chunk === undefined) this.sourceEnded = true;
      else this.append(chunk);
    }
  }

  /** Copies the line to `out[at]`; where it ends there. */
  take(out: Uint8Array, at: number): number {
    const line = this.block.subarray(this.from, this.next);
    out.set(line, at);
    this.from = this.next;
    this.holds = false;
    const end = at + line.length;
    if (line[line.length - 1] === LINE_FEED) return end;
    out[end] = LINE_FEED;
    return end + 1;
  }

  private append(chunk: Uint8Array): void {
    const kept = this.to - this.from;
    if (kept + chunk.length > this.block.length) {
      const larger = new Uint8Array(2 * (kept + chunk.length));
      larger.set(this.block.subarray(this.from, this.to));
      this.block = larger;
    } else {
      this.block.copyWithin(0, this.from, this.to);
    }
    this.block.set(chunk, kept);
    this.from = 0;
    this.to = kept + chunk.length;
  }
}
