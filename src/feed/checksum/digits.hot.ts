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

/**
 * Writes `units[slot]` units of 10^-decimals, above zero, as the shortest decimal text: `0.00000088`, `30316`, `3366.1`; the
 * position after it.
 */
export function writeDecimal(units: Float64Array, slot: number, decimals: number, out: Uint8Array, at: number): number {
  const end = writeDigits(units, slot, out, at);
  let fraction = decimals;
  let last = end - 1;
  while (fraction > 0 && out[last]! === 48) {
    last--;
    fraction--;
  }
  const whole = end - at - decimals;
  if (fraction === 0) return at + whole;
  // Where the first digit of the fraction goes, and how many zeros come before it that are not among the digits.
  const missing = whole > 0 ? 0 : -whole;
  const point = whole > 0 ? at + whole : at + 1;
  const from = whole > 0 ? at + whole : at;
  for (let i = fraction - missing - 1; i >= 0; i--) out[point + 1 + missing + i] = out[from + i]!;
  if (whole <= 0) out[at] = 48;
  out[point] = 46;
  for (let i = 0; i < missing; i++) out[point + 1 + i] = 48;
  return point + 1 + fraction;
}
