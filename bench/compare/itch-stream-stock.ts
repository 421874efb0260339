import type { Prng } from '../../src/core/prng.ts';
import { SIDE } from '../../src/core/records/market.ts';

/** Prices of a stock, one cent apart, that its orders near the market may have. */
const RUNGS = 4_096;
const UNITS_PER_CENT = 100;
const CENTS_MIN = 1_000;
const CENTS_SPREAD = 40_000;
const PRICE_UNITS_MAX = 1_999_999_900;
/** Rungs of orders that nobody means to trade: a cent, and the highest price there is. */
const STUB_BID = -1;
const STUB_ASK = RUNGS;
const STUBS_PER_THOUSAND = 3;
const INSIDE_PER_CENT = 12;
const DEPTH_MEAN = 5;

/** The live orders of one stock of a made stream, by number, in no order but that new ones come last. */
export class StreamStock {
  readonly refs: number[] = [];
  readonly sides: number[] = [];
  readonly rungs: number[] = [];
  readonly shares: number[] = [];
  private readonly counts = [new Int32Array(RUNGS), new Int32Array(RUNGS)];
  private readonly prng: Prng;
  private readonly centsLow: number;
  /** Rungs of the best prices; of an empty side the rung beside the middle. */
  bestBid = RUNGS / 2 - 1;
  bestAsk = RUNGS / 2;

  constructor(prng: Prng, index: number) {
    this.prng = prng;
    this.centsLow = CENTS_MIN + ((index * 7_919) % CENTS_SPREAD);
  }

  get live(): number {
    return this.refs.length;
  }

  priceUnits(rung: number): number {
    if (rung === STUB_BID) return UNITS_PER_CENT;
    if (rung === STUB_ASK) return PRICE_UNITS_MAX;
    return (this.centsLow + rung) * UNITS_PER_CENT;
  }

  add(ref: number): number {
    const order = this.live;
    const side = this.prng.nextInt(2);
    this.refs.push(ref);
    this.sides.push(side);
    this.shares.push(this.lot());
    this.rungs.push(this.place(side));
    this.count(order, 1);
    return order;
  }

  remove(order: number): void {
    this.count(order, -1);
    // The last one takes its number: orders stay near enough to the order in which they came.
    for (const column of [this.refs, this.sides, this.rungs, this.shares]) {
      const last = column.pop()!;
      if (order < column.length) column[order] = last;
    }
  }

  move(order: number, ref: number): void {
    this.count(order, -1);
    this.refs[order] = ref;
    this.shares[order] = this.lot();
    this.rungs[order] = this.place(this.sides[order]!);
    this.count(order, 1);
  }

  /** Takes all shares of an order, which is gone then, or a part; the shares taken. */
  take(order: number): number {
    const there = this.shares[order]!;
    const part = this.prng.nextInt(2) === 0 ? there : 1 + this.prng.nextInt(there);
    if (part === there) this.remove(order);
    else this.shares[order] = there - part;
    return part;
  }

  /** An order, a new one more often than an old one. */
  any(): number {
    const age = this.prng.nextFloat() ** 4;
    return this.live - 1 - Math.floor(age * this.live);
  }

  /** Of a few orders the one nearest to the market. */
  nearBest(): number {
    let best = this.any();
    for (let i = 0; i < 6; i++) {
      const other = this.any();
      if (this.distance(other) < this.distance(best)) best = other;
    }
    return best;
  }

  private distance(order: number): number {
    const rung = this.rungs[order]!;
    return this.sides[order] === SIDE.BUY ? this.bestBid - rung : rung - this.bestAsk;
  }

  private lot(): number {
    return this.prng.nextInt(4) === 0 ? 1 + this.prng.nextInt(500) : 100 * (1 + this.prng.nextInt(5));
  }

  /** A rung that does not cross: at or behind the best price of its side, now and then before it. */
  private place(side: number): number {
    const { prng } = this;
    if (prng.nextInt(1_000) < STUBS_PER_THOUSAND) return side === SIDE.BUY ? STUB_BID : STUB_ASK;
    const inside = prng.nextInt(100) < INSIDE_PER_CENT ? 1 : 0;
    const depth = Math.floor(prng.nextExp() * DEPTH_MEAN * (prng.nextInt(20) === 0 ? 12 : 1)) - inside;
    if (side === SIDE.BUY) return Math.max(0, Math.min(this.bestBid - depth, this.bestAsk - 1));
    return Math.min(RUNGS - 1, Math.max(this.bestAsk + depth, this.bestBid + 1));
  }

  private count(order: number, change: number): void {
    const rung = this.rungs[order]!;
    if (rung === STUB_BID || rung === STUB_ASK) return;
    const side = this.sides[order]!;
    const counts = this.counts[side]!;
    counts[rung]! += change;
    if (side === SIDE.BUY) {
      if (change > 0) this.bestBid = Math.max(this.bestBid, rung);
      else if (rung === this.bestBid) while (this.bestBid > 0 && counts[this.bestBid] === 0) this.bestBid--;
    } else if (change > 0) this.bestAsk = Math.min(this.bestAsk, rung);
    else if (rung === this.bestAsk) while (this.bestAsk < RUNGS - 1 && counts[this.bestAsk] === 0) this.bestAsk++;
  }
}
