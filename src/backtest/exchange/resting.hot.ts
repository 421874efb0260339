import { OPEN_ORDERS_MAX } from '../../core/limits.ts';
import { SIDE } from '../../core/records/market.ts';

/**
 * Own orders resting at the simulated exchange: columns by row, and the rows of each side in price-time priority. Inserting
 * and removing move at most OPEN_ORDERS_MAX numbers. Called by the simulated exchange; allocates nothing.
 */
export class RestingOrders {
  readonly orderId = new Int32Array(OPEN_ORDERS_MAX);
  readonly priceTicks = new Int32Array(OPEN_ORDERS_MAX);
  readonly leavesLots = new Float64Array(OPEN_ORDERS_MAX);
  /** Displayed lots ahead of the order at its price. */
  readonly aheadLots = new Float64Array(OPEN_ORDERS_MAX);
  readonly postOnly = new Int32Array(OPEN_ORDERS_MAX);
  /** 1 when it arrived while the book was not LIVE, so that what it met on arrival is not known yet. */
  readonly blind = new Int32Array(OPEN_ORDERS_MAX);
  /** Rows, best price first, at one price the earliest first; `buys` and `sells` of them. */
  readonly buyRows = new Int32Array(OPEN_ORDERS_MAX);
  readonly sellRows = new Int32Array(OPEN_ORDERS_MAX);
  buys = 0;
  sells = 0;
  private readonly freeRows = new Int32Array(OPEN_ORDERS_MAX);
  private free = OPEN_ORDERS_MAX;

  constructor() {
    for (let i = 0; i < OPEN_ORDERS_MAX; i++) this.freeRows[i] = OPEN_ORDERS_MAX - 1 - i;
  }

  get full(): boolean {
    return this.free === 0;
  }

  /** Inserts behind all orders of the same price. The table is not full. */
  insert(side: number, orderId: number, priceTicks: number, leavesLots: number, aheadLots: number, postOnly: number, blind: number): void {
    const row = this.freeRows[--this.free]!;
    this.orderId[row] = orderId;
    this.priceTicks[row] = priceTicks;
    this.leavesLots[row] = leavesLots;
    this.aheadLots[row] = aheadLots;
    this.postOnly[row] = postOnly;
    this.blind[row] = blind;
    const rows = side === SIDE.BUY ? this.buyRows : this.sellRows;
    let at = side === SIDE.BUY ? this.buys++ : this.sells++;
    for (; at > 0; at--) {
      const ahead = this.priceTicks[rows[at - 1]!]!;
      if (side === SIDE.BUY ? ahead >= priceTicks : ahead <= priceTicks) break;
      rows[at] = rows[at - 1]!;
    }
    rows[at] = row;
  }

  /** Removes the order at `position` of a side. */
  remove(side: number, position: number): void {
    const rows = side === SIDE.BUY ? this.buyRows : this.sellRows;
    const last = (side === SIDE.BUY ? this.buys-- : this.sells--) - 1;
    this.freeRows[this.free++] = rows[position]!;
    for (let i = position; i < last; i++) rows[i] = rows[i + 1]!;
  }

  /** Position of an order on a side, or -1. */
  find(side: number, orderId: number): number {
    const rows = side === SIDE.BUY ? this.buyRows : this.sellRows;
    const count = side === SIDE.BUY ? this.buys : this.sells;
    for (let i = 0; i < count; i++) {
      if (this.orderId[rows[i]!] === orderId) return i;
    }
    return -1;
  }
}
