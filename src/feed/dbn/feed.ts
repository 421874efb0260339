import type { FeedOptions } from '../feed.ts';
import { RecordFeed } from '../recorded/feed.hot.ts';
import { DbnDecoder } from './decode.hot.ts';

/** The feed stage for DBN. */
export function createDbnFeed(options: FeedOptions): RecordFeed {
  return new RecordFeed(options, new DbnDecoder(options.instruments));
}
