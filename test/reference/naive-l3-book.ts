import { SIDE } from '../../src/core/records/market.ts';
import { L3, PRIORITY } from '../../src/feed/book/l3-status.ts';

interface NaiveOrder {
  readonly ref: string;
  readonly side: number;
  price: number;
  qty: number;
}

export interface NaiveLevel {
  readonly price: number;
  readonly qty: number;
  readonly refs: readonly string[];
}

/** The obvious book of orders: a map of orders and, for each side and price, an array in order of time. Slow, and right by inspection. */
export class NaiveL3Book {
  readonly orders = new Map<string, NaiveOrder>();
  private readonly queues = new Map<string, NaiveOrder[]>();
  private readonly ordersMax: number;
  private readonly levelsMax: number;

  constructor(ordersMax: number, levelsMax: number) {
    this.ordersMax = ordersMax;
    this.levelsMax = levelsMax;
  }

  add(ref: string, side: number, price: number, qty: number): number {
    if (qty <= 0) return L3.BAD_QTY;
    if (this.orders.has(ref)) return L3.DUPLICATE_REF;
    if (this.orders.size >= this.ordersMax) return L3.ORDERS_FULL;
    if (!this.queues.has(`${side} ${price}`) && this.levels(side).length >= this.levelsMax) return L3.LEVELS_FULL;
    this.append({ ref, side, price, qty });
    return L3.OK;
  }

  reduce(ref: string, qty: number): number {
    const order = this.orders.get(ref);
    if (order === undefined) return L3.UNKNOWN_REF;
    if (qty <= 0) return L3.BAD_QTY;
    if (qty > order.qty) return L3.BELOW_ZERO;
    order.qty -= qty;
    if (order.qty === 0) this.remove(order);
    return L3.OK;
  }

  delete(ref: string): number {
    const order = this.orders.get(ref);
    if (order === undefined) return L3.UNKNOWN_REF;
    this.remove(order);
    return L3.OK;
  }

  replace(ref: string, newRef: string, price: number, qty: number): number {
    const order = this.orders.get(ref);
    if (order === undefined) return L3.UNKNOWN_REF;
    if (qty <= 0) return L3.BAD_QTY;
    if (newRef !== ref && this.orders.has(newRef)) return L3.DUPLICATE_REF;
    const alone = this.queues.get(`${order.side} ${order.price}`)!.length === 1;
    if (!alone && !this.queues.has(`${order.side} ${price}`) && this.levels(order.side).length >= this.levelsMax) return L3.LEVELS_FULL;
    this.remove(order);
    this.append({ ref: newRef, side: order.side, price, qty });
    return L3.OK;
  }

  modify(ref: string, price: number, qty: number, rule: number): number {
    const order = this.orders.get(ref);
    if (order === undefined) return L3.UNKNOWN_REF;
    if (qty <= 0) return L3.BAD_QTY;
    const loses = rule === PRIORITY.LOST_ALWAYS || price !== order.price || (rule === PRIORITY.LOST_BY_PRICE_OR_GROWTH && qty > order.qty);
    if (loses) return this.replace(ref, ref, price, qty);
    order.qty = qty;
    return L3.OK;
  }

  clear(): void {
    this.orders.clear();
    this.queues.clear();
  }

  /** Levels of a side, best first. */
  levels(side: number): NaiveLevel[] {
    const found: NaiveLevel[] = [];
    for (const [key, queue] of this.queues) {
      if (!key.startsWith(`${side} `)) continue;
      found.push({ price: queue[0]!.price, qty: queue.reduce((sum, one) => sum + one.qty, 0), refs: queue.map((one) => one.ref) });
    }
    return found.sort((a, b) => (side === SIDE.BUY ? b.price - a.price : a.price - b.price));
  }

  /** [orders ahead, lots ahead] of an order, or the status. */
  queueAhead(ref: string): [number, number] | number {
    const order = this.orders.get(ref);
    if (order === undefined) return L3.UNKNOWN_REF;
    const queue = this.queues.get(`${order.side} ${order.price}`)!;
    const ahead = queue.slice(0, queue.indexOf(order));
    return [ahead.length, ahead.reduce((sum, one) => sum + one.qty, 0)];
  }

  private append(order: NaiveOrder): void {
    this.orders.set(order.ref, order);
    const key = `${order.side} ${order.price}`;
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, [order]);
    else queue.push(order);
  }

  private remove(order: NaiveOrder): void {
    this.orders.delete(order.ref);
    const key = `${order.side} ${order.price}`;
    const queue = this.queues.get(key)!;
    queue.splice(queue.indexOf(order), 1);
    if (queue.length === 0) this.queues.delete(key);
  }
}
