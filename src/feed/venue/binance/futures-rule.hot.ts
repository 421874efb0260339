import { type L2Message, N_FIRST_ID, N_LAST_ID, N_PREVIOUS_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from '../../l2/rule.ts';

/**
 * USD-M and COIN-M futures (Binance developer documentation, "How to manage a local order book correctly"): buffer events, take a
 * snapshot, drop events with u < lastUpdateId, join, then demand pu = previous u.
 *
 * Joining: the first kept event must cover the snapshot's id, U <= lastUpdateId <= u, or follow it, pu = lastUpdateId. Ids
 * are shared by all symbols, so the snapshot's id may also fall between two events of this one, pu < lastUpdateId < U. All
 * three say pu <= lastUpdateId <= u: no event of this symbol is missing. When pu > lastUpdateId the snapshot is too old and
 * another one is needed.
 */
export class FuturesRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.JOINED;
  readonly depth = 0;

  follows({ numbers }: L2Message, ids: Float64Array): number {
    // A range that ends before it begins has a wrong end, which the next message would have to name.
    if (numbers[N_FIRST_ID]! > numbers[N_LAST_ID]!) return FOLLOWS.GAP;
    return numbers[N_PREVIOUS_ID]! === ids[0]! ? FOLLOWS.YES : FOLLOWS.GAP;
  }

  isBefore({ numbers }: L2Message, ids: Float64Array): number {
    return numbers[N_LAST_ID]! < ids[0]! ? 1 : 0;
  }

  joins({ numbers }: L2Message, ids: Float64Array): number {
    const snapshotId = ids[0]!;
    const previousId = numbers[N_PREVIOUS_ID]!;
    if (numbers[N_FIRST_ID]! <= snapshotId) return JOINS.COVERS;
    if (previousId === snapshotId) return JOINS.LINKED;
    return previousId < snapshotId ? JOINS.BETWEEN : JOINS.NO;
  }

  agrees(): number {
    return 1;
  }
}
