import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { FEED_MESSAGE, FEED_MESSAGE_ELEMENTS } from './protocol.ts';

const WORD = 4294967296;
const NS_PER_MS = 1e6;
/** Longest number, and everything of a message that is not levels. */
const INTEGER_BYTES = 9;
const HEAD_BYTES_MAX = 128;
const SYMBOL_BYTES_MAX = 32;

/** Slots of `FeedEncoder.numbers`. */
export const ENCODE = {
  /** Sequence number. */
  SEQUENCE: 0,
  /** Venue time, ns since the base; NaN: unknown. */
  TIME_NS: 1,
  TRADE_ID: 2,
  TRADE_LOTS: 3,
} as const;
const ENCODE_NUMBERS = 4;

export interface FeedEncoderOptions {
  readonly instruments: readonly Instrument[];
  /** Epoch time, ns, that the times in records count from. */
  readonly baseEpochNs: bigint;
}

/**
 * Writes messages of Tickpath's own protocol to `bytes[0, length)`, each integer in its shortest form. Numbers that may be
 * large are taken from `numbers`. One object, rewritten by each message.
 */
export class FeedEncoder {
  readonly bytes: Uint8Array;
  readonly numbers: Float64Array;
  length: number;
  private readonly symbols: Uint8Array;
  private readonly symbolBytes: Uint8Array;
  private readonly instruments: Float64Array;
  private readonly baseMs: number;
  private readonly baseRestNs: number;

  constructor(options: FeedEncoderOptions) {
    const instruments = options.instruments;
    this.bytes = new Uint8Array(Math.max(FRAME_BYTES_MAX, HEAD_BYTES_MAX + 4 * BOOK_LEVELS_MAX * INTEGER_BYTES));
    this.numbers = new Float64Array(ENCODE_NUMBERS);
    this.length = 0;
    this.symbols = new Uint8Array(SYMBOL_BYTES_MAX * instruments.length);
    this.symbolBytes = new Uint8Array(instruments.length);
    this.instruments = new Float64Array(4 * instruments.length);
    instruments.forEach((one, id) => {
      const text = new TextEncoder().encode(one.symbol).subarray(0, SYMBOL_BYTES_MAX);
      this.symbols.set(text, SYMBOL_BYTES_MAX * id);
      this.symbolBytes[id] = text.length;
      this.instruments.set([one.priceDecimals, one.tickUnits, one.qtyDecimals, one.lotUnits], 4 * id);
    });
    this.baseMs = Number(options.baseEpochNs / 1_000_000n);
    this.baseRestNs = Number(options.baseEpochNs % 1_000_000n);
  }

  definition(instrument: number, trading: number): void {
    this.begin(FEED_MESSAGE.DEFINITION, instrument);
    for (let i = 0; i < 4; i++) this.put(this.instruments, 4 * instrument + i);
    this.small(trading);
  }

  /** SNAPSHOT or DELTA up to its levels: `side` follows for bids, then for asks. */
  book(kind: number, instrument: number): void {
    this.begin(kind, instrument);
    this.sequenceAndTime();
  }

  /** Levels `[0, count)` of one side. */
  side(ticks: Int32Array, lots: Float64Array, count: number): void {
    const elements = 2 * count;
    const bytes = this.bytes;
    if (elements < 16) bytes[this.length++] = 0x90 | elements;
    else {
      bytes[this.length] = elements < 0x10000 ? 0xdc : 0xdd;
      this.length++;
      if (elements >= 0x10000) this.bigEndian(elements >>> 16, 2);
      this.bigEndian(elements & 0xffff, 2);
    }
    for (let i = 0; i < count; i++) {
      this.small(ticks[i]!);
      this.put(lots, i);
    }
  }

  trade(instrument: number, side: number, priceTicks: number): void {
    this.begin(FEED_MESSAGE.TRADE, instrument);
    this.sequenceAndTime();
    this.put(this.numbers, ENCODE.TRADE_ID);
    this.small(side);
    this.small(priceTicks);
    this.put(this.numbers, ENCODE.TRADE_LOTS);
  }

  state(instrument: number, state: number, reason: number): void {
    this.begin(FEED_MESSAGE.STATE, instrument);
    this.sequenceAndTime();
    this.small(state);
    this.small(reason);
  }

  heartbeat(instrument: number): void {
    this.begin(FEED_MESSAGE.HEARTBEAT, instrument);
    this.sequenceAndTime();
  }

  private begin(kind: number, instrument: number): void {
    const bytes = this.bytes;
    const length = this.symbolBytes[instrument]!;
    bytes[0] = 0x90 | FEED_MESSAGE_ELEMENTS[kind]!;
    bytes[1] = kind;
    let at = 2;
    if (length < 32) bytes[at++] = 0xa0 | length;
    else {
      bytes[at++] = 0xd9;
      bytes[at++] = length;
    }
    for (let i = 0; i < length; i++) bytes[at + i] = this.symbols[SYMBOL_BYTES_MAX * instrument + i]!;
    this.length = at + length;
  }

  private sequenceAndTime(): void {
    this.put(this.numbers, ENCODE.SEQUENCE);
    const timeNs = this.numbers[ENCODE.TIME_NS]!;
    const overMs = Math.floor(timeNs / NS_PER_MS);
    const rest = timeNs - overMs * NS_PER_MS + this.baseRestNs;
    const ms = this.baseMs + overMs;
    // Unknown, or before 1970: zero.
    if (!(ms >= 0)) {
      this.small(0);
      return;
    }
    // ms * 10^6 + rest in digits of 32 bits: every step is below 2^53.
    const upper = Math.floor(ms / WORD);
    const low = (ms - upper * WORD) * NS_PER_MS + Math.floor(rest);
    const carry = Math.floor(low / WORD);
    this.bytes[this.length++] = 0xcf;
    this.word(upper * NS_PER_MS + carry);
    this.word(low - carry * WORD);
  }

  /** The integer in `from[slot]`, up to 2^53 - 1 either way. */
  private put(from: Float64Array, slot: number): void {
    const value = from[slot]!;
    if (value >= -2147483648 && value <= 2147483647) {
      this.small(value);
      return;
    }
    const high = Math.floor(value / WORD);
    if (value >= 0 && high === 0) {
      this.bytes[this.length++] = 0xce;
      this.word(value);
      return;
    }
    this.bytes[this.length++] = value >= 0 ? 0xcf : 0xd3;
    this.word(high);
    this.word(value - high * WORD);
  }

  /** An int32. */
  private small(value: number): void {
    const bytes = this.bytes;
    if (value >= -32 && value < 128) {
      bytes[this.length++] = value;
      return;
    }
    const width = value >= 0 ? (value < 0x100 ? 1 : value < 0x10000 ? 2 : 4) : value >= -0x80 ? 1 : value >= -0x8000 ? 2 : 4;
    bytes[this.length++] = (value >= 0 ? 0xcc : 0xd0) + (width >> 1);
    this.bigEndian(value, width);
  }

  /** The 32 bits of a number from -2^31 to 2^32 - 1. */
  private word(value: number): void {
    this.bigEndian(value | 0, 4);
  }

  private bigEndian(value: number, width: number): void {
    const bytes = this.bytes;
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) bytes[this.length++] = value >> shift;
  }
}
