import type { InputDigest } from './inflate.ts';

/** The inflated bytes of an input, chunk by chunk: one file, or several that are read as one (`inputGroups`). */
export interface ByteSource {
  /** Begins to read ahead, if it can before `next` is called. */
  open(): void;
  /** Resolves when about `bytes` are ready, or all there are. */
  fill(bytes: number): Promise<void>;
  /** The next chunk, valid until the following call; undefined at the end. Rejects with a TickpathError. */
  next(): Promise<Uint8Array | undefined>;
  /** True when all of it is inflated, though perhaps not yet taken. */
  readonly complete: boolean;
  close(): void;
  /** Digests of the files' own bytes; complete once `next` returned undefined. */
  digests(): readonly InputDigest[];
}

/** Opens one group of files; `onRead` is told of file bytes as they are read. */
export type OpenInput = (files: readonly string[], onRead: (bytes: number) => void) => ByteSource;
