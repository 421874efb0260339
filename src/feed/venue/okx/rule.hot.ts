import type { L2Book } from '../../book/l2-book.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_CHECKSUM, N_LAST_ID, N_PREVIOUS_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT, type SnapshotKind } from '../../l2/rule.ts';
import { OkxChecksum } from './checksum.hot.ts';
import type { OkxBooks } from './modes.ts';

/**
 * OKX (API v5, "Order book channel"): `prevSeqId` of a change is `seqId` of the message before. A keep-alive repeats it (both
 * equal) and is applied as a change of nothing, because it proves the book current; after maintenance numbers begin anew
 * (`seqId` below `prevSeqId`) and still link. Recordings from before the numbers have checksums, and times that must not
 * run backwards.
 *
 * By REST (changelog 2026-05-21): drop changes with `seqId` up to the snapshot's, the first one applied must satisfy `prevSeqId` <=
 * snapshot's < `seqId`. One that begins anew compares with no number from before it, so it joins only by its link.
 */
export class OkxRule implements SequenceRule {
  readonly snapshot: SnapshotKind;
  readonly depth = 0;
  readonly datedSnapshots = true;
  readonly checksum: OkxChecksum;
  /** Venue time of the last message applied, epoch ms, by instrument. */
  private readonly lastMs: Float64Array;

  constructor(grid: GridTable, books: OkxBooks) {
    this.snapshot = books === 'books' ? SNAPSHOT.IN_STREAM : books === 'books-rest' ? SNAPSHOT.JOINED : SNAPSHOT.EVERY_MESSAGE;
    this.checksum = new OkxChecksum(grid);
    this.lastMs = new Float64Array(grid.tickUnits.length);
  }

  follows({ numbers, instrument }: L2Message, ids: Float64Array): number {
    const isOlder = numbers[N_TRANSACT_MS]! < this.lastMs[instrument]!;
    if (this.snapshot === SNAPSHOT.EVERY_MESSAGE) return isOlder ? FOLLOWS.SKIP : FOLLOWS.YES;
    if (numbers[N_LAST_ID]! === 0 && isOlder) return FOLLOWS.GAP;
    return numbers[N_PREVIOUS_ID]! === ids[0]! ? FOLLOWS.YES : FOLLOWS.GAP;
  }

  isBefore({ numbers, beginsAnew }: L2Message, ids: Float64Array): number {
    return beginsAnew === 0 && numbers[N_LAST_ID]! <= ids[0]! && numbers[N_PREVIOUS_ID]! !== ids[0]! ? 1 : 0;
  }

  joins({ numbers, beginsAnew }: L2Message, ids: Float64Array): number {
    const snapshotId = ids[0]!;
    if (numbers[N_PREVIOUS_ID]! === snapshotId) return JOINS.LINKED;
    return beginsAnew === 0 && numbers[N_PREVIOUS_ID]! < snapshotId && snapshotId < numbers[N_LAST_ID]! ? JOINS.COVERS : JOINS.NO;
  }

  /** A checksum of 0 says that there is none; the decoder then sets no `hasChecksum`. */
  agrees(message: L2Message, book: L2Book): number {
    this.lastMs[message.instrument] = message.numbers[N_TRANSACT_MS]!;
    if (message.hasChecksum === 0) return 1;
    return this.checksum.of(message.instrument, book) === message.numbers[N_CHECKSUM]! ? 1 : 0;
  }
}
