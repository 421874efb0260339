/**
 * Stays on in production. `text` is constant and states the positive rule, e.g. `Invariant: asks stand above bids`.
 * A failed assertion halts the stage that made it: the book or the order state can no longer be trusted.
 */
export function assert(condition: boolean, text: string): asserts condition {
  if (!condition) fail(text);
}

function fail(text: string): never {
  throw new Error(text);
}
