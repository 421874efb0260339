import { ManualClock } from '../../src/core/time.ts';
import type { Timers } from '../../src/feed/transport/timers.ts';

interface Due {
  atNs: number;
  readonly everyNs: number;
  readonly callback: () => void;
}

/** Timers on a clock that moves only when the test says so; what is due fires in order, at its own time. */
export class VirtualTimers implements Timers {
  readonly clock = new ManualClock();
  private readonly pending = new Set<Due>();

  constructor() {
    this.clock.set(1);
  }

  after(ms: number, callback: () => void): () => void {
    return this.add({ atNs: this.clock.nowNs() + ms * 1e6, everyNs: 0, callback });
  }

  every(ms: number, callback: () => void): () => void {
    return this.add({ atNs: this.clock.nowNs() + ms * 1e6, everyNs: ms * 1e6, callback });
  }

  /** Milliseconds until the next timer. */
  get nextMs(): number {
    return (Math.min(...[...this.pending].map((one) => one.atNs)) - this.clock.nowNs()) / 1e6;
  }

  advance(ms: number): void {
    const endNs = this.clock.nowNs() + ms * 1e6;
    for (;;) {
      const next = [...this.pending].sort((a, b) => a.atNs - b.atNs)[0];
      if (next === undefined || next.atNs > endNs) break;
      this.clock.set(Math.max(this.clock.nowNs(), next.atNs));
      if (next.everyNs > 0) next.atNs += next.everyNs;
      else this.pending.delete(next);
      next.callback();
    }
    this.clock.set(endNs);
  }

  private add(one: Due): () => void {
    this.pending.add(one);
    return () => this.pending.delete(one);
  }
}
