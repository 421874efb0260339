/**
 * Strict JSON scanning over bytes without building values: every function takes a position and returns the position after
 * what it read, or a `JSON_SCAN` status below zero. What it accepts, `JSON.parse` accepts.
 */
export const JSON_SCAN = {
  /** Not JSON, or it ends too early. */
  BAD: -1,
  /** Objects and arrays nested deeper than JSON_DEPTH_MAX. */
  TOO_DEEP: -2,
} as const;

export const JSON_DEPTH_MAX = 16;

const QUOTE = 34;
const BACKSLASH = 92;

/** Position of the first byte at or after `p` that is no JSON white space; may be `end`. */
export function skipSpace(bytes: Uint8Array, p: number, end: number): number {
  let at = p;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break;
    at++;
  }
  return at;
}

/** Position of the quote that closes the text at `p`; JSON_SCAN.BAD when a backslash, a control byte or the end comes first. */
export function plainEnd(bytes: Uint8Array, p: number, end: number): number {
  for (let at = p; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < 32) break;
  }
  return JSON_SCAN.BAD;
}

/** `p` stands on the opening quote; returns the position after the closing one. Escapes are checked, not decoded. */
export function skipString(bytes: Uint8Array, p: number, end: number): number {
  const close = plainEnd(bytes, p + 1, end);
  return close < 0 ? skipEscapedString(bytes, p, end) : close + 1;
}

function skipEscapedString(bytes: Uint8Array, p: number, end: number): number {
  let at = p + 1;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte < 32) return JSON_SCAN.BAD;
    if (byte === BACKSLASH) {
      at = skipEscape(bytes, at + 1, end);
      if (at < 0) return at;
    } else {
      at++;
    }
  }
  return JSON_SCAN.BAD;
}

function skipEscape(bytes: Uint8Array, p: number, end: number): number {
  if (p >= end) return JSON_SCAN.BAD;
  const byte = bytes[p]!;
  // " \ / b f n r t
  if (byte === 34 || byte === 92 || byte === 47 || byte === 98 || byte === 102 || byte === 110 || byte === 114 || byte === 116)
    return p + 1;
  if (byte !== 117 || p + 4 >= end) return JSON_SCAN.BAD;
  for (let i = p + 1; i <= p + 4; i++) if (!isHexDigit(bytes[i]!)) return JSON_SCAN.BAD;
  return p + 5;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 32;
  return (byte >= 48 && byte <= 57) || (lower >= 97 && lower <= 102);
}

function skipDigits(bytes: Uint8Array, p: number, end: number): number {
  let at = p;
  while (at < end && (bytes[at]! - 48) >>> 0 < 10) at++;
  return at === p ? JSON_SCAN.BAD : at;
}

function skipNumber(bytes: Uint8Array, p: number, end: number): number {
  let at = bytes[p]! === 45 ? p + 1 : p;
  if (at >= end) return JSON_SCAN.BAD;
  if (bytes[at]! === 48) at++;
  else {
    at = skipDigits(bytes, at, end);
    if (at < 0) return at;
  }
  if (at < end && bytes[at]! === 46) {
    at = skipDigits(bytes, at + 1, end);
    if (at < 0) return at;
  }
  return at < end && (bytes[at]! | 32) === 101 ? skipExponent(bytes, at + 1, end) : at;
}

/** What follows the `e`. */
function skipExponent(bytes: Uint8Array, p: number, end: number): number {
  const isSigned = p < end && (bytes[p]! === 43 || bytes[p]! === 45);
  return skipDigits(bytes, isSigned ? p + 1 : p, end);
}

/** true, false or null. */
function skipWord(bytes: Uint8Array, p: number, end: number): number {
  if (p + 4 <= end) {
    const a = bytes[p]!;
    const b = bytes[p + 1]!;
    const c = bytes[p + 2]!;
    const d = bytes[p + 3]!;
    if (a === 116 && b === 114 && c === 117 && d === 101) return p + 4;
    if (a === 110 && b === 117 && c === 108 && d === 108) return p + 4;
    if (a === 102 && b === 97 && c === 108 && d === 115 && p + 5 <= end && bytes[p + 4]! === 101) return p + 5;
  }
  return JSON_SCAN.BAD;
}

/** Skips the value that begins at `p` (no white space before it). `depth`: containers around it. */
export function skipValue(bytes: Uint8Array, p: number, end: number, depth: number): number {
  if (p >= end) return JSON_SCAN.BAD;
  const byte = bytes[p]!;
  if (byte === QUOTE) return skipString(bytes, p, end);
  if (byte === 123) return skipContainer(bytes, p, end, depth + 1, 125);
  if (byte === 91) return skipContainer(bytes, p, end, depth + 1, 93);
  if (byte === 45 || (byte >= 48 && byte <= 57)) return skipNumber(bytes, p, end);
  return skipWord(bytes, p, end);
}

/** An object (`close` = 125) or an array (93). */
function skipContainer(bytes: Uint8Array, p: number, end: number, depth: number, close: number): number {
  if (depth > JSON_DEPTH_MAX) return JSON_SCAN.TOO_DEEP;
  let at = skipSpace(bytes, p + 1, end);
  if (at < end && bytes[at]! === close) return at + 1;
  for (;;) {
    if (close === 125) {
      at = skipKey(bytes, at, end);
      if (at < 0) return at;
    }
    at = skipValue(bytes, at, end, depth);
    if (at < 0) return at;
    if (at < end && bytes[at]! <= 32) at = skipSpace(bytes, at, end);
    if (at >= end) return JSON_SCAN.BAD;
    if (bytes[at]! === close) return at + 1;
    if (bytes[at]! !== 44) return JSON_SCAN.BAD;
    at++;
    if (at < end && bytes[at]! <= 32) at = skipSpace(bytes, at, end);
  }
}

/** A key with its colon and the white space around it; returns the position of the value. */
export function skipKey(bytes: Uint8Array, p: number, end: number): number {
  if (p >= end || bytes[p]! !== QUOTE) return JSON_SCAN.BAD;
  const after = skipString(bytes, p, end);
  return after < 0 ? after : skipColon(bytes, after, end);
}

/** A colon with the white space around it. */
export function skipColon(bytes: Uint8Array, p: number, end: number): number {
  if (p + 1 < end && bytes[p]! === 58 && bytes[p + 1]! > 32) return p + 1;
  const at = skipSpace(bytes, p, end);
  if (at >= end || bytes[at]! !== 58) return JSON_SCAN.BAD;
  return skipSpace(bytes, at + 1, end);
}
