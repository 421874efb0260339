import type { Instrument } from '../../../core/instrument.ts';
import { FRAME_BYTES_MAX } from '../../../core/limits.ts';
import { levelsInto, OTHER_SHAPE, plainTextEnd, priceInto, qtyInto } from '../../json/levels.hot.ts';
import { IdReader, isKey, isTextKey, Literal, matches, SeenText } from '../../json/words.hot.ts';
import type { L2Decoder } from '../../l2/decoder.ts';
import { GridTable } from '../../l2/grid.hot.ts';
import { L2Message } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import { SymbolTable } from '../../symbol-table.hot.ts';
import type { BinanceDialect } from './dialect.ts';
import { GeneralDecoder } from './general.hot.ts';

/** The fast path looks at most this far beyond the byte it stands on; a frame nearer to the end of its array goes the general way. */
const LOOK_AHEAD_BYTES = 64;

const OPEN_STREAM = new Literal('{"stream":"');
const OPEN_DATA = new Literal('","data":{');
/** Where the first letter of the event's type stands in a frame without wrapper. */
const RAW_LETTER_AT = 6;
/** The bit that tells a lower-case letter from its upper-case one. */
const LOWER = 32;
/** `@depth` stands between symbol and pace in the name of a stream of changes. */
const DEPTH_STREAM_BYTES = 6;

/**
 * Decodes Binance frames (combined-stream wrapper, raw events, REST depth snapshots) into `message` without allocating.
 * The key order that a venue uses today has a fast path of literal comparisons, which the venue's own class holds; anything
 * else goes through the general path, which accepts any order. Both give the same result.
 */
export abstract class BinanceDecoder implements L2Decoder {
  /** A frame holds one message. */
  readonly more = 0;
  readonly message: L2Message;
  protected readonly grid: GridTable;
  protected readonly ids: IdReader;
  /** Where the last scan stopped: symbol and levels are read by methods that say true or false. */
  protected at: number;
  /** Braces that end the frame at hand: 2 with the wrapper, else 1. */
  protected closing: number;
  protected view: DataView;
  /**
   * What stood before the first value of the last ticker, trade and depth message: as long as a stream's name and the key order
   * stay, one comparison of words says both. A text is learned only from a message that was decoded without it.
   */
  private readonly tickerHead: SeenText;
  private readonly tradeHead: SeenText;
  private readonly depthHead: SeenText;
  /** `,"b":"1","B":"` and `","a":"1","A":"` of the last ticker, and what they said of which instrument: prices change less often than quantities. */
  private readonly bidText: SeenText;
  private readonly askText: SeenText;
  private readonly topTicks: Int32Array;
  private topInstrument: number;
  /** `,"p":"1","q":"` of the last trade, in the same way. */
  private readonly tradeText: SeenText;
  private tradeTicks: number;
  private tradeInstrument: number;
  /** Where those have the letter that tells them apart, and where they have the stream's name, 0 without wrapper. */
  private letterAt: number;
  private nameAt: number;
  /** Instrument of the depth message whose head is known, which named the stream of its changes. */
  private depthInstrument: number;
  /** The frame at hand begins with that head. */
  private isDepthHead: boolean;
  /** Where the first value of the event at hand begins, 0 before it is known. */
  protected headEnd: number;
  /** `,"s":"X"` of each instrument. */
  private readonly symbolTexts: readonly Literal[];
  private readonly symbols: SymbolTable;
  private readonly general: GeneralDecoder;
  private bytes: Uint8Array;
  /** Where the stream's name begins, 0 without wrapper. */
  private stream: number;
  /** Instrument of the last message: most likely that of the next. */
  private lastInstrument: number;

  /** `others`: the input holds further instruments, so a snapshot that names none is no one's. */
  constructor(instruments: readonly Instrument[], dialect: BinanceDialect, others = false) {
    this.message = new L2Message();
    this.ids = new IdReader(this.message.numbers);
    this.bidText = new SeenText();
    this.askText = new SeenText();
    this.topTicks = new Int32Array(2);
    this.topInstrument = -1;
    this.tradeText = new SeenText();
    this.tradeTicks = 0;
    this.tradeInstrument = -1;
    this.tickerHead = new SeenText();
    this.tradeHead = new SeenText();
    this.depthHead = new SeenText();
    this.letterAt = 0;
    this.nameAt = 0;
    this.headEnd = 0;
    this.depthInstrument = -1;
    this.isDepthHead = false;
    this.symbolTexts = instruments.map(({ symbol }) => new Literal(`,"s":"${symbol}"`));
    this.symbols = new SymbolTable(instruments);
    this.grid = new GridTable(instruments);
    const only = instruments.length === 1 && !others ? 0 : -1;
    this.general = new GeneralDecoder(this.message, this.symbols, this.grid, only, dialect);
    this.at = 0;
    this.closing = 1;
    this.bytes = new Uint8Array(0);
    this.view = new DataView(this.bytes.buffer);
    this.stream = 0;
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
      let status = this.decodeKnownHead(bytes, start, end);
      if (status === OTHER_SHAPE) status = this.decodeNewHead(bytes, start, end);
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

  /** The event whose first key begins at `p`; OTHER_SHAPE to leave it to the general path, else DECODE. Sets `headEnd`. */
  protected abstract decodeKnownOrder(bytes: Uint8Array, p: number, end: number): number;

  /** Those whose first value begins at `p`; what stands before it is known. */
  protected abstract tickerBody(bytes: Uint8Array, p: number, end: number): number;
  protected abstract tradeBody(bytes: Uint8Array, p: number, end: number): number;
  protected abstract depthBody(bytes: Uint8Array, p: number, end: number): number;

  /** The short cut of the short cut: a frame that begins as one before it. */
  private decodeKnownHead(bytes: Uint8Array, start: number, end: number): number {
    const view = this.view;
    const letter = bytes[start + this.letterAt]!;
    const head = letter === 98 ? this.tickerHead : letter === 116 ? this.tradeHead : this.depthHead;
    if (!head.stands(view, start, end)) return OTHER_SHAPE;
    this.stream = this.nameAt === 0 ? 0 : start + this.nameAt;
    this.closing = this.nameAt === 0 ? 1 : 2;
    const p = start + head.length;
    if (letter === 98) return this.tickerBody(bytes, p, end);
    if (letter === 116) return this.tradeBody(bytes, p, end);
    this.isDepthHead = true;
    return this.depthBody(bytes, p, end);
  }

  private decodeNewHead(bytes: Uint8Array, start: number, end: number): number {
    this.headEnd = 0;
    this.isDepthHead = false;
    const p = this.enter(bytes, start);
    const status = p < 0 ? OTHER_SHAPE : this.decodeKnownOrder(bytes, p, end);
    if (status === DECODE.OK && this.headEnd !== 0) this.learnHead(bytes, start);
    return status;
  }

  private learnHead(bytes: Uint8Array, start: number): void {
    const { view, stream, message } = this;
    let letterAt = RAW_LETTER_AT;
    if (stream !== 0) {
      let at = stream;
      while (bytes[at]! !== 64 && bytes[at]! !== 34) at++;
      letterAt = at + 1 - start;
    }
    const nameAt = stream === 0 ? 0 : stream - start;
    const letter = bytes[start + letterAt]!;
    const { kind } = message;
    const isTold = kind === MESSAGE.TICKER ? letter === 98 : kind === MESSAGE.TRADE ? letter === 116 : letter === 100;
    if (!isTold) return;
    if (letterAt !== this.letterAt || nameAt !== this.nameAt) {
      this.tickerHead.forget();
      this.tradeHead.forget();
      this.depthHead.forget();
      this.letterAt = letterAt;
      this.nameAt = nameAt;
    }
    const head = kind === MESSAGE.TICKER ? this.tickerHead : kind === MESSAGE.TRADE ? this.tradeHead : this.depthHead;
    head.learn(view, start, this.headEnd - start);
    if (kind === MESSAGE.DEPTH) this.depthInstrument = message.instrument;
  }

  private look(bytes: Uint8Array): void {
    this.bytes = bytes;
    // biome-ignore lint/plugin: once a buffer, not once a frame: transports reuse theirs
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Passes the wrapper and the event's opening brace; OTHER_SHAPE when something else stands there. */
  private enter(bytes: Uint8Array, start: number): number {
    const view = this.view;
    if (matches(view, start, OPEN_STREAM)) {
      const name = start + OPEN_STREAM.length;
      const p = plainTextEnd(bytes, name);
      if (p < 0 || !matches(view, p, OPEN_DATA)) return OTHER_SHAPE;
      this.stream = name;
      this.closing = 2;
      return p + OPEN_DATA.length;
    }
    this.stream = 0;
    this.closing = 1;
    return bytes[start]! === 123 ? start + 1 : OTHER_SHAPE;
  }

  /** `,"s":"X"`; sets the instrument and `at`. An unknown symbol goes the general way, which names it. */
  protected symbol(bytes: Uint8Array, p: number): boolean {
    const text = this.symbolTexts[this.lastInstrument]!;
    if (matches(this.view, p, text)) {
      this.message.instrument = this.lastInstrument;
      this.at = p + text.length;
      return true;
    }
    if (!isTextKey(this.view, p, 115)) return false;
    const start = p + 6;
    const close = plainTextEnd(bytes, start);
    if (close < 0) return false;
    const id = this.symbols.lookup(bytes, start, close, false);
    if (id < 0) return false;
    this.lastInstrument = id;
    this.message.instrument = id;
    this.at = close + 1;
    return true;
  }

  /** As `symbol`, for a depth message; false also when its stream is not `<symbol>@depth`: the general path tells changes from partial depth. */
  protected symbolOfChanges(bytes: Uint8Array, p: number): boolean {
    if (!this.symbol(bytes, p)) return false;
    let at = this.stream;
    if (at === 0 || (this.isDepthHead && this.depthInstrument === this.message.instrument)) return true;
    const close = this.at - 1;
    for (let i = p + 6; i < close; i++, at++) if ((bytes[at]! | LOWER) !== (bytes[i]! | LOWER)) return false;
    const pace = bytes[at + DEPTH_STREAM_BYTES]!;
    return bytes[at]! === 64 && (pace === 64 || pace === 34);
  }

  /** `,"b":[...],"a":[...]` and the end of the frame; OTHER_SHAPE or DECODE.OK with a depth message. */
  protected sides(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const view = this.view;
    if (!isKey(view, start, 98)) return OTHER_SHAPE;
    let p = this.levels(bytes, start + 5, message.bidTicks, message.bidLots);
    if (p < 0 || !isKey(view, p, 97)) return OTHER_SHAPE;
    message.bidCount = message.levelCount;
    p = this.levels(bytes, p + 5, message.askTicks, message.askLots);
    if (p < 0 || !this.isClosed(bytes, p, end)) return OTHER_SHAPE;
    message.askCount = message.levelCount;
    message.kind = MESSAGE.DEPTH;
    return DECODE.OK;
  }

  /** `,"b":"1","B":"1","a":"1","A":"1"`; false when something else stands there, else `at` is behind it. */
  protected top(bytes: Uint8Array, start: number, end: number): boolean {
    const { message, view, bidText, askText, topTicks } = this;
    const isSame = this.topInstrument === message.instrument;
    let p = start;
    if (!isSame || !bidText.stands(view, p, end)) {
      // Until both are known, neither is: the text may be that of another instrument now.
      this.topInstrument = -1;
      if (!isTextKey(view, p, 98)) return false;
      const close = this.price(bytes, p + 6, message.bidTicks);
      if (close < 0 || !isTextKey(view, close + 1, 66)) return false;
      bidText.learn(view, p, close + 7 - p);
      topTicks[0] = message.bidTicks[0]!;
      p = close + 7;
    } else {
      message.bidTicks[0] = topTicks[0]!;
      p += bidText.length;
    }
    p = this.qty(bytes, p, message.bidLots);
    if (p < 0) return false;
    if (!isSame || !askText.stands(view, p, end)) {
      this.topInstrument = -1;
      if (!isTextKey(view, p + 1, 97)) return false;
      const close = this.price(bytes, p + 7, message.askTicks);
      if (close < 0 || !isTextKey(view, close + 1, 65)) return false;
      askText.learn(view, p, close + 7 - p);
      topTicks[1] = message.askTicks[0]!;
      p = close + 7;
    } else {
      message.askTicks[0] = topTicks[1]!;
      p += askText.length;
    }
    this.topInstrument = message.instrument;
    p = this.qty(bytes, p, message.askLots);
    if (p < 0) return false;
    message.bidCount = 1;
    message.askCount = 1;
    this.at = p + 1;
    return true;
  }

  /** `,"p":"1","q":"1"` of a trade; false when something else stands there, else `at` is at the last quote. */
  protected priceAndQty(bytes: Uint8Array, start: number, end: number): boolean {
    const { message, view, tradeText } = this;
    let p = start;
    if (this.tradeInstrument !== message.instrument || !tradeText.stands(view, p, end)) {
      this.tradeInstrument = -1;
      if (!isTextKey(view, p, 112)) return false;
      const close = this.price(bytes, p + 6, message.bidTicks);
      if (close < 0 || !isTextKey(view, close + 1, 113)) return false;
      tradeText.learn(view, p, close + 7 - p);
      this.tradeTicks = message.bidTicks[0]!;
      this.tradeInstrument = message.instrument;
      p = close + 7;
    } else {
      p += tradeText.length;
    }
    message.tradeTicks = this.tradeTicks;
    p = this.qty(bytes, p, message.bidLots);
    this.at = p;
    return p >= 0;
  }

  protected levels(bytes: Uint8Array, p: number, ticks: Int32Array, lots: Float64Array): number {
    return levelsInto(this.view, bytes, p, this.grid, this.message, ticks, lots);
  }

  protected price(bytes: Uint8Array, p: number, ticks: Int32Array): number {
    const id = this.message.instrument;
    const grid = this.grid;
    return priceInto(bytes, p, grid.priceDecimals[id]!, grid.tickUnits[id]!, this.message.numbers, ticks, 0);
  }

  protected qty(bytes: Uint8Array, p: number, lots: Float64Array): number {
    const id = this.message.instrument;
    const grid = this.grid;
    return qtyInto(bytes, p, grid.qtyDecimals[id]!, grid.lotUnits[id]!, this.message.numbers, lots, 0);
  }

  /** The braces that end the frame, and nothing more. */
  protected isClosed(bytes: Uint8Array, p: number, end: number): boolean {
    const closing = this.closing;
    return p + closing === end && (closing === 1 || bytes[p]! === 125);
  }
}
