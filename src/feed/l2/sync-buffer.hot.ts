/**
 * Frames kept while a book waits for its snapshot: raw bytes copied into memory allocated once, in order of arrival,
 * bounded by count and bytes. `times` holds two doubles a frame: local receive time and frame number.
 */
export class SyncBuffer {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly times: Float64Array;
  count: number;
  private top: number;

  constructor(framesMax: number, bytesMax: number) {
    this.bytes = new Uint8Array(bytesMax);
    this.starts = new Int32Array(framesMax);
    this.ends = new Int32Array(framesMax);
    this.times = new Float64Array(2 * framesMax);
    this.count = 0;
    this.top = 0;
  }

  clear(): void {
    this.count = 0;
    this.top = 0;
  }

  /** Copies a frame; false when it does not fit. `frame`: its receive time and number, at `frame[0]` and `frame[1]`. */
  push(bytes: Uint8Array, start: number, end: number, frame: Float64Array): boolean {
    const length = end - start;
    const count = this.count;
    const top = this.top;
    if (count >= this.starts.length || top + length > this.bytes.length) return false;
    const target = this.bytes;
    for (let i = 0; i < length; i++) target[top + i] = bytes[start + i]!;
    this.starts[count] = top;
    this.ends[count] = top + length;
    this.times[2 * count] = frame[0]!;
    this.times[2 * count + 1] = frame[1]!;
    this.top = top + length;
    this.count = count + 1;
    return true;
  }

  /** Forgets the frames before `first`. */
  dropBefore(first: number): void {
    const kept = this.count - first;
    if (kept <= 0) {
      this.clear();
      return;
    }
    const base = this.starts[first]!;
    this.bytes.copyWithin(0, base, this.top);
    for (let i = 0; i < kept; i++) {
      this.starts[i] = this.starts[first + i]! - base;
      this.ends[i] = this.ends[first + i]! - base;
      this.times[2 * i] = this.times[2 * (first + i)]!;
      this.times[2 * i + 1] = this.times[2 * (first + i) + 1]!;
    }
    this.count = kept;
    this.top -= base;
  }
}
