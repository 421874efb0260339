const SEQUENCE = 0;

/** Bytes of a latest-value slot of `words` int32 payload words. */
export function latestBytes(words: number): number {
  return 64 + 4 * words;
}

/**
 * One writer publishes a small value, readers take the newest (a seqlock). Payload words are int32 through Atomics: a
 * racing plain read would be allowed to tear. Layout: int32 sequence (odd while a write is under way), 60 bytes unused,
 * payload.
 */
export class LatestValue {
  private readonly sequence: Int32Array<SharedArrayBuffer>;
  private readonly payload: Int32Array<SharedArrayBuffer>;
  private readonly words: number;

  constructor(buffer: SharedArrayBuffer, offset: number, words: number) {
    this.sequence = new Int32Array(buffer, offset, 1);
    this.payload = new Int32Array(buffer, offset + 64, words);
    this.words = words;
  }

  write(source: Int32Array): void {
    const payload = this.payload;
    const words = this.words;
    const sequence = Atomics.load(this.sequence, SEQUENCE);
    Atomics.store(this.sequence, SEQUENCE, (sequence + 1) | 0);
    for (let i = 0; i < words; i++) Atomics.store(payload, i, source[i]!);
    Atomics.store(this.sequence, SEQUENCE, (sequence + 2) | 0);
  }

  /** Copies the newest complete value into `target`; 0 when it did, -1 when a write was under way (try again). */
  read(target: Int32Array): number {
    const payload = this.payload;
    const words = this.words;
    const before = Atomics.load(this.sequence, SEQUENCE);
    if ((before & 1) !== 0) return -1;
    for (let i = 0; i < words; i++) target[i] = Atomics.load(payload, i);
    return Atomics.load(this.sequence, SEQUENCE) === before ? 0 : -1;
  }
}
