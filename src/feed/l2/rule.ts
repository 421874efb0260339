import type { L2Book } from '../book/l2-book.hot.ts';
import type { L2Message } from './message.hot.ts';

/** What a message says of its place after the last one applied to a live book. */
export const FOLLOWS = {
  YES: 0,
  /** Something is missing: the book is discarded. */
  GAP: 1,
  /** Old, repeated, or a keep-alive: nothing to apply. */
  SKIP: 2,
} as const;

/** What a snapshot is to a book. */
export const SNAPSHOT = {
  /** It comes from elsewhere and must be joined to buffered messages (Binance, OKX by REST). */
  JOINED: 0,
  /** It comes in the stream, in order: the book is live with it, and a further one replaces the book. */
  IN_STREAM: 1,
  /** Every message is a whole book, so each heals what was missed. */
  EVERY_MESSAGE: 2,
} as const;
export type SnapshotKind = (typeof SNAPSHOT)[keyof typeof SNAPSHOT];

/** How a message follows a snapshot; counted apart, because venues document them apart. NO: the snapshot is too old. */
export const JOINS = { NO: 0, COVERS: 1, LINKED: 2, BETWEEN: 3 } as const;

/**
 * How a venue numbers its messages, and what else it lets a client check. Hot: called for each depth message; allocates
 * nothing. `ids[0]` is the number of the last message applied, or of the snapshot, 0 when there is none.
 */
export interface SequenceRule {
  readonly snapshot: SnapshotKind;
  /** Levels a side that the venue keeps: deeper ones are dropped after each message; 0: all. */
  readonly depth: number;
  /**
   * True when number and time of a snapshot in the stream compare with those of changes: one that is older by both than what the
   * book has been through was repeated or came late, and says nothing.
   */
  readonly datedSnapshots?: boolean;
  /** FOLLOWS; asked of depth messages, and of the snapshots of EVERY_MESSAGE, of which an old one is SKIPped. */
  follows(message: L2Message, ids: Float64Array): number;
  /** 1 when the snapshot holds this message already. */
  isBefore(message: L2Message, ids: Float64Array): number;
  /** JOINS. */
  joins(message: L2Message, ids: Float64Array): number;
  /** After the message was applied: 0 when its checksum differs from the book's, 1 when equal or when it has none. */
  agrees(message: L2Message, book: L2Book): number;
}
