import { type L2Message, N_LAST_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from '../../l2/rule.ts';

/**
 * Coinbase level2 (Coinbase Exchange and Advanced Trade documentation, "level2 channel"): the snapshot comes in the stream,
 * delivery is guaranteed by the server, and nothing is numbered: class G. What a message does reveal is its time: the times
 * of a product's changes never run backwards, so a message older than the last one came out of order.
 */
export class CoinbaseRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.IN_STREAM;
  readonly depth = 0;
  readonly datedSnapshots = true;

  follows({ numbers }: L2Message, ids: Float64Array): number {
    return numbers[N_LAST_ID]! >= ids[0]! ? FOLLOWS.YES : FOLLOWS.GAP;
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
