import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { TickpathDecoder } from './decode.hot.ts';
import { TickpathRule } from './rule.hot.ts';

/** The feed stage for Tickpath's own protocol. */
export function createTickpathFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new TickpathDecoder(options.instruments), new TickpathRule());
}
