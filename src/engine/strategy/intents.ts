import { INTENTS_PER_TICK_MAX } from '../../core/limits.ts';

export const INTENT = { NEW: 0, CANCEL: 1 } as const;
export type IntentKind = (typeof INTENT)[keyof typeof INTENT];

/**
 * What a strategy wants done on one tick: preallocated columns, `count` of them filled. Nothing here has been checked;
 * only the risk gate turns an intent into an order.
 */
export class IntentBatch {
  count = 0;
  /** Intents refused because the batch was full. */
  overflow = 0;
  /** INTENT. */
  readonly kind = new Int32Array(INTENTS_PER_TICK_MAX);
  /** SIDE. */
  readonly side = new Int32Array(INTENTS_PER_TICK_MAX);
  /** ORDER_TYPE. */
  readonly type = new Int32Array(INTENTS_PER_TICK_MAX);
  /** TIME_IN_FORCE. */
  readonly timeInForce = new Int32Array(INTENTS_PER_TICK_MAX);
  /** ATTRIBUTE_REDUCE_ONLY | ATTRIBUTE_POST_ONLY, or 0. */
  readonly flags = new Int32Array(INTENTS_PER_TICK_MAX);
  /** Limit price; ignored for a market order. */
  readonly priceTicks = new Int32Array(INTENTS_PER_TICK_MAX);
  readonly qtyLots = new Float64Array(INTENTS_PER_TICK_MAX);
  /** Order to cancel. */
  readonly orderId = new Int32Array(INTENTS_PER_TICK_MAX);
  /** A number of the strategy's own, journaled with the order. */
  readonly tag = new Int32Array(INTENTS_PER_TICK_MAX);

  clear(): void {
    this.count = 0;
  }

  limit(side: number, priceTicks: number, qtyLots: number, timeInForce: number, flags: number, tag: number): void {
    this.add(INTENT.NEW, side, 0, timeInForce, flags, priceTicks, qtyLots, 0, tag);
  }

  market(side: number, qtyLots: number, flags: number, tag: number): void {
    this.add(INTENT.NEW, side, 1, 1, flags, 0, qtyLots, 0, tag);
  }

  cancel(orderId: number, tag: number): void {
    this.add(INTENT.CANCEL, 0, 0, 0, 0, 0, 0, orderId, tag);
  }

  private add(
    kind: number,
    side: number,
    type: number,
    timeInForce: number,
    flags: number,
    priceTicks: number,
    qtyLots: number,
    orderId: number,
    tag: number,
  ): void {
    const at = this.count;
    if (at >= INTENTS_PER_TICK_MAX) {
      this.overflow++;
      return;
    }
    this.kind[at] = kind;
    this.side[at] = side;
    this.type[at] = type;
    this.timeInForce[at] = timeInForce;
    this.flags[at] = flags;
    this.priceTicks[at] = priceTicks;
    this.qtyLots[at] = qtyLots;
    this.orderId[at] = orderId;
    this.tag[at] = tag;
    this.count = at + 1;
  }
}
