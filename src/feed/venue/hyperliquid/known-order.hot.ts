import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { KnownOrder } from '../../json/known-order.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { Literal, matches, matchesShort, ShortLiteral } from '../../json/words.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_EVENT_MS, N_LAST_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';

const OPEN_BOOK = new Literal('{"channel":"l2Book","data":{"coin":"');
const TIME_FIRST = new Literal('","time":');
const LEVELS_FIRST = new Literal('","levels":[[');
const LEVELS = new Literal(',"levels":[[');
const TIME = new Literal(']],"time":');
const PRICE = new ShortLiteral('{"px":"');
const SIZE = new Literal('","sz":"');
const COUNT = new ShortLiteral('","n":');
/** `}}`, `]]` and `,[` behind a bracket. */
const CLOSE_FRAME = 0x7d7d;
const CLOSE_SIDES = 0x5d5d;
const NEXT_SIDE = 0x5b2c;

/** Hyperliquid's books. */
export class HyperliquidKnownOrder extends KnownOrder {
  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable) {
    super(message, symbols, grid, 125);
  }

  /** `{"channel":"l2Book","data":{"coin":"X","time":1,"levels":[[...],[...]]}}`, or the time behind the levels. */
  protected read(bytes: Uint8Array, start: number, end: number): number {
    const { message, view, ids } = this;
    const numbers = message.numbers;
    if (!matches(view, start, OPEN_BOOK) || !this.symbol(bytes, start + OPEN_BOOK.length)) return OTHER_SHAPE;
    let p = this.at;
    const isTimeFirst = matches(view, p, TIME_FIRST);
    if (isTimeFirst) {
      p = ids.read(view, bytes, p + TIME_FIRST.length, end, N_TRANSACT_MS);
      if (p < 0 || !matches(view, p, LEVELS)) return OTHER_SHAPE;
      p += LEVELS.length;
    } else {
      if (!matches(view, p, LEVELS_FIRST)) return OTHER_SHAPE;
      p += LEVELS_FIRST.length;
    }
    p = this.levels(bytes, p, end, message.bidTicks, message.bidLots);
    if (p < 0 || view.getUint16(p + 1, true) !== NEXT_SIDE) return OTHER_SHAPE;
    message.bidCount = message.levelCount;
    p = this.levels(bytes, p + 3, end, message.askTicks, message.askLots);
    if (p < 0 || view.getUint16(p, true) !== CLOSE_SIDES) return OTHER_SHAPE;
    message.askCount = message.levelCount;
    if (isTimeFirst) p += 2;
    else {
      if (!matches(view, p, TIME)) return OTHER_SHAPE;
      p = ids.read(view, bytes, p + TIME.length, end, N_TRANSACT_MS);
    }
    if (p + 2 !== end || view.getUint16(p, true) !== CLOSE_FRAME) return OTHER_SHAPE;
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    numbers[N_LAST_ID] = numbers[N_TRANSACT_MS]!;
    message.kind = MESSAGE.SNAPSHOT;
    return DECODE.OK;
  }

  /** `{"px":"1","sz":"2","n":3},...`, the number of orders or not, its bracket being open; position of the one that closes it or OTHER_SHAPE. */
  private levels(bytes: Uint8Array, start: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    const { view, message } = this;
    message.levelCount = 0;
    if (bytes[start]! === 93) return start;
    let p = start;
    for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
      if (!matchesShort(view, p, PRICE)) return OTHER_SHAPE;
      p = this.price(bytes, p + PRICE.length, ticks, count);
      if (p < 0 || !matches(view, p, SIZE)) return OTHER_SHAPE;
      p = this.qty(bytes, p + SIZE.length, lots, count);
      if (p < 0 || lots[count]! === 0 || bytes[p]! !== 34) return OTHER_SHAPE;
      p = matchesShort(view, p, COUNT) ? wholeEnd(bytes, p + COUNT.length) : p + 1;
      if (p < 0 || bytes[p]! !== 125 || p + 1 >= end) return OTHER_SHAPE;
      message.levelCount = count + 1;
      const next = bytes[p + 1]!;
      if (next === 93) return p + 1;
      if (next !== 44) return OTHER_SHAPE;
      p += 2;
    }
    return OTHER_SHAPE;
  }
}

/** Position after the whole number at `p`, or OTHER_SHAPE. */
function wholeEnd(bytes: Uint8Array, p: number): number {
  let at = p;
  while ((bytes[at]! - 48) >>> 0 < 10) at++;
  // A number has no zero in front.
  return at === p || (bytes[p]! === 48 && at > p + 1) ? OTHER_SHAPE : at;
}
