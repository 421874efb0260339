import type { Instrument } from '../../../core/instrument.ts';
import { FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { SIDE } from '../../../core/records/market.ts';
import { levelsInto, OTHER_SHAPE, plainTextEnd, priceInto, qtyInto } from '../../json/levels.hot.ts';
import { idInto, isKey, isTextKey, Literal, matches } from '../../json/words.hot.ts';
import type { L2Decoder } from '../../l2/decoder.ts';
import { GridTable } from '../../l2/grid.hot.ts';
import {
  L2Message,
  N_EVENT_MS,
  N_FIRST_ID,
  N_LAST_ID,
  N_PREVIOUS_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
} from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import { checkTicker, checkTrade, GeneralDecoder } from './decode-general.hot.ts';

/** The fast path looks at most this far beyond the byte it stands on; a frame nearer to the end of its array goes the general way. */
const LOOK_AHEAD_BYTES = 64;

const OPEN_STREAM = new Literal('{"stream":"');
const OPEN_DATA = new Literal('","data":{"e":"');
const TICKER_TO_ID = new Literal('bookTicker","u":');
const TRADE_TO_TIME = new Literal('trade","E":');
const DEPTH_TO_TIME = new Literal('depthUpdate","E":');
const KEY_MARKET_MAKER = new Literal('","X":"MARKET","m":');
/** `{"e"` as a little-endian word. */
const WORD_OPEN_EVENT = 0x2265227b;
const WORD_TRUE = 0x65757274;
const WORD_FALS = 0x736c6166;
/** `,"pu` */
const WORD_KEY_PU = 0x7570222c;

/**
 * Decodes Binance USD-M frames (combined-stream wrapper, raw events, REST depth snapshots) into `message` without
 * allocating. The key order that the venue uses today has a fast path of literal comparisons; anything else goes through
 * the general path, which accepts any order. Both give the same result.
 */
export class UsdmDecoder implements L2Decoder {
  /** A frame holds one message. */
  readonly more = 0;
  readonly message: L2Message;
  private readonly symbols: SymbolTable;
  private readonly grid: GridTable;
  private readonly general: GeneralDecoder;
  /** Where the last scan of the fast path stopped: symbol and levels are read by methods that return a status or a count. */
  private at: number;
  private bytes: Uint8Array;
  private view: DataView;
  /** Instrument of the last message: most likely that of the next. */
  private lastInstrument: number;

  constructor(instruments: readonly Instrument[]) {
    this.message = new L2Message();
    this.symbols = new SymbolTable(instruments);
    this.grid = new GridTable(instruments);
    this.general = new GeneralDecoder(this.message, this.symbols, this.grid, instruments.length === 1 ? 0 : -1);
    this.at = 0;
    this.bytes = new Uint8Array(0);
    this.view = new DataView(this.bytes.buffer);
    this.lastInstrument = 0;
  }

  /** Decodes `bytes[start, end)` into `message`; DECODE. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.kind = MESSAGE.NONE;
    message.instrument = -1;
    message.bidCount = 0;
    message.askCount = 0;
    if (end - start > FRAME_BYTES_MAX) return DECODE.FRAME_TOO_LARGE;
    // The closing brace is the sentinel of the fast path: none of its loops runs over it, so none needs a bound of its own.
    if (end - start > OPEN_STREAM.length && end + LOOK_AHEAD_BYTES <= bytes.length && bytes[end - 1]! === 125) {
      // Frames of one transport lie in one block of memory, so this happens once.
      if (bytes !== this.bytes) this.look(bytes);
      const status = this.decodeKnownOrder(bytes, start, end);
      if (status !== OTHER_SHAPE) return status;
      message.bidCount = 0;
      message.askCount = 0;
    }
    return this.decodeAnyOrder(bytes, start, end);
  }

  next(): number {
    return DECODE.BAD_JSON;
  }

  /** The general path alone; `decode` without its short cut. */
  decodeAnyOrder(bytes: Uint8Array, start: number, end: number): number {
    this.message.kind = MESSAGE.NONE;
    this.message.instrument = -1;
    return this.general.decode(bytes, start, end);
  }

  private look(bytes: Uint8Array): void {
    this.bytes = bytes;
    // biome-ignore lint/plugin: once a buffer, not once a frame: transports reuse theirs
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private decodeKnownOrder(bytes: Uint8Array, start: number, end: number): number {
    const view = this.view;
    let p = start;
    let closing = 1;
    if (matches(view, p, OPEN_STREAM)) {
      p = plainTextEnd(bytes, p + OPEN_STREAM.length);
      if (p < 0 || !matches(view, p, OPEN_DATA)) return OTHER_SHAPE;
      p += OPEN_DATA.length;
      closing = 2;
    } else {
      if (view.getInt32(p, true) !== WORD_OPEN_EVENT || view.getUint16(p + 4, true) !== 0x3a22 || bytes[p + 6]! !== 34) return OTHER_SHAPE;
      p += 7;
    }
    const letter = bytes[p]!;
    if (letter === 98) return this.ticker(bytes, p, end, closing);
    if (letter === 116) return this.trade(bytes, p, end, closing);
    return letter === 100 ? this.depth(bytes, p, end, closing) : OTHER_SHAPE;
  }

  /** `depthUpdate","E":1,"T":1,"s":"X","U":1,"u":1,"pu":1,"b":[...],"a":[...]` */
  private depth(bytes: Uint8Array, start: number, end: number, closing: number): number {
    const message = this.message;
    const numbers = message.numbers;
    const view = this.view;
    if (!matches(view, start, DEPTH_TO_TIME)) return OTHER_SHAPE;
    let p = idInto(view, bytes, start + DEPTH_TO_TIME.length, end, numbers, N_EVENT_MS);
    if (p < 0 || !isKey(view, p, 84)) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 5, end, numbers, N_TRANSACT_MS);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(view, p, 85)) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 5, end, numbers, N_FIRST_ID);
    if (p < 0 || !isKey(view, p, 117)) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 5, end, numbers, N_LAST_ID);
    if (p < 0 || view.getInt32(p, true) !== WORD_KEY_PU || view.getUint16(p + 4, true) !== 0x3a22) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 6, end, numbers, N_PREVIOUS_ID);
    if (p < 0 || !isKey(view, p, 98)) return OTHER_SHAPE;
    p = levelsInto(bytes, p + 5, this.grid, message, message.bidTicks, message.bidLots);
    if (p < 0 || !isKey(view, p, 97)) return OTHER_SHAPE;
    message.bidCount = message.levelCount;
    p = levelsInto(bytes, p + 5, this.grid, message, message.askTicks, message.askLots);
    if (p < 0 || !isClosed(bytes, p, end, closing)) return OTHER_SHAPE;
    message.askCount = message.levelCount;
    message.kind = MESSAGE.DEPTH;
    return DECODE.OK;
  }

  /** `bookTicker","u":1,"s":"X","b":"1","B":"1","a":"1","A":"1","T":1,"E":1` */
  private ticker(bytes: Uint8Array, start: number, end: number, closing: number): number {
    const message = this.message;
    const numbers = message.numbers;
    const view = this.view;
    if (!matches(view, start, TICKER_TO_ID)) return OTHER_SHAPE;
    let p = idInto(view, bytes, start + TICKER_TO_ID.length, end, numbers, N_LAST_ID);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isTextKey(view, p, 98)) return OTHER_SHAPE;
    p = this.price(bytes, p + 6, message.bidTicks);
    if (p < 0 || !isTextKey(view, p + 1, 66)) return OTHER_SHAPE;
    p = this.qty(bytes, p + 7, message.bidLots);
    if (p < 0 || !isTextKey(view, p + 1, 97)) return OTHER_SHAPE;
    p = this.price(bytes, p + 7, message.askTicks);
    if (p < 0 || !isTextKey(view, p + 1, 65)) return OTHER_SHAPE;
    p = this.qty(bytes, p + 7, message.askLots);
    if (p < 0 || !isKey(view, p + 1, 84)) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 6, end, numbers, N_TRANSACT_MS);
    if (p < 0 || !isKey(view, p, 69)) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 5, end, numbers, N_EVENT_MS);
    if (p < 0 || !isClosed(bytes, p, end, closing)) return OTHER_SHAPE;
    message.bidCount = 1;
    message.askCount = 1;
    message.kind = MESSAGE.TICKER;
    return checkTicker(message);
  }

  /** `trade","E":1,"T":1,"s":"X","t":1,"p":"1","q":"1","X":"MARKET","m":true` */
  private trade(bytes: Uint8Array, start: number, end: number, closing: number): number {
    const message = this.message;
    const numbers = message.numbers;
    const view = this.view;
    if (!matches(view, start, TRADE_TO_TIME)) return OTHER_SHAPE;
    let p = idInto(view, bytes, start + TRADE_TO_TIME.length, end, numbers, N_EVENT_MS);
    if (p < 0 || !isKey(view, p, 84)) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 5, end, numbers, N_TRANSACT_MS);
    if (p < 0 || !this.symbol(bytes, p)) return OTHER_SHAPE;
    p = this.at;
    if (!isKey(view, p, 116)) return OTHER_SHAPE;
    p = idInto(view, bytes, p + 5, end, numbers, N_TRADE_ID);
    if (p < 0 || !isTextKey(view, p, 112)) return OTHER_SHAPE;
    p = this.price(bytes, p + 6, message.bidTicks);
    if (p < 0 || !isTextKey(view, p + 1, 113)) return OTHER_SHAPE;
    p = this.qty(bytes, p + 7, message.bidLots);
    if (p < 0 || !matches(view, p, KEY_MARKET_MAKER)) return OTHER_SHAPE;
    p += KEY_MARKET_MAKER.length;
    const word = view.getInt32(p, true);
    const isMaker = word === WORD_TRUE;
    if (!isMaker && (word !== WORD_FALS || bytes[p + 4]! !== 101)) return OTHER_SHAPE;
    if (!isClosed(bytes, p + (isMaker ? 4 : 5), end, closing)) return OTHER_SHAPE;
    message.tradeTicks = message.bidTicks[0]!;
    numbers[N_TRADE_LOTS] = message.bidLots[0]!;
    message.tradeSide = isMaker ? SIDE.SELL : SIDE.BUY;
    message.tradeIsMarket = 1;
    message.kind = MESSAGE.TRADE;
    return checkTrade(message);
  }

  /** `,"s":"X"`; sets the instrument and `at`. An unknown symbol goes the general way, which names it. */
  private symbol(bytes: Uint8Array, p: number): boolean {
    if (!isTextKey(this.view, p, 115)) return false;
    const start = p + 6;
    let id = this.lastInstrument;
    let close = this.symbols.endOf(id, bytes, start);
    if (close < 0) {
      close = plainTextEnd(bytes, start);
      if (close < 0) return false;
      id = this.symbols.lookup(bytes, start, close, false);
      if (id < 0) return false;
      this.lastInstrument = id;
    }
    this.message.instrument = id;
    this.at = close + 1;
    return true;
  }

  private price(bytes: Uint8Array, p: number, ticks: Int32Array): number {
    const id = this.message.instrument;
    const grid = this.grid;
    return priceInto(bytes, p, grid.priceDecimals[id]!, grid.tickUnits[id]!, this.message.numbers, ticks, 0);
  }

  private qty(bytes: Uint8Array, p: number, lots: Float64Array): number {
    const id = this.message.instrument;
    const grid = this.grid;
    return qtyInto(bytes, p, grid.qtyDecimals[id]!, grid.lotUnits[id]!, this.message.numbers, lots, 0);
  }
}

/** `closing` braces and nothing more. */
function isClosed(bytes: Uint8Array, p: number, end: number, closing: number): boolean {
  return p + closing === end && (closing === 1 || bytes[p]! === 125);
}
