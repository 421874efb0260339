import type { LiveVenue } from '../../live.ts';
import { createCoinmFeed } from '../binance-coinm/feed.ts';
import { createSpotFeed, createSpotPartialFeed } from '../binance-spot/feed.ts';
import { createSpotSbeFeed, createSpotSbePartialFeed } from '../binance-spot-sbe/feed.ts';
import { createUsdmFeed } from '../binance-usdm/feed.ts';
import {
  type BinanceEndpoints,
  COINM_ENDPOINTS,
  SPOT_ENDPOINTS,
  SPOT_PARTIAL_ENDPOINTS,
  SPOT_SBE_ENDPOINTS,
  SPOT_SBE_PARTIAL_ENDPOINTS,
  USDM_ENDPOINTS,
} from './endpoints.ts';
import { binanceConnection } from './live.ts';

const COMMON = { depths: [], modes: [], silenceMs: 40_000, bookAgeMs: 10_000 } as const;

const connectionOf =
  (venue: BinanceEndpoints): LiveVenue['connection'] =>
  ({ streamBase, restBase, symbols }) =>
    binanceConnection({ venue, streamBase, restBase, symbols });

export const usdmLive: LiveVenue = {
  ...COMMON,
  streamBase: 'wss://fstream.binance.com/public',
  restBase: 'https://fapi.binance.com',
  connection: connectionOf(USDM_ENDPOINTS),
  createFeed: createUsdmFeed,
};

export const coinmLive: LiveVenue = {
  ...COMMON,
  streamBase: 'wss://dstream.binance.com',
  restBase: 'https://dapi.binance.com',
  connection: connectionOf(COINM_ENDPOINTS),
  createFeed: createCoinmFeed,
};

export const spotLive: LiveVenue = {
  ...COMMON,
  streamBase: 'wss://stream.binance.com:9443',
  restBase: 'https://api.binance.com',
  connection: connectionOf(SPOT_ENDPOINTS),
  createFeed: createSpotFeed,
};

export const spotPartialLive: LiveVenue = {
  ...spotLive,
  restBase: '',
  connection: connectionOf(SPOT_PARTIAL_ENDPOINTS),
  createFeed: createSpotPartialFeed,
};

/** The binary streams; they need the key of an account. */
export const sbeLive: LiveVenue = {
  ...spotLive,
  streamBase: 'wss://stream-sbe.binance.com:9443',
  modes: ['changes', 'partial'],
  needs: () => ['key'],
  connection: ({ streamBase, restBase, symbols, keys, mode }) =>
    binanceConnection({
      venue: mode === 'partial' ? SPOT_SBE_PARTIAL_ENDPOINTS : SPOT_SBE_ENDPOINTS,
      streamBase,
      restBase,
      symbols,
      apiKey: keys!.key,
    }),
  createFeed: (options, { mode }) => (mode === 'partial' ? createSpotSbePartialFeed(options) : createSpotSbeFeed(options)),
};
