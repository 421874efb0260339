import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { BybitDecoder } from './decode.hot.ts';
import { BybitRule } from './rule.hot.ts';

export interface BybitFeedOptions extends FeedOptions {
  /** Levels a side that the books are subscribed to; default: the deepest that comes. */
  readonly depth?: number;
  /** False: a `u` that grows by more than one is counted (`sequence_breaks`) and does not cost the book. */
  readonly contiguous?: boolean;
}

/** The feed stage for Bybit v5, every market. */
export function createBybitFeed(options: BybitFeedOptions): L2Feed {
  const decoder = new BybitDecoder(options.instruments, options.depth);
  return new L2Feed(options, decoder, new BybitRule(decoder.books, decoder.message, options.counters, options.contiguous ?? true));
}
