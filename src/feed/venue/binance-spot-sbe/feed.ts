import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { SPOT, SPOT_PARTIAL } from '../binance/dialect.ts';
import { SpotPartialRule, SpotRule } from '../binance-spot/rule.hot.ts';
import { SpotSbeDecoder } from './decode.hot.ts';

/** The feed stage for Binance spot's SBE streams, by the same rule as its JSON streams. */
export function createSpotSbeFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new SpotSbeDecoder(options.instruments, SPOT, options.others), new SpotRule());
}

/** The same with `depth20`, whole in every message. */
export function createSpotSbePartialFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new SpotSbeDecoder(options.instruments, SPOT_PARTIAL, options.others), new SpotPartialRule());
}
