import { EXIT, TickpathError } from '../core/errors.ts';
import type { Discover } from './discovery.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { DateLineFramer } from './transport/date-line-framer.ts';
import type { Framer } from './transport/framer.ts';
import { LineFramer } from './transport/line-framer.ts';
import { PcapFramer } from './transport/pcap.ts';
import { RawFramer } from './transport/raw-framer.ts';
import { discoverInstruments } from './venue/binance-usdm/discover.ts';
import { createUsdmFeed } from './venue/binance-usdm/feed.ts';
import { discoverCoinbase } from './venue/coinbase/discover.ts';
import { createCoinbaseFeed } from './venue/coinbase/feed.ts';
import { discoverCoinbaseFull } from './venue/coinbase-full/discover.ts';
import { CoinbaseFullFeed } from './venue/coinbase-full/feed.hot.ts';
import { discoverDeribit } from './venue/deribit/discover.ts';
import { createDeribitFeed } from './venue/deribit/feed.ts';
import { discoverHyperliquid } from './venue/hyperliquid/discover.ts';
import { createHyperliquidFeed } from './venue/hyperliquid/feed.ts';
import { BinaryFileFramer } from './venue/nasdaq-itch/binary-file.ts';
import { discoverItch, discoverMold } from './venue/nasdaq-itch/discover.ts';
import { ItchFeed } from './venue/nasdaq-itch/feed.hot.ts';
import { MoldItchFeed } from './venue/nasdaq-itch/mold-feed.hot.ts';

/** Input formats this build reads, as named on the command line. */
export const FORMATS = ['binance-usdm', 'coinbase', 'coinbase-full', 'deribit', 'hyperliquid', 'itch', 'mold-pcap'] as const;
export type Format = (typeof FORMATS)[number];

/** What a recorded format is made of; everything else of a replay is the same for all. */
export interface RecordedFormat {
  readonly discover: Discover;
  readonly createFramer: () => Framer;
  readonly createFeed: (options: FeedOptions) => Feed;
}

const RECORDED: Readonly<Record<Format, RecordedFormat>> = {
  'binance-usdm': {
    discover: discoverInstruments,
    createFramer: () => new LineFramer(),
    createFeed: createUsdmFeed,
  },
  coinbase: {
    discover: discoverCoinbase,
    createFramer: () => new RawFramer(),
    createFeed: createCoinbaseFeed,
  },
  'coinbase-full': {
    discover: discoverCoinbaseFull,
    createFramer: () => new DateLineFramer(),
    createFeed: (options) => new CoinbaseFullFeed(options),
  },
  deribit: {
    discover: discoverDeribit,
    createFramer: () => new RawFramer(),
    createFeed: createDeribitFeed,
  },
  hyperliquid: {
    discover: discoverHyperliquid,
    createFramer: () => new RawFramer(),
    createFeed: createHyperliquidFeed,
  },
  itch: {
    discover: discoverItch,
    createFramer: () => new BinaryFileFramer(),
    createFeed: (options) => new ItchFeed(options),
  },
  'mold-pcap': {
    discover: discoverMold,
    createFramer: () => new PcapFramer(),
    createFeed: (options) => new MoldItchFeed(options),
  },
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
