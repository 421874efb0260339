import type { InputDigest } from './inflate.ts';

/** The inflated bytes of one input file, chunk by chunk. */
export interface ByteSource {
  /** Begins to read ahead, if it can before `next` is called. */
  open(): void;
  /** Resolves when about `bytes` are ready, or all there are. */
  fill(bytes: number): Promise<void>;
  /** The next chunk, valid until the following call; undefined at the end. Rejects with a TickpathError. */
  next(): Promise<Uint8Array | undefined>;
  /** True when the whole file is inflated, though perhaps not yet taken. */
  readonly complete: boolean;
  close(): void;
  /** Digest of the file's own bytes; complete once `next` returned undefined. */
  digest(): InputDigest;
}

/** Opens an input; `onRead` is told of file bytes as they are read. */
export type OpenInput = (file: string, onRead: (bytes: number) => void) => ByteSource;
