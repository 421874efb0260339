/** 64-bit little-endian numbers of a record, in two 32-bit halves. */
const TWO_32 = 4294967296;

export function readI32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/**
 * Leaves seconds and nanoseconds of the epoch time at `at` in `out[slot]` and `out[slot + 1]`, both exact; false, and nothing
 * left, when the time is not there (all bits set).
 */
export function readTime(bytes: Uint8Array, at: number, out: Float64Array, slot: number): boolean {
  return storeHalves(readI32(bytes, at), readI32(bytes, at + 4), out, slot);
}

/** `readTime` of a view. */
export function storeTime(view: DataView, at: number, out: Float64Array, slot: number): boolean {
  return storeHalves(view.getInt32(at, true), view.getInt32(at + 4, true), out, slot);
}

function storeHalves(low: number, high: number, out: Float64Array, slot: number): boolean {
  if ((high & low) === -1) return false;
  // 2^48 = 281,474 s + 976,710,656 ns; 2^32 = 4 s + 294,967,296 ns. Each sum stays below 2^53.
  const upper = high >>> 16;
  const middle = high & 0xffff;
  const rest = upper * 976710656 + middle * 294967296 + (low >>> 0);
  const seconds = Math.floor(rest / 1e9);
  out[slot] = upper * 281474 + middle * 4 + seconds;
  out[slot + 1] = rest - seconds * 1e9;
  return true;
}

/** What `storeTicks` says of a price. */
export const PRICE = { OK: 0, UNDEFINED: 1, OFF_TICK: 2, TOO_LARGE: 3 } as const;
const { OK, UNDEFINED, OFF_TICK, TOO_LARGE } = PRICE;
const TICKS_MAX = 2147483647;

/**
 * Leaves the price at `at`, an integer of 1e-9, as ticks of `tickNanos` (a safe integer above 0) in `out[0]`, exactly; PRICE.
 * Doubles find the quotient; whether it is exact is told by multiplying back.
 */
export function storeTicks(view: DataView, at: number, tickNanos: number, out: Int32Array): number {
  const low = view.getInt32(at, true) >>> 0;
  const high = view.getInt32(at + 4, true);
  if (high === 0x7fffffff && low === 0xffffffff) return UNDEFINED;
  const nanos = high * TWO_32 + low;
  const ticks = Math.round(nanos / tickNanos);
  if (ticks > TICKS_MAX || ticks < -TICKS_MAX) return TOO_LARGE;
  // Below 2^53 the price and the product are exact doubles.
  if (high < 2097152 && high >= -2097152 ? ticks * tickNanos !== nanos : !isProduct(ticks, tickNanos, low, high)) return OFF_TICK;
  out[0] = ticks;
  return OK;
}

/** True when `ticks * tickNanos` is the 64-bit number of these halves. `ticks` is off by less than one, so 64 bits suffice. */
function isProduct(ticks: number, tickNanos: number, low: number, high: number): boolean {
  const tickLow = tickNanos % TWO_32;
  const tickHigh = (tickNanos - tickLow) / TWO_32;
  const size = Math.abs(ticks);
  // size is below 2^31: products with 16-bit parts stay below 2^53.
  const first = size * (tickLow & 0xffff);
  const second = size * (tickLow >>> 16);
  const third = first + (second % 65536) * 65536;
  const productLow = third % TWO_32;
  const carry = (third - productLow) / TWO_32 + (second - (second % 65536)) / 65536;
  const productHigh = (carry + size * (tickHigh % 65536) + ((size * ((tickHigh - (tickHigh % 65536)) / 65536)) % 65536) * 65536) % TWO_32;
  if (ticks >= 0) return productLow === low && productHigh === high >>> 0;
  const negatedLow = productLow === 0 ? 0 : TWO_32 - productLow;
  const negatedHigh = (TWO_32 - productHigh - (productLow === 0 ? 0 : 1)) % TWO_32;
  return negatedLow === low && negatedHigh === high >>> 0;
}
