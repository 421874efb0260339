import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createZstdPacker } from '../transport/zstd.ts';

/** How closed segments are packed. */
export const COMPRESS = ['none', 'gzip', 'zstd'] as const;
export type Compress = (typeof COMPRESS)[number];
export const PACKED_ENDING: Readonly<Record<Exclude<Compress, 'none'>, string>> = { gzip: '.gz', zstd: '.zst' };
/** Ends the name of a file that is being written and takes its place only when it is whole. */
export const PART_ENDING = '.part';

/** A file that is appended to. */
export interface SegmentFile {
  /** Bytes written so far; also after a write that failed in its middle. */
  readonly bytes: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Returns when what was written is on the disk. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** What a file became that was packed. */
export interface PackedFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** What a recording needs of a disk; injected so that tests can have a slow, a full and a broken one. */
export interface SegmentDisk {
  /** Creates a file that is not there yet, readable by its owner alone. */
  create(path: string): Promise<SegmentFile>;
  /** Replaces a small file as a whole. */
  replace(path: string, text: string): Promise<void>;
  /** Packs a closed segment; the plain file goes once the packed one is on the disk. */
  pack(path: string, how: Exclude<Compress, 'none'>): Promise<PackedFile>;
}

class NodeFile implements SegmentFile {
  bytes = 0;
  private readonly handle: FileHandle;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, done);
      done += bytesWritten;
      this.bytes += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.handle.datasync();
  }

  truncate(bytes: number): Promise<void> {
    return this.handle.truncate(bytes);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** The machine's disk. */
export const nodeDisk: SegmentDisk = {
  create: async (path) => new NodeFile(await open(path, 'wx', 0o600)),
  replace: async (path, text) => {
    await writeFile(path + PART_ENDING, text, { mode: 0o600, flush: true });
    await rename(path + PART_ENDING, path);
  },
  pack: async (path, how) => {
    const packed = path + PACKED_ENDING[how];
    const packer: Transform = how === 'gzip' ? createGzip() : createZstdPacker();
    const hash = createHash('sha256');
    let bytes = 0;
    const tell = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    await pipeline(createReadStream(path), packer, tell, createWriteStream(packed + PART_ENDING, { mode: 0o600, flush: true }));
    await rename(packed + PART_ENDING, packed);
    await rm(path);
    return { bytes, sha256: hash.digest('hex') };
  },
};
