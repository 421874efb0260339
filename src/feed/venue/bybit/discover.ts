import { discoverBy, type FrameObserver, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import type { Framer } from '../../transport/framer.ts';
import { JsonLineFramer } from '../../transport/json-line-framer.ts';
import { SniffingFramer } from '../../transport/sniffing-framer.ts';

type Json = { readonly [key: string]: unknown };

/** Bybit publishes its own recordings as lines of JSON without a receive time. */
export const bybitFramer = (): Framer => new SniffingFramer(new JsonLineFramer());

/** Instruments of a Bybit recording: those of its books and trades. */
export const discoverBybit: Discover = discoverBy({
  createFramer: bybitFramer,
  createObserver: () => new BybitObserver(),
  expected: 'messages of the topics orderbook or publicTrade',
});

class BybitObserver implements FrameObserver {
  frame(text: string, seen: SeenSymbols): void {
    const frame = objectOf(text);
    const topic = frame?.['topic'];
    const data = frame?.['data'];
    if (typeof topic !== 'string' || typeof data !== 'object' || data === null) return;
    if (/^orderbook\.\d+\./.test(topic)) {
      const { s, b, a } = data as Json;
      if (typeof s !== 'string') return;
      seen.symbol(s);
      seen.levels(s, b, a, !topic.startsWith('orderbook.1.'));
    } else if (topic.startsWith('publicTrade.') && Array.isArray(data)) {
      for (const trade of data as readonly (Json | null)[])
        if (typeof trade?.['s'] === 'string') seen.level(trade['s'], trade['p'], trade['v']);
    }
  }
}
