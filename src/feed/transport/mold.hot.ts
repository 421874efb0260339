/**
 * MoldUDP64 1.00 downstream packet: `count` messages of a session, the first of them number `sequence`. Big-endian.
 *
 *   0 a10 session   10 u64 sequence   18 u16 count   then count times: u16 length, that many bytes
 *
 * A count of 0 is a heartbeat, 0xFFFF the end of the session; both give the next number that is to be expected.
 */
export const MOLD_SESSION_BYTES = 10;
export const MOLD_HEADER_BYTES = 20;
export const MOLD_BLOCK_BYTES = 2;
export const MOLD_HEARTBEAT = 0;
export const MOLD_END_OF_SESSION = 0xffff;
/** Where sequence and count stand, in a request packet too. */
export const MOLD_SEQUENCE = 10;
export const MOLD_COUNT = 18;
const TWO_32 = 4_294_967_296;
/** Upper halves below this make a 64-bit number a safe integer. */
const SAFE_HIGH = 2_097_152;

/** What `moldPacket` says of bytes that are no packet. */
export const MOLD_BAD = -1;

/** Checks that the packet `bytes[start, end)` is filled exactly by its blocks; its count, or MOLD_BAD. `out[at]`: its sequence. */
export function moldPacket(bytes: Uint8Array, start: number, end: number, out: Float64Array, at: number): number {
  if (end - start < MOLD_HEADER_BYTES) return MOLD_BAD;
  storeU32(bytes, start + MOLD_SEQUENCE, out, at);
  const high = out[at]!;
  if (high >= SAFE_HIGH) return MOLD_BAD;
  storeU32(bytes, start + MOLD_SEQUENCE + 4, out, at);
  out[at] = out[at]! + high * TWO_32;
  const count = moldU16(bytes, start + MOLD_COUNT);
  const blocks = count === MOLD_END_OF_SESSION ? 0 : count;
  let next = start + MOLD_HEADER_BYTES;
  for (let i = 0; i < blocks; i++) {
    if (next + MOLD_BLOCK_BYTES > end) return MOLD_BAD;
    next += MOLD_BLOCK_BYTES + moldU16(bytes, next);
  }
  return next === end ? count : MOLD_BAD;
}

/** Length of the message whose block begins at `at`. */
export function moldU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Writes the header of a packet of `count` messages, or of a request for them, whose first is number `numbers[slot]`. */
export function putMoldHeader(session: Uint8Array, numbers: Float64Array, slot: number, count: number, out: Uint8Array, at: number): void {
  for (let i = 0; i < MOLD_SESSION_BYTES; i++) out[at + i] = session[i]!;
  const high = Math.floor(numbers[slot]! / TWO_32);
  putU32(out, at + MOLD_SEQUENCE, high | 0);
  putU32(out, at + MOLD_SEQUENCE + 4, (numbers[slot]! - high * TWO_32) | 0);
  out[at + MOLD_COUNT] = count >>> 8;
  out[at + MOLD_COUNT + 1] = count & 0xff;
}

function putU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = (value >>> 16) & 0xff;
  out[at + 2] = (value >>> 8) & 0xff;
  out[at + 3] = value & 0xff;
}

/** Stored and not returned: V8 allocates a large number that a function returns. */
function storeU32(bytes: Uint8Array, at: number, out: Float64Array, slot: number): void {
  out[slot] = moldU16(bytes, at) * 65_536 + moldU16(bytes, at + 2);
}
