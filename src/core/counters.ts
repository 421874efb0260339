/**
 * Counters in shared memory: written by one thread each, read by any. A counter is two int32 words (low, high), so it does
 * not wrap in practice, and a carry count, odd while the low word's carry is on its way to the high one: a reader that met
 * a carry tries again, so it never sees one word of before and one of after.
 * Each stands 128 bytes from the next, so counting never disturbs a neighbour's cache line.
 */
const STRIDE_WORDS = 32;
const LOW = 0;
const HIGH = 1;
const CARRIES = 2;

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
    const after = (words[at + LOW]! >>> 0) + amount;
    if (after < 4294967296) Atomics.store(words, at + LOW, after | 0);
    else this.carry(at, after);
  }

  read(id: number): number {
    const words = this.words;
    const at = id * STRIDE_WORDS;
    for (;;) {
      const carries = Atomics.load(words, at + CARRIES);
      const high = Atomics.load(words, at + HIGH);
      const low = Atomics.load(words, at + LOW) >>> 0;
      if ((carries & 1) === 0 && Atomics.load(words, at + CARRIES) === carries) return high * 4294967296 + low;
    }
  }

  private carry(at: number, after: number): void {
    const words = this.words;
    const carries = words[at + CARRIES]!;
    Atomics.store(words, at + CARRIES, (carries + 1) | 0);
    Atomics.store(words, at + HIGH, (words[at + HIGH]! + 1) | 0);
    Atomics.store(words, at + LOW, after | 0);
    Atomics.store(words, at + CARRIES, (carries + 2) | 0);
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
