import { EXIT, TickpathError } from '../core/errors.ts';
import { FRAME_BYTES_MAX, SNAPSHOT_BYTES_MAX } from '../core/limits.ts';
import type { RecordedSource } from './discovery.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { createCoinmFeed } from './venue/binance-coinm/feed.ts';
import { createSpotFeed, createSpotPartialFeed } from './venue/binance-spot/feed.ts';
import { createSpotSbeFeed } from './venue/binance-spot-sbe/feed.ts';
import { createUsdmFeed } from './venue/binance-usdm/feed.ts';
import { createBybitFeed } from './venue/bybit/feed.ts';
import { createCoinbaseFeed } from './venue/coinbase/feed.ts';
import { CoinbaseFullFeed } from './venue/coinbase-full/feed.hot.ts';
import { createDeribitFeed } from './venue/deribit/feed.ts';
import { createHyperliquidFeed } from './venue/hyperliquid/feed.ts';
import { createKrakenFeed } from './venue/kraken/feed.ts';
import { createOkxFeed } from './venue/okx/feed.ts';

/** What reads the frames of a venue as its connection delivers them. */
export interface VenueFeed {
  readonly createFeed: (options: FeedOptions) => Feed;
  /** Longest frame, bytes. */
  readonly frameBytesMax: number;
}

const level = (createFeed: (options: FeedOptions) => Feed): VenueFeed => ({ createFeed, frameBytesMax: FRAME_BYTES_MAX });

const VENUES: Readonly<Record<string, VenueFeed>> = {
  'binance-usdm': level(createUsdmFeed),
  'binance-coinm': level(createCoinmFeed),
  'binance-spot': level(createSpotFeed),
  'binance-spot-partial': level(createSpotPartialFeed),
  'binance-spot-sbe': level(createSpotSbeFeed),
  coinbase: level(createCoinbaseFeed),
  'coinbase-full': { createFeed: (options) => new CoinbaseFullFeed(options), frameBytesMax: SNAPSHOT_BYTES_MAX },
  kraken: level(createKrakenFeed),
  okx: level(createOkxFeed),
  bybit: level(createBybitFeed),
  deribit: level(createDeribitFeed),
  hyperliquid: level(createHyperliquidFeed),
};

/** Throws ERR_SEGMENT for a venue that this build does not read. */
export function venueFeed({ venue }: RecordedSource): VenueFeed {
  const found = Object.hasOwn(VENUES, venue) ? VENUES[venue] : undefined;
  if (found !== undefined) return found;
  throw new TickpathError('ERR_SEGMENT', `a recording of "${venue}"; expected one of: ${Object.keys(VENUES).join(', ')}`, EXIT.DATA);
}
