import type { Prng } from '../../core/prng.ts';
import { SIDE } from '../../core/records/market.ts';
import { TIME_IN_FORCE } from '../../core/records/order.ts';
import { exactExp } from '../exact-math.ts';
import { MATCHING, type MatchingEngine } from '../matching/matching-engine.hot.ts';
import { FarQuotes } from './far-quotes.ts';
import { HawkesProcess } from './hawkes.ts';
import { LatentValue } from './latent-value.ts';
import { OrderPool } from './order-pool.ts';
import { EVENT_TYPES, FAMILY, type FlowParameters, KERNEL } from './parameters.ts';
import { Sizes } from './sizes.ts';
import { Variates } from './variates.ts';

const LATENT_STEP_S = 0.005;
const LATENT_STEP_NS = LATENT_STEP_S * 1e9;
/** Deep events that go to the far quotes instead. */
const FAR_SHARE = 0.035;
/** Farthest price from the touch at which an uninformed market order still takes, ticks. */
const NOISE_REACH_TICKS = 40;
const PLACE_TRIES = 4;

/**
 * Seeded participants of one market: they enter limit orders, cancels and market orders into a matching engine. Arrivals are a Hawkes
 * process over eight event types; base rates follow the state of the book (the smaller the queue, the more joins) and the gap between
 * the market and a latent value that only the informed know. Time is the simulation's own, in ns from its start.
 */
export class OrderFlow {
  private readonly parameters: FlowParameters;
  private readonly engine: MatchingEngine;
  private readonly variates: Variates;
  private readonly hawkes: HawkesProcess;
  private readonly latent: LatentValue;
  private readonly marketSizes: Sizes;
  private readonly touchSizes: Sizes;
  private readonly deepSizes: Sizes;
  private readonly farQuotes: FarQuotes;
  /** By side. */
  private readonly touchPools: readonly OrderPool[] = [new OrderPool(), new OrderPool()];
  private readonly deepPools: readonly OrderPool[] = [new OrderPool(), new OrderPool()];
  /** Logarithm of the liked touch quantity relative to its median, by side. */
  private readonly touchLog = new Float64Array(2);
  private readonly touchTargetLots = new Float64Array(2);
  /** Units of pressure against each side: against SELL when the value lies above the market. */
  private readonly pressureAgainst = new Float64Array(2);
  private nextLatentNs: number;
  private lastMidTicks: number;

  constructor(parameters: FlowParameters, engine: MatchingEngine, prng: Prng, startNs: number) {
    this.parameters = parameters;
    this.engine = engine;
    this.variates = new Variates(prng.fork(1));
    this.hawkes = new HawkesProcess(EVENT_TYPES, parameters.kernels, new Variates(prng.fork(2)), startNs);
    this.latent = new LatentValue(parameters.latent, new Variates(prng.fork(3)), parameters.startPriceTicks);
    this.marketSizes = new Sizes(parameters.marketSizes, new Variates(prng.fork(4)));
    this.touchSizes = new Sizes(parameters.touchSizes, new Variates(prng.fork(5)));
    this.deepSizes = new Sizes(parameters.deepSizes, new Variates(prng.fork(6)));
    this.farQuotes = new FarQuotes(engine, parameters.startPriceTicks, this.variates);
    this.touchTargetLots.fill(parameters.touchLots);
    this.nextLatentNs = startNs + LATENT_STEP_NS;
    this.lastMidTicks = parameters.startPriceTicks;
  }

  /** Fills an empty book with the orders that a running market would hold. */
  populate(): void {
    const p = this.parameters;
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const inside = p.startPriceTicks + (side === SIDE.BUY ? 0 : 1);
      for (let i = 0; i < 20; i++) this.place(side, inside, this.touchSizes.next(), this.touchPools[side]!);
      while (this.deepPools[side]!.size() < p.deepOrders) {
        const distance = this.deepDistance();
        if (distance < p.clearNearTicks && !this.variates.chance(0.1 + distance / p.clearNearTicks)) continue;
        this.place(side, away(side, inside, distance), this.deepSizes.next(), this.deepPools[side]!);
      }
    }
    this.farQuotes.populate();
  }

  /** Runs until one event has changed the book or time reaches `untilNs`; false in the latter case. */
  step(untilNs: number): boolean {
    for (;;) {
      const limitNs = Math.min(untilNs, this.nextLatentNs);
      this.setBaselines();
      const type = this.hawkes.next(limitNs);
      if (type >= 0) {
        if (!this.act(type >> 1, type & 1)) continue;
        this.hawkes.excite(type);
        this.followMove();
        return true;
      }
      if (limitNs === this.nextLatentNs) this.stepLatent();
      if (limitNs === untilNs) return false;
    }
  }

  /** Time of the last event, or where `step` stopped, ns. */
  nowNs(): number {
    return this.hawkes.nowNs();
  }

  /** To be told of every fill of a resting order. */
  onFilled(makerOrderId: number, takerSide: number, makerLeavesLots: number): void {
    if (makerLeavesLots > 0) return;
    const side = takerSide === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
    this.touchPools[side]!.remove(makerOrderId);
    this.deepPools[side]!.remove(makerOrderId);
  }

  private stepLatent(): void {
    const p = this.parameters;
    this.nextLatentNs += LATENT_STEP_NS;
    this.latent.step(LATENT_STEP_S, this.midTicks());
    const gap = this.latent.ticks - this.midTicks();
    const tilt = p.touchLean * Math.min(Math.max(gap / p.touchLeanTicks, -1), 1);
    const noise = p.touchSigma * Math.sqrt((2 * LATENT_STEP_S) / p.touchLastsS);
    for (let side = 0; side < 2; side++) {
      const log = this.touchLog[side]!;
      this.touchLog[side] = log - log * (LATENT_STEP_S / p.touchLastsS) + noise * this.variates.normal();
      const lean = side === SIDE.BUY ? tilt : -tilt;
      this.touchTargetLots[side] = p.touchLots * exactExp(this.touchLog[side]! + lean);
    }
  }

  private midTicks(): number {
    return (this.engine.bestBidTicks() + this.engine.bestAskTicks()) / 2;
  }

  private setBaselines(): void {
    const p = this.parameters;
    const gap = this.latent.ticks - this.midTicks();
    const size = Math.min(Math.max(Math.abs(gap) - p.pressureFromTicks, 0) / p.pressureUnitTicks, p.pressureMax);
    this.pressureAgainst[SIDE.SELL] = gap > 0 ? size : 0;
    this.pressureAgainst[SIDE.BUY] = gap > 0 ? 0 : size;
    const activity = Math.min(Math.max(this.latent.regime, 0.3), 4);
    const wide = this.engine.bestAskTicks() - this.engine.bestBidTicks() > 1;
    const rates = this.hawkes.baselinePerS;
    for (let side = 0; side < 2; side++) {
      const other = side === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
      const against = this.pressureAgainst[side]!;
      const helping = this.pressureAgainst[other]!;
      const filled = this.engine.levelQtyLots(this.engine.bestTicks(side)) / this.touchTargetLots[side]!;
      const appetite = (3 / (1 + 2 * filled)) * (1 + 0.3 * helping);
      const closing = wide ? p.closeSpreadPerS[gap > 0 === (side === SIDE.BUY) ? 0 : 1]! : 0;
      rates[FAMILY.MARKET * 2 + side] = (p.marketPerS * activity * (1 + p.marketPerPressure * helping)) / (1 + against);
      rates[FAMILY.JOIN * 2 + side] = (p.joinPerS * activity * appetite) / (1 + against) + closing;
      rates[FAMILY.PULL * 2 + side] = p.pullPerOrderPerS * activity * this.touchPools[side]!.size() * (1 + 0.5 * against);
      rates[FAMILY.DEEP * 2 + side] = p.deepPerS * activity;
    }
  }

  /** Carries out one proposed event; false when the state refuses it. */
  private act(family: number, side: number): boolean {
    if (family === FAMILY.MARKET) return this.market(side);
    if (family === FAMILY.JOIN) return this.join(side);
    if (family === FAMILY.PULL) return this.pull(side);
    if (this.variates.chance(FAR_SHARE)) return this.farQuotes.flicker();
    return this.deep(side);
  }

  private market(side: number): boolean {
    const other = side === SIDE.BUY ? SIDE.SELL : SIDE.BUY;
    const touch = this.engine.bestTicks(other);
    const pressure = this.pressureAgainst[other]!;
    if (this.variates.chance(pressure / (1.5 + pressure))) {
      // Informed: sized by what stands there and by the gap, up to the price that it believes in.
      const share = 0.15 + (0.9 + 0.3 * pressure) * this.variates.uniform();
      const lots = Math.max(1, Math.round(this.engine.levelQtyLots(touch) * share));
      const reach = Math.max(0, Math.floor(Math.abs(this.latent.ticks - touch)));
      this.engine.limit(side, away(other, touch, reach), lots, TIME_IN_FORCE.IOC, false, 0);
    } else {
      this.engine.limit(side, away(other, touch, NOISE_REACH_TICKS), this.marketSizes.next(), TIME_IN_FORCE.IOC, false, 0);
    }
    return true;
  }

  private join(side: number): boolean {
    const engine = this.engine;
    const touch = engine.bestTicks(side);
    const spread = engine.bestAskTicks() - engine.bestBidTicks();
    let ticks = touch;
    if (spread > 1) {
      const favoured = this.latent.ticks > this.midTicks() === (side === SIDE.BUY);
      const kind = this.variates.uniform();
      if (kind < (favoured ? 0.75 : 0.2)) ticks = away(side, touch, 1 - spread);
      else if (kind < 0.9) ticks = away(side, touch, -1 - this.variates.below(spread - 1));
    } else if (engine.levelQtyLots(touch) * this.variates.uniform() > this.touchTargetLots[side]!) {
      // The fuller the queue, the less its end is worth.
      return false;
    } else if (this.variates.chance(0.1)) {
      ticks = away(side, touch, 1 + Math.min(Math.floor(this.variates.lomax(8, 1)), 400));
    }
    return this.place(side, ticks, this.touchSizes.next(), this.touchPools[side]!);
  }

  private pull(side: number): boolean {
    const p = this.parameters;
    const pool = this.touchPools[side]!;
    if (pool.size() === 0) return false;
    const touch = this.engine.bestTicks(side);
    let orderId = pool.at(this.variates.below(pool.size()));
    if (this.engine.orderPriceTicks(orderId) === touch) {
      const filled = this.engine.levelQtyLots(touch) / this.touchTargetLots[side]!;
      const wish = p.pullAtTouch * Math.min(0.3 + 0.7 * filled, 4) * (1 + p.pullPerPressure * this.pressureAgainst[side]!);
      if (!this.variates.chance(wish)) return false;
      if (this.variates.chance(0.4)) orderId = this.engine.youngestOrderId(touch);
    }
    pool.remove(orderId);
    this.deepPools[side]!.remove(orderId);
    return this.engine.cancel(orderId) === MATCHING.DONE;
  }

  private deep(side: number): boolean {
    const p = this.parameters;
    const pool = this.deepPools[side]!;
    const touch = this.engine.bestTicks(side);
    if (!this.variates.chance(pool.size() / (2 * p.deepOrders))) {
      for (let i = 0; i < PLACE_TRIES; i++) {
        const ticks = this.rounded(away(side, touch, this.deepDistance()));
        if (ticks !== touch && ticks > touch === (side === SIDE.SELL)) return this.place(side, ticks, this.deepSizes.next(), pool);
      }
      return false;
    }
    let orderId = -1;
    if (this.variates.chance(p.clearNear)) {
      const next = this.engine.nextTicks(side, away(side, touch, this.variates.below(p.clearNearTicks)));
      if (this.variates.chance(1 - Math.abs(next - touch) / p.clearNearTicks)) orderId = this.engine.youngestOrderId(next);
    }
    if (orderId < 0) orderId = pool.at(this.variates.below(pool.size()));
    pool.remove(orderId);
    this.touchPools[side]!.remove(orderId);
    return this.engine.cancel(orderId) === MATCHING.DONE;
  }

  private place(side: number, ticks: number, lots: number, pool: OrderPool): boolean {
    if (this.engine.limit(side, ticks, lots, TIME_IN_FORCE.GTC, true, side) !== MATCHING.RESTING) return false;
    pool.add(this.engine.lastOrderId);
    return true;
  }

  private deepDistance(): number {
    const p = this.parameters;
    for (;;) {
      const distance = 1 + Math.floor(this.variates.lomax(p.deepScaleTicks, p.deepShape));
      if (distance <= p.deepMaxTicks) return distance;
    }
  }

  /** Some prices are drawn to whole and to ten-fold units of the currency. */
  private rounded(ticks: number): number {
    const kind = this.variates.uniform();
    const unit = kind < 0.06 ? 100 : kind < 0.25 ? 10 : 1;
    return Math.round(ticks / unit) * unit;
  }

  /** A price move makes makers requote their ladders and fight for the new touch: a wave of events follows. */
  private followMove(): void {
    const mid = this.midTicks();
    const moved = Math.abs(mid - this.lastMidTicks);
    if (moved === 0) return;
    this.lastMidTicks = mid;
    const p = this.parameters;
    const wave = Math.min(moved * p.wavePerTick, p.waveMax);
    const stir = moved < p.stirFromTicks ? 0 : Math.min(moved * p.stirPerTick, p.stirMax);
    for (let side = 0; side < 2; side++) {
      this.hawkes.push(KERNEL.WAVE, FAMILY.DEEP * 2 + side, wave);
      this.hawkes.push(KERNEL.WAVE, FAMILY.JOIN * 2 + side, stir);
      this.hawkes.push(KERNEL.WAVE, FAMILY.PULL * 2 + side, stir);
    }
  }
}

/** The price `distance` ticks from `ticks` away from the market, on `side`. */
function away(side: number, ticks: number, distance: number): number {
  return side === SIDE.BUY ? ticks - distance : ticks + distance;
}
