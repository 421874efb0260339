/**
 * Counters in shared memory: written by one thread each, read by any. A counter is two int32 words (low, high), so it
 * does not wrap in practice and does not tear: the reader takes high, low, high and tries again when high moved.
 * Each stands 128 bytes from the next, so counting never disturbs a neighbour's cache line.
 */
const STRIDE_WORDS = 32;

export interface CounterSpec {
  readonly name: string;
  readonly unit: string;
  readonly help: string;
}

export class Counters {
  readonly specs: readonly CounterSpec[];
  private readonly words: Int32Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, offset: number, specs: readonly CounterSpec[]) {
    this.specs = specs;
    this.words = new Int32Array(buffer, offset, specs.length * STRIDE_WORDS);
  }

  static bytes(count: number): number {
    return count * STRIDE_WORDS * 4;
  }

  increment(id: number): void {
    this.add(id, 1);
  }

  /** `amount`: 0 .. 2^31 - 1. */
  add(id: number, amount: number): void {
    const words = this.words;
    const at = id * STRIDE_WORDS;
    const before = words[at]! >>> 0;
    const after = before + amount;
    if (after >= 4294967296) Atomics.store(words, at + 1, (words[at + 1]! + 1) | 0);
    Atomics.store(words, at, after | 0);
  }

  read(id: number): number {
    const words = this.words;
    const at = id * STRIDE_WORDS;
    for (;;) {
      const high = Atomics.load(words, at + 1);
      const low = Atomics.load(words, at) >>> 0;
      if (Atomics.load(words, at + 1) === high) return high * 4294967296 + low;
    }
  }

  /** All counters by name. */
  snapshot(): Record<string, number> {
    const out: Record<string, number> = {};
    this.specs.forEach((spec, id) => {
      out[spec.name] = this.read(id);
    });
    return out;
  }
}
