import { assert } from '../core/assert.ts';
import { EXIT, TickpathError } from '../core/errors.ts';
import { discoverDbn } from './dbn/discover.ts';
import { createDbnFeed } from './dbn/feed.ts';
import { DbnFramer } from './dbn/framer.ts';
import type { Discover, RecordedSource } from './discovery.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { discoverEvents } from './hftbacktest/discover.ts';
import { createEventFeed } from './hftbacktest/feed.ts';
import { EventFramer } from './hftbacktest/framer.ts';
import { discoverLean } from './lean/discover.ts';
import { createLeanFeed } from './lean/feed.ts';
import { LeanFramer } from './lean/framer.ts';
import { discoverSegments } from './segment/discover.ts';
import { SegmentFramer } from './segment/framer.ts';
import { discoverTardis } from './tardis/discover.ts';
import { createTardisFeed } from './tardis/feed.ts';
import { TardisFramer } from './tardis/framer.ts';
import type { ByteSource } from './transport/byte-source.ts';
import { DateLineFramer } from './transport/date-line-framer.ts';
import type { Framer } from './transport/framer.ts';
import { openGroup } from './transport/inputs.ts';
import { PcapFramer } from './transport/pcap.ts';
import { SniffingFramer } from './transport/sniffing-framer.ts';
import { discoverInstruments } from './venue/binance/discover.ts';
import { createCoinmFeed } from './venue/binance-coinm/feed.ts';
import { createSpotFeed, createSpotPartialFeed } from './venue/binance-spot/feed.ts';
import { createUsdmFeed } from './venue/binance-usdm/feed.ts';
import { bybitFramer, discoverBybit } from './venue/bybit/discover.ts';
import { createBybitFeed } from './venue/bybit/feed.ts';
import { discoverCoinbase } from './venue/coinbase/discover.ts';
import { createCoinbaseFeed } from './venue/coinbase/feed.ts';
import { discoverCoinbaseFull } from './venue/coinbase-full/discover.ts';
import { CoinbaseFullFeed } from './venue/coinbase-full/feed.hot.ts';
import { discoverDeribit } from './venue/deribit/discover.ts';
import { createDeribitFeed } from './venue/deribit/feed.ts';
import { discoverHyperliquid } from './venue/hyperliquid/discover.ts';
import { createHyperliquidFeed } from './venue/hyperliquid/feed.ts';
import { discoverKraken } from './venue/kraken/discover.ts';
import { createKrakenFeed } from './venue/kraken/feed.ts';
import { LobsterFeed } from './venue/lobster/feed.hot.ts';
import { discoverLobster, openLobster } from './venue/lobster/files.ts';
import { LobsterFramer } from './venue/lobster/framer.ts';
import { BinaryFileFramer } from './venue/nasdaq-itch/binary-file.ts';
import { discoverItch, discoverMold } from './venue/nasdaq-itch/discover.ts';
import { ItchFeed } from './venue/nasdaq-itch/feed.hot.ts';
import { MoldItchFeed } from './venue/nasdaq-itch/mold-feed.hot.ts';
import { discoverOkx } from './venue/okx/discover.ts';
import { createOkxFeed } from './venue/okx/feed.ts';
import { venueFeed } from './venue-feeds.ts';

/** Input formats this build reads, as named on the command line. */
export const FORMATS = [
  'binance-usdm',
  'binance-coinm',
  'binance-spot',
  'binance-spot-partial',
  'coinbase',
  'coinbase-full',
  'kraken',
  'okx',
  'bybit',
  'deribit',
  'hyperliquid',
  'itch',
  'mold-pcap',
  'lobster',
  'dbn',
  'tardis',
  'lean',
  'hftbacktest',
  'tickpath',
] as const;
export type Format = (typeof FORMATS)[number];

/** What a recorded format is made of; everything else of a replay is the same for all. */
export interface RecordedFormat {
  readonly discover: Discover;
  /** How a file is read that another one beside it belongs to; such files are never read as a group. */
  readonly open?: (file: string, aheadBytes: number, onRead: (bytes: number) => void) => ByteSource;
  readonly createFramer: () => Framer;
  readonly createFeed: (options: FeedOptions) => Feed;
}

/** Recordings of Binance's JSON streams: capture lines or cryptofeed lines. */
function binance(createFeed: (options: FeedOptions) => Feed): RecordedFormat {
  return { discover: discoverInstruments, createFramer: () => new SniffingFramer(), createFeed };
}

const RECORDED: Readonly<Record<Exclude<Format, 'tickpath'>, RecordedFormat>> = {
  'binance-usdm': binance(createUsdmFeed),
  'binance-coinm': binance(createCoinmFeed),
  'binance-spot': binance(createSpotFeed),
  'binance-spot-partial': binance(createSpotPartialFeed),
  coinbase: {
    discover: discoverCoinbase,
    createFramer: () => new SniffingFramer(),
    createFeed: createCoinbaseFeed,
  },
  kraken: { discover: discoverKraken, createFramer: () => new SniffingFramer(), createFeed: createKrakenFeed },
  'coinbase-full': {
    discover: discoverCoinbaseFull,
    createFramer: () => new DateLineFramer(),
    createFeed: (options) => new CoinbaseFullFeed(options),
  },
  deribit: {
    discover: discoverDeribit,
    createFramer: () => new SniffingFramer(),
    createFeed: createDeribitFeed,
  },
  hyperliquid: {
    discover: discoverHyperliquid,
    createFramer: () => new SniffingFramer(),
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
  lobster: {
    discover: discoverLobster,
    open: openLobster,
    createFramer: () => new LobsterFramer(),
    createFeed: (options) => new LobsterFeed(options),
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
  hftbacktest: {
    discover: discoverEvents,
    createFramer: () => new EventFramer(),
    createFeed: createEventFeed,
  },
  okx: { discover: discoverOkx, createFramer: () => new SniffingFramer(), createFeed: createOkxFeed },
  bybit: { discover: discoverBybit, createFramer: bybitFramer, createFeed: createBybitFeed },
};

/** Opens a group of files of a format (`inputGroups`); at most about `aheadBytes` of it are inflated ahead. */
export function openRecorded(format: Format, files: readonly string[], aheadBytes: number, onRead: (bytes: number) => void): ByteSource {
  const open = format === 'tickpath' ? undefined : RECORDED[format].open;
  return open?.(files[0]!, aheadBytes, onRead) ?? openGroup(files, aheadBytes, onRead);
}

/** Finds what the beginning of an input says of it. */
export function discover(format: Format, ...input: Parameters<Discover>): ReturnType<Discover> {
  return format === 'tickpath' ? discoverSegments(...input) : RECORDED[format].discover(...input);
}

/** `source`: what was discovered of the input; needed for the formats that hold frames of any venue. */
export function recordedFormat(format: Format, source?: RecordedSource): RecordedFormat {
  if (format !== 'tickpath') return RECORDED[format];
  assert(source !== undefined, 'Invariant: a recording is discovered before it is read');
  const { createFeed, frameBytesMax } = venueFeed(source);
  return { discover: discoverSegments, createFramer: () => new SegmentFramer(frameBytesMax), createFeed };
}

/** `text` as a format; throws ERR_FORMAT naming the formats there are. */
export function formatFromText(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format === undefined)
    throw new TickpathError('ERR_FORMAT', `unknown format "${text}"; expected one of: ${FORMATS.join(', ')}`, EXIT.USAGE);
  return format;
}
