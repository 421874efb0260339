import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';

const PREFIX_BYTES_MAX = 8_192;
const SHOWN_BYTES = 60;
const NANO_DIGITS = 9;
const CONFIGURATION = new TextEncoder().encode('configuration: {');

/**
 * Recordings of the cryptofeed project: `seconds.fraction: payload` is a frame received; lines that begin with a URL are
 * connections (`<->`) and what the client sent (`<-`), and are passed over, as blank lines and the recorder's own
 * `configuration: {...}` are. `url -> seconds: body` is the answer to a REST request and is handed over whole, URL included,
 * because only the URL names its symbol.
 */
export class CryptofeedFramer implements Framer {
  readonly bytesMax = FRAME_BYTES_MAX + PREFIX_BYTES_MAX;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  private line = 0;

  begin(file: string): void {
    this.file = file;
    this.line = 0;
  }

  next(block: Uint8Array, from: number, to: number): number {
    const feed = block.indexOf(10, from);
    if (feed < 0 || feed >= to) return FRAMER_MORE;
    this.take(block, from, feed);
    return feed + 1;
  }

  last(block: Uint8Array, from: number, to: number): number {
    const next = this.next(block, from, to);
    if (next !== FRAMER_MORE) return next;
    this.take(block, from, to);
    return to;
  }

  private take(block: Uint8Array, from: number, feed: number): void {
    this.line++;
    let end = feed;
    while (end > from && (block[end - 1] === 13 || block[end - 1] === 32)) end--;
    this.start = end;
    this.end = end;
    if (end === from) return;
    if (block[from]! >= 48 && block[from]! <= 57) {
      this.start = this.readTime(block, from, end);
      return;
    }
    if (isConfiguration(block, from, end)) return;
    const arrow = arrowAt(block, from, end);
    if (arrow < 0) this.bad(block, from, end);
    if (block[arrow] !== 45) return;
    this.readTime(block, arrow + 3, end);
    this.start = from;
  }

  /** `seconds[.fraction]: ` at `p`; where what follows begins. */
  private readTime(block: Uint8Array, p: number, end: number): number {
    let at = p;
    let seconds = 0;
    while (at < end && isDigit(block[at]!)) seconds = seconds * 10 + (block[at++]! - 48);
    let nanos = 0;
    let digits = 0;
    if (block[at] === 46) {
      at++;
      while (at < end && isDigit(block[at]!)) {
        if (digits < NANO_DIGITS) nanos = nanos * 10 + (block[at]! - 48);
        digits++;
        at++;
      }
    }
    for (; digits < NANO_DIGITS; digits++) nanos *= 10;
    if (at === p || seconds > 4_294_967_295 || block[at] !== 58 || block[at + 1] !== 32 || at + 2 >= end) this.bad(block, p, end);
    this.seconds = seconds;
    this.nanos = nanos;
    return at + 2;
  }

  private bad(block: Uint8Array, from: number, end: number): never {
    const text = new TextDecoder().decode(block.subarray(from, Math.min(end, from + SHOWN_BYTES)));
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line}: expected "seconds: payload", or a URL with <->, <- or ->, found "${text}"${end - from > SHOWN_BYTES ? '...' : ''}`,
      EXIT.DATA,
    );
  }

  tooLong(): never {
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line + 1}: the line is longer than ${this.bytesMax} bytes; expected one frame a line`,
      EXIT.DATA,
    );
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function isConfiguration(block: Uint8Array, from: number, end: number): boolean {
  const length = CONFIGURATION.length;
  if (end - from < length) return false;
  for (let i = 0; i < length; i++) if (block[from + i] !== CONFIGURATION[i]) return false;
  return true;
}

/** Where the arrow of a URL line stands: `<` of `<-` and `<->`, `-` of `->`; -1 when there is none. */
function arrowAt(block: Uint8Array, from: number, end: number): number {
  for (let at = from; at + 3 < end; at++) {
    if (block[at] !== 32) continue;
    if (block[at + 1] === 60 && block[at + 2] === 45) return at + 1;
    if (block[at + 1] === 45 && block[at + 2] === 62 && block[at + 3] === 32) return at + 1;
  }
  return -1;
}
