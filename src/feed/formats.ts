import { EXIT, TickpathError } from '../core/errors.ts';
import type { Discover } from './discovery.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { CryptofeedFramer } from './transport/cryptofeed-framer.ts';
import type { Framer } from './transport/framer.ts';
import { SniffingFramer } from './transport/sniffing-framer.ts';
import { discoverInstruments } from './venue/binance/discover.ts';
import { createCoinmFeed } from './venue/binance-coinm/feed.ts';
import { createSpotFeed, createSpotPartialFeed } from './venue/binance-spot/feed.ts';
import { createUsdmFeed } from './venue/binance-usdm/feed.ts';
import { bybitFramer, discoverBybit } from './venue/bybit/discover.ts';
import { createBybitFeed } from './venue/bybit/feed.ts';
import { discoverCoinbase } from './venue/coinbase/discover.ts';
import { createCoinbaseFeed } from './venue/coinbase/feed.ts';
import { discoverKraken } from './venue/kraken/discover.ts';
import { createKrakenFeed } from './venue/kraken/feed.ts';
import { discoverOkx } from './venue/okx/discover.ts';
import { createOkxFeed } from './venue/okx/feed.ts';

/** Input formats this build reads, as named on the command line. */
export const FORMATS = [
  'binance-usdm',
  'binance-coinm',
  'binance-spot',
  'binance-spot-partial',
  'coinbase',
  'kraken',
  'okx',
  'bybit',
] as const;
export type Format = (typeof FORMATS)[number];

/** What a recorded format is made of; everything else of a replay is the same for all. */
export interface RecordedFormat {
  readonly discover: Discover;
  readonly createFramer: () => Framer;
  readonly createFeed: (options: FeedOptions) => Feed;
}

/** Recordings of Binance's JSON streams: capture lines or cryptofeed lines. */
function binance(createFeed: (options: FeedOptions) => Feed): RecordedFormat {
  return { discover: discoverInstruments, createFramer: () => new SniffingFramer(), createFeed };
}

const RECORDED: Readonly<Record<Format, RecordedFormat>> = {
  'binance-usdm': binance(createUsdmFeed),
  'binance-coinm': binance(createCoinmFeed),
  'binance-spot': binance(createSpotFeed),
  'binance-spot-partial': binance(createSpotPartialFeed),
  coinbase: {
    discover: discoverCoinbase,
    createFramer: () => new CryptofeedFramer(),
    createFeed: createCoinbaseFeed,
  },
  kraken: { discover: discoverKraken, createFramer: () => new SniffingFramer(), createFeed: createKrakenFeed },
  okx: { discover: discoverOkx, createFramer: () => new SniffingFramer(), createFeed: createOkxFeed },
  bybit: { discover: discoverBybit, createFramer: bybitFramer, createFeed: createBybitFeed },
};

export function recordedFormat(format: Format): RecordedFormat {
  return RECORDED[format];
}

/** `text` as a format; throws ERR_FORMAT naming the formats there are. */
export function formatFromText(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format === undefined)
    throw new TickpathError('ERR_FORMAT', `unknown format "${text}"; expected one of: ${FORMATS.join(', ')}`, EXIT.USAGE);
  return format;
}
