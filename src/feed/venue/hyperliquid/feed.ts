import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { HyperliquidDecoder } from './decode.hot.ts';
import { HyperliquidRule } from './rule.hot.ts';

/** A book comes every block of half a second or more; older than this it is stale (our choice: the venue gives no limit). */
export const HYPERLIQUID_AGE_MS = 5_000;

/** The feed stage for Hyperliquid. */
export function createHyperliquidFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new HyperliquidDecoder(options.instruments), new HyperliquidRule());
}
