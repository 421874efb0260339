import { PRICE_NONE } from '../../src/core/price.ts';
import { SIDE } from '../../src/core/records/market.ts';

/** The obvious book: one map a side. Slow, and right by inspection. */
export class NaiveBook {
  readonly sides = [new Map<number, number>(), new Map<number, number>()] as const;

  apply(side: number, priceTicks: number, qtyLots: number): void {
    const levels = this.sides[side === SIDE.BUY ? 0 : 1];
    if (qtyLots === 0) levels.delete(priceTicks);
    else levels.set(priceTicks, qtyLots);
  }

  clear(): void {
    for (const side of this.sides) side.clear();
  }

  /** [price, quantity] pairs, best first. */
  sorted(side: number): [number, number][] {
    const levels = [...this.sides[side === SIDE.BUY ? 0 : 1]];
    return levels.sort((a, b) => (side === SIDE.BUY ? b[0] - a[0] : a[0] - b[0]));
  }

  best(side: number): [number, number] {
    const keys = this.sides[side === SIDE.BUY ? 0 : 1];
    let best: number | undefined;
    for (const price of keys.keys()) if (best === undefined || (side === SIDE.BUY ? price > best : price < best)) best = price;
    return best === undefined ? [PRICE_NONE, 0] : [best, keys.get(best)!];
  }
}
