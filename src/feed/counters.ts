import { type CounterSpec, Counters } from '../core/counters.ts';
import { DECODE } from './l2/status.ts';
import { FORMAT_COUNTER_SPECS } from './recorded/counters.ts';
import { ORDER_COUNTER_SPECS } from './venue/nasdaq-itch/counters.ts';

const spec = (name: string, unit: string, help: string): CounterSpec => ({ name, unit, help });

/** Ids of the feed stage's counters; index into FEED_COUNTER_SPECS. */
export const FEED_COUNTER = {
  FRAMES: 0,
  DEPTH: 1,
  TICKERS: 2,
  TRADES: 3,
  TRADES_NOT_MARKET: 4,
  SNAPSHOTS: 5,
  SNAPSHOTS_IGNORED: 6,
  SNAPSHOTS_REFUSED: 7,
  UNKNOWN_KIND: 8,
  UNKNOWN_SYMBOL: 9,
  REJECTED: 10,
  NOT_CONNECTED: 11,
  NOT_LIVE: 12,
  BUFFERED: 13,
  BEFORE_SNAPSHOT: 14,
  APPLIED: 15,
  LEVELS: 16,
  FIRST_COVERS: 17,
  FIRST_LINKED: 18,
  FIRST_BETWEEN: 19,
  SYNCED: 20,
  GAPS: 21,
  STALE: 22,
  BUFFER_OVERFLOWS: 23,
  BBO_CHECKED: 24,
  BBO_MISMATCH: 25,
  RECORDS: 26,
  RING_FULL: 27,
  RING_DROPPED: 28,
  SKIPPED: 29,
  TRADES_TOLD_TWICE: 30,
  LEVELS_BEYOND: 31,
  SEQUENCE_BREAKS: 32,
  TRADES_MISSED: 33,
  /** First of one counter a DECODE status below zero: id = REJECTED_BY_STATUS - status - 1. */
  REJECTED_BY_STATUS: 34,
} as const;

const STATUSES = Object.entries(DECODE)
  .filter(([, status]) => status < 0)
  .sort(([, a], [, b]) => b - a);

/** First counter of order-by-order feeds: id = ORDER_COUNTERS + one of ORDER_COUNTER. */
export const ORDER_COUNTERS: number = FEED_COUNTER.REJECTED_BY_STATUS + STATUSES.length;

export const FEED_COUNTER_SPECS: readonly CounterSpec[] = [
  spec('frames', 'frames', 'frames received, rejected ones included'),
  spec('depth_messages', 'frames', 'depth messages decoded'),
  spec('ticker_messages', 'frames', 'best-bid-and-ask messages decoded'),
  spec('trade_messages', 'frames', 'market trades decoded'),
  spec(
    'trades_not_market',
    'frames',
    'trades of an off-book kind (insurance fund, ADL, block, no volume) or told again on subscribing, not published',
  ),
  spec('snapshot_messages', 'frames', 'book snapshots decoded'),
  spec('snapshots_ignored', 'frames', 'snapshots that came while the book was live'),
  spec('snapshots_refused', 'frames', 'snapshots that were crossed, or older than the first event that could follow them'),
  spec('unknown_kind', 'frames', 'well-formed frames of a type this feed does not use'),
  spec('unknown_symbol', 'frames', 'messages for a symbol that is not configured'),
  spec('rejected_frames', 'frames', 'frames that could not be decoded'),
  spec('frames_not_connected', 'frames', 'frames that came before the connection was announced'),
  spec('messages_not_live', 'frames', 'tickers and trades not published because their book was not live'),
  spec('depth_buffered', 'frames', 'depth messages kept until a snapshot came'),
  spec('depth_before_snapshot', 'frames', 'depth messages dropped because the snapshot already held them'),
  spec('depth_applied', 'frames', 'depth messages applied to a book'),
  spec('levels_changed', 'levels', 'levels that an applied message changed'),
  spec('first_event_covers', 'events', 'first event after a snapshot with U <= lastUpdateId <= u'),
  spec('first_event_linked', 'events', 'first event after a snapshot with pu = lastUpdateId'),
  spec('first_event_between', 'events', 'first event after a snapshot with pu < lastUpdateId < U (ids are shared by all symbols)'),
  spec('books_synced', 'events', 'times a book became live'),
  spec('book_gaps', 'events', 'times a live or syncing book was discarded'),
  spec('books_stale', 'events', 'times a book became stale'),
  spec('sync_buffer_overflows', 'events', 'times the sync buffer overflowed and was begun anew'),
  spec('bbo_checked', 'events', 'update ids at which ticker and book could be compared'),
  spec('bbo_mismatch', 'events', 'update ids at which ticker and book differed'),
  spec('records_published', 'records', 'records written to the market ring'),
  spec('ring_full_waits', 'events', 'times the feed waited for the market ring'),
  spec('ring_full_drops', 'frames', 'frames whose records did not fit the market ring; their book was discarded'),
  spec('depth_skipped', 'frames', 'depth messages that a live book holds already, or that only keep the connection alive'),
  spec('trades_told_twice', 'frames', 'trades of an instrument whose other trade stream, single or aggregate, came first; not published'),
  spec('levels_beyond_grid', 'levels', 'ask levels left out because their price lies beyond the grid of the book'),
  spec('sequence_breaks', 'frames', 'frames whose number did not follow that of the connection, where the venue does not say that it must'),
  spec('trades_missed', 'trades', 'trades that the numbers of others show to be missing'),
  ...STATUSES.map(([name]) => spec(`rejected_${name.toLowerCase()}`, 'frames', `frames rejected with decode status ${name}`)),
  ...ORDER_COUNTER_SPECS,
  ...FORMAT_COUNTER_SPECS,
];

/** First counter of recorded formats: id = FORMAT_COUNTERS + one of FORMAT_COUNTER. */
export const FORMAT_COUNTERS: number = FEED_COUNTER_SPECS.length - FORMAT_COUNTER_SPECS.length;

/** Counters in memory of their own, for a feed that runs outside a pipeline. */
export function ownFeedCounters(): Counters {
  return new Counters(new SharedArrayBuffer(Counters.bytes(FEED_COUNTER_SPECS.length)), 0, FEED_COUNTER_SPECS);
}
