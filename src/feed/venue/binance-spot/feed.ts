import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { SPOT, SPOT_PARTIAL } from '../binance/dialect.ts';
import { SpotDecoder } from './decode.hot.ts';
import { SpotPartialRule, SpotRule } from './rule.hot.ts';

/** The feed stage for Binance spot with its stream of changes. */
export function createSpotFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new SpotDecoder(options.instruments, SPOT, options.others), new SpotRule());
}

/** The feed stage for Binance spot with its streams of partial depth: the best levels, whole in every message. */
export function createSpotPartialFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new SpotDecoder(options.instruments, SPOT_PARTIAL, options.others), new SpotPartialRule());
}
