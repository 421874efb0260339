import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { FuturesRule } from '../binance/futures-rule.hot.ts';
import { UsdmDecoder } from './decode.hot.ts';

/** The feed stage for Binance USD-M futures. */
export function createUsdmFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new UsdmDecoder(options.instruments, options.others), new FuturesRule());
}
