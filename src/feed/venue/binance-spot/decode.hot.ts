import type { Instrument } from '../../../core/instrument.ts';
import { SIDE } from '../../../core/records/market.ts';
import { eightLevelsInto, eightPriceInto, eightQtyInto } from '../../json/eight-decimals.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { isKey, Literal, matches } from '../../json/words.hot.ts';
import {
  N_EVENT_MS,
  N_FIRST_ID,
  N_LAST_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
  N_TRANSACT_REST_NS,
  N_UNITS,
} from '../../l2/message.hot.ts';
import { MESSAGE } from '../../l2/status.ts';
import { checkTicker, checkTrade } from '../binance/check.hot.ts';
import { BinanceDecoder } from '../binance/decoder.hot.ts';
import type { BinanceDialect } from '../binance/dialect.ts';
import { MICROSECONDS_FROM } from '../binance/general.hot.ts';

const TRADE_TO_TIME = new Literal('"e":"trade","E":');
const DEPTH_TO_TIME = new Literal('"e":"depthUpdate","E":');
const MAKER_END = new Literal(',"M":true');
const MAKER_END_FALSE = new Literal(',"M":false');
const WORD_TRUE = 0x65757274;
const WORD_FALS = 0x736c6166;
/** `":` after a one-letter key. */
const WORD_QUOTE_COLON = 0x3a22;

/** Decodes Binance spot frames: tickers have neither type nor times, depth messages one time and no `pu`. */
export class SpotDecoder extends BinanceDecoder {
  private readonly partial: boolean;

  constructor(instruments: readonly Instrument[], dialect: BinanceDialect, others = false) {
    super(instruments, dialect, others);
    this.partial = dialect.partial;
  }

  protected decodeKnownOrder(bytes: Uint8Array, p: number, end: number): number {
    // `"u":1,"s":"X"`, or the first letter of the event's type.
    if (bytes[p + 1]! === 117) return this.ticker(bytes, p, end);
    const letter = bytes[p + 5]!;
    if (letter === 116) return this.trade(bytes, p, end);
    return letter === 100 && !this.partial ? this.depth(bytes, p, end) : OTHER_SHAPE;
  }

  /** `"e":"depthUpdate","E":` and the rest. */
  private depth(bytes: Uint8Array, start: number, end: number): number {
    if (!matches(this.view, start, DEPTH_TO_TIME)) return OTHER_SHAPE;
    this.headEnd = start + DEPTH_TO_TIME.length;
    return this.depthBody(bytes, this.headEnd, end);
  }

  /** `1,"s":"X","U":1,"u":1,"b":[...],"a":[...]` */
  protected depthBody(bytes: Uint8Array, start: number, end: number): number {
    const view = this.view;
    let p = this.time(bytes, start, end);
    if (p < 0 || !this.symbolOfChanges(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(view, p, 85)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 5, end, N_FIRST_ID);
    if (p < 0 || !isKey(view, p, 117)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 5, end, N_LAST_ID);
    return p < 0 ? OTHER_SHAPE : this.sides(bytes, p, end);
  }

  /** `"u":` and the rest. */
  private ticker(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start]! !== 34 || this.view.getUint16(start + 2, true) !== WORD_QUOTE_COLON) return OTHER_SHAPE;
    this.headEnd = start + 4;
    return this.tickerBody(bytes, this.headEnd, end);
  }

  /** `1,"s":"X","b":"1","B":"1","a":"1","A":"1"` */
  protected tickerBody(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const numbers = message.numbers;
    const p = this.ids.read(this.view, bytes, start, end, N_LAST_ID);
    if (p < 0 || !this.symbol(bytes, p) || !this.top(bytes, this.at, end) || !this.isClosed(bytes, this.at, end)) return OTHER_SHAPE;
    numbers[N_EVENT_MS] = 0;
    numbers[N_TRANSACT_MS] = 0;
    numbers[N_TRANSACT_REST_NS] = 0;
    message.kind = MESSAGE.TICKER;
    return checkTicker(message);
  }

  /** `"e":"trade","E":` and the rest. */
  private trade(bytes: Uint8Array, start: number, end: number): number {
    if (!matches(this.view, start, TRADE_TO_TIME)) return OTHER_SHAPE;
    this.headEnd = start + TRADE_TO_TIME.length;
    return this.tradeBody(bytes, this.headEnd, end);
  }

  /** `1,"s":"X","t":1,"p":"1","q":"1","T":1,"m":true,"M":true` */
  protected tradeBody(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const numbers = message.numbers;
    const view = this.view;
    let p = this.time(bytes, start, end);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(view, p, 116)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 5, end, N_TRADE_ID);
    if (p < 0 || !this.priceAndQty(bytes, p, end)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(view, p + 1, 84)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 6, end, N_TRANSACT_MS);
    if (p < 0 || numbers[N_TRANSACT_MS]! >= MICROSECONDS_FROM || !isKey(view, p, 109)) return OTHER_SHAPE;
    const word = view.getInt32(p + 5, true);
    const isMaker = word === WORD_TRUE;
    if (!isMaker && (word !== WORD_FALS || bytes[p + 9]! !== 101)) return OTHER_SHAPE;
    p += isMaker ? 9 : 10;
    if (matches(view, p, MAKER_END)) p += MAKER_END.length;
    else if (matches(view, p, MAKER_END_FALSE)) p += MAKER_END_FALSE.length;
    if (!this.isClosed(bytes, p, end)) return OTHER_SHAPE;
    numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    message.tradeSide = isMaker ? SIDE.SELL : SIDE.BUY;
    message.tradeIsMarket = 1;
    message.tradeIsAggregate = 0;
    message.kind = MESSAGE.TRADE;
    return checkTrade(message);
  }

  protected override levels(bytes: Uint8Array, p: number, ticks: Int32Array, lots: Float64Array): number {
    return eightLevelsInto(this.view, bytes, p, this.grid, this.message, N_UNITS, ticks, lots);
  }

  protected override price(bytes: Uint8Array, p: number, ticks: Int32Array): number {
    const message = this.message;
    return eightPriceInto(this.view, bytes, p, this.grid, message.instrument, message.numbers, N_UNITS, ticks, 0);
  }

  protected override qty(bytes: Uint8Array, p: number, lots: Float64Array): number {
    const message = this.message;
    return eightQtyInto(this.view, bytes, p, this.grid, message.instrument, message.numbers, N_UNITS, lots, 0);
  }

  /** The event time at `p` in milliseconds, for the matching engine's too; microseconds go the general way. */
  private time(bytes: Uint8Array, p: number, end: number): number {
    const numbers = this.message.numbers;
    const after = this.ids.read(this.view, bytes, p, end, N_EVENT_MS);
    if (after < 0 || numbers[N_EVENT_MS]! >= MICROSECONDS_FROM) return OTHER_SHAPE;
    numbers[N_TRANSACT_MS] = numbers[N_EVENT_MS]!;
    numbers[N_TRANSACT_REST_NS] = 0;
    return after;
  }
}
