import { DECODE } from '../../l2/status.ts';

const WORD = 4294967296;
/** High words of 64-bit integers from here on are beyond 2^53 - 1, either way. */
const HIGH_MAX = 0x1fffff;
const HIGH_MIN = -0x200000;
const NS_PER_MS = 1e6;
/** Values within values, in what is passed over. */
const DEPTH_MAX = 16;

/**
 * Reads MessagePack (specification of 2013, with `bin` and `ext`) from a frame, value by value, into arrays that the caller
 * has. Every width that the format allows is read; what ends behind the frame is BAD_LENGTH, another type BAD_FIELD, an
 * integer beyond 2^53 - 1 ID_RANGE.
 */
export class PackReader {
  /** Where the next value begins. */
  at: number;
  /** The text read last: `bytes[textStart, textEnd)`. */
  textStart: number;
  textEnd: number;
  private bytes: Uint8Array;
  private end: number;
  /** The 64 bits, or fewer, read last; int32 words. */
  private readonly words: Int32Array;

  constructor() {
    this.at = 0;
    this.textStart = 0;
    this.textEnd = 0;
    this.bytes = new Uint8Array(0);
    this.end = 0;
    this.words = new Int32Array(2);
  }

  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** True when the frame is read to its end. */
  get atEnd(): boolean {
    return this.at === this.end;
  }

  /** Elements of the array that begins here, or DECODE. */
  array(): number {
    const at = this.at;
    if (at >= this.end) return DECODE.BAD_LENGTH;
    const byte = this.bytes[at]!;
    if ((byte & 0xf0) === 0x90) {
      this.at = at + 1;
      return byte & 0x0f;
    }
    if (byte === 0xdc) return this.length(at, 2);
    return byte === 0xdd ? this.length(at, 4) : DECODE.BAD_FIELD;
  }

  /** The text that begins here to `textStart` and `textEnd`; DECODE. */
  text(): number {
    const at = this.at;
    if (at >= this.end) return DECODE.BAD_LENGTH;
    const byte = this.bytes[at]!;
    let length = byte & 0x1f;
    if ((byte & 0xe0) === 0xa0) this.at = at + 1;
    else if (byte >= 0xd9 && byte <= 0xdb) length = this.length(at, 1 << (byte - 0xd9));
    else return DECODE.BAD_FIELD;
    if (length < 0 || length > this.end - this.at) return DECODE.BAD_LENGTH;
    this.textStart = this.at;
    this.textEnd = this.at + length;
    this.at = this.textEnd;
    return DECODE.OK;
  }

  /** The integer that begins here to `out[slot]`; DECODE. */
  integer(out: Float64Array, slot: number): number {
    const at = this.at;
    // Most integers are of these two widths.
    if (at < this.end) {
      const byte = this.bytes[at]!;
      if (byte < 0x80) {
        out[slot] = byte;
        this.at = at + 1;
        return DECODE.OK;
      }
      if (byte === 0xcd && at + 3 <= this.end) {
        out[slot] = (this.bytes[at + 1]! << 8) | this.bytes[at + 2]!;
        this.at = at + 3;
        return DECODE.OK;
      }
    }
    const status = this.wide();
    if (status !== DECODE.OK) return status;
    const words = this.words;
    const high = words[1]!;
    if (high > HIGH_MAX || high < HIGH_MIN || (high === HIGH_MIN && words[0]! === 0)) return DECODE.ID_RANGE;
    out[slot] = high * WORD + (words[0]! >>> 0);
    return DECODE.OK;
  }

  /** Epoch nanoseconds to milliseconds in `out[msSlot]` and the nanoseconds beyond them in `out[restSlot]`; DECODE. */
  time(out: Float64Array, msSlot: number, restSlot: number): number {
    const status = this.wide();
    if (status !== DECODE.OK) return status;
    const high = this.words[1]!;
    const low = this.words[0]! >>> 0;
    if (high < 0) return DECODE.ID_RANGE;
    // Long division by 10^6 in digits of 32 bits: every step is below 2^53.
    const upper = Math.floor(high / NS_PER_MS);
    const rest = (high - upper * NS_PER_MS) * WORD + low;
    const lower = Math.floor(rest / NS_PER_MS);
    out[msSlot] = upper * WORD + lower;
    out[restSlot] = rest - lower * NS_PER_MS;
    return DECODE.OK;
  }

  /** Passes over the value that begins here, whatever it is; DECODE. */
  skip(depth: number): number {
    const at = this.at;
    if (at >= this.end) return DECODE.BAD_LENGTH;
    if (depth >= DEPTH_MAX) return DECODE.TOO_DEEP;
    const byte = this.bytes[at]!;
    if (byte < 0x80 || byte >= 0xe0) return this.pass(at + 1);
    if (byte < 0x90) return this.skipMany(at + 1, 2 * (byte & 0x0f), depth);
    if (byte < 0xa0) return this.skipMany(at + 1, byte & 0x0f, depth);
    if (byte < 0xc0) return this.pass(at + 1 + (byte & 0x1f));
    if (byte === 0xc1) return DECODE.BAD_FIELD;
    if (byte <= 0xc3) return this.pass(at + 1);
    if (byte <= 0xc6) return this.skipSized(at, 1 << (byte - 0xc4), 0);
    if (byte <= 0xc9) return this.skipSized(at, 1 << (byte - 0xc7), 1);
    if (byte <= 0xcb) return this.pass(at + (byte === 0xca ? 5 : 9));
    if (byte <= 0xd3) return this.pass(at + 1 + (1 << ((byte - 0xcc) & 3)));
    if (byte <= 0xd8) return this.pass(at + 2 + (1 << (byte - 0xd4)));
    if (byte <= 0xdb) return this.skipSized(at, 1 << (byte - 0xd9), 0);
    const count = this.length(at, (byte & 1) === 0 ? 2 : 4);
    return count < 0 ? count : this.skipMany(this.at, byte >= 0xde ? 2 * count : count, depth);
  }

  private pass(to: number): number {
    if (to > this.end) return DECODE.BAD_LENGTH;
    this.at = to;
    return DECODE.OK;
  }

  private skipSized(at: number, width: number, more: number): number {
    const length = this.length(at, width);
    return length < 0 ? length : this.pass(this.at + length + more);
  }

  private skipMany(at: number, count: number, depth: number): number {
    this.at = at;
    // Each takes a byte at least: a count that cannot be true costs nothing.
    if (count > this.end - at) return DECODE.BAD_LENGTH;
    for (let i = 0; i < count; i++) {
      const status = this.skip(depth + 1);
      if (status !== DECODE.OK) return status;
    }
    return DECODE.OK;
  }

  /** The length of `width` bytes behind the marker at `at`; BAD_LENGTH when it is longer than any frame. */
  private length(at: number, width: number): number {
    const bytes = this.bytes;
    if (at + 1 + width > this.end) return DECODE.BAD_LENGTH;
    let length = 0;
    for (let i = 1; i <= width; i++) {
      // Before the shift, so that the sum stays an int32.
      if (length >= 1 << 22) return DECODE.BAD_LENGTH;
      length = (length << 8) | bytes[at + i]!;
    }
    this.at = at + 1 + width;
    return length;
  }

  /** Any integer to `words`; DECODE. An unsigned one above 2^63 is ID_RANGE. */
  private wide(): number {
    const at = this.at;
    const bytes = this.bytes;
    const words = this.words;
    if (at >= this.end) return DECODE.BAD_LENGTH;
    const byte = bytes[at]!;
    if (byte < 0x80 || byte >= 0xe0) {
      words[0] = (byte << 24) >> 24;
      words[1] = words[0]! >> 31;
      this.at = at + 1;
      return DECODE.OK;
    }
    if (byte < 0xcc || byte > 0xd3) return DECODE.BAD_FIELD;
    const width = 1 << ((byte - 0xcc) & 3);
    if (at + 1 + width > this.end) return DECODE.BAD_LENGTH;
    this.at = at + 1 + width;
    const signed = byte >= 0xd0;
    if (width === 8) {
      words[1] = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
      words[0] = (bytes[at + 5]! << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
      return !signed && words[1]! < 0 ? DECODE.ID_RANGE : DECODE.OK;
    }
    let value = 0;
    for (let i = 1; i <= width; i++) value = (value << 8) | bytes[at + i]!;
    const unused = 32 - 8 * width;
    words[0] = signed ? (value << unused) >> unused : value;
    words[1] = signed ? words[0]! >> 31 : 0;
    return DECODE.OK;
  }
}
