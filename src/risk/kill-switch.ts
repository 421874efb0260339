import { assert } from '../core/assert.ts';

/** Levels of the kill switch (control 30). A higher level includes the lower ones. */
export const KILL_LEVEL = {
  NONE: 0,
  /** No new risk: reduce-only orders and cancels pass. */
  K1: 1,
  /** No orders, and every open order is cancelled. */
  K2: 2,
  /** As K2, and the session is closed by the gateway. */
  K3: 3,
} as const;
export type KillLevel = (typeof KILL_LEVEL)[keyof typeof KILL_LEVEL];

/** Bytes of the switch in shared memory: one word on its own pair of cache lines. */
export const KILL_SWITCH_BYTES = 128;

const REASON_BITS = 16;
const REASON_MASK = (1 << REASON_BITS) - 1;

/**
 * One int32 in shared memory: the level in the high half, the reason (reasons.ts) in the low one, so that both change in
 * one atomic step. Any thread may trip it; it only ever rises. Every gate loads it on every order (sequentially consistent),
 * so an order checked after `trip` returned is refused.
 */
export class KillSwitch {
  private readonly word: Int32Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.word = new Int32Array(buffer, offset, 1);
  }

  /** The packed word; 0 when nothing was tripped. */
  load(): number {
    return Atomics.load(this.word, 0);
  }

  level(): number {
    return Atomics.load(this.word, 0) >> REASON_BITS;
  }

  /** Why the present level was reached; 0 when nothing was tripped. */
  reason(): number {
    return Atomics.load(this.word, 0) & REASON_MASK;
  }

  /** Raises the level; true when it rose. A level at or above `level` stays with its own reason. */
  trip(level: number, reason: number): boolean {
    const wanted = (level << REASON_BITS) | (reason & REASON_MASK);
    for (;;) {
      const seen = Atomics.load(this.word, 0);
      if (seen >> REASON_BITS >= level) return false;
      if (Atomics.compareExchange(this.word, 0, seen, wanted) === seen) return true;
    }
  }

  /** Back to NONE: a person's decision, or the start of a run that has no latched state. Never called by a lane. */
  reset(): void {
    Atomics.store(this.word, 0, 0);
  }
}

/** Level and reason of a packed word. */
export function killLevelOf(word: number): number {
  return word >> REASON_BITS;
}

export function killReasonOf(word: number): number {
  return word & REASON_MASK;
}

assert(KILL_LEVEL.K3 << REASON_BITS > 0, 'Invariant: the packed kill word is positive');
