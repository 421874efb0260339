import { EXIT, TickpathError } from '../../../core/errors.ts';
import { midnightOfFileS } from '../../file-date.ts';
import { FRAMER_MORE, type Framer } from '../../transport/framer.ts';
import { H_TIME, ITCH_HEADER_BYTES, ITCH_LENGTH } from './layout.ts';

const PREFIX_BYTES = 2;
const MESSAGE_BYTES_MAX = 0xffff;
const NS_PER_S = 1e9;
const DAY_S = 86_400;
const HEX = 16;

/**
 * Nasdaq BinaryFILE 1.00: `u16 length, message` over and over, big-endian; a length of 0 where no message follows is an empty
 * message, and marks the end. The size of a message comes from its type, not from the length before it: files exist in which
 * that is 0 throughout. The length counts only where the type is unknown, or where the type's size leads to no message and the
 * length does; what it then delimits is handed over for the decoder to refuse.
 *
 * Receive time is the message's own time on the date in the file's name (file-date.ts).
 */
export class BinaryFileFramer implements Framer {
  readonly bytesMax: number = PREFIX_BYTES + MESSAGE_BYTES_MAX + PREFIX_BYTES + 1;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  private midnightS = 0;
  /** Inflated bytes of the file before the frame that is looked for. */
  private offset = 0;

  begin(file: string): void {
    this.file = file;
    this.midnightS = midnightOfFileS(file);
    this.seconds = this.midnightS;
    this.nanos = 0;
    this.offset = 0;
  }

  next(block: Uint8Array, from: number, to: number): number {
    return this.frame(block, from, to, false);
  }

  last(block: Uint8Array, from: number, to: number): number {
    return this.frame(block, from, to, true);
  }

  private frame(block: Uint8Array, from: number, to: number, ending: boolean): number {
    const have = to - from;
    const first = from + PREFIX_BYTES;
    if (have < PREFIX_BYTES + 1) {
      if (!ending) return FRAMER_MORE;
      if (have === PREFIX_BYTES && prefixOf(block, from) === 0) return this.empty(from, first);
      this.cut(have);
    }
    const prefix = prefixOf(block, from);
    const type = block[first]!;
    const bytes = ITCH_LENGTH[type]!;
    let size = bytes;
    if (bytes === 0) {
      if (prefix === 0 && type === 0) return this.empty(from, first);
      if (prefix === 0) this.unknown(type);
      size = prefix;
    } else if (prefix !== bytes && prefix !== 0) {
      // Decide only with both places in view.
      if (!ending && have < 2 * PREFIX_BYTES + 1 + Math.max(bytes, prefix)) return FRAMER_MORE;
      if (!leads(block, first + bytes, to) && leads(block, first + prefix, to)) size = prefix;
    }
    if (have < PREFIX_BYTES + size) {
      if (!ending) return FRAMER_MORE;
      this.cut(have);
    }
    this.start = first;
    this.end = first + size;
    this.readTime(block);
    this.offset += this.end - from;
    return this.end;
  }

  private empty(from: number, next: number): number {
    this.start = next;
    this.end = next;
    this.offset += next - from;
    return next;
  }

  /** A time beyond the day is the decoder's to refuse: the frame then has the time of the one before. */
  private readTime(block: Uint8Array): void {
    if (this.end - this.start < ITCH_HEADER_BYTES) return;
    const at = this.start + H_TIME;
    const high = (block[at]! << 8) | block[at + 1]!;
    const low = ((block[at + 2]! << 8) | block[at + 3]!) * 65_536 + ((block[at + 4]! << 8) | block[at + 5]!);
    const ns = high * 4_294_967_296 + low;
    const seconds = Math.floor(ns / NS_PER_S);
    if (seconds >= DAY_S) return;
    this.seconds = this.midnightS + seconds;
    this.nanos = ns - seconds * NS_PER_S;
  }

  private cut(have: number): never {
    throw new TickpathError(
      'ERR_ITCH',
      `${this.file}: byte ${this.offset}: the file ends within a message, ${have} bytes after its beginning; expected whole messages`,
      EXIT.DATA,
    );
  }

  private unknown(type: number): never {
    throw new TickpathError(
      'ERR_ITCH',
      `${this.file}: byte ${this.offset}: expected a message of ITCH 5.0, found the type 0x${type.toString(HEX).padStart(2, '0')} without a length`,
      EXIT.DATA,
    );
  }

  tooLong(): never {
    throw new TickpathError(
      'ERR_ITCH',
      `${this.file}: byte ${this.offset}: a message is longer than ${MESSAGE_BYTES_MAX} bytes; expected a BinaryFILE of ITCH 5.0`,
      EXIT.DATA,
    );
  }
}

function prefixOf(block: Uint8Array, at: number): number {
  return (block[at]! << 8) | block[at + 1]!;
}

/** True when a message of a known type can begin at `at`, or the bytes at hand end there. */
function leads(block: Uint8Array, at: number, to: number): boolean {
  return at === to || (at + PREFIX_BYTES < to && ITCH_LENGTH[block[at + PREFIX_BYTES]!]! > 0);
}
