import { EXIT, TickpathError } from '../core/errors.ts';
import { discoverDbn } from './dbn/discover.ts';
import { createDbnFeed } from './dbn/feed.ts';
import { DbnFramer } from './dbn/framer.ts';
import type { Discover } from './discovery.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { discoverLean } from './lean/discover.ts';
import { createLeanFeed } from './lean/feed.ts';
import { LeanFramer } from './lean/framer.ts';
import { discoverTardis } from './tardis/discover.ts';
import { createTardisFeed } from './tardis/feed.ts';
import { TardisFramer } from './tardis/framer.ts';
import type { Framer } from './transport/framer.ts';
import { LineFramer } from './transport/line-framer.ts';
import { PcapFramer } from './transport/pcap.ts';
import { discoverInstruments } from './venue/binance-usdm/discover.ts';
import { createUsdmFeed } from './venue/binance-usdm/feed.ts';
import { BinaryFileFramer } from './venue/nasdaq-itch/binary-file.ts';
import { discoverItch, discoverMold } from './venue/nasdaq-itch/discover.ts';
import { ItchFeed } from './venue/nasdaq-itch/feed.hot.ts';
import { MoldItchFeed } from './venue/nasdaq-itch/mold-feed.hot.ts';

/** Input formats this build reads, as named on the command line. */
export const FORMATS = ['binance-usdm', 'itch', 'mold-pcap', 'dbn', 'tardis', 'lean'] as const;
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
  dbn: {
    discover: discoverDbn,
    createFramer: () => new DbnFramer(),
    createFeed: createDbnFeed,
  },
  tardis: {
    discover: discoverTardis,
    createFramer: () => new TardisFramer(),
    createFeed: createTardisFeed,
  },
  lean: {
    discover: discoverLean,
    createFramer: () => new LeanFramer(),
    createFeed: createLeanFeed,
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
