import { DECODE } from '../l2/status.ts';
import { JSON_SCAN, skipColon, skipSpace, skipString, skipValue } from './scan.hot.ts';

const BACKSLASH = 92;

/** The keys that a decoder knows, by bytes; a key's place in the list is its field. */
export class KeyTable {
  /** Number of fields. */
  readonly size: number;
  /** Field of each one-letter key by byte, -1 for others. */
  private readonly letters: Int8Array;
  private readonly words: readonly Uint8Array[];
  private readonly wordFields: Int32Array;

  constructor(keys: readonly string[]) {
    this.size = keys.length;
    this.letters = new Int8Array(256).fill(-1);
    const words = keys.filter((key) => key.length > 1);
    keys.forEach((key, field) => {
      if (key.length === 1) this.letters[key.charCodeAt(0)] = field;
    });
    this.words = words.map((key) => new TextEncoder().encode(key));
    this.wordFields = Int32Array.from(words, (key) => keys.indexOf(key));
  }

  /** Field of the key in `bytes[start, end)`, -1 for an unknown key, DECODE.ESCAPED_TEXT for one with a backslash. */
  fieldOf(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length === 1) return this.letters[bytes[start]!]!;
    for (let i = start; i < end; i++) if (bytes[i]! === BACKSLASH) return DECODE.ESCAPED_TEXT;
    const words = this.words;
    for (let k = 0; k < words.length; k++) {
      const word = words[k]!;
      if (word.length !== length) continue;
      let i = 0;
      while (i < length && bytes[start + i]! === word[i]!) i++;
      if (i === length) return this.wordFields[k]!;
    }
    return -1;
  }
}

/**
 * Walks the object at `p`, checks its JSON and notes in `at` where the values of known keys begin, 0 where a key is absent;
 * the position after the object or a DECODE status. `depth`: containers around it.
 */
export function noteFields(bytes: Uint8Array, p: number, end: number, depth: number, keys: KeyTable, at: Int32Array): number {
  for (let i = 0; i < keys.size; i++) at[i] = 0;
  let pos = skipSpace(bytes, p + 1, end);
  if (pos < end && bytes[pos]! === 125) return pos + 1;
  for (;;) {
    if (pos >= end || bytes[pos]! !== 34) return DECODE.BAD_JSON;
    const keyStart = pos + 1;
    pos = skipString(bytes, pos, end);
    if (pos < 0) return DECODE.BAD_JSON;
    const field = keys.fieldOf(bytes, keyStart, pos - 1);
    if (field === DECODE.ESCAPED_TEXT) return field;
    pos = skipColon(bytes, pos, end);
    if (pos < 0) return DECODE.BAD_JSON;
    if (field >= 0) {
      if (at[field]! !== 0) return DECODE.DUPLICATE_FIELD;
      at[field] = pos;
    }
    pos = skipValue(bytes, pos, end, depth + 1);
    if (pos < 0) return jsonStatus(pos);
    pos = skipSpace(bytes, pos, end);
    if (pos >= end) return DECODE.BAD_JSON;
    const byte = bytes[pos]!;
    if (byte === 125) return pos + 1;
    if (byte !== 44) return DECODE.BAD_JSON;
    pos = skipSpace(bytes, pos + 1, end);
  }
}

/** DECODE status of a JSON_SCAN status. */
export function jsonStatus(status: number): number {
  return status === JSON_SCAN.TOO_DEEP ? DECODE.TOO_DEEP : DECODE.BAD_JSON;
}

/** True when the value at `at`, already known to be a string, is `text`. */
export function isText(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  const length = text.length;
  if (at + length + 2 > end) return false;
  for (let i = 0; i < length; i++) if (bytes[at + 1 + i]! !== text[i]!) return false;
  return bytes[at + 1 + length]! === 34;
}

/** Position of the closing quote of the string value at `at`; refuses other values and escapes. */
export function textEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at]! !== 34) return DECODE.BAD_FIELD;
  for (let p = at + 1; p < end; p++) {
    const byte = bytes[p]!;
    if (byte === 34) return p;
    if (byte === BACKSLASH) return DECODE.ESCAPED_TEXT;
  }
  return DECODE.BAD_JSON;
}
