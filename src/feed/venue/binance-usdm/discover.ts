import { discoverBy, type FrameObserver, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { LineFramer } from '../../transport/line-framer.ts';

type Json = { readonly [key: string]: unknown };

/**
 * Instruments of a Binance USD-M capture, in order of first appearance: decimals as written, tick = greatest common divisor
 * of all prices of the prefix, lot = one unit of the last written decimal.
 */
export const discoverInstruments: Discover = discoverBy({
  createFramer: () => new LineFramer(),
  createObserver: () => new UsdmObserver(),
  expected: 'depthUpdate, bookTicker or trade messages',
  form: 'lines of a 19-digit receive time in ns, a space and a JSON object',
});

class UsdmObserver implements FrameObserver {
  private readonly snapshots: Json[] = [];

  frame(text: string, seen: SeenSymbols): void {
    const frame = objectOf(text);
    if (frame === undefined) return;
    const wrapped = frame['data'];
    const data = typeof wrapped === 'object' && wrapped !== null ? (wrapped as Json) : frame;
    const symbol = data['s'];
    if (typeof symbol !== 'string') {
      if (data['lastUpdateId'] !== undefined) this.snapshots.push(data);
      return;
    }
    const type = data['e'];
    if (type === 'depthUpdate') {
      seen.symbol(symbol);
      seen.levels(symbol, data['b'], data['a']);
    } else if (type === 'bookTicker') {
      seen.level(symbol, data['b'], data['B']);
      seen.level(symbol, data['a'], data['A']);
    } else if (type === 'trade') {
      seen.level(symbol, data['p'], data['q']);
    }
  }

  /** A snapshot names no symbol: it counts when there is one symbol only. */
  end(seen: SeenSymbols): void {
    const [only, ...others] = seen.symbols;
    if (only === undefined || others.length > 0) return;
    for (const snapshot of this.snapshots) seen.levels(only, snapshot['bids'], snapshot['asks']);
  }
}
