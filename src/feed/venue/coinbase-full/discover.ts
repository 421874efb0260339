import { decimalsOf } from '../../../core/price.ts';
import { discoverBy, type FrameObserver, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { DateLineFramer } from '../../transport/date-line-framer.ts';

/** The snapshot at the beginning has thousands of lines; all of it counts. */
const MESSAGES_MAX = 65_536;
/** Coinbase keeps base quantities to at most eight decimals. */
const LOT_SIZE = '0.00000001';

/**
 * Instruments of a recording of the channel `full`: the tick as prices show it, since they are written without trailing zeros,
 * the lot as fine as the venue allows.
 */
export const discoverCoinbaseFull: Discover = discoverBy({
  createFramer: () => new DateLineFramer(),
  createObserver: () => new FullObserver(),
  expected: 'open, done, match or received messages',
  messagesMax: MESSAGES_MAX,
});

const TYPES: ReadonlySet<unknown> = new Set(['received', 'open', 'done', 'match', 'change']);

class FullObserver implements FrameObserver {
  /** Most decimals that a price of a symbol was written with: a finer price later would be refused, a coarser one not. */
  private readonly decimals = new Map<string, number>();

  frame(text: string, seen: SeenSymbols): void {
    const frame = objectOf(text);
    const symbol = frame?.['product_id'];
    if (frame === undefined || typeof symbol !== 'string' || !TYPES.has(frame['type'])) return;
    seen.symbol(symbol);
    const price = frame['price'];
    if (typeof price !== 'string') return;
    this.decimals.set(symbol, Math.max(this.decimals.get(symbol) ?? 0, decimalsOf(price)));
    seen.level(symbol, price, undefined, frame['side'] === 'sell');
  }

  end(seen: SeenSymbols): void {
    for (const [symbol, decimals] of this.decimals)
      seen.listed(symbol, decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`, LOT_SIZE);
  }
}
