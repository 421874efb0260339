import type { Timers } from '../../src/feed/transport/timers.ts';

/** Delays above this, ms, do not pass by themselves. */
const QUICK_MS = 60_000;

interface Late {
  readonly ms: number;
  readonly callback: () => void;
}

/**
 * Timers that fire in the next turn of the event loop and remember what was asked; long ones and periodic ones wait for the
 * test to fire them.
 */
export class QuickTimers implements Timers {
  readonly delays: number[] = [];
  private readonly periodic = new Set<Late>();
  private readonly late = new Set<Late>();

  after(ms: number, callback: () => void): () => void {
    this.delays.push(ms);
    if (ms > QUICK_MS) {
      const one = { ms, callback };
      this.late.add(one);
      return () => this.late.delete(one);
    }
    const handle = setImmediate(callback);
    return () => clearImmediate(handle);
  }

  every(ms: number, callback: () => void): () => void {
    const one = { ms, callback };
    this.periodic.add(one);
    return () => this.periodic.delete(one);
  }

  /** Fires the periodic ones, or those of one period. */
  fire(ms?: number): void {
    for (const one of [...this.periodic]) if (ms === undefined || one.ms === ms) one.callback();
  }

  /** Fires the long ones; how long each would have waited. */
  fireLate(): number[] {
    const due = [...this.late];
    this.late.clear();
    for (const { callback } of due) callback();
    return due.map((one) => one.ms);
  }
}
