import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../core/assert.ts';
import { SpinThenWaitIdle } from '../core/ring/idle.ts';
import { type Clock, systemClock } from '../core/time.ts';
import { spinWaiter } from '../feed/transport/pacing.ts';
import { measureJitterFloor } from './jitter.hot.ts';
import type { Lane } from './lane.hot.ts';
import { type PinResult, pinCurrentThread } from './pin.ts';
import { CONTROL } from './pipeline-memory.ts';
import type { WorkerDone, WorkerReady, WorkerStart } from './pipeline-start.ts';
import { rehearse } from './rehearsal.ts';
import { type BuiltLane, buildLane, checkLane, ReplayFeed } from './wiring.ts';
import { failureOf, type WorkerMessage } from './workers.ts';

/** Turns without work before the lane of a pipeline sleeps on its ring, and for how long at most. */
const SPINS = 200_000;
const WAIT_MS = 1;
/** Measured before the engine's own numbers, so that code and clock are compiled when it counts. */
const JITTER_WARM_UP_NS = 50_000_000;

/** Entry of the hot thread: pins itself, measures the jitter floor, builds its part of the path and runs it to the end. */
async function run(start: WorkerStart): Promise<void> {
  const clock = systemClock(start.lane.clockBaseNs);
  const pin: PinResult =
    start.lane.core >= 0
      ? pinCurrentThread(start.lane.core)
      : { ok: false, core: -1, message: 'not pinned: switched off in the configuration' };
  if (start.rehearse) await rehearse(start.lane, start.feed, clock);
  const built = await buildLane(start.lane, clock);
  measureFloor(built, clock, start.lane.jitterNs);
  post({ type: 'ready', ready: { pin, strategySha256: built.strategySha256 } });
  const beganNs = clock.nowNs();
  const feed = start.topology === 'inline' ? await runInline(start, built, clock) : undefined;
  if (start.topology === 'pipeline') runLane(built);
  const { view, bookState } = built.lane.engine;
  const done = { feed, beganNs, endedNs: clock.nowNs(), bookState, bidTicks: view.bidTicks, askTicks: view.askTicks };
  post({ type: 'done', done });
}

function measureFloor(built: BuiltLane, clock: Clock, durationNs: number): void {
  if (durationNs <= 0) return;
  measureJitterFloor(clock, built.views.jitter, JITTER_WARM_UP_NS);
  built.views.jitter.reset();
  measureJitterFloor(clock, built.views.jitter, durationNs);
}

/** Feed and lane in this thread, run to completion a frame. */
async function runInline(start: WorkerStart, built: BuiltLane, clock: Clock) {
  const { lane, views } = built;
  const drain = (): void => drainLane(lane);
  const feed = new ReplayFeed(start.feed, views, clock, { afterFrame: drain, waitForRoom: drain, waiter: spinWaiter });
  const done = await feed.run();
  drainLane(lane);
  assert(lane.ended, 'Invariant: the stream ends with a STREAM_END record');
  return done;
}

function drainLane(lane: Lane): void {
  for (let taken = lane.poll(); taken !== 0; taken = lane.poll()) checkLane(taken);
}

/** The lane alone: spins on the market ring until the feed has ended. */
function runLane(built: BuiltLane): void {
  const { lane } = built;
  const idle = new SpinThenWaitIdle(built.market, SPINS, WAIT_MS);
  while (!lane.ended) {
    const taken = lane.poll();
    checkLane(taken);
    if (taken === 0) idle.idle();
    else idle.reset();
  }
}

function post(message: WorkerMessage<WorkerReady, WorkerDone>): void {
  parentPort!.postMessage(message);
}

const start = workerData as WorkerStart;
run(start).catch((error: unknown) => {
  const { shared, strategy } = start.lane;
  // A feed in another thread may wait for room in the ring, without an event loop to hear the message.
  Atomics.store(new Int32Array(shared.memory.buffer), shared.layout.control / 4 + CONTROL.FAILED, 1);
  post({ type: 'failed', failure: failureOf(error, 'file' in strategy ? strategy.file : undefined) });
});
