import { assert } from '../core/assert.ts';
import { JOURNAL_RING_RECORDS } from '../core/limits.ts';
import { SIDE } from '../core/records/market.ts';
import { ATTRIBUTE_POST_ONLY, TIME_IN_FORCE } from '../core/records/order.ts';
import { RingConsumer } from '../core/ring/spsc.hot.ts';
import type { Clock } from '../core/time.ts';
import type { Strategy, TickView } from '../engine/strategy/strategy.ts';
import { FEED_COUNTER_SPECS } from '../feed/counters.ts';
import { spinWaiter } from '../feed/transport/pacing.ts';
import { RATE_WINDOW_ORDERS_MAX, resolveRiskLimits } from '../risk/limits.ts';
import { allocatePipeline } from './pipeline-memory.ts';
import type { FeedStart, LaneStart } from './pipeline-start.ts';
import { simulatedRiskOptions } from './risk-options.ts';
import { ACCOUNT_BYTES, type BuiltLane, buildLane, checkLane, ReplayFeed } from './wiring.ts';

/** Frames of the input that each pass runs through; enough for V8 to compile every function of the hot path. */
const FRAMES = 15_000;
/** Orders the gate lets through in the second pass: as many as its rate windows hold. */
const ORDERS_PER_WINDOW = `${RATE_WINDOW_ORDERS_MAX}`;

/**
 * Runs the beginning of the input through a second, discarded path on this thread before the run: V8 compiles the hot
 * functions while nobody waits, so the first tick of the run meets the same code as the last. The first pass uses the
 * configured strategy if it is built in; the second sends orders on every tick, because a run may send too few for its
 * order path ever to be compiled. Nothing of it reaches the run: memory, books, features, positions and random state are
 * its own. A strategy file takes no part: what its module remembers would outlive the rehearsal and change decisions.
 */
export async function rehearse(lane: LaneStart, feed: FeedStart, clock: Clock): Promise<void> {
  if ('name' in lane.strategy) await pass(lane, feed, clock, undefined);
  const limits = resolveRiskLimits(
    {
      ...simulatedRiskOptions(lane.instrument),
      maxOrdersPer1s: ORDERS_PER_WINDOW,
      maxOrdersPer10s: ORDERS_PER_WINDOW,
      maxLoss: '1000000000',
    },
    lane.instrument,
  );
  await pass({ ...lane, limits }, feed, clock, new OrderRehearsal());
}

async function pass(start: LaneStart, feedStart: FeedStart, clock: Clock, strategy: Strategy | undefined): Promise<void> {
  const shared = allocatePipeline(FEED_COUNTER_SPECS.length, ACCOUNT_BYTES, start.shared.layout.modelBytes);
  assert(shared.layout.model === start.shared.layout.model, 'Invariant: a model compiled for one pipeline memory fits its rehearsal');
  const built = await buildLane({ ...start, shared }, clock, strategy);
  const journal = new RingConsumer(built.views.journal);
  const drain = (): void => drainAll(built, journal);
  let frames = 0;
  const feed: ReplayFeed = new ReplayFeed({ ...feedStart, shared, speed: 0, ring: undefined }, built.views, clock, {
    afterFrame: () => {
      drain();
      if (++frames >= FRAMES) feed.stop();
    },
    waitForRoom: drain,
    waiter: spinWaiter,
  });
  await feed.run();
  feed.feed.release?.();
}

function drainAll({ lane }: BuiltLane, journal: RingConsumer): void {
  for (let taken = lane.poll(); taken !== 0; taken = lane.poll()) checkLane(taken);
  // Nobody wants this journal.
  for (let count = journal.poll(JOURNAL_RING_RECORDS); count > 0; count = journal.poll(JOURNAL_RING_RECORDS)) journal.release(count);
}

/** On each tick one small order that crosses the spread, one that rests, and a cancel of the one before. */
class OrderRehearsal implements Strategy {
  readonly name = 'rehearsal';
  private resting = 0;

  onTick(view: TickView, intents: Parameters<Strategy['onTick']>[1]): number {
    if (this.resting !== 0) intents.cancel(this.resting, 0);
    this.resting = 0;
    const buys = view.positionLots <= 0;
    const side = buys ? SIDE.BUY : SIDE.SELL;
    intents.limit(side, buys ? view.askTicks : view.bidTicks, 1, TIME_IN_FORCE.IOC, 0, 0);
    intents.limit(side, buys ? view.bidTicks : view.askTicks, 1, TIME_IN_FORCE.GTC, ATTRIBUTE_POST_ONLY, 0);
    return 1;
  }

  onExecution(report: Parameters<Strategy['onExecution']>[0]): void {
    if (report.leavesLots > 0) this.resting = report.orderId;
  }
}
