import type { LiveVenue } from '../../live.ts';
import type { VenueConnection } from '../../transport/connection.ts';
import { BYBIT_MARKETS, BYBIT_PING, type BybitMarket, bybitResubscribe, bybitStreamUrl, bybitSubscribe } from './endpoints.ts';
import { createBybitFeed } from './feed.ts';

const KEEPALIVE_MS = 20_000;
/** Books of spot, linear and inverse, then those of options alone; the venue refuses a depth that a market does not have. */
const DEPTHS = [50, 1, 200, 1_000, 25, 100];

/** What the websocket transport needs to know of Bybit v5; `base` without a path. */
export function bybitConnection(base: string, symbols: readonly string[], market: BybitMarket, depth: number): VenueConnection {
  return {
    url: bybitStreamUrl(base, market),
    greetings: bybitSubscribe(symbols, depth),
    keepalive: { everyMs: KEEPALIVE_MS, text: BYBIT_PING },
    reactions: [{ holds: '"success":false', tells: true }],
    connections: { count: 500, perMs: 300_000 },
    resubscribe: (instrument) => bybitResubscribe(symbols[instrument]!, depth),
  };
}

export const bybitLive: LiveVenue = {
  streamBase: 'wss://stream.bybit.com',
  restBase: '',
  depths: DEPTHS,
  modes: BYBIT_MARKETS,
  silenceMs: 45_000,
  bookAgeMs: 10_000,
  connection: ({ streamBase, symbols, mode, depth }) => bybitConnection(streamBase, symbols, mode as BybitMarket, depth),
  createFeed: (options, { depth }) => createBybitFeed({ ...options, depth }),
};
