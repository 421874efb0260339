const SAMPLES_MAX = 32;
const SAMPLE_BYTES = 200;

/** One rejected frame, for the report. */
export interface RejectSample {
  /** 1-based number of the frame in the input. */
  readonly frame: number;
  readonly status: number;
  /** Instrument id, -1 when it could not be told. */
  readonly instrument: number;
  /** Length of the frame in bytes. */
  readonly bytes: number;
  /** Its first 200 bytes; of a binary feed in hexadecimal. */
  readonly text: string;
}

/** Keeps the first rejected frames (at most 32, 200 bytes of each) in memory allocated once; counting all is the counters' part. */
export class RejectSamples {
  private readonly text = new Uint8Array(SAMPLES_MAX * SAMPLE_BYTES);
  private readonly frames = new Float64Array(SAMPLES_MAX);
  private readonly statuses = new Int32Array(SAMPLES_MAX);
  private readonly instruments = new Int32Array(SAMPLES_MAX);
  private readonly lengths = new Int32Array(SAMPLES_MAX);
  private readonly binary: boolean;
  private count = 0;

  /** `binary`: frames are no text. */
  constructor(binary = false) {
    this.binary = binary;
  }

  add(frame: number, status: number, instrument: number, bytes: Uint8Array, start: number, end: number): void {
    const at = this.count;
    if (at >= SAMPLES_MAX) return;
    const kept = Math.min(end - start, SAMPLE_BYTES);
    for (let i = 0; i < kept; i++) this.text[at * SAMPLE_BYTES + i] = bytes[start + i]!;
    this.frames[at] = frame;
    this.statuses[at] = status;
    this.instruments[at] = instrument;
    this.lengths[at] = end - start;
    this.count = at + 1;
  }

  list(): RejectSample[] {
    const samples: RejectSample[] = [];
    for (let at = 0; at < this.count; at++) {
      const length = this.lengths[at]!;
      const base = at * SAMPLE_BYTES;
      samples.push({
        frame: this.frames[at]!,
        status: this.statuses[at]!,
        instrument: this.instruments[at]!,
        bytes: length,
        text: this.textOf(this.text.subarray(base, base + Math.min(length, SAMPLE_BYTES))),
      });
    }
    return samples;
  }

  private textOf(bytes: Uint8Array): string {
    return this.binary ? Buffer.from(bytes).toString('hex') : new TextDecoder().decode(bytes);
  }
}
