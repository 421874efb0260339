import type { Counters } from '../../../core/counters.ts';
import { FEED_COUNTER } from '../../counters.ts';
import { type L2Message, N_LAST_ID, N_PREVIOUS_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT, type SnapshotKind } from '../../l2/rule.ts';
import { MESSAGE } from '../../l2/status.ts';
import type { BybitBooks } from './books.hot.ts';

/** Slot of `seq`, the number that grows across all depths and instruments but is not contiguous; 0 when there is none. */
export const N_CROSS_SEQUENCE = N_PREVIOUS_ID;
/** `u` of the snapshot that follows a restart of the service. */
const RESTARTED = 1;

/**
 * Bybit v5 (API documentation, "Orderbook"): a snapshot replaces the book, `u` 1 tells of a restart, and depth 1 sends snapshots
 * only, the same one again when nothing changed for 3 s. That `u` of JSON deltas grows by one is not documented (it is for SBE) but
 * was so in every recorded delta; `contiguous` false only demands that it grows, and counts the breaks. A `seq` that
 * contradicts `u` says that numbers began anew without a snapshot.
 */
export class BybitRule implements SequenceRule {
  readonly depth = 0;
  readonly datedSnapshots = true;
  private readonly books: BybitBooks;
  private readonly message: L2Message;
  private readonly counters: Counters;
  private readonly contiguous: boolean;
  /** `seq` of the last message applied, by instrument. */
  private readonly sequences: Float64Array;

  /** `message`: that of the decoder, which says whose depth counts. */
  constructor(books: BybitBooks, message: L2Message, counters: Counters, contiguous: boolean) {
    this.books = books;
    this.message = message;
    this.counters = counters;
    this.contiguous = contiguous;
    this.sequences = new Float64Array(books.depth.length);
  }

  get snapshot(): SnapshotKind {
    const instrument = this.message.instrument;
    return instrument >= 0 && this.books.depth[instrument]! === 1 ? SNAPSHOT.EVERY_MESSAGE : SNAPSHOT.IN_STREAM;
  }

  follows({ kind, instrument, numbers }: L2Message, ids: Float64Array): number {
    const last = ids[0]!;
    const id = numbers[N_LAST_ID]!;
    const sequence = numbers[N_CROSS_SEQUENCE]!;
    const lastSequence = this.sequences[instrument]!;
    if (kind === MESSAGE.SNAPSHOT) return id < last && id !== RESTARTED && sequence <= lastSequence ? FOLLOWS.SKIP : FOLLOWS.YES;
    if (id === RESTARTED) return FOLLOWS.GAP;
    if (id <= last) return sequence > lastSequence ? FOLLOWS.GAP : FOLLOWS.SKIP;
    if (sequence < lastSequence) return FOLLOWS.GAP;
    if (id === last + 1) return FOLLOWS.YES;
    if (this.contiguous) return FOLLOWS.GAP;
    this.counters.increment(FEED_COUNTER.SEQUENCE_BREAKS);
    return FOLLOWS.YES;
  }

  isBefore(): number {
    return 0;
  }

  joins(): number {
    return JOINS.NO;
  }

  agrees({ instrument, numbers }: L2Message): number {
    this.sequences[instrument] = numbers[N_CROSS_SEQUENCE]!;
    return 1;
  }
}
