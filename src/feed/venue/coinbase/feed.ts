import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { CoinbaseDecoder } from './decode.hot.ts';
import { CoinbaseRule } from './rule.hot.ts';

/** The feed stage for price levels of Coinbase Exchange and Coinbase Advanced Trade. */
export function createCoinbaseFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new CoinbaseDecoder(options.instruments, options.counters), new CoinbaseRule());
}
