import type { LiveVenue } from '../../live.ts';
import type { VenueConnection } from '../../transport/connection.ts';
import {
  KRAKEN_APIS,
  KRAKEN_DEPTHS,
  KRAKEN_PING,
  KRAKEN_V1_PING,
  type KrakenApi,
  type KrakenDepth,
  krakenResubscribe,
  krakenSubscribe,
  krakenV1Resubscribe,
  krakenV1Subscribe,
} from './endpoints.ts';
import { createKrakenFeed } from './feed.ts';

/** The venue closes a connection that was idle for about a minute. */
const KEEPALIVE_MS = 20_000;

/** What the websocket transport needs to know of Kraken; `base` without the path of an API. */
export function krakenConnection(base: string, symbols: readonly string[], depth: KrakenDepth, api: KrakenApi): VenueConnection {
  const common = { connections: { count: 120, perMs: 600_000 } };
  if (api === 'v1') {
    return {
      ...common,
      url: base,
      greetings: krakenV1Subscribe(symbols, depth),
      keepalive: { everyMs: KEEPALIVE_MS, text: KRAKEN_V1_PING },
      reactions: [{ holds: '"errorMessage"', tells: true }],
      resubscribe: (instrument) => krakenV1Resubscribe(symbols[instrument]!, depth),
    };
  }
  return {
    ...common,
    url: `${base}/v2`,
    greetings: krakenSubscribe(symbols, depth),
    keepalive: { everyMs: KEEPALIVE_MS, text: KRAKEN_PING },
    reactions: [{ holds: '"success":false', tells: true }],
    resubscribe: (instrument) => krakenResubscribe(symbols[instrument]!, depth),
  };
}

export const krakenLive: LiveVenue = {
  streamBase: 'wss://ws.kraken.com',
  restBase: '',
  depths: KRAKEN_DEPTHS,
  modes: KRAKEN_APIS,
  silenceMs: 15_000,
  bookAgeMs: 10_000,
  connection: ({ streamBase, symbols, depth, mode }) => krakenConnection(streamBase, symbols, depth as KrakenDepth, mode as KrakenApi),
  createFeed: (options, { depth }) => createKrakenFeed({ ...options, depth }),
};
