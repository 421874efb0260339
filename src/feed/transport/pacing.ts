import { EXIT, TickpathError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';

/** When a recorded frame is handed over. */
export interface Pacer {
  /** Planned hand-over of a frame received at `recvTimeNs`, on the measured clock; below zero: as soon as possible. */
  planNs(recvTimeNs: number): number;
}

/** How a paced transport passes time. */
export interface Waiter {
  /** Resolves after about `ms` milliseconds; the event loop runs meanwhile. */
  sleep(ms: number): Promise<void>;
  /** Resolves after one turn of the event loop. */
  turn(): Promise<void>;
  /** Called again and again during the last millisecond. */
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

/** Waits on the machine's own timers. */
export const timerWaiter: Waiter = {
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  spin: () => {},
};
