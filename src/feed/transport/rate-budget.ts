/** At most `count` of something in any `perMs`, as a venue states it. */
export interface RateLimit {
  readonly count: number;
  readonly perMs: number;
}

/** Keeps a RateLimit over a sliding window: what the venue counts must never exceed it, however the window falls. */
export class RateBudget {
  private readonly perNs: number;
  /** When each of the last `count` was taken, oldest at `next`. */
  private readonly taken: Float64Array;
  private next = 0;

  constructor(limit: RateLimit) {
    this.perNs = limit.perMs * 1e6;
    this.taken = new Float64Array(limit.count).fill(Number.NEGATIVE_INFINITY);
  }

  /** Whole milliseconds from `nowNs` until one more may be taken; 0: now. */
  waitMs(nowNs: number): number {
    return Math.max(0, Math.ceil((this.taken[this.next]! + this.perNs - nowNs) / 1e6));
  }

  take(nowNs: number): void {
    this.taken[this.next] = nowNs;
    this.next = (this.next + 1) % this.taken.length;
  }

  /** Nothing was taken yet: for a limit that the venue counts anew on each connection. */
  reset(): void {
    this.taken.fill(Number.NEGATIVE_INFINITY);
  }
}
