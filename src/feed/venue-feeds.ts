import { EXIT, TickpathError } from '../core/errors.ts';
import { FRAME_BYTES_MAX, SNAPSHOT_BYTES_MAX } from '../core/limits.ts';
import type { RecordedSource } from './discovery.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { LIVE_VENUES, liveVenue } from './live-venues.ts';

/** Venues whose snapshots hold every order. */
const WHOLE_ORDERS: readonly string[] = ['coinbase-full'];

/** What reads the frames of a venue as its connection delivered them. */
export interface VenueFeed {
  readonly createFeed: (options: FeedOptions) => Feed;
  /** Longest frame, bytes. */
  readonly frameBytesMax: number;
}

/** The feed that was used live; throws ERR_SEGMENT for a venue or a way of connecting that this build does not have. */
export function venueFeed({ venue, depth, mode }: RecordedSource): VenueFeed {
  const name = LIVE_VENUES.find((one) => one === venue);
  if (name === undefined)
    throw new TickpathError('ERR_SEGMENT', `a recording of "${venue}"; expected one of: ${LIVE_VENUES.join(', ')}`, EXIT.DATA);
  const { depths, modes, createFeed, streamBase, restBase, silenceMs, bookAgeMs } = liveVenue(name);
  const known = (depth === 0 || depths.includes(depth)) && (mode === '' || modes.includes(mode));
  if (!known)
    throw new TickpathError(
      'ERR_SEGMENT',
      `a recording of ${name} with depth ${depth} and mode "${mode}"; expected one of depths ${depths.join(', ') || '(none)'} and of modes ${modes.join(', ') || '(none)'}`,
      EXIT.DATA,
    );
  return {
    createFeed: (options) =>
      createFeed(options, {
        symbols: options.instruments.map((one) => one.symbol),
        streamBase,
        restBase,
        depth,
        mode,
        keys: undefined,
        silenceMs,
        bookAgeMs,
      }),
    frameBytesMax: WHOLE_ORDERS.includes(name) ? SNAPSHOT_BYTES_MAX : FRAME_BYTES_MAX,
  };
}
