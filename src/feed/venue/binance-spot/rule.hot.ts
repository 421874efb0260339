import { type L2Message, N_FIRST_ID, N_LAST_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from '../../l2/rule.ts';

/**
 * Binance spot, JSON and SBE (Binance spot documentation, "How to manage a local order book correctly"): ids count the
 * changes of one symbol, a message covers U to u of them, and it follows when U <= id of the book + 1 <= u. What the book
 * holds already (u <= id) is passed over, anything later is a gap. The same range joins a snapshot's id.
 */
export class SpotRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.JOINED;
  readonly depth = 0;

  follows({ numbers }: L2Message, ids: Float64Array): number {
    const id = ids[0]!;
    const first = numbers[N_FIRST_ID]!;
    const last = numbers[N_LAST_ID]!;
    // No range at all: one of the two is wrong, and so nothing is known of what the message covers.
    if (first > last) return FOLLOWS.GAP;
    if (last <= id) return FOLLOWS.SKIP;
    return first <= id + 1 ? FOLLOWS.YES : FOLLOWS.GAP;
  }

  isBefore({ numbers }: L2Message, ids: Float64Array): number {
    return numbers[N_LAST_ID]! <= ids[0]! ? 1 : 0;
  }

  /** Asked only when u is above the snapshot's id. */
  joins({ numbers }: L2Message, ids: Float64Array): number {
    const first = numbers[N_FIRST_ID]!;
    const snapshotId = ids[0]!;
    if (first <= snapshotId) return JOINS.COVERS;
    return first === snapshotId + 1 ? JOINS.LINKED : JOINS.NO;
  }

  agrees(): number {
    return 1;
  }
}

/** Streams of partial depth (`<symbol>@depth20`): every message is the whole top of the book; an older one is passed over. */
export class SpotPartialRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.EVERY_MESSAGE;
  readonly depth = 0;

  follows({ numbers }: L2Message, ids: Float64Array): number {
    return numbers[N_LAST_ID]! < ids[0]! ? FOLLOWS.SKIP : FOLLOWS.YES;
  }

  isBefore(): number {
    return 0;
  }

  joins(): number {
    return JOINS.NO;
  }

  agrees(): number {
    return 1;
  }
}
