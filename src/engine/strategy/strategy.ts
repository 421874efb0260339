import type { Instrument } from '../../core/instrument.ts';
import type { IntentBatch } from './intents.ts';

/** What a strategy sees of a tick. One object a lane, rewritten on each tick; copy what must be kept. */
export interface TickView {
  /** Local receive time, ns since the run's base. The only clock a strategy has. */
  timeNs: number;
  /** 1-based number of the frame in the input. */
  tick: number;
  /** Instrument index. */
  instrument: number;
  /** Best bid and ask in ticks and their quantities in lots; the freshest of book and ticker. */
  bidTicks: number;
  askTicks: number;
  bidLots: number;
  askLots: number;
  /** Signed position in lots, fills applied so far. */
  positionLots: number;
  /** Lots of own open buy and sell orders that may still execute. */
  openBuyLots: number;
  openSellLots: number;
  /** Own orders that may still execute. */
  openOrders: number;
  /** Model inputs after normalisation and outputs, in the order of the model's manifest. Views: read only. */
  features: Float32Array;
  outputs: Float32Array;
}

/** What an own order's report says to the strategy. */
export interface ExecutionView {
  timeNs: number;
  orderId: number;
  /** EXECUTION. */
  status: number;
  /** SIDE of the order. */
  side: number;
  priceTicks: number;
  lastLots: number;
  leavesLots: number;
  tag: number;
}

export interface StrategyContext {
  readonly instrument: Instrument;
  /** `strategy.params` of the configuration, as written. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of the model's outputs, in order, e.g. down, flat, up. */
  readonly outputs: readonly string[];
  /** Names of the features, in order. */
  readonly features: readonly string[];
}

/**
 * A trading strategy. A file named in the configuration (`strategy.file`) exports `createStrategy(context): Strategy`;
 * it runs unchanged in replay, backtest, paper and live. It must be a pure function of what it is shown: no clock, no
 * random numbers, no I/O, or `tickpath verify` will find the difference. `onTick` runs on the hot path: allocate nothing.
 */
export interface Strategy {
  readonly name: string;
  /**
   * Called on every tick of a LIVE book, after the model. Orders it wants go to `intents`. Returns an action code that is
   * journaled with the signal (0 = nothing; the meaning is the strategy's own).
   */
  onTick(view: TickView, intents: IntentBatch): number;
  /** Called for each report of an own order, before the tick that it precedes. */
  onExecution(report: ExecutionView): void;
}

export type CreateStrategy = (context: StrategyContext) => Strategy;
