import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { KnownOrder } from '../../json/known-order.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { isKey, Literal, matches, matchesShort, ShortLiteral } from '../../json/words.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_EVENT_MS, N_LAST_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';
import type { BybitBooks } from './books.hot.ts';
import { N_CROSS_SEQUENCE } from './rule.hot.ts';

const OPEN_BOOK = new Literal('{"topic":"orderbook.');
const DELTA_TO_TIME = new Literal('","type":"delta","ts":');
const SNAPSHOT_TO_TIME = new Literal('","type":"snapshot","ts":');
const DATA_TO_SYMBOL = new Literal(',"data":{"s":"');
const BIDS = new ShortLiteral('","b":[');
const ASKS = new ShortLiteral('],"a":[');
const SEQUENCE = new ShortLiteral(',"seq":');
const MATCHING_TIME = new Literal('},"cts":');
const DEPTH_DIGITS_MAX = 5;

/** Bybit's books. */
export class BybitKnownOrder extends KnownOrder {
  private readonly books: BybitBooks;

  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable, books: BybitBooks) {
    super(message, symbols, grid, 125);
    this.books = books;
  }

  /** `{"topic":"orderbook.500.X","type":"delta" or "snapshot","ts":1,"data":{"s":"X","b":[...],"a":[...],"u":1,"seq":1},"cts":1}` */
  protected read(bytes: Uint8Array, start: number, end: number): number {
    const { message, view, ids } = this;
    if (!matches(view, start, OPEN_BOOK)) return OTHER_SHAPE;
    let p = start + OPEN_BOOK.length;
    let depth = 0;
    const digitsEnd = p + DEPTH_DIGITS_MAX;
    for (; p < digitsEnd && (bytes[p]! - 48) >>> 0 < 10; p++) depth = depth * 10 + bytes[p]! - 48;
    if (bytes[p]! !== 46 || !this.symbol(bytes, p + 1)) return OTHER_SHAPE;
    const instrument = message.instrument;
    // Another depth may be another book, and a book of one level a ticker.
    const known = this.books.depth[instrument]!;
    const isDelta = matches(view, this.at, DELTA_TO_TIME);
    // The first snapshot says how deep the book is.
    if (depth <= 1 || (known !== depth && (known !== 0 || !isDelta))) return OTHER_SHAPE;
    if (!isDelta && !matches(view, this.at, SNAPSHOT_TO_TIME)) return OTHER_SHAPE;
    p = this.at + (isDelta ? DELTA_TO_TIME.length : SNAPSHOT_TO_TIME.length);
    p = ids.read(view, bytes, p, end, N_EVENT_MS);
    if (p < 0 || !matches(view, p, DATA_TO_SYMBOL) || !this.symbol(bytes, p + DATA_TO_SYMBOL.length)) return OTHER_SHAPE;
    if (message.instrument !== instrument || !matchesShort(view, this.at, BIDS)) return OTHER_SHAPE;
    p = this.levels(bytes, this.at + BIDS.length, end, message.bidTicks, message.bidLots);
    if (p < 0 || !matchesShort(view, p, ASKS)) return OTHER_SHAPE;
    message.bidCount = message.levelCount;
    p = this.levels(bytes, p + ASKS.length, end, message.askTicks, message.askLots);
    if (p < 0 || !isKey(view, p + 1, 117)) return OTHER_SHAPE;
    message.askCount = message.levelCount;
    p = ids.read(view, bytes, p + 6, end, N_LAST_ID);
    if (p < 0 || !matchesShort(view, p, SEQUENCE)) return OTHER_SHAPE;
    p = ids.read(view, bytes, p + SEQUENCE.length, end, N_CROSS_SEQUENCE);
    if (p < 0 || p >= end || !matches(view, p, MATCHING_TIME) || p + MATCHING_TIME.length >= end) return OTHER_SHAPE;
    p = ids.read(view, bytes, p + MATCHING_TIME.length, end, N_TRANSACT_MS);
    if (p + 1 !== end || bytes[p]! !== 125) return OTHER_SHAPE;
    message.kind = isDelta ? MESSAGE.DEPTH : MESSAGE.SNAPSHOT;
    return DECODE.OK;
  }

  /** `["1","2"],...`, its bracket being open; position of the one that closes it. */
  private levels(bytes: Uint8Array, start: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    const message = this.message;
    message.levelCount = 0;
    if (bytes[start]! === 93) return start;
    let p = start;
    for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
      p = this.level(bytes, p, ticks, lots, count);
      if (p < 0 || bytes[p + 1]! !== 93 || p + 2 >= end) return OTHER_SHAPE;
      message.levelCount = count + 1;
      p += 2;
      const next = bytes[p]!;
      if (next === 93) return p;
      if (next !== 44) return OTHER_SHAPE;
      p++;
    }
    return OTHER_SHAPE;
  }
}
