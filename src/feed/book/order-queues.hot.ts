import { assert } from '../../core/assert.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { FNV_OFFSET, mixLots, mixWord } from './book-hash.hot.ts';
import type { BookView } from './book-view.ts';
import { PriceLadder } from './price-ladder.hot.ts';

/** "No order" and "no level", in links and as what a look-up says. */
export const NONE = -1;

/**
 * Orders by number in the queues of their price levels, and the levels of each side in order of price: what an L3Book keeps
 * beside the references. Ask prices are stored negated: both sides share one code path.
 */
export class OrderQueues implements BookView {
  readonly ordersMax: number;
  readonly levelsMax: number;
  protected readonly bids: PriceLadder;
  protected readonly asks: PriceLadder;
  protected readonly orderQty: Float64Array;
  protected readonly orderLevel: Int32Array;
  /** Towards the front and the end of the level's queue; `orderNext` also links the free orders. */
  protected readonly orderPrevious: Int32Array;
  protected readonly orderNext: Int32Array;
  protected readonly levelSide: Uint8Array;
  protected readonly levelKey: Int32Array;
  protected readonly levelQty: Float64Array;
  protected readonly levelOrders: Int32Array;
  /** Front of the queue; also links the free levels. */
  protected readonly levelFront: Int32Array;
  protected readonly levelEnd: Int32Array;
  private freeOrder: number;
  private freeLevel: number;
  /** Orders and levels that were ever taken; those from here on have never been touched. */
  private freshOrder: number;
  private freshLevel: number;

  constructor(ordersMax: number, levelsMax: number) {
    assert(ordersMax >= 1 && levelsMax >= 1, 'Invariant: a book holds at least one order and one level a side');
    this.ordersMax = ordersMax;
    this.levelsMax = levelsMax;
    this.bids = new PriceLadder(levelsMax);
    this.asks = new PriceLadder(levelsMax);
    this.orderQty = new Float64Array(ordersMax);
    this.orderLevel = new Int32Array(ordersMax);
    this.orderPrevious = new Int32Array(ordersMax);
    this.orderNext = new Int32Array(ordersMax);
    this.levelSide = new Uint8Array(2 * levelsMax);
    this.levelKey = new Int32Array(2 * levelsMax);
    this.levelQty = new Float64Array(2 * levelsMax);
    this.levelOrders = new Int32Array(2 * levelsMax);
    this.levelFront = new Int32Array(2 * levelsMax);
    this.levelEnd = new Int32Array(2 * levelsMax);
    this.freeOrder = NONE;
    this.freeLevel = NONE;
    this.freshOrder = 0;
    this.freshLevel = 0;
  }

  /** Best bid in ticks, PRICE_NONE when there is none. */
  get bidTicks(): number {
    const { keys, count } = this.bids;
    return count === 0 ? PRICE_NONE : keys[count - 1]!;
  }

  /** Best ask in ticks, PRICE_NONE when there is none. */
  get askTicks(): number {
    const { keys, count } = this.asks;
    return count === 0 ? PRICE_NONE : 0 - keys[count - 1]!;
  }

  /** Lots at the best bid, 0 when there is none. */
  get bidLots(): number {
    return this.qtyAt(SIDE.BUY, 0);
  }

  /** Lots at the best ask, 0 when there is none. */
  get askLots(): number {
    return this.qtyAt(SIDE.SELL, 0);
  }

  /** True when both sides have levels and the best bid is at or above the best ask. */
  crossed(): boolean {
    const { bids, asks } = this;
    return bids.count > 0 && asks.count > 0 && bids.keys[bids.count - 1]! >= -asks.keys[asks.count - 1]!;
  }

  levels(side: number): number {
    return side === SIDE.BUY ? this.bids.count : this.asks.count;
  }

  /** Price in ticks of the `i`-th best level (0 = best), PRICE_NONE beyond the last. */
  priceAt(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === NONE ? PRICE_NONE : this.ticksOf(level);
  }

  /** Lots of the `i`-th best level (0 = best), 0 beyond the last. */
  qtyAt(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === NONE ? 0 : this.levelQty[level]!;
  }

  /** Number of orders of the `i`-th best level (0 = best), 0 beyond the last. */
  orderCountAt(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === NONE ? 0 : this.levelOrders[level]!;
  }

  /** Lots at `priceTicks`, 0 when there is no such level. */
  qtyOf(side: number, priceTicks: number): number {
    const level = side === SIDE.BUY ? this.bids.find(priceTicks) : this.asks.find(0 - priceTicks);
    return level === NONE ? 0 : this.levelQty[level]!;
  }

  /** First order of the `i`-th best level's queue, -1 when there is no such level. */
  frontOf(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === NONE ? NONE : this.levelFront[level]!;
  }

  /** The order after `order` in its level's queue, -1 after the last. */
  after(order: number): number {
    return this.orderNext[order]!;
  }

  lotsOf(order: number): number {
    return this.orderQty[order]!;
  }

  sideOf(order: number): number {
    return this.levelSide[this.orderLevel[order]!]!;
  }

  priceOf(order: number): number {
    return this.ticksOf(this.orderLevel[order]!);
  }

  /** Equal to `L2Book.hash` of a book with the same levels. Not for each tick. */
  hash(): number {
    let hash = FNV_OFFSET;
    for (let side = 0; side < 2; side++) {
      const count = this.levels(side);
      hash = mixWord(hash, count);
      for (let i = 0; i < count; i++) {
        hash = mixWord(hash, this.priceAt(side, i));
        hash = mixLots(hash, this.qtyAt(side, i));
      }
    }
    return hash >>> 0;
  }

  protected clearQueues(): void {
    this.bids.count = 0;
    this.asks.count = 0;
    this.freeOrder = NONE;
    this.freeLevel = NONE;
    this.freshOrder = 0;
    this.freshLevel = 0;
  }

  protected levelAt(side: number, i: number): number {
    const ladder = side === SIDE.BUY ? this.bids : this.asks;
    const at = ladder.count - 1 - i;
    return at < 0 || i < 0 ? NONE : ladder.levels[at]!;
  }

  protected ticksOf(level: number): number {
    const key = this.levelKey[level]!;
    return this.levelSide[level]! === SIDE.BUY ? key : 0 - key;
  }

  /** True when another order can be added. */
  protected hasFreeOrder(): boolean {
    return this.freeOrder !== NONE || this.freshOrder < this.ordersMax;
  }

  /** The level at `key`, made when there is none; NONE when the side is full. */
  protected levelFor(side: number, key: number): number {
    const ladder = side === SIDE.BUY ? this.bids : this.asks;
    const found = ladder.find(key);
    if (found !== NONE) return found;
    if (ladder.count === this.levelsMax) return NONE;
    let level = this.freeLevel;
    if (level === NONE) level = this.freshLevel++;
    else this.freeLevel = this.levelFront[level]!;
    this.levelSide[level] = side;
    this.levelKey[level] = key;
    this.levelQty[level] = 0;
    this.levelOrders[level] = 0;
    this.levelFront[level] = NONE;
    this.levelEnd[level] = NONE;
    ladder.insert(key, level);
    return level;
  }

  protected takeOrder(): number {
    const order = this.freeOrder;
    if (order === NONE) return this.freshOrder++;
    this.freeOrder = this.orderNext[order]!;
    return order;
  }

  protected link(order: number, level: number): void {
    const end = this.levelEnd[level]!;
    this.orderLevel[order] = level;
    this.orderPrevious[order] = end;
    this.orderNext[order] = NONE;
    if (end === NONE) this.levelFront[level] = order;
    else this.orderNext[end] = order;
    this.levelEnd[level] = order;
    this.levelOrders[level] = this.levelOrders[level]! + 1;
    this.levelQty[level] = this.levelQty[level]! + this.orderQty[order]!;
  }

  /** Takes an order out of its level's queue; a level without orders is gone, but keeps its price and 0 lots until it is used again. */
  protected unlink(order: number): void {
    const level = this.orderLevel[order]!;
    const previous = this.orderPrevious[order]!;
    const next = this.orderNext[order]!;
    if (previous === NONE) this.levelFront[level] = next;
    else this.orderNext[previous] = next;
    if (next === NONE) this.levelEnd[level] = previous;
    else this.orderPrevious[next] = previous;
    const left = this.levelOrders[level]! - 1;
    this.levelOrders[level] = left;
    this.levelQty[level] = this.levelQty[level]! - this.orderQty[order]!;
    if (left > 0) return;
    const ladder = this.levelSide[level]! === SIDE.BUY ? this.bids : this.asks;
    ladder.remove(this.levelKey[level]!);
    this.levelFront[level] = this.freeLevel;
    this.freeLevel = level;
  }

  protected giveOrder(order: number): void {
    this.orderNext[order] = this.freeOrder;
    this.freeOrder = order;
  }

  /** True when a level at `priceTicks` is there, fits, or takes the place of the one that `order` leaves empty. */
  protected canMove(order: number, priceTicks: number): boolean {
    const level = this.orderLevel[order]!;
    const bid = this.levelSide[level]! === SIDE.BUY;
    const ladder = bid ? this.bids : this.asks;
    return ladder.count < this.levelsMax || this.levelOrders[level]! === 1 || ladder.find(bid ? priceTicks : 0 - priceTicks) !== NONE;
  }
}
