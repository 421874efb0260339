import { assert } from './assert.ts';

/** Two cache lines: adjacent-line prefetch pulls pairs, so hot words of different threads stand this far apart. */
export const CACHE_PAIR_BYTES = 128;
const PAGE_BYTES = 65_536;

/** A named piece of the pipeline's shared memory; what `docs/records.md` and `tickpath doctor` list. */
export interface Region {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * One shared WebAssembly memory per pipeline, handed out front to back at start and never grown. It is a
 * SharedArrayBuffer, so rings, books, features and weights lie at fixed addresses for TypeScript and for compiled models.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly buffer: SharedArrayBuffer;
  readonly regions: Region[] = [];
  private top = CACHE_PAIR_BYTES;

  /** `bytes` is rounded up to 64 KiB pages; the first 128 bytes stay unused so that no valid offset is 0. */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.buffer = this.memory.buffer as unknown as SharedArrayBuffer;
  }

  /** Reserves `bytes` on a 128-byte boundary and returns the offset. */
  allocate(name: string, bytes: number): number {
    const offset = (this.top + CACHE_PAIR_BYTES - 1) & ~(CACHE_PAIR_BYTES - 1);
    assert(bytes > 0 && offset + bytes <= this.buffer.byteLength, 'Invariant: the pipeline memory was sized for all its regions');
    this.top = offset + bytes;
    this.regions.push({ name, offset, bytes });
    return offset;
  }
}
