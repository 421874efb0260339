import { OTHER_SHAPE, plainTextEnd } from '../../json/levels.hot.ts';
import { idInto, Literal, matches } from '../../json/words.hot.ts';
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
  protected decodeKnownOrder(bytes: Uint8Array, p: number, end: number): number {
    // `"u":1,"e":"bookTicker"`, or the first letter of the event's type.
    if (bytes[p + 1]! === 117) return this.tickerById(bytes, p, end);
    const letter = bytes[p + 5]!;
    if (letter === 116) return this.trade(bytes, p, end);
    if (letter === 98) return this.tickerByType(bytes, p, end);
    if (letter !== 100 || !this.depthHead(bytes, p, end) || !this.pair(bytes, this.at)) return OTHER_SHAPE;
    return this.depthTail(bytes, this.at, end);
  }

  /** `"u":1,"e":"bookTicker","s":"X","ps":"Y","b":"1","B":"1","a":"1","A":"1","T":1,"E":1` */
  private tickerById(bytes: Uint8Array, start: number, end: number): number {
    const view = this.view;
    if (bytes[start]! !== 34 || view.getUint16(start + 2, true) !== WORD_QUOTE_COLON) return OTHER_SHAPE;
    const p = idInto(view, bytes, start + 4, end, this.message.numbers, N_LAST_ID);
    return p >= 0 && matches(view, p, TYPE_TICKER) ? this.ticker(bytes, p + TYPE_TICKER.length, end) : OTHER_SHAPE;
  }

  /** `"e":"bookTicker","u":1,"s":"X","ps":"Y",...` */
  private tickerByType(bytes: Uint8Array, start: number, end: number): number {
    if (!matches(this.view, start, TICKER_TO_ID)) return OTHER_SHAPE;
    const p = idInto(this.view, bytes, start + TICKER_TO_ID.length, end, this.message.numbers, N_LAST_ID);
    return p < 0 ? OTHER_SHAPE : this.ticker(bytes, p, end);
  }

  private ticker(bytes: Uint8Array, p: number, end: number): number {
    return this.symbol(bytes, p) && this.pair(bytes, this.at) ? this.tickerTail(bytes, this.at, end) : OTHER_SHAPE;
  }

  /** `,"ps":"Y"`, what of the symbol the pair is; sets `at`. */
  private pair(bytes: Uint8Array, p: number): boolean {
    const view = this.view;
    if (view.getInt32(p, true) !== WORD_KEY_PAIR || view.getUint16(p + 4, true) !== WORD_QUOTE_COLON || bytes[p + 6]! !== 34) return false;
    const close = plainTextEnd(bytes, p + 7);
    this.at = close + 1;
    return close >= 0;
  }
}
