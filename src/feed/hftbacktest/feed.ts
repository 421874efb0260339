import type { FeedOptions } from '../feed.ts';
import { RecordFeed } from '../recorded/feed.hot.ts';
import { EventDecoder } from './decode.hot.ts';

/** The feed stage for hftbacktest's events. */
export function createEventFeed(options: FeedOptions): RecordFeed {
  return new RecordFeed(options, new EventDecoder(options.instruments));
}
