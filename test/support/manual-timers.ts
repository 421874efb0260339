import { ManualClock } from '../../src/core/time.ts';
import type { Timers } from '../../src/feed/transport/timers.ts';

interface Timer {
  dueMs: number;
  readonly everyMs: number;
  readonly callback: () => void;
}

/** Timers that fire when the test says that time passed; the clock goes with them. */
export class ManualTimers implements Timers {
  readonly clock = new ManualClock();
  private nowMs = 0;
  private timers: Timer[] = [];

  after(ms: number, callback: () => void): () => void {
    return this.add({ dueMs: this.nowMs + ms, everyMs: 0, callback });
  }

  every(ms: number, callback: () => void): () => void {
    return this.add({ dueMs: this.nowMs + ms, everyMs: ms, callback });
  }

  /** Timers that are set. */
  get pending(): number {
    return this.timers.length;
  }

  /** Milliseconds until the next timer fires. */
  get nextMs(): number {
    return Math.min(...this.timers.map((one) => one.dueMs)) - this.nowMs;
  }

  /** Lets `ms` pass, firing what is due in order. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = this.timers.filter((one) => one.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      this.setNow(Math.max(this.nowMs, due.dueMs));
      if (due.everyMs > 0) due.dueMs += due.everyMs;
      else this.timers = this.timers.filter((one) => one !== due);
      due.callback();
    }
    this.setNow(untilMs);
  }

  private setNow(ms: number): void {
    this.nowMs = ms;
    this.clock.set(ms * 1e6);
  }

  private add(timer: Timer): () => void {
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }
}
