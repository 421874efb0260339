import { CryptofeedFramer } from './cryptofeed-framer.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';
import { LineFramer } from './line-framer.ts';

/** `<19 digits><space>`: what a capture line begins with. */
const TIME_DIGITS = 19;

/** Capture lines or a cryptofeed recording, told apart by the first line of each file that is not blank. */
export class RawFramer implements Framer {
  private readonly lines = new LineFramer();
  private readonly cryptofeed = new CryptofeedFramer();
  private current: Framer = this.lines;
  private known = false;

  get bytesMax(): number {
    return Math.max(this.lines.bytesMax, this.cryptofeed.bytesMax);
  }
  get start(): number {
    return this.current.start;
  }
  get end(): number {
    return this.current.end;
  }
  get seconds(): number {
    return this.current.seconds;
  }
  get nanos(): number {
    return this.current.nanos;
  }

  begin(file: string): void {
    this.lines.begin(file);
    this.cryptofeed.begin(file);
    this.known = false;
  }

  next(block: Uint8Array, from: number, to: number): number {
    if (!this.known) {
      const feed = block.indexOf(10, from);
      if (feed < 0 || feed >= to) return FRAMER_MORE;
      this.choose(block, from, feed);
    }
    return this.current.next(block, from, to);
  }

  last(block: Uint8Array, from: number, to: number): number {
    if (!this.known) this.choose(block, from, to);
    return this.current.last(block, from, to);
  }

  /** Blank lines are counted by both framers until one is chosen, so that either names the right line. */
  private choose(block: Uint8Array, from: number, end: number): void {
    let p = from;
    while (p < end && block[p]! <= 32) p++;
    if (p === end) {
      const other = this.current === this.lines ? this.cryptofeed : this.lines;
      other.last(block, from, end);
      return;
    }
    let digits = 0;
    while (p < end && block[p]! >= 48 && block[p]! <= 57) {
      digits++;
      p++;
    }
    this.current = digits === TIME_DIGITS && block[p] === 32 ? this.lines : this.cryptofeed;
    this.known = true;
  }

  tooLong(): never {
    return this.current.tooLong();
  }
}
