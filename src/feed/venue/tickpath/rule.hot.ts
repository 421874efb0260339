import { type L2Message, N_LAST_ID, N_PREVIOUS_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from '../../l2/rule.ts';

/**
 * Tickpath's own protocol (docs/feed-protocol.md): each change of a book has the number after the one before, snapshots come in
 * the stream and carry the number of the last change they hold. A heartbeat carries the last number as both: it is old news, or
 * it shows that something is missing.
 */
export class TickpathRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.IN_STREAM;
  readonly depth = 0;

  follows({ numbers }: L2Message, ids: Float64Array): number {
    const previous = numbers[N_PREVIOUS_ID]!;
    const last = numbers[N_LAST_ID]!;
    if (previous < 0) return FOLLOWS.GAP;
    if (previous === ids[0]!) return last === previous ? FOLLOWS.SKIP : FOLLOWS.YES;
    return last <= ids[0]! ? FOLLOWS.SKIP : FOLLOWS.GAP;
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
