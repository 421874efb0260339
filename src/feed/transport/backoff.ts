/** Delays between attempts: exponential from the first to the last. */
const FIRST_MS = 100;
const LAST_MS = 30_000;
const DOUBLINGS_MAX = 20;

/** Delay before attempt `attempt`, from 1, with full jitter: uniform between 0 and the exponential bound, ms. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, DOUBLINGS_MAX));
}
