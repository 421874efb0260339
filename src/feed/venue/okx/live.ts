import type { LiveVenue } from '../../live.ts';
import type { VenueConnection } from '../../transport/connection.ts';
import { fetchBody } from '../../transport/rest.ts';
import { OKX_PING, okxResubscribe, okxSnapshotFrame, okxSnapshotUrl, okxSubscribe } from './endpoints.ts';
import { createOkxFeed } from './feed.ts';
import { OKX_BOOKS, type OkxBooks } from './modes.ts';

/** The venue closes a connection on which nothing came for 30 s. */
const KEEPALIVE_MS = 15_000;
const HOUR_MS = 3_600_000;

/** What the websocket transport needs to know of OKX; `base` without a path. */
export function okxConnection(base: string, restBase: string, symbols: readonly string[], books: OkxBooks): VenueConnection {
  return {
    url: `${base}/ws/v5/public`,
    greetings: [okxSubscribe(symbols, books)],
    keepalive: { everyMs: KEEPALIVE_MS, text: OKX_PING },
    reactions: [
      // Sent 60 s before an upgrade closes the connection.
      { holds: '"code":"64008"', replaces: true },
      { holds: '"event":"error"', tells: true },
    ],
    connections: { count: 3, perMs: 1_000 },
    messages: { count: 480, perMs: HOUR_MS },
    requests: { count: 40, perMs: 2_000 },
    ...snapshots(books, restBase, symbols),
  };
}

function snapshots(books: OkxBooks, restBase: string, symbols: readonly string[]): Pick<VenueConnection, 'fetchSnapshot' | 'resubscribe'> {
  if (books === 'books') return { resubscribe: (instrument) => okxResubscribe(symbols[instrument]!) };
  // Every message of the other channels is a whole book.
  if (books !== 'books-rest') return {};
  return {
    fetchSnapshot: async (instrument, signal) =>
      okxSnapshotFrame(symbols[instrument]!, await fetchBody(okxSnapshotUrl(restBase, symbols[instrument]!), signal)),
  };
}

export const okxLive: LiveVenue = {
  streamBase: 'wss://ws.okx.com:8443',
  restBase: 'https://www.okx.com',
  depths: [],
  modes: OKX_BOOKS,
  silenceMs: 40_000,
  bookAgeMs: 10_000,
  connection: ({ streamBase, restBase, symbols, mode }) => okxConnection(streamBase, restBase, symbols, mode as OkxBooks),
  createFeed: (options, { mode }) => createOkxFeed({ ...options, books: mode as OkxBooks }),
};
