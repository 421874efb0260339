import type { Counters } from '../../../core/counters.ts';
import { SIDE } from '../../../core/records/market.ts';
import { L2Book } from '../../book/l2-book.hot.ts';
import { L3Book } from '../../book/l3-book.hot.ts';
import { L3 } from '../../book/l3-status.ts';
import { ORDER_COUNTERS } from '../../counters.ts';
import { ORDER_COUNTER } from '../nasdaq-itch/counters.ts';
import { type LobsterRow, N_LEVEL_PRICE, N_LEVEL_SIZE, N_PRICE, N_SIZE, ROW } from './decode.hot.ts';
import { LOBSTER } from './status.ts';

/** The level of the message, one that scrolled out of view and one that scrolled in. */
const CHANGES_MAX = 3;

/**
 * The L levels a side that LOBSTER shows, and the orders of them that are known.
 *
 * Levels: apply the message; when the side then has more than L, the worst is out of view and is dropped; when it has one less
 * than L, the order-book row's last level came into view and is added. A file tells of no order out of view.
 *
 * Orders: a message may name one from before the first row or from out of view; it then changes its level alone. The orders of a
 * level that leaves view are forgotten. So at every level the known orders add up to at most its quantity, and to all of it
 * when none is unknown: anything else is a mismatch.
 */
export class LobsterBooks {
  readonly levels: L2Book;
  readonly orders: L3Book;
  /** Levels that the last row changed, on its side. */
  changed: number;
  readonly changedTicks: Int32Array;
  readonly changedLots: Float64Array;
  /** 1 when the last row contradicts the books. */
  mismatch: number;
  private readonly counters: Counters;
  private readonly lots: Float64Array;
  private depth: number;

  constructor(counters: Counters) {
    this.levels = new L2Book();
    this.orders = new L3Book();
    this.changed = 0;
    this.changedTicks = new Int32Array(CHANGES_MAX);
    this.changedLots = new Float64Array(CHANGES_MAX);
    this.mismatch = 0;
    this.counters = counters;
    this.lots = new Float64Array(1);
    this.depth = 0;
  }

  clear(): void {
    this.levels.clear();
    this.orders.clear();
    this.changed = 0;
    this.depth = 0;
  }

  /** The first row of a file: the order-book row is the book after its message; LOBSTER. */
  begin(bytes: Uint8Array, row: LobsterRow, unitsPerTick: number, sharesPerLot: number): number {
    this.clear();
    this.depth = row.levels;
    if (row.levels < 1 || row.levels > this.levels.capacity - 1) return LOBSTER.BAD_LEVELS;
    for (let side = 0; side < 2; side++) {
      for (let i = 0; i < row.levels; i++) {
        const status = this.reveal(bytes, row, side, i, unitsPerTick, sharesPerLot);
        if (status < 0) return status;
      }
    }
    if (row.type === ROW.NEW) this.add(row);
    return LOBSTER.OK;
  }

  /** A later row of type 1 to 4; LOBSTER. */
  apply(bytes: Uint8Array, row: LobsterRow, unitsPerTick: number, sharesPerLot: number): number {
    const { levels, depth } = this;
    const { numbers, side, type } = row;
    this.changed = 0;
    this.mismatch = 0;
    const ticks = numbers[N_PRICE]! | 0;
    this.lots[0] = levels.qtyOf(side, ticks);
    if (type === ROW.NEW) {
      this.lots[0] = this.lots[0]! + numbers[N_SIZE]!;
      this.set(side, ticks);
      this.add(row);
    } else {
      // A level out of view is none of the file's; one that is better than the worst in view must be there.
      if (this.lots[0] === 0 && this.isBeyondView(side, ticks)) return LOBSTER.OK;
      this.lots[0] = this.lots[0]! - numbers[N_SIZE]!;
      if (this.lots[0]! < 0) return this.contradicted(ORDER_COUNTER.BELOW_ZERO);
      this.set(side, ticks);
      this.take(row);
    }
    if (this.orders.qtyOf(side, ticks) > this.lots[0]!) return this.contradicted(ORDER_COUNTER.BELOW_ZERO);
    const count = levels.levels(side);
    if (count > depth) this.dropWorst(side);
    else if (count === depth - 1) return this.reveal(bytes, row, side, depth - 1, unitsPerTick, sharesPerLot);
    return LOBSTER.OK;
  }

  private isBeyondView(side: number, ticks: number): boolean {
    const count = this.levels.levels(side);
    if (count < this.depth) return false;
    const worst = this.levels.priceAt(side, count - 1);
    return side === SIDE.BUY ? ticks < worst : ticks > worst;
  }

  /** Sets the level at `ticks` to `lots[0]`. */
  private set(side: number, ticks: number): void {
    this.levels.apply(side, ticks, this.lots[0]!);
    this.changedTicks[this.changed] = ticks;
    this.changedLots[this.changed] = this.lots[0]!;
    this.changed++;
  }

  private add(row: LobsterRow): void {
    const status = this.orders.add(row.refLow, row.refHigh, row.side, row.numbers[N_PRICE]! | 0, row.numbers, N_SIZE);
    if (status < 0) this.contradicted(ORDER_COUNTER.DUPLICATE);
  }

  /** Takes from the order that the row names, if it is known. */
  private take(row: LobsterRow): void {
    const { orders } = this;
    const { numbers, refLow, refHigh } = row;
    const order = orders.orderOf(refLow, refHigh);
    if (order < 0) {
      this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.FROM_BEFORE);
      return;
    }
    const another = orders.priceOf(order) !== (numbers[N_PRICE]! | 0) || orders.sideOf(order) !== row.side;
    const part = row.type === ROW.DELETE && orders.lotsOf(order) !== numbers[N_SIZE]!;
    if (another || part) this.contradicted(ORDER_COUNTER.UNKNOWN);
    else if (orders.reduce(refLow, refHigh, numbers, N_SIZE) !== L3.OK) this.contradicted(ORDER_COUNTER.BELOW_ZERO);
  }

  private contradicted(counter: number): number {
    this.counters.increment(ORDER_COUNTERS + counter);
    this.mismatch = 1;
    return LOBSTER.OK;
  }

  private dropWorst(side: number): void {
    const { levels, orders } = this;
    const ticks = levels.priceAt(side, levels.levels(side) - 1);
    this.lots[0] = 0;
    this.set(side, ticks);
    // Their level may be above others of the book of orders: levels with unknown orders alone are not in it.
    for (let i = orders.levels(side) - 1; i >= 0 && orders.priceAt(side, i) === ticks; i = orders.levels(side) - 1) {
      const order = orders.frontOf(side, i);
      orders.delete(orders.lowOf(order), orders.highOf(order));
    }
  }

  /** Adds level `i` of the order-book row, when it has one; it must be the worst of its side. */
  private reveal(bytes: Uint8Array, row: LobsterRow, side: number, i: number, unitsPerTick: number, sharesPerLot: number): number {
    const { levels } = this;
    const { numbers } = row;
    const status = row.readLevel(bytes, side, i);
    if (status < 0 || numbers[N_LEVEL_SIZE] === 0) return status;
    if (numbers[N_LEVEL_PRICE]! % unitsPerTick !== 0 || numbers[N_LEVEL_SIZE]! % sharesPerLot !== 0) return LOBSTER.OFF_GRID;
    const ticks = (numbers[N_LEVEL_PRICE]! / unitsPerTick) | 0;
    const count = levels.levels(side);
    const worst = levels.priceAt(side, count - 1);
    if (count !== i || (count > 0 && (side === SIDE.BUY ? ticks >= worst : ticks <= worst))) return LOBSTER.BAD_LEVELS;
    this.lots[0] = numbers[N_LEVEL_SIZE]! / sharesPerLot;
    this.set(side, ticks);
    if (row.first === 1) this.changed = 0;
    return LOBSTER.OK;
  }
}
