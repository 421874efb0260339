import type { Prng } from '../../core/prng.ts';

const BYTES_CHANGED_MAX = 3;
/** How far to look for a digit from the place that was drawn. */
const DIGIT_WITHIN_BYTES = 32;
const ZERO = 48;
const NINE = 57;

/** A copy of `frame` with one to three bytes changed. A digit becomes another digit every second time: most damage to one still reads. */
export function damage(prng: Prng, frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  if (copy.length === 0) return copy;
  for (let changes = 1 + prng.nextInt(BYTES_CHANGED_MAX); changes > 0; changes--) {
    const at = prng.nextInt(copy.length);
    const digit = prng.nextInt(2) === 0 ? digitFrom(copy, at) : -1;
    if (digit >= 0) copy[digit] = ZERO + ((copy[digit]! - ZERO + 1 + prng.nextInt(9)) % 10);
    else if (prng.nextInt(2) === 0) copy[at] = copy[at]! ^ (1 << prng.nextInt(8));
    else copy[at] = prng.nextInt(256);
  }
  return copy;
}

/** First digit at or after `at`, -1 when there is none near. */
function digitFrom(bytes: Uint8Array, at: number): number {
  const end = Math.min(bytes.length, at + DIGIT_WITHIN_BYTES);
  for (let i = at; i < end; i++) if (bytes[i]! >= ZERO && bytes[i]! <= NINE) return i;
  return -1;
}
