const MASK = (1n << 64n) - 1n;
const P1 = 11400714785074694791n;
const P2 = 14029467366897019727n;
const P3 = 1609587929392839161n;
const P4 = 9650029242287828579n;
const P5 = 2870177450012600261n;

const rotl = (value: bigint, bits: number): bigint => ((value << BigInt(bits)) | (value >> BigInt(64 - bits))) & MASK;
const round = (lane: bigint, input: bigint): bigint => (rotl((lane + input * P2) & MASK, 31) * P1) & MASK;

/** XXH64 with seed 0, word by word in BigInt as the specification has it. */
export function naiveXxh64(bytes: Uint8Array): bigint {
  const read = (at: number, count: number): bigint => {
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!);
    return value;
  };
  let at = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, -P1 & MASK];
    for (; at + 32 <= bytes.length; at += 32) for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, read(at + 8 * i, 8));
    hash = (rotl(lanes[0]!, 1) + rotl(lanes[1]!, 7) + rotl(lanes[2]!, 12) + rotl(lanes[3]!, 18)) & MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & MASK;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) hash = (rotl(hash ^ round(0n, read(at, 8)), 27) * P1 + P4) & MASK;
  for (; at + 4 <= bytes.length; at += 4) hash = (rotl(hash ^ ((read(at, 4) * P1) & MASK), 23) * P2 + P3) & MASK;
  for (; at < bytes.length; at++) hash = (rotl(hash ^ ((read(at, 1) * P5) & MASK), 11) * P1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return hash ^ (hash >> 32n);
}
