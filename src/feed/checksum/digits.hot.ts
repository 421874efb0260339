const LOW_DIGITS = 8;
const LOW = 10 ** LOW_DIGITS;

/**
 * Writes the decimal digits of the integer `units[slot]` (0 .. 999,999,999,999,999) to `out` from `at`, without leading
 * zeros; the position after them. The number comes in an array because V8 allocates a large number that it passes.
 */
export function writeDigits(units: Float64Array, slot: number, out: Uint8Array, at: number): number {
  const value = units[slot]!;
  const high = Math.floor(value / LOW) | 0;
  const low = (value - high * LOW) | 0;
  if (high === 0) return writeInt(low, out, at);
  const middle = writeInt(high, out, at);
  let rest = low;
  for (let i = middle + LOW_DIGITS - 1; i >= middle; i--) {
    out[i] = 48 + (rest % 10);
    rest = (rest / 10) | 0;
  }
  return middle + LOW_DIGITS;
}

function writeInt(value: number, out: Uint8Array, at: number): number {
  let end = at + 1;
  for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    out[i] = 48 + (rest % 10);
    rest = (rest / 10) | 0;
  }
  return end;
}
