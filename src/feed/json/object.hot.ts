import { DECODE } from '../l2/status.ts';
import { JSON_SCAN, plainEnd, skipColon, skipSpace, skipString, skipValue } from './scan.hot.ts';

const SLOTS = 256;

/** The keys a decoder knows, numbered from 0 in the order given, found by bytes and without building a string. */
export class KeyTable {
  readonly size: number;
  private readonly keys: readonly Uint8Array[];
  private readonly slots: Int8Array;

  constructor(keys: readonly string[]) {
    this.size = keys.length;
    this.keys = keys.map((key) => new TextEncoder().encode(key));
    this.slots = new Int8Array(SLOTS).fill(-1);
    this.keys.forEach((key, field) => {
      let slot = slotOf(key, 0, key.length);
      while (this.slots[slot]! >= 0) slot = (slot + 1) & (SLOTS - 1);
      this.slots[slot] = field;
    });
  }

  /** Number of the key in `bytes[start, end)`, which holds no backslash; -1 for an unknown one. */
  fieldOf(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length === 0) return -1;
    for (let slot = slotOf(bytes, start, end); ; slot = (slot + 1) & (SLOTS - 1)) {
      const field = this.slots[slot]!;
      if (field < 0) return -1;
      const key = this.keys[field]!;
      if (key.length !== length) continue;
      let i = 0;
      while (i < length && bytes[start + i]! === key[i]!) i++;
      if (i === length) return field;
    }
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  return (bytes[start]! * 5 + bytes[end - 1]! * 3 + (end - start) * 7) & (SLOTS - 1);
}

/**
 * Walks the object at `p`, checks its JSON and notes in `at[key]` where the value of each known key begins, 0 where a key is
 * absent; the position after the object or a DECODE status. `depth`: containers around it.
 */
export function noteFields(bytes: Uint8Array, p: number, end: number, depth: number, keys: KeyTable, at: Int32Array): number {
  const size = keys.size;
  for (let i = 0; i < size; i++) at[i] = 0;
  let pos = skipSpace(bytes, p + 1, end);
  if (pos < end && bytes[pos]! === 125) return pos + 1;
  for (;;) {
    if (pos >= end || bytes[pos]! !== 34) return DECODE.BAD_JSON;
    const keyStart = pos + 1;
    pos = plainEnd(bytes, keyStart, end);
    if (pos < 0) return skipString(bytes, keyStart - 1, end) < 0 ? DECODE.BAD_JSON : DECODE.ESCAPED_TEXT;
    const field = keys.fieldOf(bytes, keyStart, pos);
    pos = skipColon(bytes, pos + 1, end);
    if (pos < 0) return DECODE.BAD_JSON;
    if (field >= 0) {
      if (at[field]! !== 0) return DECODE.DUPLICATE_FIELD;
      at[field] = pos;
    }
    pos = skipValue(bytes, pos, end, depth + 1);
    if (pos < 0) return jsonStatus(pos);
    if (pos < end && bytes[pos]! <= 32) pos = skipSpace(bytes, pos, end);
    if (pos >= end) return DECODE.BAD_JSON;
    const byte = bytes[pos]!;
    if (byte === 125) return pos + 1;
    if (byte !== 44) return DECODE.BAD_JSON;
    pos++;
    if (pos < end && bytes[pos]! <= 32) pos = skipSpace(bytes, pos, end);
  }
}

/**
 * The object that a frame consists of, noted as by `noteFields`: DECODE.OK, UNKNOWN_KIND when the frame is another JSON
 * value, or what is wrong with it.
 */
export function noteFrame(bytes: Uint8Array, start: number, end: number, keys: KeyTable, at: Int32Array): number {
  let p = skipSpace(bytes, start, end);
  if (p >= end) return DECODE.BAD_JSON;
  if (bytes[p]! !== 123) {
    p = skipValue(bytes, p, end, 0);
    if (p < 0) return jsonStatus(p);
    return skipSpace(bytes, p, end) === end ? DECODE.UNKNOWN_KIND : DECODE.BAD_JSON;
  }
  p = noteFields(bytes, p, end, 0, keys, at);
  if (p < 0) return p;
  return skipSpace(bytes, p, end) === end ? DECODE.OK : DECODE.BAD_JSON;
}

/** DECODE status of a JSON_SCAN status. */
export function jsonStatus(status: number): number {
  return status === JSON_SCAN.TOO_DEEP ? DECODE.TOO_DEEP : DECODE.BAD_JSON;
}

/** True when the value at `at` is the string `text`. */
export function isText(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  const length = text.length;
  if (at + length + 2 > end || bytes[at]! !== 34) return false;
  for (let i = 0; i < length; i++) if (bytes[at + 1 + i]! !== text[i]!) return false;
  return bytes[at + 1 + length]! === 34;
}

/** Position of the closing quote of the string value at `at`; refuses other values and escapes. */
export function textEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at]! !== 34) return DECODE.BAD_FIELD;
  for (let p = at + 1; p < end; p++) {
    const byte = bytes[p]!;
    if (byte === 34) return p;
    if (byte === 92) return DECODE.ESCAPED_TEXT;
  }
  return DECODE.BAD_JSON;
}

/** Position after the number value at `at`, already known to be JSON; refuses other values. */
export function numberEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first !== 45 && (first < 48 || first > 57)) return DECODE.BAD_FIELD;
  let p = at + 1;
  for (; p < end; p++) {
    const byte = bytes[p]!;
    const isPart = (byte >= 48 && byte <= 57) || byte === 46 || byte === 43 || byte === 45 || (byte | 32) === 101;
    if (!isPart) return p;
  }
  return p;
}
