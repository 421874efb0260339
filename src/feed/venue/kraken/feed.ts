import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { KrakenDecoder } from './decode.hot.ts';
import { KrakenRule } from './rule.hot.ts';

export interface KrakenFeedOptions extends FeedOptions {
  /** Levels a side that the books are subscribed to; default: what the venue's messages say. */
  readonly depth?: number;
}

/** The feed stage for Kraken spot, both websocket APIs. */
export function createKrakenFeed(options: KrakenFeedOptions): L2Feed {
  const decoder = new KrakenDecoder(options.instruments, options.depth);
  return new L2Feed(options, decoder, new KrakenRule(decoder.grid, decoder.books, decoder.message));
}
