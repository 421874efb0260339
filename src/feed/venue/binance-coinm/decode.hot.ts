import type { Instrument } from '../../../core/instrument.ts';
import { OTHER_SHAPE, plainTextEnd } from '../../json/levels.hot.ts';
import { Literal, matches } from '../../json/words.hot.ts';
import { N_LAST_ID } from '../../l2/message.hot.ts';
import { FuturesDecoder } from '../binance/futures-decoder.hot.ts';

const TYPE_TICKER = new Literal(',"e":"bookTicker"');
const TICKER_TO_ID = new Literal('"e":"bookTicker","u":');
/** `,"ps`, and `":` after a key. */
const WORD_KEY_PAIR = 0x7370222c;
const WORD_QUOTE_COLON = 0x3a22;

/**
 * Decodes Binance COIN-M frames: those of USD-M with the pair (`ps`) behind the symbol. A ticker begins with its type, as
 * documented, or with its id, as recorded in 2021 and 2024.
 */
export class CoinmDecoder extends FuturesDecoder {
  /** `,"ps":"Y"` of each instrument: the pair is what stands before the underscore. */
  private readonly pairTexts: readonly Literal[];

  constructor(instruments: readonly Instrument[], others = false) {
    super(instruments, others);
    this.pairTexts = instruments.map(({ symbol }) => new Literal(`,"ps":"${symbol.split('_')[0]}"`));
  }

  protected decodeKnownOrder(bytes: Uint8Array, p: number, end: number): number {
    // `"u":1,"e":"bookTicker"`, or the first letter of the event's type.
    if (bytes[p + 1]! === 117) return this.tickerById(bytes, p, end);
    const letter = bytes[p + 5]!;
    if (letter === 116) return this.trade(bytes, p, end);
    if (letter === 98) return this.tickerByType(bytes, p, end);
    return letter === 100 ? this.depth(bytes, p, end) : OTHER_SHAPE;
  }

  /** `"u":` and the rest. */
  private tickerById(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start]! !== 34 || this.view.getUint16(start + 2, true) !== WORD_QUOTE_COLON) return OTHER_SHAPE;
    this.headEnd = start + 4;
    return this.tickerBody(bytes, this.headEnd, end);
  }

  /** `"e":"bookTicker","u":` and the rest. */
  private tickerByType(bytes: Uint8Array, start: number, end: number): number {
    if (!matches(this.view, start, TICKER_TO_ID)) return OTHER_SHAPE;
    this.headEnd = start + TICKER_TO_ID.length;
    return this.tickerBody(bytes, this.headEnd, end);
  }

  /** `1,"e":"bookTicker"`, the type only where it did not stand before, then `,"s":"X","ps":"Y","b":"1","B":"1","a":"1","A":"1","T":1,"E":1` */
  protected tickerBody(bytes: Uint8Array, start: number, end: number): number {
    const view = this.view;
    let p = this.ids.read(view, bytes, start, end, N_LAST_ID);
    if (p < 0) return OTHER_SHAPE;
    // Without the type before it, the id's key is the event's first one.
    if (bytes[start - 5]! === 123) {
      if (!matches(view, p, TYPE_TICKER)) return OTHER_SHAPE;
      p += TYPE_TICKER.length;
    }
    return this.symbol(bytes, p) && this.pair(bytes, this.at) ? this.tickerTail(bytes, this.at, end) : OTHER_SHAPE;
  }

  protected depthBody(bytes: Uint8Array, start: number, end: number): number {
    return this.depthStart(bytes, start, end) && this.pair(bytes, this.at) ? this.depthTail(bytes, this.at, end) : OTHER_SHAPE;
  }

  /** `,"ps":"Y"`, what of the symbol the pair is; sets `at`. */
  private pair(bytes: Uint8Array, p: number): boolean {
    const view = this.view;
    const text = this.pairTexts[this.message.instrument]!;
    if (matches(view, p, text)) {
      this.at = p + text.length;
      return true;
    }
    if (view.getInt32(p, true) !== WORD_KEY_PAIR || view.getUint16(p + 4, true) !== WORD_QUOTE_COLON || bytes[p + 6]! !== 34) return false;
    const close = plainTextEnd(bytes, p + 7);
    this.at = close + 1;
    return close >= 0;
  }
}
