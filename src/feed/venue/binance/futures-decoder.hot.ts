import type { Instrument } from '../../../core/instrument.ts';
import { SIDE } from '../../../core/records/market.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { isKey, Literal, matches } from '../../json/words.hot.ts';
import { N_EVENT_MS, N_FIRST_ID, N_LAST_ID, N_PREVIOUS_ID, N_TRADE_ID, N_TRADE_LOTS, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { MESSAGE } from '../../l2/status.ts';
import { checkTicker, checkTrade } from './check.hot.ts';
import { BinanceDecoder } from './decoder.hot.ts';
import { FUTURES } from './dialect.ts';

const TRADE_TO_TIME = new Literal('"e":"trade","E":');
const DEPTH_TO_TIME = new Literal('"e":"depthUpdate","E":');
const KEY_MARKET_MAKER = new Literal('","X":"MARKET","m":');
const WORD_TRUE = 0x65757274;
const WORD_FALS = 0x736c6166;
/** `,"pu` */
const WORD_KEY_PU = 0x7570222c;

/** What the messages of both futures venues share: trades are alike, depth messages up to the symbol and after it. */
export abstract class FuturesDecoder extends BinanceDecoder {
  constructor(instruments: readonly Instrument[], others = false) {
    super(instruments, FUTURES, others);
  }

  /** `"e":"depthUpdate","E":` and the rest. */
  protected depth(bytes: Uint8Array, start: number, end: number): number {
    if (!matches(this.view, start, DEPTH_TO_TIME)) return OTHER_SHAPE;
    this.headEnd = start + DEPTH_TO_TIME.length;
    return this.depthBody(bytes, this.headEnd, end);
  }

  /** `1,"T":1,"s":"X"`; false when something else stands there, else `at` is behind it. */
  protected depthStart(bytes: Uint8Array, start: number, end: number): boolean {
    const view = this.view;
    let p = this.ids.read(view, bytes, start, end, N_EVENT_MS);
    if (p < 0 || !isKey(view, p, 84)) return false;
    p = this.ids.read(view, bytes, p + 5, end, N_TRANSACT_MS);
    return p >= 0 && this.symbolOfChanges(bytes, p);
  }

  /** `,"U":1,"u":1,"pu":1,"b":[...],"a":[...]` */
  protected depthTail(bytes: Uint8Array, start: number, end: number): number {
    const view = this.view;
    if (!isKey(view, start, 85)) return OTHER_SHAPE;
    let p = this.ids.read(view, bytes, start + 5, end, N_FIRST_ID);
    if (p < 0 || !isKey(view, p, 117)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 5, end, N_LAST_ID);
    if (p < 0 || view.getInt32(p, true) !== WORD_KEY_PU || view.getUint16(p + 4, true) !== 0x3a22) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 6, end, N_PREVIOUS_ID);
    return p < 0 ? OTHER_SHAPE : this.sides(bytes, p, end);
  }

  /** `,"b":"1","B":"1","a":"1","A":"1","T":1,"E":1` */
  protected tickerTail(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const view = this.view;
    if (!this.top(bytes, start, end) || !isKey(view, this.at, 84)) return OTHER_SHAPE;
    let p = this.ids.read(view, bytes, this.at + 5, end, N_TRANSACT_MS);
    if (p < 0 || !isKey(view, p, 69)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 5, end, N_EVENT_MS);
    if (p < 0 || !this.isClosed(bytes, p, end)) return OTHER_SHAPE;
    message.kind = MESSAGE.TICKER;
    return checkTicker(message);
  }

  /** `"e":"trade","E":` and the rest. */
  protected trade(bytes: Uint8Array, start: number, end: number): number {
    if (!matches(this.view, start, TRADE_TO_TIME)) return OTHER_SHAPE;
    this.headEnd = start + TRADE_TO_TIME.length;
    return this.tradeBody(bytes, this.headEnd, end);
  }

  /** `1,"T":1,"s":"X","t":1,"p":"1","q":"1","X":"MARKET","m":true` */
  protected tradeBody(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const numbers = message.numbers;
    const view = this.view;
    let p = this.ids.read(view, bytes, start, end, N_EVENT_MS);
    if (p < 0 || !isKey(view, p, 84)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 5, end, N_TRANSACT_MS);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(view, p, 116)) return OTHER_SHAPE;
    p = this.ids.read(view, bytes, p + 5, end, N_TRADE_ID);
    if (p < 0 || !this.priceAndQty(bytes, p, end)) return OTHER_SHAPE;
    p = this.at;
    if (!matches(view, p, KEY_MARKET_MAKER)) return OTHER_SHAPE;
    p += KEY_MARKET_MAKER.length;
    const word = view.getInt32(p, true);
    const isMaker = word === WORD_TRUE;
    if (!isMaker && (word !== WORD_FALS || bytes[p + 4]! !== 101)) return OTHER_SHAPE;
    if (!this.isClosed(bytes, p + (isMaker ? 4 : 5), end)) return OTHER_SHAPE;
    numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    message.tradeSide = isMaker ? SIDE.SELL : SIDE.BUY;
    message.tradeIsMarket = 1;
    message.tradeIsAggregate = 0;
    message.kind = MESSAGE.TRADE;
    return checkTrade(message);
  }
}
