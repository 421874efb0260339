import { DECIMAL } from '../../core/price.ts';
import { scanDecimal } from '../decimal.hot.ts';
import { RECORD } from './status.ts';

const EXPONENT = 101;
const MINUS = 45;
const EXPONENT_MAX = 30;

/**
 * As `scanDecimal`, but takes numbers as JavaScript writes small ones, `1.5e-7`; RECORD, the value in `out[slot]`. The
 * exponent moves the decimal point, so the value stays exact.
 */
export function scanNumber(bytes: Uint8Array, start: number, end: number, decimals: number, out: Float64Array, slot: number): number {
  let mantissaEnd = start;
  while (mantissaEnd < end && bytes[mantissaEnd]! !== EXPONENT) mantissaEnd++;
  let shift = 0;
  if (mantissaEnd < end) {
    if (bytes[mantissaEnd + 1]! !== MINUS || mantissaEnd + 2 >= end) return RECORD.BAD_DECIMAL;
    for (let i = mantissaEnd + 2; i < end; i++) {
      const digit = bytes[i]! - 48;
      if (digit < 0 || digit > 9 || shift > EXPONENT_MAX) return RECORD.BAD_DECIMAL;
      shift = shift * 10 + digit;
    }
  }
  if (shift > decimals) return RECORD.BAD_DECIMAL;
  const status = scanDecimal(bytes, start, mantissaEnd, decimals - shift, out, slot);
  if (status >= 0) return RECORD.OK;
  return status === DECIMAL.TOO_LARGE
    ? RECORD.QTY_RANGE
    : status === DECIMAL.TOO_MANY_DECIMALS
      ? RECORD.TOO_MANY_DECIMALS
      : RECORD.BAD_DECIMAL;
}
