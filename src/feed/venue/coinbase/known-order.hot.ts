import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { SIDE } from '../../../core/records/market.ts';
import { BETWEEN_TEXTS, KnownOrder, LOW_THREE } from '../../json/known-order.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { TimeReader } from '../../json/time.hot.ts';
import { Literal, matches } from '../../json/words.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_EVENT_MS, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';
import { timeAsId } from './words.hot.ts';

const OPEN_UPDATE = new Literal('{"type":"l2update","product_id":"');
const CHANGES = new Literal('","changes":[');
const TIME = new Literal(',"time":"');
const BUY = new Literal('["buy","');
const SELL = new Literal('["sell","');
/** `"]` and `"}`. */
const CLOSE_LEVEL = 0x5d22;
const CLOSE_FRAME = 0x7d22;

/** Changes of a book in the channels level2 and level2_batch of the Coinbase Exchange. */
export class CoinbaseKnownOrder extends KnownOrder {
  private readonly time: TimeReader;

  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable) {
    super(message, symbols, grid, 125);
    this.time = new TimeReader(message.numbers, N_TRANSACT_MS, N_TRANSACT_REST_NS);
  }

  /** `{"type":"l2update","product_id":"X","changes":[["buy","1","2"],...],"time":"2021-04-17T16:43:37.077621Z"}` */
  protected read(bytes: Uint8Array, start: number, end: number): number {
    const { message, view } = this;
    if (!matches(view, start, OPEN_UPDATE) || !this.symbol(bytes, start + OPEN_UPDATE.length)) return OTHER_SHAPE;
    if (!matches(view, this.at, CHANGES)) return OTHER_SHAPE;
    let p = this.at + CHANGES.length;
    if (bytes[p]! === 93) p++;
    else p = this.changes(bytes, p);
    if (p < 0 || !matches(view, p, TIME) || view.getUint16(end - 2, true) !== CLOSE_FRAME) return OTHER_SHAPE;
    if (!this.time.read(view, bytes, p + TIME.length, end - 2)) return OTHER_SHAPE;
    const numbers = message.numbers;
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    timeAsId(numbers);
    message.kind = MESSAGE.DEPTH;
    return DECODE.OK;
  }

  /** `["buy","1","2"],...]`; position after the last bracket or OTHER_SHAPE. */
  private changes(bytes: Uint8Array, start: number): number {
    const message = this.message;
    let p = start;
    for (;;) {
      const side = matches(this.view, p, BUY) ? SIDE.BUY : SIDE.SELL;
      if (side === SIDE.SELL && !matches(this.view, p, SELL)) return OTHER_SHAPE;
      if (side === SIDE.BUY) {
        const count = message.bidCount;
        p = this.change(bytes, p + BUY.length, message.bidTicks, message.bidLots, count);
        message.bidCount = count + 1;
      } else {
        const count = message.askCount;
        p = this.change(bytes, p + SELL.length, message.askTicks, message.askLots, count);
        message.askCount = count + 1;
      }
      if (p < 0) return OTHER_SHAPE;
      const next = bytes[p++]!;
      if (next === 93) return p;
      if (next !== 44) return OTHER_SHAPE;
    }
  }

  /** `1","2"]`; position behind it or OTHER_SHAPE. */
  private change(bytes: Uint8Array, start: number, ticks: Int32Array, lots: Float64Array, count: number): number {
    const view = this.view;
    if (count >= BOOK_LEVELS_MAX) return OTHER_SHAPE;
    let p = this.price(bytes, start, ticks, count);
    if (p < 0 || (view.getInt32(p, true) & LOW_THREE) !== BETWEEN_TEXTS) return OTHER_SHAPE;
    p = this.qty(bytes, p + 3, lots, count);
    return p < 0 || view.getUint16(p, true) !== CLOSE_LEVEL ? OTHER_SHAPE : p + 2;
  }
}
