/** Delays before trying again: exponential from the first to the last. */
const BACKOFF_FIRST_MS = 100;
const BACKOFF_LAST_MS = 30_000;

/** Full jitter: uniform between 0 and the exponential bound of this attempt, which counts from 0. `random`: uniform in [0, 1). */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 20));
}
