import { encode } from '@msgpack/msgpack';
import type { LiveVenue } from '../../live.ts';
import type { VenueConnection } from '../../transport/connection.ts';
import { createTickpathFeed } from './feed.ts';
import { FEED_DEPTHS, FEED_PATH, FEED_PROTOCOL_VERSION, type FeedRequest } from './protocol.ts';

const request = (message: FeedRequest): Uint8Array => encode(message);

/** What the websocket transport needs to know of Tickpath's own protocol; nothing is awaited before the subscription. */
export function tickpathConnection(base: string, symbols: readonly string[], depth: number): VenueConnection {
  return {
    url: base + FEED_PATH,
    greetings: [
      request({ op: 'hello', versions: [FEED_PROTOCOL_VERSION], client: 'tickpath' }),
      request({ op: 'subscribe', symbols, depth }),
    ],
    // Words of the two answers that a person wants to see.
    reactions: [
      { holds: 'error', tells: true },
      { holds: 'reason', tells: true },
    ],
    // Nobody else's server: enough that a client that cannot stay connected does no harm.
    connections: { count: 60, perMs: 60_000 },
    resubscribe: (instrument) => [request({ op: 'snapshot', symbol: symbols[instrument]! })],
  };
}

export const tickpathLive: LiveVenue = {
  streamBase: 'ws://127.0.0.1:9377',
  restBase: '',
  depths: FEED_DEPTHS,
  modes: [],
  // A heartbeat comes each second.
  silenceMs: 5_000,
  bookAgeMs: 10_000,
  connection: ({ streamBase, symbols, depth }) => tickpathConnection(streamBase, symbols, depth),
  createFeed: createTickpathFeed,
};
