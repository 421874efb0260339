import { EXIT, TickpathError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';

/** When a recorded frame is handed over. */
export interface Pacer {
  /** Planned hand-over of a frame received at `recvTimeNs`, on the measured clock; below zero: as soon as possible. */
  planNs(recvTimeNs: number): number;
}

/** How a paced transport passes the time until its next frame is due. */
export interface Waiter {
  /** Farther from the planned time than this, ns, `rest` is called; nearer, `spin`. */
  readonly restAboveNs: number;
  /** Resolves before the planned time, `leftNs` from now; the event loop runs meanwhile. */
  rest(leftNs: number): Promise<void>;
  /** Called again and again until the frame is due. */
  spin(): void;
}

/** No schedule: frames follow one another as fast as they are taken. */
export const unpaced: Pacer = { planNs: () => -1 };

/** Recorded arrival times at `speed` times real time, open loop: the schedule begins with the first frame and never shifts. */
export class ScheduledPacer implements Pacer {
  private readonly clock: Clock;
  private readonly speed: number;
  private startNs = -1;
  private firstNs = 0;

  constructor(clock: Clock, speed: number) {
    if (!(speed > 0 && Number.isFinite(speed))) {
      throw new TickpathError('ERR_SPEED', `speed ${speed}: expected a number above zero, or max`, EXIT.USAGE);
    }
    this.clock = clock;
    this.speed = speed;
  }

  planNs(recvTimeNs: number): number {
    if (this.startNs < 0) {
      this.startNs = this.clock.nowNs();
      this.firstNs = recvTimeNs;
    }
    return this.startNs + (recvTimeNs - this.firstNs) / this.speed;
  }
}

const TIMER_SLACK_NS = 2_000_000;

/** Sleeps on timers, which fire up to a millisecond late, and spins the last two: for a thread that shares its core. */
export const timerWaiter: Waiter = {
  restAboveNs: TIMER_SLACK_NS,
  rest: (leftNs) => new Promise((resolve) => setTimeout(resolve, (leftNs - TIMER_SLACK_NS) / 1e6)),
  spin: () => {},
};

/** Never rests: for a pinned thread that has nothing else to do. */
export const spinWaiter: Waiter = { restAboveNs: Number.POSITIVE_INFINITY, rest: async () => {}, spin: () => {} };

/** Rests by single turns of the event loop, some microseconds each: for a thread that also serves timers and signals. */
export const turnWaiter: Waiter = {
  restAboveNs: 200_000,
  rest: () => new Promise((resolve) => setImmediate(resolve)),
  spin: () => {},
};
