import { SNAPSHOT_BYTES_MAX } from '../../../core/limits.ts';
import type { LiveVenue } from '../../live.ts';
import { fetchBody } from '../../transport/rest.ts';
import { COINBASE_EXCHANGE_REST_URL, COINBASE_EXCHANGE_URL, exchangeBookFrame, exchangeBookUrl } from '../coinbase/endpoints.ts';
import { exchangeConnection } from '../coinbase/live.ts';
import { CoinbaseFullFeed } from './feed.hot.ts';

/** Public requests of one address. */
const REQUESTS = { count: 10, perMs: 1_000 };

/** Every order of Coinbase Exchange: the channel `full` and, by REST, the book that it joins. */
export const coinbaseFullLive: LiveVenue = {
  streamBase: COINBASE_EXCHANGE_URL,
  restBase: COINBASE_EXCHANGE_REST_URL,
  depths: [],
  modes: [],
  needs: () => ['key', 'secret', 'passphrase'],
  silenceMs: 5_000,
  bookAgeMs: 30_000,
  connection: (choice, ports) => ({
    ...exchangeConnection(choice, 'full', ports),
    requests: REQUESTS,
    fetchSnapshot: async (instrument, signal) => {
      const product = choice.symbols[instrument]!;
      return exchangeBookFrame(product, await fetchBody(exchangeBookUrl(choice.restBase, product), signal, SNAPSHOT_BYTES_MAX));
    },
  }),
  createFeed: (options) => new CoinbaseFullFeed(options),
};
