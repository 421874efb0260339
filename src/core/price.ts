import { EXIT, TickpathError } from './errors.ts';

/** An integer number of ticks of one instrument. */
export type PriceTicks = number & { readonly unit: 'ticks' };
/** An integer number of lots of one instrument. */
export type QtyLots = number & { readonly unit: 'lots' };
/** Integer cash of one instrument: one unit is one tick times one lot. */
export type Cash = number & { readonly unit: 'tick-lots' };

/** "No price": below every real price, so a comparison with it never crosses. */
export const PRICE_NONE = -2147483648;
/** Largest price in ticks a book accepts. */
export const PRICE_TICKS_MAX = 2147483647;

/** Statuses of the decimal parsers: all negative, so `value < 0` means refused. */
export const DECIMAL = {
  EMPTY: -1,
  /** A byte that is neither a digit nor the one decimal point (signs and exponents included). */
  BAD_BYTE: -2,
  /** Non-zero digits beyond the instrument's decimals. */
  TOO_MANY_DECIMALS: -3,
  /** More than 2^53 - 1 units: would not be exact in a double. */
  TOO_LARGE: -4,
} as const;

/** 2^53 - 1: every integer up to here is exact in a double. */
const UNITS_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Parses the decimal text in `bytes[start, end)` to an integer number of 10^-decimals units. Trailing zeros beyond
 * `decimals` are accepted, any other digit there is refused. No floating point: digits accumulate in a safe integer.
 * Returns the value (0 .. 2^53 - 1) or a `DECIMAL` status below zero. Allocates nothing.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, decimals: number): number {
  if (start >= end) return DECIMAL.EMPTY;
  let value = 0;
  let seen = 0;
  let fraction = -1;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 46) {
      if (fraction >= 0) return DECIMAL.BAD_BYTE;
      fraction = 0;
      continue;
    }
    const digit = byte - 48;
    if (digit < 0 || digit > 9) return DECIMAL.BAD_BYTE;
    seen++;
    if (fraction >= 0) {
      if (fraction >= decimals) {
        if (digit !== 0) return DECIMAL.TOO_MANY_DECIMALS;
        continue;
      }
      fraction++;
    }
    // Rounding is monotone and 2^53 a double: a sum beyond the limit is never rounded to below it.
    value = value * 10 + digit;
    if (value > UNITS_MAX) return DECIMAL.TOO_LARGE;
  }
  if (seen === 0) return DECIMAL.EMPTY;
  for (let missing = decimals - (fraction < 0 ? 0 : fraction); missing > 0; missing--) {
    value *= 10;
    if (value > UNITS_MAX) return DECIMAL.TOO_LARGE;
  }
  return value;
}

/** Formats an integer number of 10^-decimals units as decimal text with exactly `decimals` decimals. */
export function formatDecimal(units: number, decimals: number): string {
  const negative = units < 0;
  const digits = Math.abs(units)
    .toString()
    .padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return negative ? `-${text}` : text;
}

/** Number of decimals written in `text`, e.g. 2 for "0.10". */
export function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** `parseDecimal` for cold text (configuration); throws `ERR_DECIMAL` naming `field`. */
export function parseDecimalText(text: string, decimals: number, field: string): number {
  const bytes = new TextEncoder().encode(text);
  const value = parseDecimal(bytes, 0, bytes.length, decimals);
  if (value >= 0) return value;
  const why =
    value === DECIMAL.TOO_MANY_DECIMALS
      ? `has more than ${decimals} decimals`
      : value === DECIMAL.TOO_LARGE
        ? 'is beyond 2^53 - 1 units of its last decimal'
        : 'is not a plain decimal number';
  throw new TickpathError('ERR_DECIMAL', `${field}: "${text}" ${why}`, EXIT.USAGE);
}
