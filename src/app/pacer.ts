import type { Clock } from '../core/time.ts';

/** Waits shorter than this are spun away: a sleep wakes up tens of microseconds late. */
const SPIN_NS = 2_000_000;

/** A word nobody ever changes: waiting on it is a sleep with sub-millisecond resolution. */
const SLEEP_WORD = new Int32Array(new SharedArrayBuffer(4));

/** Says when a frame is handed over and what its T0 is. */
export interface FramePacer {
  /** Blocks until the frame recorded at `recvTimeNs` is due and returns its T0 on the run's clock, ns. */
  begin(recvTimeNs: number): number;
}

/** As fast as it can: T0 is the moment of hand-over, so latency shows no queueing (a closed loop). */
export class UnpacedReplay implements FramePacer {
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  begin(): number {
    return this.clock.nowNs();
  }
}

/**
 * Keeps the recorded arrival times, `speed` times faster: an open loop. T0 is the planned time even when the engine was
 * late for it, so lateness is latency.
 */
export class PacedReplay implements FramePacer {
  private readonly clock: Clock;
  private readonly speed: number;
  private readonly whileWaiting: () => void;
  private startNs = -1;
  private firstRecvNs = 0;

  /** `whileWaiting` runs at most once a wait of 50 µs or more: a thread that also drains the journal does it there. */
  constructor(clock: Clock, speed: number, whileWaiting: () => void) {
    this.clock = clock;
    this.speed = speed;
    this.whileWaiting = whileWaiting;
  }

  begin(recvTimeNs: number): number {
    if (this.startNs < 0) {
      this.startNs = this.clock.nowNs();
      this.firstRecvNs = recvTimeNs;
    }
    const planNs = this.startNs + (recvTimeNs - this.firstRecvNs) / this.speed;
    let remainingNs = planNs - this.clock.nowNs();
    if (remainingNs > 50_000) {
      this.whileWaiting();
      remainingNs = planNs - this.clock.nowNs();
    }
    if (remainingNs > SPIN_NS) Atomics.wait(SLEEP_WORD, 0, 0, (remainingNs - SPIN_NS) / 1e6);
    while (this.clock.nowNs() < planNs) {
      // Spin: the hot thread owns its core.
    }
    return planNs;
  }
}
