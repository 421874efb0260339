import { Transform, type TransformCallback } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { ZIP_METHOD, type ZipEntry } from './zip-directory.ts';

const INFLATED_CHUNK_BYTES = 128 << 10;

/** What is wrong with an entry's bytes. */
export class ZipError extends Error {}

/**
 * Takes the bytes of a whole zip archive and gives those of one entry, inflated; length and CRC-32 are checked as it goes, so
 * that no more comes out than the directory says. Memory is bounded by a few chunks.
 */
export class ZipEntryInflate extends Transform {
  private readonly entry: ZipEntry;
  private readonly inflater: Transform | undefined;
  /** Place in the archive of the bytes that come next. */
  private position = 0;
  private inflatedBytes = 0;
  private crc = 0;
  private inflaterEnded = false;

  constructor(entry: ZipEntry) {
    super();
    this.entry = entry;
    if (entry.method === ZIP_METHOD.STORED) return;
    const inflater = createInflateRaw({ chunkSize: INFLATED_CHUNK_BYTES });
    this.inflater = inflater;
    inflater.on('data', (chunk: Uint8Array) => {
      if (!this.pass(chunk)) inflater.pause();
    });
    inflater.on('end', () => {
      this.inflaterEnded = true;
    });
    inflater.on('error', (error) => this.destroy(new ZipError(`is corrupt (${error.message})`)));
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    const from = Math.max(0, this.entry.start - this.position);
    const to = Math.min(chunk.length, this.entry.end - this.position);
    this.position += chunk.length;
    if (from >= to) {
      done();
      return;
    }
    const part = chunk.subarray(from, to);
    if (this.inflater === undefined) {
      this.pass(part);
      done();
    } else this.inflater.write(part, (error) => this.unlessFailed(error, done));
  }

  override _flush(done: TransformCallback): void {
    const inflater = this.inflater;
    if (inflater === undefined || this.inflaterEnded) {
      this.finish(done);
      return;
    }
    inflater.on('end', () => this.finish(done));
    inflater.end();
  }

  override _read(bytes: number): void {
    this.inflater?.resume();
    super._read(bytes);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inflater?.destroy();
    done(error);
  }

  private unlessFailed(error: Error | null | undefined, done: TransformCallback): void {
    if (!this.destroyed && !error) done();
  }

  /** Passes inflated bytes on; false when the reader has enough for now. */
  private pass(bytes: Uint8Array): boolean {
    this.inflatedBytes += bytes.length;
    if (this.inflatedBytes > this.entry.inflatedBytes) {
      this.destroy(new ZipError(`inflates to more than the ${this.entry.inflatedBytes} bytes that the directory says`));
      return false;
    }
    this.crc = crc32(bytes, this.crc);
    return this.push(bytes);
  }

  private finish(done: TransformCallback): void {
    if (this.destroyed) return;
    const { inflatedBytes, entry } = this;
    if (inflatedBytes !== entry.inflatedBytes) done(new ZipError(`has ${inflatedBytes} bytes; its directory says ${entry.inflatedBytes}`));
    else if (this.crc !== entry.crc32) done(new ZipError('is corrupt (its CRC-32 is wrong)'));
    else done();
  }
}
