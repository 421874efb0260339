import { type L2Message, N_LAST_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from '../../l2/rule.ts';

/** Hyperliquid (gitbook, "Websocket subscriptions", l2Book): every message is a whole book, class F. One older than the last is passed over. */
export class HyperliquidRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.EVERY_MESSAGE;
  readonly depth = 0;

  follows({ numbers }: L2Message, ids: Float64Array): number {
    return numbers[N_LAST_ID]! >= ids[0]! ? FOLLOWS.YES : FOLLOWS.SKIP;
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
