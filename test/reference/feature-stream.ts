import { Prng } from '../../src/core/prng.ts';
import type { FeatureStage } from '../../src/engine/features/feature-stage.hot.ts';
import type { BookView } from '../../src/engine/features/market-view.hot.ts';
import type { NaiveEvent } from './naive-features.ts';

/** A book made of two lists. */
export class ListBook implements BookView {
  private readonly sides: readonly (readonly (readonly [number, number])[])[];

  constructor(bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]) {
    this.sides = [bids, asks];
  }

  levels(side: number): number {
    return this.sides[side]!.length;
  }

  priceAt(side: number, index: number): number {
    return this.sides[side]![index]![0];
  }

  qtyAt(side: number, index: number): number {
    return this.sides[side]![index]![1];
  }
}

/** Feeds one event to the stage under test. */
export function feed(stage: FeatureStage, event: NaiveEvent): void {
  stage.setTime(Float64Array.of(event.timeNs), 0);
  if (event.kind === 'top') stage.onBbo(event.bid, event.bidLots, event.ask, event.askLots);
  else if (event.kind === 'depth') stage.onDepth(new ListBook(event.bids, event.asks));
  else stage.onTrade(event.side, event.lots);
}

/**
 * A random event stream: bursts at one time stamp, pauses of microseconds to minutes, one-sided tops, empty and short
 * sides, trades of all sizes. Seeded: the same arguments give the same events.
 */
export function randomEvents(seed: number, count: number): NaiveEvent[] {
  const random = new Prng(seed);
  const events: NaiveEvent[] = [];
  let timeNs = random.nextInt(1_000_000);
  let mid = 1000 + random.nextInt(1_000_000);
  const side = (levels: number, sign: number): [number, number][] => {
    let price = mid + sign * (1 + random.nextInt(3));
    return Array.from({ length: levels }, () => {
      const level: [number, number] = [price, 1 + random.nextInt(5_000)];
      price += sign * (1 + random.nextInt(4));
      return level;
    });
  };
  for (let i = 0; i < count; i++) {
    const pause = random.nextInt(100);
    if (pause >= 40) timeNs += random.nextInt(pause < 90 ? 20_000_000 : pause < 99 ? 2_000_000_000 : 200_000_000);
    if (pause === 99 && random.nextInt(8) === 0) timeNs += 300_000_000_000;
    if (random.nextInt(3) === 0) mid += random.nextInt(11) - 5;
    const what = random.nextInt(10);
    if (what < 5) {
      const oneSided = random.nextInt(40);
      const bid = mid - 1 - random.nextInt(3);
      const ask = mid + 1 + random.nextInt(3);
      events.push({
        kind: 'top',
        timeNs,
        bid: oneSided === 0 ? -2147483648 : bid,
        bidLots: oneSided === 0 ? 0 : 1 + random.nextInt(3_000),
        ask: oneSided === 1 ? -2147483648 : ask,
        askLots: oneSided === 1 ? 0 : 1 + random.nextInt(3_000),
      });
    } else if (what < 8) {
      const levels = (): number => (random.nextInt(10) === 0 ? random.nextInt(4) : 4 + random.nextInt(14));
      events.push({ kind: 'depth', timeNs, bids: side(levels(), -1), asks: side(levels(), 1) });
    } else {
      events.push({ kind: 'trade', timeNs, side: random.nextInt(2), lots: 1 + random.nextInt(10_000) });
    }
  }
  return events;
}
