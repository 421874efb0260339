import { DECODE } from '../l2/status.ts';
import { scanId } from './fields.hot.ts';
import { textEnd } from './object.hot.ts';

/** An id or time at `at`, 0 being an absent field, that venues write as a number or as a string of digits; DECODE. */
export function scanTextId(bytes: Uint8Array, at: number, end: number, out: Float64Array, slot: number): number {
  if (at === 0) return DECODE.MISSING_FIELD;
  if (bytes[at]! !== 34) {
    const p = scanId(bytes, at, end, out, slot);
    return p < 0 ? p : DECODE.OK;
  }
  const close = textEnd(bytes, at, end);
  if (close < 0) return close;
  const p = scanId(bytes, at + 1, close, out, slot);
  if (p < 0) return p;
  return p === close ? DECODE.OK : DECODE.BAD_FIELD;
}

/** As `scanTextId`, for a number that may be below zero. */
export function scanSignedId(bytes: Uint8Array, at: number, end: number, out: Float64Array, slot: number): number {
  if (at === 0) return DECODE.MISSING_FIELD;
  const minus = bytes[at]! === 45;
  const p = scanId(bytes, minus ? at + 1 : at, end, out, slot);
  if (p < 0) return p;
  if (minus) out[slot] = -out[slot]!;
  return DECODE.OK;
}
