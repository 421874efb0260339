import { L2Feed } from '../../feed/l2/feed.hot.ts';
import { KrakenDecoder } from '../../feed/venue/kraken/decode.hot.ts';
import { KrakenRule } from '../../feed/venue/kraken/rule.hot.ts';
import { ownFeed } from './book-text.ts';
import type { ServedSource } from './served-venue.ts';

const US_PER_S = 1_000_000;

/** The recording's own books, with what a snapshot of them needs beside the levels. */
export class KrakenOwnBooks {
  readonly feed: L2Feed;
  private readonly decoder: KrakenDecoder;
  private readonly rule: KrakenRule;

  constructor(source: ServedSource, depth: number) {
    this.decoder = new KrakenDecoder(source.instruments, depth);
    this.rule = new KrakenRule(this.decoder.grid, this.decoder.books, this.decoder.message);
    this.feed = ownFeed(source, (options) => new L2Feed(options, this.decoder, this.rule));
  }

  /** Venue time of the last change of a book, epoch microseconds; 0 when its messages carry none. */
  timeUs(instrument: number): number {
    return this.feed.syncs[instrument]!.ids[0]!;
  }

  checksum(instrument: number): number {
    return this.rule.checksum.of(instrument, this.feed.book(instrument)) >>> 0;
  }

  /** Decimals that the venue writes a pair's prices and quantities with. */
  priceDecimals(instrument: number): number {
    return this.decoder.books.priceDecimals[instrument]!;
  }

  qtyDecimals(instrument: number): number {
    return this.decoder.books.qtyDecimals[instrument]!;
  }
}

/** "1618678133.365913" */
export function secondsText(timeUs: number): string {
  return `${Math.floor(timeUs / US_PER_S)}.${`${timeUs % US_PER_S}`.padStart(6, '0')}`;
}

/** "2023-10-06T17:35:55.440295Z" */
export function isoText(timeUs: number): string {
  const text = new Date(Math.floor(timeUs / 1_000)).toISOString();
  return `${text.slice(0, -1)}${`${timeUs % 1_000}`.padStart(3, '0')}Z`;
}
