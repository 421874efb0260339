import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { DeribitDecoder } from './decode.hot.ts';
import { DeribitRule } from './rule.hot.ts';

/** The feed stage for Deribit. */
export function createDeribitFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new DeribitDecoder(options.instruments), new DeribitRule());
}
