import type { FeedOptions } from '../feed.ts';
import { RecordFeed } from '../recorded/feed.hot.ts';
import { LeanDecoder } from './decode.hot.ts';

/** The feed stage for LEAN ticks. */
export function createLeanFeed(options: FeedOptions): RecordFeed {
  return new RecordFeed(options, new LeanDecoder(options.instruments));
}
