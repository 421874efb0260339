import { EXIT, TickpathError } from '../../core/errors.ts';
import type { Instrument } from '../../core/instrument.ts';
import { CONVERT_LEVELS_MAX } from '../../core/limits.ts';
import { EVENT, EVENT_FLAG } from './layout.ts';

/**
 * The book that hftbacktest's local side holds after a row (its HashMapMarketDepth): a level that crosses the other side's best
 * stays, and is only not looked at while the new best stands beyond it.
 */
export class LastBook {
  readonly bids: SideLevels;
  readonly asks: SideLevels;
  private readonly unitsPerPrice: number;
  private readonly tickUnits: number;
  private readonly unitsPerQty: number;
  private readonly lotUnits: number;

  constructor(instrument: Instrument) {
    this.bids = new SideLevels(-1);
    this.asks = new SideLevels(1);
    this.unitsPerPrice = 10 ** instrument.priceDecimals;
    this.tickUnits = instrument.tickUnits;
    this.unitsPerQty = 10 ** instrument.qtyDecimals;
    this.lotUnits = instrument.lotUnits;
  }

  apply(ev: number, px: number, qty: number): void {
    const kind = ev & 0xff;
    const ticks = Math.round((px * this.unitsPerPrice) / this.tickUnits);
    if (kind === EVENT.DEPTH_CLEAR) {
      if ((ev & EVENT_FLAG.SELL) === 0) this.bids.clearThrough(ticks);
      if ((ev & EVENT_FLAG.BUY) === 0) this.asks.clearThrough(ticks);
    }
    if (kind !== EVENT.DEPTH && kind !== EVENT.DEPTH_SNAPSHOT) return;
    const [own, other] = (ev & EVENT_FLAG.BUY) !== 0 ? [this.bids, this.asks] : [this.asks, this.bids];
    if (Math.round((qty * this.unitsPerQty) / this.lotUnits) <= 0) own.remove(ticks);
    else if (own.set(ticks, qty, px)) other.standBeyond(ticks);
    if (this.bids.levels + this.asks.levels <= CONVERT_LEVELS_MAX) return;
    throw new TickpathError(
      'ERR_CONVERT',
      `the book at the end has more than ${CONVERT_LEVELS_MAX} levels (CONVERT_LEVELS_MAX); convert without a snapshot`,
      EXIT.DATA,
    );
  }
}

interface Level {
  readonly px: number;
  readonly qty: number;
}

/** One side by price in ticks. */
class SideLevels {
  private readonly sign: number;
  private readonly map = new Map<number, Level>();
  /** Ticks of the best level that is looked at; NaN when there is none. */
  private best = Number.NaN;

  /** `sign`: 1 where a lower price is better. */
  constructor(sign: number) {
    this.sign = sign;
  }

  get levels(): number {
    return this.map.size;
  }

  /** True when the level is the best now. */
  set(ticks: number, qty: number, px: number): boolean {
    this.map.set(ticks, { px, qty });
    const better = !(ticks * this.sign >= this.best * this.sign);
    if (better) this.best = ticks;
    return better;
  }

  remove(ticks: number): void {
    if (this.map.delete(ticks) && ticks === this.best) this.best = this.firstBeyond(ticks);
  }

  /** The other side's best came to `ticks`: what stands there or behind it is not looked at. */
  standBeyond(ticks: number): void {
    if (this.best * this.sign <= ticks * this.sign) this.best = this.firstBeyond(ticks);
  }

  /** Removes everything through `ticks`; all where that is no number. */
  clearThrough(ticks: number): void {
    if (!Number.isFinite(ticks)) this.map.clear();
    for (const one of this.map.keys()) if (one * this.sign <= ticks * this.sign) this.map.delete(one);
    this.best = this.firstBeyond(Number.NEGATIVE_INFINITY * this.sign);
  }

  /** Levels that are looked at, best first. */
  visible(): readonly Level[] {
    return [...this.map.keys()]
      .filter((ticks) => ticks * this.sign >= this.best * this.sign)
      .sort((a, b) => (a - b) * this.sign)
      .map((ticks) => this.map.get(ticks)!);
  }

  /** Ticks of the first level behind `ticks`, NaN when there is none: nearby it is looked for tick by tick, else among all. */
  private firstBeyond(ticks: number): number {
    for (let step = 1; step < this.map.size; step++) if (this.map.has(ticks + step * this.sign)) return ticks + step * this.sign;
    let first = Number.NaN;
    for (const one of this.map.keys()) if (one * this.sign > ticks * this.sign && !(one * this.sign >= first * this.sign)) first = one;
    return first;
  }
}
