import { type L2Message, N_PREVIOUS_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from '../../l2/rule.ts';

/**
 * Deribit (docs.deribit.com, "book.{instrument_name}.{interval}"): the first message is a snapshot, each later one names the
 * change before it, class B. A change that names another one means that something is missing: subscribe again.
 */
export class DeribitRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.IN_STREAM;
  readonly depth = 0;
  readonly datedSnapshots = true;

  follows({ numbers }: L2Message, ids: Float64Array): number {
    return numbers[N_PREVIOUS_ID]! === ids[0]! ? FOLLOWS.YES : FOLLOWS.GAP;
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
