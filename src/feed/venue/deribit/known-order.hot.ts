import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { KnownOrder } from '../../json/known-order.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { Literal, matches, matchesShort, ShortLiteral } from '../../json/words.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_EVENT_MS, N_LAST_ID, N_PREVIOUS_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';

const OPEN_BOOK = new Literal('{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.');
const OPEN_TICKER = new Literal('{"jsonrpc":"2.0","method":"subscription","params":{"channel":"ticker.');
const DATA = new Literal('","data":');
const CHANGE_TO_TIME = new Literal('","data":{"type":"change","timestamp":');
const SNAPSHOT_TO_TIME = new Literal('","data":{"type":"snapshot","timestamp":');
const PREVIOUS = new Literal(',"prev_change_id":');
const INSTRUMENT = new Literal(',"instrument_name":"');
const CHANGE_ID = new Literal('","change_id":');
const BIDS = new Literal(',"bids":[');
const ASKS = new Literal('],"asks":[');
const NEW = new ShortLiteral('["new",');
const CHANGE = new Literal('["change",');
const DELETE = new Literal('["delete",');
const CLOSE_FRAME = new ShortLiteral(']}}}');

/** Deribit's books and their changes. */
export class DeribitKnownOrder extends KnownOrder {
  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable) {
    super(message, symbols, grid, 125);
  }

  /** `{...,"params":{"channel":"book.X.raw","data":{"type":"change","timestamp":1,"prev_change_id":1,"instrument_name":"X","change_id":1,"bids":[...],"asks":[...]}}}` */
  protected read(bytes: Uint8Array, start: number, end: number): number {
    const { message, view, ids } = this;
    const numbers = message.numbers;
    if (!matches(view, start, OPEN_BOOK)) return OTHER_SHAPE;
    let p = this.channelEnd(bytes, start + OPEN_BOOK.length);
    if (p < 0) return OTHER_SHAPE;
    const isChange = matches(view, p, CHANGE_TO_TIME);
    if (!isChange && !matches(view, p, SNAPSHOT_TO_TIME)) return OTHER_SHAPE;
    p = ids.read(view, bytes, p + (isChange ? CHANGE_TO_TIME.length : SNAPSHOT_TO_TIME.length), end, N_TRANSACT_MS);
    if (p < 0) return OTHER_SHAPE;
    if (isChange) {
      if (!matches(view, p, PREVIOUS)) return OTHER_SHAPE;
      p = ids.read(view, bytes, p + PREVIOUS.length, end, N_PREVIOUS_ID);
    }
    if (p < 0 || !matches(view, p, INSTRUMENT) || !this.symbol(bytes, p + INSTRUMENT.length)) return OTHER_SHAPE;
    if (!matches(view, this.at, CHANGE_ID)) return OTHER_SHAPE;
    p = ids.read(view, bytes, this.at + CHANGE_ID.length, end, N_LAST_ID);
    if (p < 0 || !matches(view, p, BIDS)) return OTHER_SHAPE;
    p = this.levels(bytes, p + BIDS.length, message.bidTicks, message.bidLots);
    if (p < 0 || !matches(view, p, ASKS)) return OTHER_SHAPE;
    message.bidCount = message.levelCount;
    p = this.levels(bytes, p + ASKS.length, message.askTicks, message.askLots);
    if (p < 0 || p + CLOSE_FRAME.length !== end || !matchesShort(view, p, CLOSE_FRAME)) return OTHER_SHAPE;
    message.askCount = message.levelCount;
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    message.kind = isChange ? MESSAGE.DEPTH : MESSAGE.SNAPSHOT;
    return DECODE.OK;
  }

  /** Where the data of a ticker begins, `{...,"params":{"channel":"ticker.X.raw","data":`, or OTHER_SHAPE. Its end is not looked at. */
  tickerData(bytes: Uint8Array, start: number, end: number): number {
    if (!this.opens(bytes, start, end) || !matches(this.view, start, OPEN_TICKER)) return OTHER_SHAPE;
    const close = this.textEnd(bytes, start + OPEN_TICKER.length);
    return close < 0 || !matches(this.view, close, DATA) ? OTHER_SHAPE : close + DATA.length;
  }

  /** Quote after `X.raw`, with one point in it: more of them are grouped books. */
  private channelEnd(bytes: Uint8Array, p: number): number {
    let points = 0;
    for (let at = p; ; at++) {
      const byte = bytes[at]!;
      if (byte === 46) points++;
      else if (byte === 34) return points === 1 ? at : OTHER_SHAPE;
      else if (byte < 32 || byte === 92 || byte === 125) return OTHER_SHAPE;
    }
  }

  /** `["new",1.5,2],...`, its bracket being open; position of the one that closes it or OTHER_SHAPE. */
  private levels(bytes: Uint8Array, start: number, ticks: Int32Array, lots: Float64Array): number {
    const { view, message } = this;
    message.levelCount = 0;
    if (bytes[start]! === 93) return start;
    let p = start;
    for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
      const action = bytes[p + 2]!;
      const isKnown = action === 110 ? matchesShort(view, p, NEW) : matches(view, p, action === 99 ? CHANGE : DELETE);
      if (!isKnown) return OTHER_SHAPE;
      const price = p + (action === 110 ? NEW.length : CHANGE.length);
      p = this.price(bytes, price, ticks, count);
      if (p < 0 || bytes[p]! !== 44 || hasZeroInFront(bytes, price)) return OTHER_SHAPE;
      const qty = p + 1;
      p = this.qty(bytes, qty, lots, count);
      if (p < 0 || bytes[p]! !== 93 || hasZeroInFront(bytes, qty)) return OTHER_SHAPE;
      // A deleted level is one of 0 lots, whatever its amount; another one has some.
      if (action === 100) lots[count] = 0;
      else if (lots[count]! === 0) return OTHER_SHAPE;
      message.levelCount = count + 1;
      const next = bytes[p + 1]!;
      if (next === 93) return p + 1;
      if (next !== 44) return OTHER_SHAPE;
      p += 2;
    }
    return OTHER_SHAPE;
  }
}

/** A zero before another digit, which a JSON number has not. */
function hasZeroInFront(bytes: Uint8Array, p: number): boolean {
  return bytes[p]! === 48 && (bytes[p + 1]! - 48) >>> 0 < 10;
}
