import { discoverBy, type FrameObserver, numbersAsText, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { SniffingFramer } from '../../transport/sniffing-framer.ts';

type Json = { readonly [key: string]: unknown };

/**
 * Instruments of a recording of Deribit. A recorded answer of get_instruments, where the input holds one, gives tick and
 * smallest amount.
 */
export const discoverDeribit: Discover = discoverBy({
  createFramer: () => new SniffingFramer(),
  createObserver: () => deribitObserver,
  expected: 'notifications of book or trades channels',
});

const deribitObserver: FrameObserver = {
  frame(text: string, seen: SeenSymbols): void {
    const isAnswer = text.startsWith('https://');
    // A URL may hold ": " nowhere, so what follows the first one is the answer.
    const frame = objectOf(numbersAsText(isAnswer ? text.slice(text.indexOf(': ') + 2) : text));
    if (frame === undefined) return;
    if (isAnswer) {
      for (const one of objectsIn(frame['result'])) {
        if (typeof one['instrument_name'] === 'string') seen.listed(one['instrument_name'], one['tick_size'], one['min_trade_amount']);
      }
      return;
    }
    const params = frame['params'];
    if (typeof params !== 'object' || params === null) return;
    const { channel, data } = params as Json;
    if (typeof channel !== 'string') return;
    if (/^book\.[^.]*\.[^.]*$/.test(channel)) observeBook(data, seen);
    else if (channel.startsWith('trades.')) for (const trade of objectsIn(data)) observeTrade(trade, seen);
  },
};

function observeBook(data: unknown, seen: SeenSymbols): void {
  const [book] = objectsIn([data]);
  const symbol = book?.['instrument_name'];
  if (book === undefined || typeof symbol !== 'string') return;
  seen.symbol(symbol);
  for (const side of [book['bids'], book['asks']]) {
    if (!Array.isArray(side)) continue;
    for (const level of side as unknown[]) if (Array.isArray(level)) seen.level(symbol, level[1], level[2]);
  }
}

function observeTrade(trade: Json, seen: SeenSymbols): void {
  const symbol = trade['instrument_name'];
  if (typeof symbol === 'string') seen.level(symbol, trade['price'], trade['amount']);
}

function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];
}
