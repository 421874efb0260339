import type { VenueConnection } from '../../transport/connection.ts';
import { fetchBody } from '../../transport/rest.ts';
import { type BinanceEndpoints, snapshotFrame, snapshotUrl, streamUrl } from './endpoints.ts';

const DAY_MS = 86_400_000;

/**
 * Spot pings every 20 s; how often futures do is not certain, so the client pings too, which costs one of the 5 (spot) or 10
 * messages a second that a client may send.
 */
const KEEPALIVE_MS = 15_000;

export interface BinanceLiveOptions {
  readonly venue: BinanceEndpoints;
  /** e.g. `wss://stream.binance.com:9443`, `wss://fstream.binance.com/public`, `wss://dstream.binance.com`. */
  readonly streamBase: string;
  /** e.g. `https://api.binance.com`, `https://fapi.binance.com`, `https://dapi.binance.com`. */
  readonly restBase: string;
  readonly symbols: readonly string[];
  /** Key of the SBE streams. */
  readonly apiKey?: string;
}

/** What the websocket transport needs to know of a Binance venue. */
export function binanceConnection(options: BinanceLiveOptions): VenueConnection {
  const { venue, streamBase, restBase, symbols, apiKey } = options;
  return {
    url: streamUrl(venue, streamBase, symbols),
    ...(apiKey === undefined ? {} : { headers: { 'X-MBX-APIKEY': apiKey } }),
    keepalive: { everyMs: KEEPALIVE_MS },
    reactions: [
      { holds: '"e":"serverShutdown"', replaces: true },
      { holds: '"error":{', tells: true },
    ],
    connections: { count: 300, perMs: 300_000 },
    lifeMs: DAY_MS,
    ...(venue.depthPerMinute === 0 ? {} : snapshots(venue, restBase, symbols)),
  };
}

function snapshots(venue: BinanceEndpoints, restBase: string, symbols: readonly string[]): Partial<VenueConnection> {
  return {
    fetchSnapshot: async (instrument, signal) => {
      const symbol = symbols[instrument]!;
      return snapshotFrame(symbol, await fetchBody(snapshotUrl(venue, restBase, symbol), signal));
    },
    requests: { count: venue.depthPerMinute, perMs: 60_000 },
  };
}
