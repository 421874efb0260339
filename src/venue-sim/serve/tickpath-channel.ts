import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { SIDE } from '../../core/records/market.ts';
import type { L2Book } from '../../feed/book/l2-book.hot.ts';
import { ENCODE, type FeedEncoder } from '../../feed/venue/tickpath/encode.hot.ts';
import { FEED_MESSAGE } from '../../feed/venue/tickpath/protocol.ts';
import type { ServedClient } from './served-venue.ts';

const FIRST_LEVELS = 64;

/** Levels of one side, in the order in which they were put in. */
export class LevelList {
  ticks = new Int32Array(FIRST_LEVELS);
  lots = new Float64Array(FIRST_LEVELS);
  count = 0;

  push(ticks: number, lots: number): void {
    if (this.count === this.ticks.length) this.reserve(2 * this.count);
    this.ticks[this.count] = ticks;
    this.lots[this.count] = lots;
    this.count++;
  }

  /** The best `most` levels of a side of a book instead of what is there. */
  take(book: L2Book, side: number, most: number): void {
    if (this.ticks.length < most) this.reserve(most);
    this.count = book.copyBest(side, most, this.ticks, this.lots);
  }

  private reserve(levels: number): void {
    const { ticks, lots } = this;
    this.ticks = new Int32Array(levels);
    this.ticks.set(ticks);
    this.lots = new Float64Array(levels);
    this.lots.set(lots);
  }
}

/** Bids and asks. */
export type Sides = readonly [bids: LevelList, asks: LevelList];
export const sides = (): Sides => [new LevelList(), new LevelList()];

/** One instrument at one depth: a numbering of its own, and the clients that read it. */
export class FeedChannel {
  readonly instrument: number;
  readonly depth: number;
  readonly clients = new Set<ServedClient>();
  /** Number of the last change. */
  sequence = 0;
  private readonly book: L2Book;
  private readonly encoder: FeedEncoder;
  /** What clients of a limited depth see, and what they are to see next. */
  private shown: Sides = sides();
  private next: Sides = sides();
  private readonly changes: Sides = sides();

  constructor(instrument: number, depth: number, book: L2Book, encoder: FeedEncoder) {
    this.instrument = instrument;
    this.depth = depth;
    this.book = book;
    this.encoder = encoder;
  }

  /** The book as it stands. */
  snapshot(timeNs: number): Uint8Array {
    const most = this.depth === 0 ? BOOK_LEVELS_MAX : this.depth;
    this.shown[0].take(this.book, SIDE.BUY, most);
    this.shown[1].take(this.book, SIDE.SELL, most);
    return this.write(FEED_MESSAGE.SNAPSHOT, this.shown, timeNs);
  }

  /** A message changed the book as `changes` say; undefined when nobody here sees anything of it. */
  delta(changes: Sides, timeNs: number): Uint8Array | undefined {
    const seen = this.depth === 0 ? changes : this.compare();
    if (seen[0].count + seen[1].count === 0) return undefined;
    this.sequence++;
    // More than one message may hold: the whole book says the same.
    if (Math.max(seen[0].count, seen[1].count) > BOOK_LEVELS_MAX) return this.snapshot(timeNs);
    return this.write(FEED_MESSAGE.DELTA, seen, timeNs);
  }

  trade(side: number, priceTicks: number, timeNs: number): Uint8Array {
    this.number(timeNs);
    this.encoder.trade(this.instrument, side, priceTicks);
    return this.written();
  }

  state(state: number, reason: number, timeNs: number): Uint8Array {
    this.number(timeNs);
    this.encoder.state(this.instrument, state, reason);
    return this.written();
  }

  heartbeat(timeNs: number): Uint8Array {
    this.number(timeNs);
    this.encoder.heartbeat(this.instrument);
    return this.written();
  }

  /** What differs between what is shown and the best levels now, which are shown from here on. */
  private compare(): Sides {
    const { shown, next, changes, book, depth } = this;
    next[0].take(book, SIDE.BUY, depth);
    next[1].take(book, SIDE.SELL, depth);
    difference(shown[0], next[0], 1, changes[0]);
    difference(shown[1], next[1], -1, changes[1]);
    this.shown = next;
    this.next = shown;
    return changes;
  }

  private write(kind: number, levels: Sides, timeNs: number): Uint8Array {
    this.number(timeNs);
    this.encoder.book(kind, this.instrument);
    for (const { ticks, lots, count } of levels) this.encoder.side(ticks, lots, count);
    return this.written();
  }

  private number(timeNs: number): void {
    this.encoder.numbers[ENCODE.SEQUENCE] = this.sequence;
    this.encoder.numbers[ENCODE.TIME_NS] = timeNs;
  }

  private written(): Uint8Array {
    return this.encoder.bytes.slice(0, this.encoder.length);
  }
}

/** Changes that make `from` to `to`, both best first; `sign` 1 where the higher price is the better one, else -1. */
function difference(from: LevelList, to: LevelList, sign: number, out: LevelList): void {
  out.count = 0;
  let i = 0;
  let j = 0;
  while (i < from.count || j < to.count) {
    const old = i < from.count ? sign * from.ticks[i]! : Number.NEGATIVE_INFINITY;
    const now = j < to.count ? sign * to.ticks[j]! : Number.NEGATIVE_INFINITY;
    if (old > now) out.push(from.ticks[i++]!, 0);
    else if (now > old) out.push(to.ticks[j]!, to.lots[j++]!);
    else {
      if (from.lots[i]! !== to.lots[j]!) out.push(to.ticks[j]!, to.lots[j]!);
      i++;
      j++;
    }
  }
}
