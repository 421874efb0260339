import type { FeedOptions } from '../feed.ts';
import { RecordFeed } from '../recorded/feed.hot.ts';
import { TardisDecoder } from './decode.hot.ts';

/** The feed stage for Tardis CSVs. */
export function createTardisFeed(options: FeedOptions): RecordFeed {
  return new RecordFeed(options, new TardisDecoder(options.instruments));
}
