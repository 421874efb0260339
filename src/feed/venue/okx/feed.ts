import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { OkxDecoder } from './decode.hot.ts';
import type { OkxBooks } from './modes.ts';
import { OkxRule } from './rule.hot.ts';

export interface OkxFeedOptions extends FeedOptions {
  /** Default: `books`. */
  readonly books?: OkxBooks;
}

/** The feed stage for OKX. */
export function createOkxFeed(options: OkxFeedOptions): L2Feed {
  const books = options.books ?? 'books';
  const decoder = new OkxDecoder(options.instruments, books);
  return new L2Feed(options, decoder, new OkxRule(decoder.grid, books));
}
