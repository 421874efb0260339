import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { scanId } from '../../json/fields.hot.ts';
import { BETWEEN_TEXTS, KnownOrder, LOW_THREE } from '../../json/known-order.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { SecondsReader } from '../../json/seconds.hot.ts';
import { matchesShort, ShortLiteral } from '../../json/words.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_CHECKSUM, N_LAST_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';
import type { KrakenBooks } from './books.hot.ts';

const CHANNEL = new ShortLiteral('},"book-');
const ASKS = new ShortLiteral('{"a":[');
const BIDS = new ShortLiteral('{"b":[');
const CHECKSUM = new ShortLiteral(',"c":"');
const REPUBLISHED = new ShortLiteral('","r"]');
/** What the shortest frame has before its channel's name. */
const CHANNEL_AT_MIN = 10;
const DEPTH_DIGITS_MAX = 5;
/** Levels a side of a change: what cutting the book adds to it must still fit the message. */
const CHANGES_MAX = BOOK_LEVELS_MAX / 2;
const NAME_BYTES_MAX = 32;

/** Changes of a book in Kraken's first API. */
export class KrakenKnownOrder extends KnownOrder {
  private readonly books: KrakenBooks;
  private readonly seconds: SecondsReader;
  private readonly time: Float64Array;
  private republished: number;

  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable, books: KrakenBooks) {
    super(message, symbols, grid, 93);
    this.books = books;
    this.time = new Float64Array(2);
    this.seconds = new SecondsReader(this.time);
    this.republished = 0;
  }

  /** `[1920,{"b":[["1","2","3.5"],...],"c":"1"},"book-1000","X"]`, also with asks and bids in an object each. */
  protected read(bytes: Uint8Array, start: number, end: number): number {
    const { message, view } = this;
    const numbers = message.numbers;
    // The pair stands at the end, and its grid is needed to read the levels.
    const name = this.channelAt(bytes, start, end);
    if (name < 0) return OTHER_SHAPE;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    this.republished = 0;
    let p = start + 1;
    while ((bytes[p]! - 48) >>> 0 < 10) p++;
    if (bytes[start]! !== 91 || p === start + 1 || (bytes[start + 1]! === 48 && p > start + 2)) return OTHER_SHAPE;
    while (p < name) {
      if (bytes[p]! !== 44) return OTHER_SHAPE;
      const isAsks = matchesShort(view, p + 1, ASKS);
      if (!isAsks && !matchesShort(view, p + 1, BIDS)) return OTHER_SHAPE;
      p += 7;
      p = isAsks
        ? this.levels(bytes, p, name, message.askCount, message.askTicks, message.askLots)
        : this.levels(bytes, p, name, message.bidCount, message.bidTicks, message.bidLots);
      if (p < 0) return OTHER_SHAPE;
      if (isAsks) message.askCount = message.levelCount;
      else message.bidCount = message.levelCount;
      if (matchesShort(view, p, CHECKSUM)) {
        if (message.hasChecksum === 1) return OTHER_SHAPE;
        message.hasChecksum = 1;
        p = scanId(bytes, p + 6, end, numbers, N_CHECKSUM) + 1;
        if (p <= 0 || bytes[p - 1]! !== 34) return OTHER_SHAPE;
      }
      if (bytes[p]! !== 125) return OTHER_SHAPE;
      p++;
    }
    if (p !== name + 1 || message.hasChecksum === 0) return OTHER_SHAPE;
    message.kind = MESSAGE.DEPTH;
    if (this.republished === 0) numbers[N_LAST_ID] = numbers[N_TRANSACT_MS]! * 1000 + Math.floor(numbers[N_TRANSACT_REST_NS]! / 1000);
    return DECODE.OK;
  }

  /** Reads `},"book-1000","X"]` at the end of the frame; position of its brace or OTHER_SHAPE. */
  private channelAt(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const lowest = start + CHANNEL_AT_MIN;
    let p = end - 3;
    const shortest = p - NAME_BYTES_MAX > lowest ? p - NAME_BYTES_MAX : lowest;
    while (p > shortest && bytes[p]! !== 34) p--;
    if (bytes[p - 1]! !== 44 || bytes[p - 2]! !== 34 || !this.symbol(bytes, p + 1) || this.at !== end - 2) return OTHER_SHAPE;
    p -= 3;
    let depth = 0;
    let power = 1;
    const digits = p - DEPTH_DIGITS_MAX;
    for (; p > digits && (bytes[p]! - 48) >>> 0 < 10; p--) {
      depth += (bytes[p]! - 48) * power;
      power *= 10;
    }
    p -= CHANNEL.length - 1;
    // A book of another depth is none of ours.
    const known = this.books.depth[message.instrument]!;
    if (p <= lowest || depth === 0 || (known !== 0 && known !== depth)) return OTHER_SHAPE;
    return matchesShort(this.view, p, CHANNEL) ? p : OTHER_SHAPE;
  }

  /** `["1","2","3.5"],...]` after `from` levels read before, its bracket being open; position after the one that closes it. */
  private levels(bytes: Uint8Array, start: number, end: number, from: number, ticks: Int32Array, lots: Float64Array): number {
    const { view, message } = this;
    message.levelCount = from;
    if (bytes[start]! === 93) return start + 1;
    let p = start;
    for (let count = from; count < CHANGES_MAX; count++) {
      p = this.level(bytes, p, ticks, lots, count);
      if (p < 0 || (view.getInt32(p, true) & LOW_THREE) !== BETWEEN_TEXTS) return OTHER_SHAPE;
      p = this.seconds.read(view, bytes, p + 3);
      if (p < 0) return OTHER_SHAPE;
      this.takeTime();
      if (matchesShort(view, p, REPUBLISHED)) {
        this.republished = 1;
        p += REPUBLISHED.length;
      } else {
        if (bytes[p + 1]! !== 93) return OTHER_SHAPE;
        p += 2;
      }
      if (p >= end) return OTHER_SHAPE;
      message.levelCount = count + 1;
      const next = bytes[p++]!;
      if (next === 93) return p;
      if (next !== 44) return OTHER_SHAPE;
    }
    return OTHER_SHAPE;
  }

  /** The message's time is that of its newest level. */
  private takeTime(): void {
    const time = this.time;
    const numbers = this.message.numbers;
    const ms = numbers[N_TRANSACT_MS]!;
    if (time[0]! < ms || (time[0]! === ms && time[1]! <= numbers[N_TRANSACT_REST_NS]!)) return;
    numbers[N_TRANSACT_MS] = time[0]!;
    numbers[N_TRANSACT_REST_NS] = time[1]!;
  }
}
