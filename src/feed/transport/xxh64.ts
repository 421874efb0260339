/**
 * XXH64 with seed 0 (Yann Collet, xxHash specification 0.1.1), of which the checksum of a zstd frame is the low 32 bits.
 * Whole stripes run in 32-bit halves, the short ends in BigInt.
 */
const STRIPE_BYTES = 32;
const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const MASK = 0xffff_ffff_ffff_ffffn;
const PRIME_1_LOW = 0x85ebca87;
const PRIME_1_HIGH = 0x9e3779b1;
const PRIME_2_LOW = 0x27d4eb4f;
const PRIME_2_HIGH = 0xc2b2ae3d;

export class Xxh64 {
  /** Four accumulators, low and high half each. */
  private readonly lanes = new Int32Array(8);
  private readonly tail = new Uint8Array(STRIPE_BYTES);
  private tailBytes = 0;
  private totalBytes = 0;

  constructor() {
    for (const [lane, start] of [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1].entries()) {
      this.lanes[2 * lane] = Number(BigInt.asIntN(32, start));
      this.lanes[2 * lane + 1] = Number(BigInt.asIntN(32, start >> 32n));
    }
  }

  update(bytes: Uint8Array): void {
    this.totalBytes += bytes.length;
    let at = 0;
    if (this.tailBytes > 0) {
      at = Math.min(STRIPE_BYTES - this.tailBytes, bytes.length);
      this.tail.set(bytes.subarray(0, at), this.tailBytes);
      this.tailBytes += at;
      if (this.tailBytes < STRIPE_BYTES) return;
      stripes(this.lanes, this.tail, 0, STRIPE_BYTES);
      this.tailBytes = 0;
    }
    const whole = at + (bytes.length - at - ((bytes.length - at) % STRIPE_BYTES));
    stripes(this.lanes, bytes, at, whole);
    this.tail.set(bytes.subarray(whole));
    this.tailBytes = bytes.length - whole;
  }

  digest(): bigint {
    let hash = PRIME_5;
    if (this.totalBytes >= STRIPE_BYTES) {
      const lanes = [0, 1, 2, 3].map((lane) => this.lane(lane));
      hash = (rotate(lanes[0]!, 1n) + rotate(lanes[1]!, 7n) + rotate(lanes[2]!, 12n) + rotate(lanes[3]!, 18n)) & MASK;
      for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4) & MASK;
    }
    hash = (hash + BigInt(this.totalBytes)) & MASK;
    const view = new DataView(this.tail.buffer);
    let at = 0;
    for (; at + 8 <= this.tailBytes; at += 8)
      hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4) & MASK;
    if (at + 4 <= this.tailBytes) {
      hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * PRIME_1) & MASK), 23n) * PRIME_2 + PRIME_3) & MASK;
      at += 4;
    }
    for (; at < this.tailBytes; at++) hash = (rotate(hash ^ ((BigInt(this.tail[at]!) * PRIME_5) & MASK), 11n) * PRIME_1) & MASK;
    hash = ((hash ^ (hash >> 33n)) * PRIME_2) & MASK;
    hash = ((hash ^ (hash >> 29n)) * PRIME_3) & MASK;
    return hash ^ (hash >> 32n);
  }

  private lane(index: number): bigint {
    return (BigInt(this.lanes[2 * index + 1]! >>> 0) << 32n) | BigInt(this.lanes[2 * index]! >>> 0);
  }
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK;
}

/** Takes the 32-byte stripes of `bytes[from, to)` into the four lanes. */
function stripes(lanes: Int32Array, bytes: Uint8Array, from: number, to: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = from; at < to; at += 8) {
    const lane = ((at - from) >> 2) & 6;
    const inputLow = view.getInt32(at, true);
    // lane += input * PRIME_2
    const productLow = Math.imul(inputLow, PRIME_2_LOW);
    const productHigh =
      (mulHigh(inputLow, PRIME_2_LOW) + Math.imul(inputLow, PRIME_2_HIGH) + Math.imul(view.getInt32(at + 4, true), PRIME_2_LOW)) | 0;
    const low = (lanes[lane]! + productLow) | 0;
    const high = (lanes[lane + 1]! + productHigh + (low >>> 0 < productLow >>> 0 ? 1 : 0)) | 0;
    // rotated left by 31, times PRIME_1
    const rotatedLow = (low << 31) | (high >>> 1);
    const rotatedHigh = (high << 31) | (low >>> 1);
    lanes[lane] = Math.imul(rotatedLow, PRIME_1_LOW);
    lanes[lane + 1] = mulHigh(rotatedLow, PRIME_1_LOW) + Math.imul(rotatedLow, PRIME_1_HIGH) + Math.imul(rotatedHigh, PRIME_1_LOW);
  }
}

/** Upper 32 bits of the unsigned product of two 32-bit words. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const lowLow = Math.imul(aLow, bLow);
  const lowHigh = Math.imul(aLow, bHigh);
  const highLow = Math.imul(aHigh, bLow);
  const middle = (lowLow >>> 16) + (lowHigh & 0xffff) + (highLow & 0xffff);
  return (Math.imul(aHigh, bHigh) + (lowHigh >>> 16) + (highLow >>> 16) + (middle >>> 16)) | 0;
}
