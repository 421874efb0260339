export const BYBIT_MARKETS = ['spot', 'linear', 'inverse', 'option'] as const;
export type BybitMarket = (typeof BYBIT_MARKETS)[number];

/** Most topics of one request; the limit of spot, taken for every market. */
const TOPICS_MAX = 10;

/** URL of a market's public topics below `base`, e.g. `wss://stream.bybit.com`. */
export function bybitStreamUrl(base: string, market: BybitMarket): string {
  return `${base.replace(/\/$/, '')}/v5/public/${market}`;
}

/** Messages that subscribe books of `depth` levels and trades of every symbol. */
export function bybitSubscribe(symbols: readonly string[], depth: number): string[] {
  const topics = symbols.flatMap((symbol) => [`orderbook.${depth}.${symbol}`, `publicTrade.${symbol}`]);
  const requests: string[] = [];
  for (let at = 0; at < topics.length; at += TOPICS_MAX) requests.push(request('subscribe', topics.slice(at, at + TOPICS_MAX)));
  return requests;
}

/** Messages that fetch a new snapshot of one book: there is no other way than to subscribe again. */
export function bybitResubscribe(symbol: string, depth: number): string[] {
  const topics = [`orderbook.${depth}.${symbol}`];
  return [request('unsubscribe', topics), request('subscribe', topics)];
}

/** Sent every 20 s. */
export const BYBIT_PING = '{"op":"ping"}';

function request(op: string, args: readonly string[]): string {
  return JSON.stringify({ op, args });
}
