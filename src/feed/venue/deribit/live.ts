import type { LivePorts, LiveVenue } from '../../live.ts';
import type { VenueConnection } from '../../transport/connection.ts';
import {
  DERIBIT_INTERVALS,
  type DeribitInterval,
  deribitAuthentication,
  deribitHeartbeat,
  deribitResubscribe,
  deribitSubscription,
  deribitTest,
} from './endpoints.ts';
import { createDeribitFeed } from './feed.ts';

const HEARTBEAT_S = 10;
/** Numbers of requests; answers are not looked up by them. */
const HEARTBEAT_ID = 1;
const AUTHENTICATION_ID = 2;
const SUBSCRIPTION_ID = 3;
const TEST_ID = 4;

/** Client id and secret of an API key: `raw` channels are given to accounts only. */
export interface DeribitKeys {
  readonly key: string;
  readonly secret: string;
}

/** What the websocket transport needs to know of Deribit; `base` without a path. Throws nothing: absent keys are found before. */
export function deribitConnection(
  base: string,
  names: readonly string[],
  interval: DeribitInterval,
  keys: DeribitKeys | undefined,
  { epochMs, random }: Pick<LivePorts, 'epochMs' | 'random'>,
): VenueConnection {
  const authentication = (): string[] => {
    if (keys === undefined) return [];
    const nonce = Math.floor(random() * 2 ** 32).toString(16);
    return [deribitAuthentication(AUTHENTICATION_ID, keys.key, keys.secret, epochMs(), nonce)];
  };
  return {
    url: `${base}/ws/api/v2`,
    greetings: () => [
      deribitHeartbeat(HEARTBEAT_ID, HEARTBEAT_S),
      ...authentication(),
      deribitSubscription(SUBSCRIPTION_ID, names, interval),
    ],
    reactions: [
      { holds: '"test_request"', answer: deribitTest(TEST_ID) },
      { holds: '"error":{', tells: true },
    ],
    // A request costs 500 of 50,000 credits, of which 10,000 come back each second.
    messages: { count: 100, perMs: 5_000 },
    connections: { count: 30, perMs: 60_000 },
    resubscribe: (instrument) => deribitResubscribe(SUBSCRIPTION_ID, names[instrument]!, interval),
  };
}

export const deribitLive: LiveVenue = {
  streamBase: 'wss://www.deribit.com',
  restBase: '',
  depths: [],
  modes: DERIBIT_INTERVALS,
  needs: (mode) => (mode === 'raw' ? ['key', 'secret'] : []),
  silenceMs: 30_000,
  bookAgeMs: 60_000,
  connection: ({ streamBase, symbols, mode, keys }, ports) =>
    deribitConnection(
      streamBase,
      symbols,
      mode as DeribitInterval,
      keys === undefined ? undefined : { key: keys.key, secret: keys.secret ?? '' },
      ports,
    ),
  createFeed: (options) => createDeribitFeed(options),
};
