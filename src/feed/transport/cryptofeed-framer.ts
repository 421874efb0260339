import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { TextFramer } from './text-framer.ts';

const PREFIX_BYTES_MAX = 8_192;
const EXPECTED = '"seconds: payload", or a URL with <->, <- or ->';
const NANO_DIGITS = 9;
const CONFIGURATION = new TextEncoder().encode('configuration: {');

/**
 * Recordings of the cryptofeed project: `seconds.fraction: payload` is a frame received; lines that begin with a URL are
 * connections (`<->`) and what the client sent (`<-`), and are passed over, as blank lines and the recorder's own
 * `configuration: {...}` are. `url -> seconds: body` is the answer to a REST request and is handed over whole, URL included,
 * because only the URL names its symbol.
 */
export class CryptofeedFramer extends TextFramer {
  readonly bytesMax = FRAME_BYTES_MAX + PREFIX_BYTES_MAX;

  protected read(block: Uint8Array, from: number, end: number): number {
    if (block[from]! >= 48 && block[from]! <= 57) return this.readTime(block, from, end);
    if (isConfiguration(block, from, end)) return end;
    const arrow = arrowAt(block, from, end);
    if (arrow < 0) this.refuse(block, from, end, EXPECTED);
    if (block[arrow] !== 45) return end;
    this.readTime(block, arrow + 3, end);
    return from;
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
    if (at === p || seconds > 4_294_967_295 || block[at] !== 58 || block[at + 1] !== 32 || at + 2 >= end)
      this.refuse(block, p, end, EXPECTED);
    this.seconds = seconds;
    this.nanos = nanos;
    return at + 2;
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
