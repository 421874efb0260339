import { discoverBy, type FrameObserver, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { SniffingFramer } from '../../transport/sniffing-framer.ts';

type Json = { readonly [key: string]: unknown };

/**
 * Instruments of a recording of Coinbase level2, ticker and matches, Exchange or Advanced Trade. A recorded answer of the
 * product list, where the input holds one, gives tick and lot.
 */
export const discoverCoinbase: Discover = discoverBy({
  createFramer: () => new SniffingFramer(),
  createObserver: () => coinbaseObserver,
  expected: 'snapshot, l2update, ticker or match messages, or l2_data of Advanced Trade',
});

const coinbaseObserver: FrameObserver = {
  frame(text: string, seen: SeenSymbols): void {
    if (text.startsWith('https://')) {
      observeProducts(text, seen);
      return;
    }
    const frame = objectOf(text);
    if (frame === undefined) return;
    if (typeof frame['channel'] === 'string') observeAdvanced(frame, seen);
    else observeExchange(frame, seen);
  },
};

/** `https://.../products -> seconds: [...]` */
export function observeProducts(text: string, seen: SeenSymbols): void {
  const list = objectOf(`{"list":${text.slice(text.indexOf(': ') + 2)}}`)?.['list'];
  for (const product of objectsIn(list)) {
    if (typeof product['id'] === 'string') seen.listed(product['id'], product['quote_increment'], product['base_increment']);
  }
}

function observeExchange(frame: Json, seen: SeenSymbols): void {
  const symbol = frame['product_id'];
  if (typeof symbol !== 'string') return;
  switch (frame['type']) {
    case 'snapshot':
      seen.symbol(symbol);
      seen.levels(symbol, frame['bids'], frame['asks'], true);
      return;
    case 'l2update':
      seen.symbol(symbol);
      if (Array.isArray(frame['changes'])) {
        for (const change of frame['changes'] as unknown[])
          if (Array.isArray(change)) seen.level(symbol, change[1], change[2], change[0] === 'sell');
      }
      return;
    case 'match':
    case 'last_match':
      seen.level(symbol, frame['price'], frame['size']);
      return;
    case 'ticker':
      seen.level(symbol, frame['price'], undefined);
  }
}

function observeAdvanced(frame: Json, seen: SeenSymbols): void {
  for (const event of objectsIn(frame['events'])) {
    const symbol = event['product_id'];
    if (typeof symbol === 'string' && frame['channel'] === 'l2_data') {
      seen.symbol(symbol);
      for (const update of objectsIn(event['updates']))
        seen.level(symbol, update['price_level'], update['new_quantity'], update['side'] === 'offer');
    }
    for (const trade of objectsIn(event['trades'])) {
      if (typeof trade['product_id'] === 'string') seen.level(trade['product_id'], trade['price'], trade['size']);
    }
  }
}

function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];
}
