import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { Literal, matches } from '../../json/words.hot.ts';
import { N_LAST_ID } from '../../l2/message.hot.ts';
import { FuturesDecoder } from '../binance/futures-decoder.hot.ts';

const TICKER_TO_ID = new Literal('"e":"bookTicker","u":');

/** Decodes Binance USD-M frames; their known key order is that of 2024 and later. */
export class UsdmDecoder extends FuturesDecoder {
  protected decodeKnownOrder(bytes: Uint8Array, p: number, end: number): number {
    // The first letter of the event's type.
    const letter = bytes[p + 5]!;
    if (letter === 98) return this.ticker(bytes, p, end);
    if (letter === 116) return this.trade(bytes, p, end);
    return letter === 100 ? this.depth(bytes, p, end) : OTHER_SHAPE;
  }

  /** `"e":"bookTicker","u":` and the rest. */
  private ticker(bytes: Uint8Array, start: number, end: number): number {
    if (!matches(this.view, start, TICKER_TO_ID)) return OTHER_SHAPE;
    this.headEnd = start + TICKER_TO_ID.length;
    return this.tickerBody(bytes, this.headEnd, end);
  }

  /** `1,"s":"X","b":"1","B":"1","a":"1","A":"1","T":1,"E":1` */
  protected tickerBody(bytes: Uint8Array, start: number, end: number): number {
    const p = this.ids.read(this.view, bytes, start, end, N_LAST_ID);
    return p >= 0 && this.symbol(bytes, p) ? this.tickerTail(bytes, this.at, end) : OTHER_SHAPE;
  }

  /** `1,"T":1,"s":"X","U":1,"u":1,"pu":1,"b":[...],"a":[...]` */
  protected depthBody(bytes: Uint8Array, start: number, end: number): number {
    return this.depthStart(bytes, start, end) ? this.depthTail(bytes, this.at, end) : OTHER_SHAPE;
  }
}
