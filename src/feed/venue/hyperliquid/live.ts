import type { LiveVenue } from '../../live.ts';
import type { VenueConnection } from '../../transport/connection.ts';
import { HYPERLIQUID_PING, hyperliquidSubscriptions } from './endpoints.ts';
import { createHyperliquidFeed, HYPERLIQUID_AGE_MS } from './feed.ts';

/** The server closes a connection without a message for 60 s. */
const KEEPALIVE_MS = 30_000;
const MINUTE_MS = 60_000;

/** What the websocket transport needs to know of Hyperliquid; `base` without a path. Every message is a whole book: nothing is asked for again. */
export function hyperliquidConnection(base: string, coins: readonly string[]): VenueConnection {
  return {
    url: `${base}/ws`,
    greetings: coins.flatMap(hyperliquidSubscriptions),
    keepalive: { everyMs: KEEPALIVE_MS, text: HYPERLIQUID_PING },
    reactions: [{ holds: '"channel":"error"', tells: true }],
    // The documentation's stricter page: 30 new connections a minute.
    connections: { count: 30, perMs: MINUTE_MS },
    messages: { count: 2_000, perMs: MINUTE_MS },
  };
}

export const hyperliquidLive: LiveVenue = {
  streamBase: 'wss://api.hyperliquid.xyz',
  restBase: '',
  depths: [],
  modes: [],
  silenceMs: 60_000,
  bookAgeMs: HYPERLIQUID_AGE_MS,
  connection: ({ streamBase, symbols }) => hyperliquidConnection(streamBase, symbols),
  createFeed: (options) => createHyperliquidFeed(options),
};
