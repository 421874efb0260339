import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type ReadStream, statSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EXIT, TickpathError } from '../../core/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { isZip, zipEntryOf } from './zip-directory.ts';
import { ZipEntryInflate } from './zip-entry.ts';
import { ZstdInflate } from './zstd.ts';
import { isZstdFrame, isZstdSkippable } from './zstd-frame.ts';

const FILE_CHUNK_BYTES = 64 << 10;
const INFLATED_CHUNK_BYTES = 128 << 10;

/** A file that was read to its end: what reports and manifests name. */
export interface InputDigest {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Size of an input in bytes; throws ERR_INPUT (usage) when it is absent or no file. */
export function inputBytes(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new TickpathError('ERR_INPUT', `${file}: no such file`, EXIT.USAGE);
  if (!stat.isFile()) throw new TickpathError('ERR_INPUT', `${file}: not a regular file`, EXIT.USAGE);
  return stat.size;
}

/**
 * The inflated bytes of one file, read ahead: chunks queue up to `aheadBytes` while the consumer is busy or asleep, so a
 * paced replay does not wait for zlib. gzip, zstd and zip are told by their magic bytes; of a zip archive the one file in it
 * is read (`zipEntryOf`). Memory is bounded by `aheadBytes`, two chunks and the window of zstd.
 */
export class InflatedFile implements ByteSource {
  private readonly file: string;
  private readonly aheadBytes: number;
  private readonly onRead: (bytes: number) => void;
  private readonly queue: Uint8Array[] = [];
  private readonly hash: Hash = createHash('sha256');
  private queuedBytes = 0;
  private readBytes = 0;
  private sourceEnded = false;
  private ended = false;
  private failure: TickpathError | undefined;
  private wake: (() => void) | undefined;
  private source: ReadStream | undefined;
  private inflater: Transform | undefined;

  /** `onRead`: told of file bytes as they are read. */
  constructor(file: string, aheadBytes: number, onRead: (bytes: number) => void) {
    this.file = file;
    this.aheadBytes = aheadBytes;
    this.onRead = onRead;
  }

  open(): void {
    if (this.source !== undefined) return;
    const source = createReadStream(this.file, { highWaterMark: FILE_CHUNK_BYTES });
    this.source = source;
    source.on('data', (chunk) => this.onSource(chunk as Uint8Array));
    source.on('error', (error) => this.fail(new TickpathError('ERR_INPUT', `${this.file}: cannot be read (${error.message})`, EXIT.USAGE)));
    source.on('end', () => {
      this.sourceEnded = true;
      if (this.inflater !== undefined) this.inflater.end();
      else this.finish();
    });
  }

  async next(): Promise<Uint8Array | undefined> {
    this.open();
    for (;;) {
      const chunk = this.queue.shift();
      if (chunk !== undefined) {
        this.queuedBytes -= chunk.length;
        this.adjust();
        // One turn of the event loop refills the queue, however busy the consumer keeps the thread.
        await new Promise((resolve) => setImmediate(resolve));
        return chunk;
      }
      if (this.failure !== undefined) throw this.failure;
      if (this.ended) return undefined;
      await this.more();
    }
  }

  async fill(bytes: number): Promise<void> {
    this.open();
    while (this.queuedBytes < Math.min(bytes, this.aheadBytes) && !this.ended && this.failure === undefined) await this.more();
  }

  get complete(): boolean {
    return this.ended;
  }

  close(): void {
    this.source?.destroy();
    this.inflater?.destroy();
    this.finish();
  }

  digests(): readonly InputDigest[] {
    return [this.digest()];
  }

  private digest(): InputDigest {
    return { file: this.file, bytes: this.readBytes, sha256: this.hash.copy().digest('hex') };
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private onSource(chunk: Uint8Array): void {
    const first = this.readBytes === 0;
    this.readBytes += chunk.length;
    this.hash.update(chunk);
    this.onRead(chunk.length);
    if (first && chunk[0] === 0x1f && chunk[1] === 0x8b) this.startGunzip();
    else if (first && (isZstdFrame(chunk, 0) || isZstdSkippable(chunk, 0))) this.startZstd();
    else if (first && isZip(chunk)) this.startZip();
    if (this.failure !== undefined) return;
    if (this.inflater === undefined) this.push(chunk);
    else if (!this.inflater.write(chunk)) this.source?.pause();
  }

  private startGunzip(): void {
    this.start('ERR_GZIP', createGunzip({ chunkSize: INFLATED_CHUNK_BYTES }), (error) => {
      const cut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' && this.sourceEnded;
      const what = cut ? 'is cut off' : `is corrupt (${error.message})`;
      return `the gzip stream ${what} after ${this.readBytes} bytes; expected a complete gzip file`;
    });
  }

  private startZstd(): void {
    this.start(
      'ERR_ZSTD',
      new ZstdInflate(),
      (error) => `the zstd stream ${error.message} after ${this.readBytes} bytes; expected a complete zstd file`,
    );
  }

  private startZip(): void {
    try {
      const entry = zipEntryOf(this.file);
      this.start('ERR_ZIP', new ZipEntryInflate(entry), (error) => `"${entry.name}" in the zip archive ${error.message}`);
    } catch (error) {
      this.fail(error instanceof TickpathError ? error : new TickpathError('ERR_INPUT', `${this.file}: ${String(error)}`, EXIT.USAGE));
    }
  }

  private start(code: `ERR_${string}`, inflater: Transform, explain: (error: Error) => string): void {
    this.inflater = inflater;
    inflater.on('data', (chunk: Uint8Array) => this.push(chunk));
    inflater.on('drain', () => this.source?.resume());
    inflater.on('end', () => this.finish());
    inflater.on('error', (error) => this.fail(new TickpathError(code, `${this.file}: ${explain(error)}`, EXIT.DATA)));
  }

  private push(chunk: Uint8Array): void {
    this.queue.push(chunk);
    this.queuedBytes += chunk.length;
    this.adjust();
    this.notify();
  }

  /** Stops the stream that fills the queue while enough is queued. */
  private adjust(): void {
    const stream = this.inflater ?? this.source;
    if (stream === undefined || this.ended) return;
    if (this.queuedBytes >= this.aheadBytes) stream.pause();
    else if (stream.isPaused()) stream.resume();
  }

  private finish(): void {
    this.ended = true;
    this.notify();
  }

  private fail(error: TickpathError): void {
    this.failure ??= error;
    this.source?.destroy();
    this.notify();
  }

  private notify(): void {
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }
}
