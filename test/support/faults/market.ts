import type { Instrument } from '../../../src/core/instrument.ts';
import type { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';

export type Level = readonly [side: number, priceTicks: number, qtyLots: number];
/** Both sides of a book, best first. */
export type Sides = readonly [bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]];

const LEVELS_MIN = 4;
const LEVELS_MAX = 14;
const REACH_TICKS = 12;
const LOTS_MAX = 90_000;

/** A random book that is never crossed, and what it was after every change: the truth that feeds are held against. */
export class Market {
  /** `history[v]`: the book after `v` changes. */
  readonly history: Sides[] = [];
  /** `changed[v]`: levels that change number `v` touched. */
  private readonly changed: Level[][] = [[]];
  private readonly prng: Prng;
  private middle: number;

  constructor(prng: Prng, middleTicks: number) {
    this.prng = prng;
    this.middle = middleTicks;
    const side = (sign: number): [number, number][] =>
      Array.from({ length: LEVELS_MIN + 2 }, (_, i) => [middleTicks + sign * (i + 1), 1 + prng.nextInt(LOTS_MAX)]);
    this.history.push([side(-1), side(1)]);
  }

  /** Number of changes so far. */
  get version(): number {
    return this.history.length - 1;
  }

  /** One change of the market: a level set or removed, and before it the levels of the other side that it would cross. */
  change(): void {
    const { prng } = this;
    const now = this.history.at(-1)!;
    this.middle += prng.nextInt(3) - 1;
    const side = prng.nextInt(2) === 0 ? SIDE.BUY : SIDE.SELL;
    const other = side === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
    const levels = now[side];
    const changes: Level[] = [];
    if (levels.length > LEVELS_MIN && (levels.length > LEVELS_MAX || prng.nextInt(3) === 0)) {
      changes.push([side, levels[prng.nextInt(levels.length)]![0], 0]);
    } else {
      const away = prng.nextInt(REACH_TICKS);
      const price = side === SIDE.BUY ? this.middle - away : this.middle + away;
      for (const [crossed] of now[other]) {
        if (side === SIDE.BUY ? crossed <= price : crossed >= price) changes.push([other, crossed, 0]);
      }
      changes.push([side, price, 1 + prng.nextInt(LOTS_MAX)]);
    }
    this.history.push(changes.reduce(withLevel, now));
    this.changed.push(changes);
  }

  /**
   * Every level that the changes after version `from` up to `to` touched, with what it came to. A level that came back to what
   * it was is one of them: a snapshot may have been taken in between.
   */
  touched(from: number, to: number): Level[] {
    const levels = new Map<string, Level>();
    for (const change of this.changed.slice(from + 1, to + 1)) {
      for (const level of change) levels.set(`${level[0]} ${level[1]}`, level);
    }
    return [...levels.values()];
  }
}

/** The book with one level set, or removed at 0 lots. */
export function withLevel(sides: Sides, [side, price, lots]: Level): Sides {
  const isBetter = (one: number): boolean => (side === SIDE.BUY ? one > price : one < price);
  const levels = sides[side === SIDE.BUY ? 0 : 1];
  const at = levels.findIndex(([one]) => !isBetter(one));
  const split = at < 0 ? levels.length : at;
  const rest = levels[split]?.[0] === price ? split + 1 : split;
  const changed = [...levels.slice(0, split), ...(lots === 0 ? [] : [[price, lots] as const]), ...levels.slice(rest)];
  return side === SIDE.BUY ? [changed, sides[1]] : [sides[0], changed];
}

/** Decimal text of `units` with `decimals` decimals. */
export function decimalText(units: number, decimals: number): string {
  if (decimals === 0) return `${units}`;
  const digits = `${units}`.padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

export const priceText = ({ tickUnits, priceDecimals }: Instrument, ticks: number): string => decimalText(ticks * tickUnits, priceDecimals);
export const qtyText = ({ lotUnits, qtyDecimals }: Instrument, lots: number): string => decimalText(lots * lotUnits, qtyDecimals);

/** Levels of one side of `changes` as price and quantity in text. */
export function textLevels(instrument: Instrument, changes: readonly Level[], side: number): [string, string][] {
  return changes.filter(([of]) => of === side).map(([, price, lots]) => [priceText(instrument, price), qtyText(instrument, lots)]);
}

/** One side of a whole book as price and quantity in text. */
export function textSide(instrument: Instrument, levels: readonly (readonly [number, number])[]): [string, string][] {
  return levels.map(([price, lots]) => [priceText(instrument, price), qtyText(instrument, lots)]);
}

/** The changes that turn one book into another: what a venue sends that shows only its best levels. */
export function difference(before: Sides, after: Sides): Level[] {
  const changes: Level[] = [];
  for (const side of [SIDE.BUY, SIDE.SELL]) {
    const old = new Map(before[side]);
    const now = new Map(after[side]);
    for (const price of old.keys()) if (!now.has(price)) changes.push([side, price, 0]);
    for (const [price, lots] of now) if (old.get(price) !== lots) changes.push([side, price, lots]);
  }
  return changes;
}

/** The best `depth` levels a side. */
export function cut([bids, asks]: Sides, depth: number): Sides {
  return [bids.slice(0, depth), asks.slice(0, depth)];
}
