import { MOLD_HELD_BYTES_MAX } from '../../core/limits.ts';
import { MOLD_END_OF_SESSION, MOLD_HEADER_BYTES, MOLD_HEARTBEAT, MOLD_SESSION_BYTES } from './mold.hot.ts';

/** float64 slots of `MoldSequencer.numbers`. */
/** Number of the next message to hand over. */
export const M_EXPECTED = 0;
/** Number after the last message that any packet told of. Messages are missing while it is above M_EXPECTED. */
export const M_KNOWN = 1;
/** First number of the packet at hand, and how many of its messages came before. */
export const M_FIRST = 2;
export const M_SEEN = 3;
/** Messages that the last `skip` gave up. */
export const M_SKIPPED = 4;
/** Number after the last message of the session, once an end of session said so; else NONE. */
const M_END = 5;
const NUMBERS = 6;
const NONE = -1;

/** What `offer` says of a packet. */
export const OFFER = {
  /** It comes next: hand it over, then whatever `take` gives. */
  IN_ORDER: 0,
  /** It holds nothing new. */
  SEEN: 1,
  /** Messages before it are missing; it is kept. */
  HELD: 2,
  /** Messages before it are missing; it is not kept, because it has no messages, is too long or lies behind all that are kept. */
  AHEAD: 3,
} as const;

/**
 * Puts the packets of one MoldUDP64 session in order: hands over each number once, passes over copies (the first one wins), and
 * keeps a bounded number of packets that came too early. Knows no clock and no socket: who uses it decides what to do about
 * missing numbers. Allocates nothing after construction.
 */
export class MoldSequencer {
  readonly numbers: Float64Array;
  readonly session: Uint8Array;
  /** The packet that said the session ends. */
  readonly endPacket: Uint8Array;
  /** Bytes of the kept packets, MOLD_HELD_BYTES_MAX each. */
  readonly held: Uint8Array;
  /** Kept packets. */
  heldCount: number;
  private readonly lengths: Int32Array;
  private readonly firsts: Float64Array;
  private readonly nexts: Float64Array;
  /** Kept packets in order of their first number, linked both ways; free places are linked by `after` alone. */
  private readonly after: Int32Array;
  private readonly before: Int32Array;
  private head: number;
  private tail: number;
  private free: number;

  /** `capacity`: packets that are kept at most. */
  constructor(capacity: number) {
    this.numbers = new Float64Array(NUMBERS);
    this.session = new Uint8Array(MOLD_SESSION_BYTES);
    this.endPacket = new Uint8Array(MOLD_HEADER_BYTES);
    this.held = new Uint8Array(capacity * MOLD_HELD_BYTES_MAX);
    this.heldCount = 0;
    this.lengths = new Int32Array(capacity);
    this.firsts = new Float64Array(capacity);
    this.nexts = new Float64Array(capacity);
    this.after = new Int32Array(capacity);
    this.before = new Int32Array(capacity);
    this.head = NONE;
    this.tail = NONE;
    this.free = NONE;
    this.forget();
  }

  /** Begins with the session of the packet at `start`, whose first message to hand over is `numbers[slot]` of another array. */
  begin(bytes: Uint8Array, start: number, numbers: Float64Array, slot: number): void {
    for (let i = 0; i < MOLD_SESSION_BYTES; i++) this.session[i] = bytes[start + i]!;
    this.forget();
    this.numbers[M_EXPECTED] = numbers[slot]!;
    this.numbers[M_KNOWN] = numbers[slot]!;
  }

  /** True when the packet at `start` is of this session. */
  isNamed(bytes: Uint8Array, start: number): boolean {
    const session = this.session;
    for (let i = 0; i < MOLD_SESSION_BYTES; i++) if (session[i]! !== bytes[start + i]!) return false;
    return true;
  }

  /** True while messages before the last known one are missing. */
  isBehind(): boolean {
    return this.numbers[M_EXPECTED]! < this.numbers[M_KNOWN]!;
  }

  /** True when all messages of a session that has ended were handed over. */
  isEnded(): boolean {
    return this.numbers[M_END]! !== NONE && this.numbers[M_EXPECTED]! >= this.numbers[M_END]!;
  }

  /** A packet of this session that `moldPacket` found whole: its count, and its first number in `sequence[at]`; OFFER. */
  offer(bytes: Uint8Array, start: number, end: number, count: number, sequence: Float64Array, at: number): number {
    const numbers = this.numbers;
    const messages = count === MOLD_END_OF_SESSION ? MOLD_HEARTBEAT : count;
    numbers[M_FIRST] = sequence[at]!;
    numbers[M_SEEN] = 0;
    const expected = numbers[M_EXPECTED]!;
    const next = sequence[at]! + messages;
    if (next > numbers[M_KNOWN]!) numbers[M_KNOWN] = next;
    if (count === MOLD_END_OF_SESSION && numbers[M_END] === NONE) {
      numbers[M_END] = next;
      for (let i = 0; i < MOLD_HEADER_BYTES; i++) this.endPacket[i] = bytes[start + i]!;
    }
    if (messages === 0) return next === expected ? OFFER.IN_ORDER : next < expected ? OFFER.SEEN : OFFER.AHEAD;
    if (next <= expected) {
      numbers[M_SEEN] = messages;
      return OFFER.SEEN;
    }
    if (sequence[at]! > expected) return this.hold(bytes, start, end, messages);
    numbers[M_SEEN] = expected - sequence[at]!;
    numbers[M_EXPECTED] = next;
    return OFFER.IN_ORDER;
  }

  /** Place of a kept packet that comes next now, in `held` from `startOf` to `endOf` until the next `offer`; below 0: none. */
  take(): number {
    const numbers = this.numbers;
    while (this.head !== NONE && this.firsts[this.head]! <= numbers[M_EXPECTED]!) {
      const place = this.head;
      this.remove(place);
      if (this.nexts[place]! <= numbers[M_EXPECTED]!) continue;
      numbers[M_EXPECTED] = this.nexts[place]!;
      return place;
    }
    return NONE;
  }

  startOf(place: number): number {
    return place * MOLD_HELD_BYTES_MAX;
  }

  endOf(place: number): number {
    return place * MOLD_HELD_BYTES_MAX + this.lengths[place]!;
  }

  /** Gives up the missing messages before the first kept packet, or all known ones when none is kept; how many: M_SKIPPED. */
  giveUpGap(): void {
    this.skipTo(this.head === NONE ? this.numbers : this.firsts, this.head === NONE ? M_KNOWN : this.head);
  }

  /** Gives up the missing messages before the packet that was offered last; how many: M_SKIPPED. */
  skipToOffered(): void {
    this.skipTo(this.numbers, M_FIRST);
  }

  private skipTo(to: Float64Array, slot: number): void {
    const numbers = this.numbers;
    numbers[M_SKIPPED] = to[slot]! - numbers[M_EXPECTED]!;
    numbers[M_EXPECTED] = to[slot]!;
  }

  /** The first ranges of missing messages, at most `max`, as pairs `first, number after the last` in `out`; how many. */
  missing(out: Float64Array, max: number): number {
    let from = this.numbers[M_EXPECTED]!;
    let found = 0;
    for (let place = this.head; found < max; place = this.after[place]!) {
      const to = place === NONE ? this.numbers[M_KNOWN]! : this.firsts[place]!;
      if (to > from) {
        out[2 * found] = from;
        out[2 * found + 1] = to;
        found++;
      }
      if (place === NONE) break;
      if (this.nexts[place]! > from) from = this.nexts[place]!;
    }
    return found;
  }

  private forget(): void {
    const capacity = this.lengths.length;
    this.numbers.fill(0);
    this.numbers[M_END] = NONE;
    for (let place = 0; place < capacity; place++) this.after[place] = place + 1 < capacity ? place + 1 : NONE;
    this.free = capacity > 0 ? 0 : NONE;
    this.head = NONE;
    this.tail = NONE;
    this.heldCount = 0;
  }

  /** Keeps the packet at hand in its place; when all places are taken, instead of the one that is furthest ahead. */
  private hold(bytes: Uint8Array, start: number, end: number, messages: number): number {
    const { firsts, nexts, before } = this;
    const first = this.numbers[M_FIRST]!;
    if (end - start > MOLD_HELD_BYTES_MAX) return OFFER.AHEAD;
    let previous = this.head !== NONE && first < firsts[this.head]! ? NONE : this.tail;
    while (previous !== NONE && firsts[previous]! > first) previous = before[previous]!;
    if (previous !== NONE && nexts[previous]! >= first + messages) {
      this.numbers[M_SEEN] = messages;
      return OFFER.SEEN;
    }
    if (this.free === NONE) {
      if (this.tail === NONE || this.tail === previous) return OFFER.AHEAD;
      this.remove(this.tail);
    }
    const place = this.free;
    this.free = this.after[place]!;
    this.insert(place, previous);
    firsts[place] = first;
    nexts[place] = first + messages;
    this.lengths[place] = end - start;
    const to = place * MOLD_HELD_BYTES_MAX;
    for (let i = 0; i < end - start; i++) this.held[to + i] = bytes[start + i]!;
    return OFFER.HELD;
  }

  private insert(place: number, previous: number): void {
    const following = previous === NONE ? this.head : this.after[previous]!;
    this.after[place] = following;
    this.before[place] = previous;
    if (previous === NONE) this.head = place;
    else this.after[previous] = place;
    if (following === NONE) this.tail = place;
    else this.before[following] = place;
    this.heldCount++;
  }

  private remove(place: number): void {
    const previous = this.before[place]!;
    const following = this.after[place]!;
    if (previous === NONE) this.head = following;
    else this.after[previous] = following;
    if (following === NONE) this.tail = previous;
    else this.before[following] = previous;
    this.after[place] = this.free;
    this.free = place;
    this.heldCount--;
  }
}
