/**
 * A strategy to copy: it bets that the mid returns to its own recent mean. The mean follows the mid with an exponential
 * kernel; when the mid stands `enter_ticks` away, the strategy takes the other side, and leaves when the mid is back
 * within `exit_ticks` or `holding_ms` have passed.
 *
 *   strategy:
 *     file: examples/strategies/mean-reversion.ts
 *     params: { order_lots: 10, enter_ticks: 40, exit_ticks: 5, half_life_ms: 5000, holding_ms: 10000 }
 *
 * It shows what every strategy must do: read its parameters once, keep its own state in numbers, look at nothing but the
 * tick, and allocate nothing in `onTick`.
 */
import type { ExecutionView, IntentBatch, Strategy, StrategyContext, TickView } from 'tickpath';

const BUY = 0;
const SELL = 1;
/** Immediate or cancel. */
const IOC = 1;
const REDUCE_ONLY = 1 << 7;

/** Action codes; they stand in the journal with each signal. */
const NOTHING = 0;
const ENTERED = 1;
const LEFT = 2;

class MeanReversion implements Strategy {
  readonly name = 'mean-reversion';
  private readonly orderLots: number;
  private readonly enterTicks: number;
  private readonly exitTicks: number;
  private readonly tauNs: number;
  private readonly holdingNs: number;
  private meanTicks = 0;
  private lastNs = -1;
  private enteredNs = 0;
  private lastOrderNs = -1e18;

  constructor(context: StrategyContext) {
    this.orderLots = numberOf(context, 'order_lots', 1);
    this.enterTicks = numberOf(context, 'enter_ticks', 40);
    this.exitTicks = numberOf(context, 'exit_ticks', 5);
    this.tauNs = (numberOf(context, 'half_life_ms', 5_000) * 1e6) / Math.LN2;
    this.holdingNs = numberOf(context, 'holding_ms', 10_000) * 1e6;
  }

  onTick(view: TickView, intents: IntentBatch): number {
    const midTicks = (view.bidTicks + view.askTicks) / 2;
    if (this.lastNs < 0) this.meanTicks = midTicks;
    else this.meanTicks = midTicks + (this.meanTicks - midTicks) * Math.exp((this.lastNs - view.timeNs) / this.tauNs);
    this.lastNs = view.timeNs;

    // One order at a time, and never two within 100 ms.
    if (view.openOrders > 0 || view.timeNs - this.lastOrderNs < 1e8) return NOTHING;
    const awayTicks = midTicks - this.meanTicks;
    const position = view.positionLots;

    if (position !== 0) {
      if (Math.abs(awayTicks) > this.exitTicks && view.timeNs - this.enteredNs < this.holdingNs) return NOTHING;
      this.lastOrderNs = view.timeNs;
      if (position > 0) intents.limit(SELL, view.bidTicks, position, IOC, REDUCE_ONLY, LEFT);
      else intents.limit(BUY, view.askTicks, -position, IOC, REDUCE_ONLY, LEFT);
      return LEFT;
    }
    if (Math.abs(awayTicks) < this.enterTicks) return NOTHING;
    this.lastOrderNs = view.timeNs;
    this.enteredNs = view.timeNs;
    if (awayTicks < 0) intents.limit(BUY, view.askTicks, this.orderLots, IOC, 0, ENTERED);
    else intents.limit(SELL, view.bidTicks, this.orderLots, IOC, 0, ENTERED);
    return ENTERED;
  }

  onExecution(_report: ExecutionView): void {
    // The position in the next tick's view already holds what was filled.
  }
}

export function createStrategy(context: StrategyContext): Strategy {
  return new MeanReversion(context);
}

function numberOf(context: StrategyContext, name: string, fallback: number): number {
  const value = context.params[name] ?? fallback;
  if (typeof value !== 'number' || !(value >= 0))
    throw new Error(`params.${name} must be a number of at least 0, was ${JSON.stringify(value)}`);
  return value;
}
