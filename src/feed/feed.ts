import type { Counters } from '../core/counters.ts';
import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument } from '../core/instrument.ts';
import type { FrameHandler } from '../core/ports.ts';
import type { L2Book } from './book/l2-book.hot.ts';
import type { RejectSamples } from './rejects.ts';
import { BinanceUsdmFeed, type UsdmFeedOptions } from './venue/binance-usdm/feed.hot.ts';

/** Input formats this build reads, as named on the command line. */
export const FORMATS = ['binance-usdm'] as const;
export type Format = (typeof FORMATS)[number];

/** What every venue's feed stage shows; records go to the ring it was given. */
export interface Feed extends FrameHandler {
  readonly instruments: readonly Instrument[];
  readonly counters: Counters;
  readonly rejects: RejectSamples;
  /** Frames received so far. */
  readonly frames: number;
  book(instrument: number): L2Book;
  /** BOOK_STATE of an instrument. */
  state(instrument: number): number;
  checkAge(nowNs: number, limitNs: number): void;
}

export interface FeedOptions extends UsdmFeedOptions {
  readonly format: Format;
}

/** Builds the feed stage of a format. */
export function createFeed(options: FeedOptions): Feed {
  switch (options.format) {
    case 'binance-usdm':
      return new BinanceUsdmFeed(options);
  }
}

/** `text` as a format; throws ERR_FORMAT naming the formats there are. */
export function formatFromText(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format === undefined)
    throw new TickpathError('ERR_FORMAT', `unknown format "${text}"; expected one of: ${FORMATS.join(', ')}`, EXIT.USAGE);
  return format;
}
