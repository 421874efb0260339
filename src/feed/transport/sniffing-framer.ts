import { CryptofeedFramer } from './cryptofeed-framer.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';
import { LineFramer } from './line-framer.ts';

/** How the lines of a cryptofeed recording begin. */
const CRYPTOFEED = /^(?:[0-9]{1,10}(?:\.[0-9]+)?: |(?:wss?|https?):\/\/|configuration: \{)/;
const LOOK_BYTES = 40;

/** True when a line may be the first of a cryptofeed recording. */
export function isCryptofeedLine(line: string): boolean {
  return CRYPTOFEED.test(line);
}

/** Capture lines or a cryptofeed recording, told by the first line of each file, so that one format name serves both. */
export class SniffingFramer implements Framer {
  readonly bytesMax: number;
  private readonly lines = new LineFramer();
  private readonly cryptofeed = new CryptofeedFramer();
  private readonly objects: Framer | undefined;
  private inner: Framer | undefined;

  /** `objects`: reads files that begin with a brace, for formats that have such. */
  constructor(objects?: Framer) {
    this.objects = objects;
    this.bytesMax = Math.max(this.lines.bytesMax, this.cryptofeed.bytesMax, objects?.bytesMax ?? 0);
  }

  get start(): number {
    return this.chosen.start;
  }

  get end(): number {
    return this.chosen.end;
  }

  get seconds(): number {
    return this.chosen.seconds;
  }

  get nanos(): number {
    return this.chosen.nanos;
  }

  begin(file: string): void {
    this.lines.begin(file);
    this.cryptofeed.begin(file);
    this.objects?.begin(file);
    this.inner = undefined;
  }

  next(block: Uint8Array, from: number, to: number): number {
    if (this.inner === undefined) {
      const feed = block.indexOf(10, from);
      const whole = feed >= 0 && feed < to;
      if (!whole && to - from < LOOK_BYTES) return FRAMER_MORE;
      this.choose(block, from, whole ? feed : to);
    }
    return this.chosen.next(block, from, to);
  }

  last(block: Uint8Array, from: number, to: number): number {
    if (this.inner === undefined) this.choose(block, from, to);
    return this.chosen.last(block, from, to);
  }

  tooLong(): never {
    return this.chosen.tooLong();
  }

  private get chosen(): Framer {
    return this.inner ?? this.lines;
  }

  /** By the line at `from`; a blank one says nothing, and the other framer's count of lines must not miss it. */
  private choose(block: Uint8Array, from: number, to: number): void {
    const text = new TextDecoder('latin1').decode(block.subarray(from, Math.min(to, from + LOOK_BYTES)));
    if (text.trim() === '') this.cryptofeed.last(block, from, to);
    else if (text.startsWith('{') && this.objects !== undefined) this.inner = this.objects;
    else this.inner = isCryptofeedLine(text) ? this.cryptofeed : this.lines;
  }
}
