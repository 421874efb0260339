/** One resting order of the naive matching engine. */
export interface NaiveOrder {
  readonly label: number;
  readonly side: number;
  readonly priceTicks: number;
  lots: number;
}

export interface NaiveTrade {
  readonly maker: number;
  readonly takerSide: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly makerLeaves: number;
}

/**
 * Price-time priority in the plainest way: one array of orders in order of arrival, searched anew for the best counterpart on each
 * match. Orders are named by the caller's labels.
 */
export class NaiveMatching {
  orders: NaiveOrder[] = [];

  /** Returns the trades, or undefined when the order is refused (post-only or fill-or-kill). */
  limit(label: number, side: number, priceTicks: number, qty: number, kind: 'gtc' | 'ioc' | 'fok' | 'post'): NaiveTrade[] | undefined {
    const reach = (o: NaiveOrder): boolean => o.side !== side && (side === 0 ? o.priceTicks <= priceTicks : o.priceTicks >= priceTicks);
    const reachable = this.orders.filter(reach);
    if (kind === 'post' && reachable.length > 0) return undefined;
    if (kind === 'fok' && reachable.reduce((sum, o) => sum + o.lots, 0) < qty) return undefined;
    const trades: NaiveTrade[] = [];
    let leaves = qty;
    while (leaves > 0) {
      let best: NaiveOrder | undefined;
      for (const order of this.orders) {
        if (!reach(order)) continue;
        if (best === undefined || (side === 0 ? order.priceTicks < best.priceTicks : order.priceTicks > best.priceTicks)) best = order;
      }
      if (best === undefined) break;
      const lots = Math.min(best.lots, leaves);
      best.lots -= lots;
      leaves -= lots;
      trades.push({ maker: best.label, takerSide: side, priceTicks: best.priceTicks, lots, makerLeaves: best.lots });
      this.orders = this.orders.filter((o) => o.lots > 0);
    }
    if (leaves > 0 && (kind === 'gtc' || kind === 'post')) this.orders.push({ label, side, priceTicks, lots: leaves });
    return trades;
  }

  cancel(label: number): boolean {
    const before = this.orders.length;
    this.orders = this.orders.filter((o) => o.label !== label);
    return this.orders.length < before;
  }

  reduce(label: number, lots: number): boolean {
    const order = this.orders.find((o) => o.label === label);
    if (order === undefined || lots >= order.lots) return false;
    order.lots = lots;
    return true;
  }

  /** Levels of a side, best first, as [ticks, lots]. */
  levels(side: number): [number, number][] {
    const lots = new Map<number, number>();
    for (const o of this.orders) if (o.side === side) lots.set(o.priceTicks, (lots.get(o.priceTicks) ?? 0) + o.lots);
    return [...lots].sort((a, b) => (side === 0 ? b[0] - a[0] : a[0] - b[0]));
  }
}
