import type { FeedOptions } from '../../feed.ts';
import { L2Feed } from '../../l2/feed.hot.ts';
import { FuturesRule } from '../binance/futures-rule.hot.ts';
import { CoinmDecoder } from './decode.hot.ts';

/** The feed stage for Binance COIN-M futures. Quantities are numbers of contracts. */
export function createCoinmFeed(options: FeedOptions): L2Feed {
  return new L2Feed(options, new CoinmDecoder(options.instruments, options.others), new FuturesRule());
}
