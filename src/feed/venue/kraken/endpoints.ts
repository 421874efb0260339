/** Channels of the websocket API v2 that the feed reads; `instrument` gives the precisions that checksums are computed with. */
export const KRAKEN_CHANNELS = ['instrument', 'book', 'ticker', 'trade'] as const;
/** Depths of the channel `book`. */
export const KRAKEN_DEPTHS = [10, 25, 100, 500, 1000] as const;
export type KrakenDepth = (typeof KRAKEN_DEPTHS)[number];
/** Websocket APIs; the venue runs both. */
export const KRAKEN_APIS = ['v2', 'v1'] as const;
export type KrakenApi = (typeof KRAKEN_APIS)[number];

/** Messages that subscribe `symbols` (e.g. "BTC/USD") to every channel of the feed, in the order in which they are to be sent. */
export function krakenSubscribe(symbols: readonly string[], depth: KrakenDepth): string[] {
  return [
    request('subscribe', { channel: 'instrument', snapshot: true }),
    request('subscribe', { channel: 'book', symbol: symbols, depth, snapshot: true }),
    request('subscribe', { channel: 'ticker', symbol: symbols, snapshot: true }),
    // Trades from before the subscription would be no news.
    request('subscribe', { channel: 'trade', symbol: symbols, snapshot: false }),
  ];
}

/** Messages that fetch a new snapshot of one book: there is no other way than to subscribe again. */
export function krakenResubscribe(symbol: string, depth: KrakenDepth): string[] {
  return [
    request('unsubscribe', { channel: 'book', symbol: [symbol], depth }),
    request('subscribe', { channel: 'book', symbol: [symbol], depth, snapshot: true }),
  ];
}

/** Keeps an idle connection open; the venue closes one after about a minute. */
export const KRAKEN_PING = '{"method":"ping"}';

/** The same of the first API, where a pair is named as in "XBT/USD". */
export function krakenV1Subscribe(pairs: readonly string[], depth: KrakenDepth): string[] {
  return [{ name: 'book', depth }, { name: 'ticker' }, { name: 'trade' }].map((subscription) => event('subscribe', pairs, subscription));
}

export function krakenV1Resubscribe(pair: string, depth: KrakenDepth): string[] {
  return ['unsubscribe', 'subscribe'].map((name) => event(name, [pair], { name: 'book', depth }));
}

export const KRAKEN_V1_PING = '{"event":"ping"}';

function event(name: string, pair: readonly string[], subscription: object): string {
  return JSON.stringify({ event: name, pair, subscription });
}

function request(method: string, params: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ method, params });
}
