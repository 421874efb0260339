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
/** Entries of a zip archive, and bytes of its directory. */
export const ZIP_ENTRIES_MAX = 1_024;
export const ZIP_DIRECTORY_BYTES_MAX = 1 << 20;
/** Times its own length that an entry of a zip archive may inflate to; deflate itself cannot do more than 1,032. */
export const ZIP_RATIO_MAX = 1_000;
/** Bytes of the header of a NumPy array, as NumPy itself bounds it. */
export const NPY_HEADER_BYTES_MAX = 10_000;
/** Rows that a conversion sorts in memory at a time, and how many times that an input may have. */
export const CONVERT_RUN_ROWS = 1 << 20;
export const CONVERT_RUNS_MAX = 1_024;
/** Price levels that the snapshot at the end of a conversion holds. */
export const CONVERT_LEVELS_MAX = 1 << 20;
/** Frames and bytes buffered while a book waits for its snapshot; overflow starts the procedure again. */
export const SYNC_BUFFER_FRAMES_MAX = 4_096;
export const SYNC_BUFFER_BYTES_MAX = 8 << 20;

export const INSTRUMENTS_MAX = 64;
/** Sessions of one MoldUDP64 stream that are told apart: markets in one capture, and days. */
export const MOLD_SESSIONS_MAX = 16;
/** Packets of a MoldUDP64 stream held while earlier ones are missing, and bytes of one; what is not held is asked for again. */
export const MOLD_HELD_PACKETS_MAX = 4_096;
export const MOLD_HELD_BYTES_MAX = 2_048;
/** Request packets sent before an answer to one of them is awaited. */
export const MOLD_REQUESTS_MAX = 16;
/** Bytes of the session that a simulated venue serves from memory. */
export const SERVED_BYTES_MAX = 1 << 30;
/** Orders of one lane that may still execute. */
export const OPEN_ORDERS_MAX = 256;
/** Orders of one session: client ids are a counter in an int32. */
export const ORDERS_SESSION_MAX = 2_000_000_000;
/** Intents a strategy may emit on one tick. */
export const INTENTS_PER_TICK_MAX = 8;
/** Bytes of one encoded order. */
export const ORDER_BYTES_MAX = 512;

/** Inputs and outputs of a model, one row. */
export const MODEL_INPUTS_MAX = 65_536;
export const MODEL_OUTPUTS_MAX = 1_024;
/** Bytes of an ONNX file, and of the data that it keeps in other files, that are read at all. */
export const MODEL_BYTES_MAX = 64 << 20;
/** Nodes and initializers of a model's graph. */
export const MODEL_NODES_MAX = 10_000;
/** Elements and axes of one tensor of a model. */
export const MODEL_ELEMENTS_MAX = 16 << 20;
export const MODEL_RANK_MAX = 8;
/** Rows that a model is compiled for at most. */
export const MODEL_BATCH_MAX = 32;

/** Largest duration a latency histogram tracks, ns (about 68.7 s); longer ones are counted and clamped. */
export const LATENCY_NS_MAX = 2 ** 36 - 1;

/** Bytes of one journal segment before a new one is begun. */
export const JOURNAL_SEGMENT_BYTES_MAX = 64 << 20;
/** Records in one journal block. */
export const JOURNAL_BLOCK_RECORDS_MAX = 1_024;

/** Bytes of a recording that wait for the disk; beyond them frames are left out, counted, and the loss is recorded. */
export const RECORDING_QUEUE_BYTES_MAX = 64 << 20;
/** Bytes of the document in the header of a recorded segment. */
export const SEGMENT_DOCUMENT_BYTES_MAX = 64 << 10;
/** Clients of one served recording. */
export const SERVE_CLIENTS_MAX = 64;
/** Bytes of one message of such a client, and bytes that may wait for it in a paced recording. */
export const SERVE_MESSAGE_BYTES_MAX = 1 << 16;
export const SERVE_CLIENT_BYTES_MAX = 64 << 20;
/** Bytes that may wait for a client of Tickpath's own feed protocol. */
export const FEED_CLIENT_BYTES_MAX = 16 << 20;

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
assert(RECORDING_QUEUE_BYTES_MAX >= 2 * FRAME_BYTES_MAX, 'Invariant: a frame fits the queue of a recording that is half full');
