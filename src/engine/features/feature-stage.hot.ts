import { assert } from '../../core/assert.ts';
import type { Instrument } from '../../core/instrument.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { ARRIVAL_COUNT, arrivalOnTop, arrivalOnTrade, RECENCY_COUNT, writeArrival } from './arrival.hot.ts';
import { DecayBank, MEAN_LEVEL_DEPTH_SLOW, TIME_FIRST, TIME_INPUT, TIME_NOW } from './decay.hot.ts';
import { DEPTH_SHAPE_COUNT, DEPTH_SHAPE_FIRST, writeDepthShape } from './depth-shape.hot.ts';
import { FAIR_PRICE_COUNT, fairPriceOnTop, writeFairPrice, writeFairPriceDepth } from './fair-price.hot.ts';
import { type BookView, DepthLevels, TOP_ASK, TOP_BID, TopOfBook } from './market-view.hot.ts';
import { MID_RETURN_COUNT, midReturnOnTop, writeMidReturn } from './mid-return.hot.ts';
import { ORDER_FLOW_COUNT, orderFlowOnDepth, orderFlowOnTop, writeOrderFlow } from './order-flow.hot.ts';
import { QUEUE_IMBALANCE_COUNT, writeQueueImbalance, writeQueueImbalanceDepth } from './queue-imbalance.hot.ts';
import { SPREAD_COUNT, spreadOnTop, writeSpread } from './spread.hot.ts';
import { TRADE_FLOW_COUNT, tradeFlowOnTrade, writeTradeFlow } from './trade-flow.hot.ts';
import { VOLATILITY_COUNT, volatilityOnTop, writeVolatility } from './volatility.hot.ts';

/** Features of one tick: the inputs of a model trained on this feature set. */
export const FEATURE_COUNT = DEPTH_SHAPE_FIRST + DEPTH_SHAPE_COUNT;

assert(
  FEATURE_COUNT ===
    ORDER_FLOW_COUNT +
      QUEUE_IMBALANCE_COUNT +
      FAIR_PRICE_COUNT +
      TRADE_FLOW_COUNT +
      VOLATILITY_COUNT +
      SPREAD_COUNT +
      ARRIVAL_COUNT +
      MID_RETURN_COUNT +
      RECENCY_COUNT +
      DEPTH_SHAPE_COUNT,
  'Invariant: the families fill the feature vector',
);

/** What `compute` returns. Below zero the vector is finite but not to be traded on. */
export const FEATURE_STATUS = {
  OK: 0,
  /** Not enough seen since the reset. */
  WARMING_UP: -1,
  /** A side of the top of book is empty. */
  ONE_SIDED: -2,
} as const;

/** Before a vector counts: time since the first event, tops that differ, and depth messages. */
export const WARM_UP_NS = 2_000_000_000;
export const WARM_UP_TOPS = 32;
export const WARM_UP_DEPTHS = 2;

/** How raw features become model inputs: (raw - mean) * scale, clamped to +-clamp, all in float32. */
export interface Normalization {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  readonly clamp: number;
}

/**
 * The feature set of one instrument, updated event by event. Called by the engine lane for every market-data record;
 * touches only its own memory and `output`. Budget 300 ns a tick, update and `compute` together.
 *
 * The time of what follows stands in an array that `setTime` is shown: handed over as a number it would be boxed on the heap at each
 * call that V8 does not inline. Quantities below 2^31 lots travel as small integers and are safe as arguments.
 */
export class FeatureStage {
  readonly instrument: Instrument;
  /** Features before normalisation. */
  readonly raw = new Float32Array(FEATURE_COUNT);
  /** Model inputs; may lie in shared memory. */
  readonly output: Float32Array;
  /** float32 values held as doubles, which saves a conversion at each use. */
  private readonly mean = new Float64Array(FEATURE_COUNT);
  private readonly scale = new Float64Array(FEATURE_COUNT).fill(1);
  /** [0] clamp. */
  private readonly bounds = new Float64Array(1).fill(Number.POSITIVE_INFINITY);
  private readonly bank = new DecayBank();
  private readonly inputTimes = this.bank.times;
  private readonly top = new TopOfBook();
  private readonly levels = new DepthLevels();
  private readonly tradeInput = new Float64Array(1);
  private twoSided = 0;

  /** `output` has FEATURE_COUNT values; without `normalization` it receives the raw features. */
  constructor(instrument: Instrument, output: Float32Array, normalization?: Normalization) {
    assert(output.length === FEATURE_COUNT, 'Invariant: the output holds the whole feature vector');
    this.instrument = instrument;
    this.output = output;
    if (normalization !== undefined) {
      assert(
        normalization.mean.length === FEATURE_COUNT && normalization.scale.length === FEATURE_COUNT,
        'Invariant: mean and scale have one value for each feature',
      );
      assert(normalization.clamp > 0, 'Invariant: the clamp is above zero');
      this.mean.set(normalization.mean);
      this.scale.set(normalization.scale);
      this.bounds[0] = Math.fround(normalization.clamp);
    }
  }

  /** Forgets everything; called when the book leaves LIVE. */
  reset(): void {
    this.bank.reset();
    this.top.reset();
    this.levels.reset();
    this.twoSided = 0;
    this.raw.fill(0);
    this.output.fill(0);
  }

  /** Local receive time, ns since the run's base, of the events that follow and of the next `compute`: `f64[at]`. */
  setTime(f64: Float64Array, at: number): void {
    this.inputTimes[TIME_INPUT] = f64[at]!;
  }

  /** After a whole depth message was applied to `book`. */
  onDepth(book: BookView): void {
    const bank = this.bank;
    const levels = this.levels;
    bank.advance();
    levels.update(book);
    orderFlowOnDepth(bank, levels);
    if (levels.updates === 1) bank.means[MEAN_LEVEL_DEPTH_SLOW] = bank.held[MEAN_LEVEL_DEPTH_SLOW]!;
    writeQueueImbalanceDepth(this.raw, levels);
    writeFairPriceDepth(this.raw, levels);
    writeDepthShape(this.raw, levels);
  }

  /** The freshest top of book, whether from the ticker or the book; PRICE_NONE or no lots where a side is empty. */
  onBbo(bidTicks: number, bidLots: number, askTicks: number, askLots: number): void {
    const bank = this.bank;
    const top = this.top;
    bank.advance();
    top.inputLots[TOP_BID] = bidLots;
    top.inputLots[TOP_ASK] = askLots;
    // A one-sided top has no mid and no microprice: the last two-sided one stands, and the vector is marked unfit.
    if (bidTicks === PRICE_NONE || askTicks === PRICE_NONE || !(bidLots > 0) || !(askLots > 0)) {
      this.twoSided = 0;
      return;
    }
    this.twoSided = 1;
    if (top.update(bidTicks, askTicks) === 0) return;
    orderFlowOnTop(bank, top);
    arrivalOnTop(bank, top);
    volatilityOnTop(bank, top);
    spreadOnTop(this.raw, bank, top);
    fairPriceOnTop(bank, top);
    midReturnOnTop(bank, top);
    // A mean begins at the first value it follows.
    if (top.updates === 1) for (let i = 0; i < MEAN_LEVEL_DEPTH_SLOW; i++) bank.means[i] = bank.held[i]!;
  }

  /** A trade of `qtyLots`; `side` is the aggressor's (SIDE). */
  onTrade(side: number, qtyLots: number): void {
    const bank = this.bank;
    bank.advance();
    this.tradeInput[0] = qtyLots;
    tradeFlowOnTrade(bank, side, this.tradeInput);
    arrivalOnTrade(bank, side);
  }

  /** Writes `raw` and `output` as of the time set; FEATURE_STATUS. */
  compute(): number {
    const bank = this.bank;
    const top = this.top;
    const raw = this.raw;
    bank.advance();
    writeOrderFlow(raw, bank);
    writeQueueImbalance(raw, top);
    writeFairPrice(raw, bank, top);
    writeTradeFlow(raw, bank);
    writeVolatility(raw, bank);
    writeSpread(raw, bank);
    writeArrival(raw, bank);
    writeMidReturn(raw, bank);
    this.normalize();
    if (this.twoSided === 0) return FEATURE_STATUS.ONE_SIDED;
    if (top.updates < WARM_UP_TOPS || this.levels.updates < WARM_UP_DEPTHS) return FEATURE_STATUS.WARMING_UP;
    const times = bank.times;
    return times[TIME_NOW]! - times[TIME_FIRST]! < WARM_UP_NS ? FEATURE_STATUS.WARMING_UP : FEATURE_STATUS.OK;
  }

  /**
   * fround(clamp(fround(fround(raw - mean) * scale))): the bits that float32 arithmetic gives in training. The last rounding
   * is that of the store; the bounds are float32 themselves, so clamping before it changes nothing.
   */
  private normalize(): void {
    const raw = this.raw;
    const output = this.output;
    const mean = this.mean;
    const scale = this.scale;
    const high = this.bounds[0]!;
    const low = -high;
    for (let i = 0; i < FEATURE_COUNT; i++) {
      const value = Math.fround(raw[i]! - mean[i]!) * scale[i]!;
      output[i] = value > high ? high : value < low ? low : value;
    }
  }
}
