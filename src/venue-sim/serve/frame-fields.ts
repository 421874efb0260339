import { type KeyTable, noteFields, noteFrame, textEnd } from '../../feed/json/object.hot.ts';
import { DECODE } from '../../feed/l2/status.ts';

const DECODER = new TextDecoder();

/** Where the fields of a frame stand, looked up without parsing the rest of it. */
export class FrameFields {
  private readonly keys: KeyTable;
  private readonly at: Int32Array;
  private bytes: Uint8Array = new Uint8Array(0);
  private end = 0;

  constructor(keys: KeyTable) {
    this.keys = keys;
    this.at = new Int32Array(keys.size);
  }

  /** Looks at the object that the frame consists of; false when it is none. */
  frame(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.end = end;
    return noteFrame(bytes, start, end, this.keys, this.at) === DECODE.OK;
  }

  /** Looks at the object at `p`; false when it is none. */
  object(bytes: Uint8Array, p: number, end: number): boolean {
    this.bytes = bytes;
    this.end = end;
    return bytes[p] === 123 && noteFields(bytes, p, end, 1, this.keys, this.at) >= 0;
  }

  /** Where the value of a field begins, 0 when it is absent. */
  place(field: number): number {
    return this.at[field]!;
  }

  /** The text of a field, '' when it is absent or no text. */
  text(field: number): string {
    const p = this.at[field]!;
    const close = p === 0 ? -1 : textEnd(this.bytes, p, this.end);
    return close < 0 ? '' : DECODER.decode(this.bytes.subarray(p + 1, close));
  }
}

export type Json = { readonly [key: string]: unknown };

/** A client's message as an object, or undefined. */
export function messageOf(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

export function objectIn(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The texts in a list; anything else is passed over. */
export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
