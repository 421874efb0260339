import { EXIT, TickpathError } from '../core/errors.ts';
import type { Discover } from './discovery.ts';
import type { Feed, FeedOptions } from './feed.ts';
import type { ByteSource } from './transport/byte-source.ts';
import type { Framer } from './transport/framer.ts';
import { InflatedFile } from './transport/inflate.ts';
import { LineFramer } from './transport/line-framer.ts';
import { PcapFramer } from './transport/pcap.ts';
import { discoverInstruments } from './venue/binance-usdm/discover.ts';
import { createUsdmFeed } from './venue/binance-usdm/feed.ts';
import { LobsterFeed } from './venue/lobster/feed.hot.ts';
import { discoverLobster, openLobster } from './venue/lobster/files.ts';
import { LobsterFramer } from './venue/lobster/framer.ts';
import { BinaryFileFramer } from './venue/nasdaq-itch/binary-file.ts';
import { discoverItch, discoverMold } from './venue/nasdaq-itch/discover.ts';
import { ItchFeed } from './venue/nasdaq-itch/feed.hot.ts';
import { MoldItchFeed } from './venue/nasdaq-itch/mold-feed.hot.ts';

/** Input formats this build reads, as named on the command line. */
export const FORMATS = ['binance-usdm', 'itch', 'mold-pcap', 'lobster'] as const;
export type Format = (typeof FORMATS)[number];

/** What a recorded format is made of; everything else of a replay is the same for all. */
export interface RecordedFormat {
  readonly discover: Discover;
  /** How the bytes of an input are come by, when it is more than one file; default: inflated. */
  readonly open?: (file: string, aheadBytes: number, onRead: (bytes: number) => void) => ByteSource;
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
  lobster: {
    discover: discoverLobster,
    open: openLobster,
    createFramer: () => new LobsterFramer(),
    createFeed: (options) => new LobsterFeed(options),
  },
};

/** Opens an input of a format; at most about `aheadBytes` of it are inflated ahead. */
export function openRecorded(format: Format, file: string, aheadBytes: number, onRead: (bytes: number) => void): ByteSource {
  return RECORDED[format].open?.(file, aheadBytes, onRead) ?? new InflatedFile(file, aheadBytes, onRead);
}

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
