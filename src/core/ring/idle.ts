import type { RingConsumer } from './spsc.hot.ts';

/** What a duty cycle does when it found no work. `reset` after work, `idle` after none. */
export interface IdleStrategy {
  readonly name: string;
  reset(): void;
  idle(): void;
}

/** Burns the core: lowest latency, needs a core of its own. */
export class SpinIdle implements IdleStrategy {
  readonly name = 'spin';
  reset(): void {}
  idle(): void {}
}

/** Spins `spins` times, then sleeps on the ring up to `waitMs`: leaves the kernel room on small machines. */
export class SpinThenWaitIdle implements IdleStrategy {
  readonly name = 'spin-then-wait';
  private readonly ring: RingConsumer;
  private readonly spins: number;
  private readonly waitMs: number;
  private count = 0;

  constructor(ring: RingConsumer, spins: number, waitMs: number) {
    this.ring = ring;
    this.spins = spins;
    this.waitMs = waitMs;
  }

  reset(): void {
    this.count = 0;
  }

  idle(): void {
    if (this.count < this.spins) {
      this.count++;
      return;
    }
    this.ring.wait(this.waitMs);
  }
}

/** For threads that own an event loop: the stage is driven by `setImmediate`, so idling is returning. */
export class EventLoopIdle implements IdleStrategy {
  readonly name = 'event-loop';
  reset(): void {}
  idle(): void {}
}
