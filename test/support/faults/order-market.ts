import type { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { type Sides, withLevel } from './market.ts';

export interface MarketOrder {
  readonly id: number;
  readonly side: 0 | 1;
  readonly priceTicks: number;
  lots: number;
}

/** What happened to an order; `lots`: its size, what was taken from it, or what it has now. */
export type OrderEvent =
  | { readonly type: 'add' | 'match' | 'cancel' | 'reduce'; readonly order: MarketOrder; readonly lots: number }
  | { readonly type: 'replace'; readonly order: MarketOrder; readonly by: MarketOrder; readonly lots: number }
  | { readonly type: 'none' };

const ORDERS_MIN = 6;
const ORDERS_MAX = 40;
const REACH_TICKS = 10;
const LOTS_MAX = 900;

/** A random market order by order, never crossed, and its levels after every event. */
export class OrderMarket {
  /** `history[v]`: the levels after `v` events. */
  readonly history: Sides[] = [[[], []]];
  readonly orders: MarketOrder[] = [];
  private readonly prng: Prng;
  private readonly nextId: () => number;
  private middle: number;

  constructor(prng: Prng, middleTicks: number, nextId: () => number) {
    this.prng = prng;
    this.middle = middleTicks;
    this.nextId = nextId;
  }

  get version(): number {
    return this.history.length - 1;
  }

  /** A day is over: every order is gone. */
  clear(): void {
    this.orders.length = 0;
    this.history.push([[], []]);
  }

  /** Something that changes no order. */
  pass(): OrderEvent {
    this.history.push(this.history.at(-1)!);
    return { type: 'none' };
  }

  event(): OrderEvent {
    const { prng, orders } = this;
    this.middle += prng.nextInt(3) - 1;
    const kind = prng.nextInt(8);
    if (orders.length < ORDERS_MIN || (kind < 3 && orders.length < ORDERS_MAX))
      return this.add(this.draw(prng.nextInt(2) === 0 ? SIDE.BUY : SIDE.SELL));
    const at = prng.nextInt(orders.length);
    const order = orders[at]!;
    if (kind < 5) return this.take(at, order, prng.nextInt(2) === 0 ? order.lots : 1 + prng.nextInt(order.lots), 'match');
    if (kind === 5 && order.lots > 1) return this.take(at, order, 1 + prng.nextInt(order.lots - 1), 'reduce');
    if (kind === 6) return this.replace(at, order);
    return this.take(at, order, order.lots, 'cancel');
  }

  private draw(side: 0 | 1): MarketOrder {
    const { prng } = this;
    const [bids, asks] = this.history.at(-1)!;
    const away = prng.nextInt(REACH_TICKS);
    const wanted = side === SIDE.BUY ? this.middle - away : this.middle + away;
    const limit = side === SIDE.BUY ? (asks[0]?.[0] ?? Infinity) - 1 : (bids[0]?.[0] ?? -Infinity) + 1;
    const priceTicks = side === SIDE.BUY ? Math.min(wanted, limit) : Math.max(wanted, limit);
    return { id: this.nextId(), side, priceTicks, lots: 1 + prng.nextInt(LOTS_MAX) };
  }

  private add(order: MarketOrder): OrderEvent {
    this.orders.push(order);
    this.history.push(this.moved(this.history.at(-1)!, order, order.lots));
    return { type: 'add', order, lots: order.lots };
  }

  private take(at: number, order: MarketOrder, lots: number, type: 'match' | 'reduce' | 'cancel'): OrderEvent {
    this.history.push(this.moved(this.history.at(-1)!, order, -lots));
    order.lots -= lots;
    if (order.lots === 0) this.orders.splice(at, 1);
    return { type, order, lots };
  }

  private replace(at: number, order: MarketOrder): OrderEvent {
    const without = this.moved(this.history.at(-1)!, order, -order.lots);
    this.orders.splice(at, 1);
    const by = this.draw(order.side);
    this.orders.push(by);
    this.history.push(this.moved(without, by, by.lots));
    return { type: 'replace', order, by, lots: by.lots };
  }

  private moved(sides: Sides, { side, priceTicks }: MarketOrder, lots: number): Sides {
    const now = sides[side].find(([price]) => price === priceTicks)?.[1] ?? 0;
    return withLevel(sides, [side, priceTicks, now + lots]);
  }
}
