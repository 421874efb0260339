import { assert } from './assert.ts';

/** Every bound of the engine, by name. Relations between them are asserted at load, at the end of this file. */

/** Records in a market-data ring; holds the largest snapshot (two sides) several times over. */
export const MARKET_RING_RECORDS = 16_384;
/** Records in the approved-order, execution-report and journal rings. */
export const ORDER_RING_RECORDS = 1_024;
export const REPORT_RING_RECORDS = 4_096;
export const JOURNAL_RING_RECORDS = 16_384;
/** Records taken from a ring in one duty cycle. */
export const DRAIN_BATCH_RECORDS = 256;

/** Levels a side that one book holds; a venue that sends more is refused, never silently cut. */
export const BOOK_LEVELS_MAX = 16_384;
/** Live orders of one book kept order by order. */
export const BOOK_ORDERS_MAX = 262_144;
/** Live orders of all books of a feed that share the table of their orders. */
export const FEED_ORDERS_MAX = 1_048_576;
/** Levels a side that the feature stage looks at. */
export const FEATURE_LEVELS = 10;
/** Bytes of one frame; larger ones are rejected and counted. */
export const FRAME_BYTES_MAX = 1 << 20;
/** Bytes of a snapshot that holds every order of a book. */
export const SNAPSHOT_BYTES_MAX = 64 << 20;
/** Frames and bytes buffered while a book waits for its snapshot; overflow starts the procedure again. */
export const SYNC_BUFFER_FRAMES_MAX = 4_096;
export const SYNC_BUFFER_BYTES_MAX = 8 << 20;

export const INSTRUMENTS_MAX = 64;
/** Sessions of one MoldUDP64 stream that are told apart: markets in one capture, and days. */
export const MOLD_SESSIONS_MAX = 16;
/** Orders of one lane that may still execute. */
export const OPEN_ORDERS_MAX = 256;
/** Orders of one session: client ids are a counter in an int32. */
export const ORDERS_SESSION_MAX = 2_000_000_000;
/** Intents a strategy may emit on one tick. */
export const INTENTS_PER_TICK_MAX = 8;
/** Bytes of one encoded order. */
export const ORDER_BYTES_MAX = 512;

/** Inputs and outputs of a model. */
export const MODEL_INPUTS_MAX = 1_024;
export const MODEL_OUTPUTS_MAX = 128;

/** Largest duration a latency histogram tracks, ns (about 68.7 s); longer ones are counted and clamped. */
export const LATENCY_NS_MAX = 2 ** 36 - 1;

/** Bytes of one journal segment before a new one is begun. */
export const JOURNAL_SEGMENT_BYTES_MAX = 64 << 20;
/** Records in one journal block. */
export const JOURNAL_BLOCK_RECORDS_MAX = 1_024;

assert(MARKET_RING_RECORDS >= 2 * 5_000 + 64, 'Invariant: the market ring holds a whole snapshot of 5,000 levels a side');
assert((MARKET_RING_RECORDS & (MARKET_RING_RECORDS - 1)) === 0, 'Invariant: ring capacities are powers of two');
assert((ORDER_RING_RECORDS & (ORDER_RING_RECORDS - 1)) === 0, 'Invariant: ring capacities are powers of two');
assert((REPORT_RING_RECORDS & (REPORT_RING_RECORDS - 1)) === 0, 'Invariant: ring capacities are powers of two');
assert((JOURNAL_RING_RECORDS & (JOURNAL_RING_RECORDS - 1)) === 0, 'Invariant: ring capacities are powers of two');
assert(ORDER_RING_RECORDS >= OPEN_ORDERS_MAX, 'Invariant: every open order can be cancelled in one batch');
assert(REPORT_RING_RECORDS >= 4 * OPEN_ORDERS_MAX, 'Invariant: every open order can report several times in one batch');
assert(JOURNAL_RING_RECORDS >= 4 * INTENTS_PER_TICK_MAX * DRAIN_BATCH_RECORDS, 'Invariant: one drain fits the journal ring');
assert(FEED_ORDERS_MAX >= BOOK_ORDERS_MAX, 'Invariant: the table of a feed holds the orders of its largest book');
assert(SYNC_BUFFER_BYTES_MAX >= FRAME_BYTES_MAX, 'Invariant: one frame fits the sync buffer');
