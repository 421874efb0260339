import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { ATTRIBUTE_POST_ONLY, ATTRIBUTE_REDUCE_ONLY, EXECUTION, TIME_IN_FORCE } from '../../core/records/order.ts';
import type { IntentBatch } from './intents.ts';
import type { ExecutionView, Strategy, TickView } from './strategy.ts';

/** Parameters of `signal-taker`, validated, times in ns. */
export interface SignalTakerParams {
  readonly orderLots: number;
  readonly positionLotsMax: number;
  readonly enterMargin: number;
  readonly flatMargin: number;
  readonly exitMargin: number;
  readonly holdingNs: number;
  readonly cooldownNs: number;
  readonly slippageTicks: number;
  readonly passive: boolean;
  readonly passiveNs: number;
}

/** What the strategy did on a tick; journaled with the signal and, as the tag, with each order. */
export const SIGNAL_TAKER_ACTION = { NONE: 0, ENTER_LONG: 1, ENTER_SHORT: 2, EXIT: 3, CANCEL: 4 } as const;

/** Indexes of `times`. */
const ENTRY_NS = 0;
const LAST_ENTRY_ORDER_NS = 1;
const LAST_EXIT_ORDER_NS = 2;
const POSITION_LOTS = 3;
/** Long before any run: the first order has no cooldown to wait for. */
const NEVER_NS = -1e18;
const NO_ORDER = -1;

/**
 * The built-in strategy: takes a position when the model favours one direction strongly enough, and gives it back after
 * a holding time or when the model turns. At most one own order is open at a time.
 *
 * Called by the lane on each tick of a LIVE book; touches its own fields and `intents`. Budget 20 ns.
 */
export class SignalTaker implements Strategy {
  readonly name = 'signal-taker';
  private readonly params: SignalTakerParams;
  private readonly down: number;
  /** -1 when the model has no such output. */
  private readonly flat: number;
  private readonly up: number;
  private readonly times = new Float64Array(4);
  /** The own order that rests in the book, or NO_ORDER. */
  private workingOrderId = NO_ORDER;
  private cancelSent = 0;

  /** `down`, `flat`, `up`: indexes of the model's outputs; `flat` -1 when there is none. */
  constructor(params: SignalTakerParams, down: number, flat: number, up: number) {
    this.params = params;
    this.down = down;
    this.flat = flat;
    this.up = up;
    this.times[ENTRY_NS] = NEVER_NS;
    this.times[LAST_ENTRY_ORDER_NS] = NEVER_NS;
    this.times[LAST_EXIT_ORDER_NS] = NEVER_NS;
  }

  onTick(view: TickView, intents: IntentBatch): number {
    const times = this.times;
    const position = view.positionLots;
    const before = times[POSITION_LOTS]!;
    if (position !== before) {
      // A position that grew or changed sides begins its holding time anew; one that shrank does not.
      if (position !== 0 && (Math.abs(position) > Math.abs(before) || position > 0 !== before > 0)) times[ENTRY_NS] = view.timeNs;
      times[POSITION_LOTS] = position;
    }
    if (view.bidTicks === PRICE_NONE || view.askTicks === PRICE_NONE) return SIGNAL_TAKER_ACTION.NONE;
    if (view.openOrders > 0) return this.await(view, intents);
    if (position !== 0 && this.wantsOut(view)) return this.exit(view, intents);
    return this.enter(view, intents);
  }

  onExecution(report: ExecutionView): void {
    const status = report.status;
    if (status === EXECUTION.ACCEPTED || status === EXECUTION.PARTIAL_FILL) {
      this.workingOrderId = report.orderId;
    } else if (status === EXECUTION.CANCEL_REJECTED) {
      this.cancelSent = 0;
    } else {
      this.workingOrderId = NO_ORDER;
      this.cancelSent = 0;
    }
  }

  /** +1 long, -1 short, 0 neither: the margin between up and down, and over flat, reaches `enterMargin` and `flatMargin`. */
  private signal(view: TickView, margin: number): number {
    const outputs = view.outputs;
    const up = outputs[this.up]!;
    const down = outputs[this.down]!;
    const flat = this.flat;
    const score = up - down;
    if (score >= margin && (flat < 0 || up - outputs[flat]! >= this.params.flatMargin)) return 1;
    if (-score >= margin && (flat < 0 || down - outputs[flat]! >= this.params.flatMargin)) return -1;
    return 0;
  }

  private wantsOut(view: TickView): boolean {
    if (view.timeNs - this.times[ENTRY_NS]! >= this.params.holdingNs) return true;
    const score = view.outputs[this.up]! - view.outputs[this.down]!;
    return view.positionLots > 0 ? -score >= this.params.exitMargin : score >= this.params.exitMargin;
  }

  /** An order is open: a passive one that waited long enough is cancelled. */
  private await(view: TickView, intents: IntentBatch): number {
    if (this.workingOrderId === NO_ORDER || this.cancelSent === 1 || !this.params.passive) return SIGNAL_TAKER_ACTION.NONE;
    if (view.timeNs - this.times[LAST_ENTRY_ORDER_NS]! < this.params.passiveNs) return SIGNAL_TAKER_ACTION.NONE;
    this.cancelSent = 1;
    intents.cancel(this.workingOrderId, SIGNAL_TAKER_ACTION.CANCEL);
    return SIGNAL_TAKER_ACTION.CANCEL;
  }

  /** Gives the whole position back at the touch; again after the cooldown while some of it is left. */
  private exit(view: TickView, intents: IntentBatch): number {
    const times = this.times;
    if (view.timeNs - times[LAST_EXIT_ORDER_NS]! < this.params.cooldownNs) return SIGNAL_TAKER_ACTION.NONE;
    times[LAST_EXIT_ORDER_NS] = view.timeNs;
    const position = view.positionLots;
    const slippage = this.params.slippageTicks;
    if (position > 0) {
      intents.limit(SIDE.SELL, view.bidTicks - slippage, position, TIME_IN_FORCE.IOC, ATTRIBUTE_REDUCE_ONLY, SIGNAL_TAKER_ACTION.EXIT);
    } else {
      intents.limit(SIDE.BUY, view.askTicks + slippage, -position, TIME_IN_FORCE.IOC, ATTRIBUTE_REDUCE_ONLY, SIGNAL_TAKER_ACTION.EXIT);
    }
    return SIGNAL_TAKER_ACTION.EXIT;
  }

  private enter(view: TickView, intents: IntentBatch): number {
    const times = this.times;
    const params = this.params;
    if (view.timeNs - times[LAST_ENTRY_ORDER_NS]! < params.cooldownNs || view.timeNs - times[LAST_EXIT_ORDER_NS]! < params.cooldownNs) {
      return SIGNAL_TAKER_ACTION.NONE;
    }
    const direction = this.signal(view, params.enterMargin);
    if (direction === 0 || Math.abs(view.positionLots + direction * params.orderLots) > params.positionLotsMax)
      return SIGNAL_TAKER_ACTION.NONE;
    times[LAST_ENTRY_ORDER_NS] = view.timeNs;
    const action = direction > 0 ? SIGNAL_TAKER_ACTION.ENTER_LONG : SIGNAL_TAKER_ACTION.ENTER_SHORT;
    const side = direction > 0 ? SIDE.BUY : SIDE.SELL;
    if (params.passive) {
      const price = direction > 0 ? view.bidTicks : view.askTicks;
      intents.limit(side, price, params.orderLots, TIME_IN_FORCE.GTC, ATTRIBUTE_POST_ONLY, action);
    } else {
      const price = direction > 0 ? view.askTicks + params.slippageTicks : view.bidTicks - params.slippageTicks;
      intents.limit(side, price, params.orderLots, TIME_IN_FORCE.IOC, 0, action);
    }
    return action;
  }
}
