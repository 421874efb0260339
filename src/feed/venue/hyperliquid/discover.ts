import { decimalsOf, PRICE_TICKS_MAX } from '../../../core/price.ts';
import { discoverBy, type FrameObserver, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { SniffingFramer } from '../../transport/sniffing-framer.ts';

type Json = { readonly [key: string]: unknown };

/** Prices have at most so many decimals less the decimals of sizes (gitbook, "Tick and lot size"); `@1` and `A/B` are spot. */
const PERP_DECIMALS = 6;
const SPOT_DECIMALS = 8;
/** The price may grow by this much before it leaves the grid. */
const HEADROOM = 8;

/**
 * Instruments of a recording of Hyperliquid. Prices have five significant digits, so they get more decimals as they fall: the
 * tick is as fine as the venue's rule allows, or as the grid of a book does.
 */
export const discoverHyperliquid: Discover = discoverBy({
  createFramer: () => new SniffingFramer(),
  createObserver: () => new HyperliquidObserver(),
  expected: 'l2Book or trades messages',
});

class HyperliquidObserver implements FrameObserver {
  frame(text: string, seen: SeenSymbols): void {
    const frame = objectOf(text);
    if (frame === undefined) return;
    const channel = frame['channel'];
    if (channel === undefined) observeBook(frame, seen);
    else if (channel === 'l2Book') for (const book of objectsIn([frame['data']])) observeBook(book, seen);
    else if (channel === 'trades') for (const trade of objectsIn(frame['data'])) observe(trade['coin'], trade, seen);
  }

  end(seen: SeenSymbols): void {
    for (const symbol of seen.symbols) {
      const prices = seen.pricesOf(symbol);
      const written = prices.reduce((most, price) => Math.max(most, decimalsOf(price)), 0);
      const whole = prices.reduce((most, price) => Math.max(most, price.split('.')[0]!.length), 1);
      const most = (/^@|\//.test(symbol) ? SPOT_DECIMALS : PERP_DECIMALS) - seen.qtyDecimalsOf(symbol);
      let decimals = Math.max(written, most, 0);
      while (decimals > written && 10 ** (whole + decimals) * HEADROOM > PRICE_TICKS_MAX) decimals--;
      seen.listed(symbol, decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`, '1');
    }
  }
}

function observeBook(book: Json, seen: SeenSymbols): void {
  if (!Array.isArray(book['levels'])) return;
  for (const side of book['levels'] as unknown[]) for (const level of objectsIn(side)) observe(book['coin'], level, seen);
}

function observe(coin: unknown, level: Json, seen: SeenSymbols): void {
  if (typeof coin === 'string') seen.level(coin, level['px'], level['sz']);
}

function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];
}
