import type { LiveChoice, LiveKeys, LivePorts, LiveVenue } from '../../live.ts';
import type { VenueConnection } from '../../transport/connection.ts';
import {
  advancedSubscription,
  advancedToken,
  advancedUnsubscription,
  COINBASE_ADVANCED_URL,
  COINBASE_EXCHANGE_URL,
  type CoinbaseBookChannel,
  exchangeResubscription,
  exchangeSignature,
  exchangeSubscription,
} from './endpoints.ts';
import { createCoinbaseFeed } from './feed.ts';

/** Heartbeats come every second. */
const SILENCE_MS = 5_000;
const BOOK_AGE_MS = 30_000;
/** Requests and messages of one address. */
const EXCHANGE_CONNECTIONS = { count: 8, perMs: 1_000 };
const EXCHANGE_MESSAGES = { count: 100, perMs: 1_000 };
const ADVANCED_LIMIT = { count: 8, perMs: 1_000 };

/** Fields that sign a subscription now; none without keys. */
export function signatureNow(keys: LiveKeys | undefined, epochMs: number): Record<string, string> {
  if (keys === undefined) return {};
  const { key, secret = '', passphrase = '' } = keys;
  return exchangeSignature({ key, secret, passphrase }, Math.floor(epochMs / 1_000));
}

/** What every connection to Coinbase Exchange has in common; the channels come with the heartbeat. */
export function exchangeConnection(
  { streamBase, symbols, keys }: LiveChoice,
  channel: CoinbaseBookChannel,
  ports: LivePorts,
): VenueConnection {
  const signature = (): Record<string, string> => signatureNow(keys, ports.epochMs());
  return {
    url: streamBase,
    greetings: () => [exchangeSubscription(symbols, channel, signature())],
    reactions: [{ holds: '"type":"error"', tells: true }],
    connections: EXCHANGE_CONNECTIONS,
    messages: EXCHANGE_MESSAGES,
    ...(channel === 'full' ? {} : { resubscribe: (instrument) => exchangeResubscription(symbols[instrument]!, channel, signature()) }),
  };
}

/** Price levels of Coinbase Exchange; `level2_batch` is the same every 50 ms and needs no key. */
export const coinbaseLive: LiveVenue = {
  streamBase: COINBASE_EXCHANGE_URL,
  restBase: '',
  depths: [],
  modes: ['level2_batch', 'level2'],
  needs: (mode) => (mode === 'level2' ? ['key', 'secret', 'passphrase'] : []),
  silenceMs: SILENCE_MS,
  bookAgeMs: BOOK_AGE_MS,
  connection: (choice, ports) => exchangeConnection(choice, choice.mode as CoinbaseBookChannel, ports),
  createFeed: (options) => createCoinbaseFeed(options),
};

/** Price levels of Coinbase Advanced Trade; with keys each subscription carries a token of its own. */
export const coinbaseAdvancedLive: LiveVenue = {
  streamBase: COINBASE_ADVANCED_URL,
  restBase: '',
  depths: [],
  modes: [],
  silenceMs: SILENCE_MS,
  bookAgeMs: BOOK_AGE_MS,
  connection: ({ streamBase, symbols, keys }, { epochMs, random }) => {
    const token = (): string | undefined => {
      if (keys === undefined) return undefined;
      const nonce = Math.floor(random() * 2 ** 48).toString(16);
      return advancedToken(keys.key, keys.secret ?? '', Math.floor(epochMs() / 1_000), nonce);
    };
    return {
      url: streamBase,
      greetings: () =>
        (['heartbeats', 'level2', 'market_trades'] as const).map((channel) => advancedSubscription(channel, symbols, token())),
      reactions: [{ holds: '"type":"error"', tells: true }],
      connections: ADVANCED_LIMIT,
      messages: ADVANCED_LIMIT,
      resubscribe: (instrument) => {
        const products = [symbols[instrument]!];
        return [advancedUnsubscription('level2', products), advancedSubscription('level2', products, token())];
      },
    };
  },
  createFeed: (options) => createCoinbaseFeed(options),
};
