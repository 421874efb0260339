import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { TIME_IN_FORCE } from '../../core/records/order.ts';
import { TickBitmap } from './tick-bitmap.hot.ts';

/** Prices are ticks in 1 .. MATCHING_TICKS_MAX. */
export const MATCHING_TICKS_MAX = (1 << 20) - 1;
/** A market buy is a limit buy at the top of the ladder; a market sell one at tick 1. */
const MARKET_BUY_TICKS = MATCHING_TICKS_MAX;
const MARKET_SELL_TICKS = 1;

/** Statuses of a command. Refusals are negative and leave the book as it was. */
export const MATCHING = {
  /** Nothing rests: filled in full, or the rest of an IOC or market order expired. */
  DONE: 0,
  /** The order, or what is left of it, rests in the book under `lastOrderId`. */
  RESTING: 1,
  BAD_PRICE: -1,
  BAD_QTY: -2,
  /** A post-only order would have taken liquidity. */
  WOULD_TAKE: -3,
  /** A fill-or-kill order could not be filled at once. */
  NOT_FILLABLE: -4,
  /** Every slot holds a live order. */
  FULL: -5,
  /** No live order has this id: never accepted, filled or cancelled. */
  UNKNOWN_ORDER: -6,
} as const;

/**
 * What a command did, in the order in which it happened. Calls come from inside the command; a listener must not call the engine's
 * commands back. `onLevel` comes once for each level that changed, with its new quantity (0: gone).
 */
export interface MatchListener {
  onTrade(makerOrderId: number, makerOwner: number, takerSide: number, priceTicks: number, qtyLots: number, makerLeavesLots: number): void;
  onLevel(side: number, priceTicks: number, qtyLots: number): void;
}

/**
 * A price-time priority book of single orders with a match on entry. Each price is a FIFO queue, a doubly linked list through slots; which prices
 * are occupied stands in one bitmap a side. An order id is `generation * capacity + slot`, so a stale id is known as such without a
 * map. Integers only; no allocation after construction. Called once per order command; cost: under 1 µs without a sweep.
 */
export class MatchingEngine {
  /** Id, filled and resting quantity of the last limit or market command. */
  lastOrderId = -1;
  lastFilledLots = 0;
  lastRestingLots = 0;

  private readonly listener: MatchListener;
  private readonly capacity: number;
  private readonly bidTicks = new TickBitmap();
  private readonly askTicks = new TickBitmap();
  private bestBid = PRICE_NONE;
  private bestAsk = PRICE_NONE;
  // By tick. A tick holds bids or asks, never both, because the book is never crossed or locked.
  private readonly levelHead = new Int32Array(MATCHING_TICKS_MAX + 1).fill(-1);
  private readonly levelTail = new Int32Array(MATCHING_TICKS_MAX + 1).fill(-1);
  private readonly levelLots = new Float64Array(MATCHING_TICKS_MAX + 1);
  // By slot.
  private readonly orderTicks: Int32Array;
  private readonly orderSide: Uint8Array;
  private readonly orderLots: Float64Array;
  private readonly orderOwner: Int32Array;
  private readonly orderNext: Int32Array;
  private readonly orderPrevious: Int32Array;
  private readonly orderGeneration: Uint32Array;
  private readonly freeSlots: Int32Array;
  private freeCount: number;

  /** `capacity`: most orders that may rest at once. */
  constructor(capacity: number, listener: MatchListener) {
    this.listener = listener;
    this.capacity = capacity;
    this.orderTicks = new Int32Array(capacity);
    this.orderSide = new Uint8Array(capacity);
    this.orderLots = new Float64Array(capacity);
    this.orderOwner = new Int32Array(capacity);
    this.orderNext = new Int32Array(capacity);
    this.orderPrevious = new Int32Array(capacity);
    this.orderGeneration = new Uint32Array(capacity);
    this.freeSlots = new Int32Array(capacity);
    this.freeCount = capacity;
    for (let i = 0; i < capacity; i++) this.freeSlots[i] = capacity - 1 - i;
  }

  /**
   * Enters a limit order. `owner` is an int32 of the caller's, handed back in `onTrade`. Returns a `MATCHING` status; `lastOrderId` is
   * -1 when nothing rests.
   */
  limit(side: number, priceTicks: number, qtyLots: number, timeInForce: number, postOnly: boolean, owner: number): number {
    this.lastOrderId = -1;
    this.lastFilledLots = 0;
    this.lastRestingLots = 0;
    if (!(priceTicks >= 1 && priceTicks <= MATCHING_TICKS_MAX) || (priceTicks | 0) !== priceTicks) return MATCHING.BAD_PRICE;
    if (!(qtyLots > 0 && Number.isSafeInteger(qtyLots))) return MATCHING.BAD_QTY;
    if (postOnly && this.crosses(side, priceTicks)) return MATCHING.WOULD_TAKE;
    if (timeInForce === TIME_IN_FORCE.FOK && this.fillableLots(side, priceTicks, qtyLots) < qtyLots) return MATCHING.NOT_FILLABLE;
    // Asked for before the match, so that a full book refuses the whole command and not its rest.
    if (timeInForce === TIME_IN_FORCE.GTC && this.freeCount === 0) return MATCHING.FULL;
    const leaves = this.take(side, priceTicks, qtyLots);
    this.lastFilledLots = qtyLots - leaves;
    if (leaves === 0 || timeInForce !== TIME_IN_FORCE.GTC) return MATCHING.DONE;
    this.rest(side, priceTicks, leaves, owner);
    return MATCHING.RESTING;
  }

  /** Takes up to `qtyLots` at any price; what finds no counterpart expires. Returns a `MATCHING` status. */
  market(side: number, qtyLots: number): number {
    return this.limit(side, side === SIDE.BUY ? MARKET_BUY_TICKS : MARKET_SELL_TICKS, qtyLots, TIME_IN_FORCE.IOC, false, 0);
  }

  /** Removes a resting order. Returns DONE or UNKNOWN_ORDER. */
  cancel(orderId: number): number {
    const slot = this.slotOf(orderId);
    if (slot < 0) return MATCHING.UNKNOWN_ORDER;
    const ticks = this.orderTicks[slot]!;
    const side = this.orderSide[slot]!;
    this.levelLots[ticks] = this.levelLots[ticks]! - this.orderLots[slot]!;
    this.unlink(slot, side, ticks);
    this.listener.onLevel(side, ticks, this.levelLots[ticks]!);
    return MATCHING.DONE;
  }

  /** Sets a resting order's quantity to the smaller `qtyLots`; it keeps its place. Returns RESTING, BAD_QTY or UNKNOWN_ORDER. */
  reduce(orderId: number, qtyLots: number): number {
    const slot = this.slotOf(orderId);
    if (slot < 0) return MATCHING.UNKNOWN_ORDER;
    const before = this.orderLots[slot]!;
    if (!(qtyLots > 0 && qtyLots < before && Number.isSafeInteger(qtyLots))) return MATCHING.BAD_QTY;
    const ticks = this.orderTicks[slot]!;
    this.orderLots[slot] = qtyLots;
    this.levelLots[ticks] = this.levelLots[ticks]! - (before - qtyLots);
    this.listener.onLevel(this.orderSide[slot]!, ticks, this.levelLots[ticks]!);
    return MATCHING.RESTING;
  }

  /** Best bid in ticks, or PRICE_NONE. */
  bestBidTicks(): number {
    return this.bestBid;
  }

  /** Best ask in ticks, or PRICE_NONE. */
  bestAskTicks(): number {
    return this.bestAsk;
  }

  /** Best price of `side`, or PRICE_NONE. */
  bestTicks(side: number): number {
    return side === SIDE.BUY ? this.bestBid : this.bestAsk;
  }

  /** Quantity that rests at a price; 0 when none does. */
  levelQtyLots(priceTicks: number): number {
    return this.levelLots[priceTicks]!;
  }

  /** The occupied price of `side` that follows `priceTicks`, away from the touch, or PRICE_NONE. */
  nextTicks(side: number, priceTicks: number): number {
    const next = side === SIDE.BUY ? this.bidTicks.atOrBelow(priceTicks - 1) : this.askTicks.atOrAbove(priceTicks + 1);
    return next < 0 ? PRICE_NONE : next;
  }

  /** Id of the youngest order at a price, or -1. */
  youngestOrderId(priceTicks: number): number {
    const slot = this.levelTail[priceTicks]!;
    return slot < 0 ? -1 : this.orderGeneration[slot]! * this.capacity + slot;
  }

  /** Number of resting orders. */
  orderCount(): number {
    return this.capacity - this.freeCount;
  }

  /** Price of a resting order, or PRICE_NONE when the id is not live. */
  orderPriceTicks(orderId: number): number {
    const slot = this.slotOf(orderId);
    return slot < 0 ? PRICE_NONE : this.orderTicks[slot]!;
  }

  /** Open quantity of a resting order; 0 when the id is not live. */
  orderQtyLots(orderId: number): number {
    const slot = this.slotOf(orderId);
    return slot < 0 ? 0 : this.orderLots[slot]!;
  }

  private crosses(side: number, priceTicks: number): boolean {
    return side === SIDE.BUY ? this.bestAsk !== PRICE_NONE && priceTicks >= this.bestAsk : priceTicks <= this.bestBid;
  }

  private fillableLots(side: number, limitTicks: number, wantedLots: number): number {
    const other = side === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
    let ticks = this.bestTicks(other);
    let found = 0;
    while (ticks !== PRICE_NONE && found < wantedLots && (side === SIDE.BUY ? ticks <= limitTicks : ticks >= limitTicks)) {
      found += this.levelLots[ticks]!;
      ticks = this.nextTicks(other, ticks);
    }
    return found;
  }

  /** Matches against the other side up to `limitTicks`; returns what is left. */
  private take(side: number, limitTicks: number, qtyLots: number): number {
    const other = side === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
    let leaves = qtyLots;
    while (leaves > 0 && this.crosses(side, limitTicks)) leaves = this.takeLevel(side, other, this.bestTicks(other), leaves);
    return leaves;
  }

  private takeLevel(side: number, other: number, ticks: number, qtyLots: number): number {
    let leaves = qtyLots;
    while (leaves > 0) {
      const slot = this.levelHead[ticks]!;
      if (slot < 0) break;
      const resting = this.orderLots[slot]!;
      const traded = resting < leaves ? resting : leaves;
      leaves -= traded;
      this.orderLots[slot] = resting - traded;
      this.levelLots[ticks] = this.levelLots[ticks]! - traded;
      const makerOrderId = this.orderGeneration[slot]! * this.capacity + slot;
      const owner = this.orderOwner[slot]!;
      if (traded === resting) this.unlink(slot, other, ticks);
      this.listener.onTrade(makerOrderId, owner, side, ticks, traded, resting - traded);
    }
    this.listener.onLevel(other, ticks, this.levelLots[ticks]!);
    return leaves;
  }

  private rest(side: number, ticks: number, qtyLots: number, owner: number): void {
    const slot = this.freeSlots[--this.freeCount]!;
    const tail = this.levelTail[ticks]!;
    this.orderTicks[slot] = ticks;
    this.orderSide[slot] = side;
    this.orderLots[slot] = qtyLots;
    this.orderOwner[slot] = owner;
    this.orderNext[slot] = -1;
    this.orderPrevious[slot] = tail;
    this.levelTail[ticks] = slot;
    if (tail >= 0) this.orderNext[tail] = slot;
    else this.openLevel(slot, side, ticks);
    this.levelLots[ticks] = this.levelLots[ticks]! + qtyLots;
    this.lastOrderId = this.orderGeneration[slot]! * this.capacity + slot;
    this.lastRestingLots = qtyLots;
    this.listener.onLevel(side, ticks, this.levelLots[ticks]!);
  }

  private openLevel(slot: number, side: number, ticks: number): void {
    this.levelHead[ticks] = slot;
    if (side === SIDE.BUY) {
      this.bidTicks.set(ticks);
      if (ticks > this.bestBid) this.bestBid = ticks;
    } else {
      this.askTicks.set(ticks);
      if (this.bestAsk === PRICE_NONE || ticks < this.bestAsk) this.bestAsk = ticks;
    }
  }

  private unlink(slot: number, side: number, ticks: number): void {
    const next = this.orderNext[slot]!;
    const previous = this.orderPrevious[slot]!;
    if (previous >= 0) this.orderNext[previous] = next;
    else this.levelHead[ticks] = next;
    if (next >= 0) this.orderPrevious[next] = previous;
    else this.levelTail[ticks] = previous;
    this.orderGeneration[slot] = this.orderGeneration[slot]! + 1;
    // Lots of a free slot stay 0, so that an id of the next generation, not yet handed out, is not live.
    this.orderLots[slot] = 0;
    this.freeSlots[this.freeCount++] = slot;
    if (this.levelHead[ticks]! < 0) this.closeLevel(side, ticks);
  }

  private closeLevel(side: number, ticks: number): void {
    if (side === SIDE.BUY) {
      this.bidTicks.clear(ticks);
      if (ticks === this.bestBid) this.bestBid = this.nextTicks(side, ticks);
    } else {
      this.askTicks.clear(ticks);
      if (ticks === this.bestAsk) this.bestAsk = this.nextTicks(side, ticks);
    }
  }

  private slotOf(orderId: number): number {
    if (!(orderId >= 0)) return -1;
    const slot = orderId % this.capacity;
    const generation = (orderId - slot) / this.capacity;
    return this.orderGeneration[slot] === generation && this.orderLots[slot]! > 0 ? slot : -1;
  }
}
