import type { Instrument } from '../core/instrument.ts';

const TABLE_SLOTS = 256;
/** Longest symbol looked up; longer ones are unknown. */
const SYMBOL_BYTES_MAX = 32;
const LOWER_TO_UPPER = 32;

/** Finds the instrument whose symbol stands in a frame, by bytes and without building a string. */
export class SymbolTable {
  private readonly slots: Int16Array;
  private readonly texts: Uint8Array;
  private readonly lengths: Uint8Array;

  constructor(instruments: readonly Instrument[]) {
    this.slots = new Int16Array(TABLE_SLOTS).fill(-1);
    this.texts = new Uint8Array(instruments.length * SYMBOL_BYTES_MAX);
    this.lengths = new Uint8Array(instruments.length);
    instruments.forEach((instrument, id) => {
      const text = new TextEncoder().encode(instrument.symbol);
      if (text.length > SYMBOL_BYTES_MAX) return;
      this.texts.set(text, id * SYMBOL_BYTES_MAX);
      this.lengths[id] = text.length;
      let slot = hashOf(text, 0, text.length, false);
      while (this.slots[slot]! >= 0) slot = (slot + 1) & (TABLE_SLOTS - 1);
      this.slots[slot] = id;
    });
  }

  /** Instrument id of the symbol in `bytes[start, end)`, or -1. `upper`: a to z are read as A to Z. */
  lookup(bytes: Uint8Array, start: number, end: number, upper: boolean): number {
    const slots = this.slots;
    let slot = hashOf(bytes, start, end, upper);
    for (;;) {
      const id = slots[slot]!;
      if (id < 0 || this.equals(id, bytes, start, end, upper)) return id;
      slot = (slot + 1) & (TABLE_SLOTS - 1);
    }
  }

  /** Position of the quote after the symbol of instrument `id` at `start`, or -1 when another text stands there. */
  endOf(id: number, bytes: Uint8Array, start: number): number {
    const length = this.lengths[id]!;
    const texts = this.texts;
    const base = id * SYMBOL_BYTES_MAX;
    for (let i = 0; i < length; i++) if (texts[base + i]! !== bytes[start + i]!) return -1;
    return length > 0 && bytes[start + length]! === 34 ? start + length : -1;
  }

  private equals(id: number, bytes: Uint8Array, start: number, end: number, upper: boolean): boolean {
    const length = end - start;
    if (this.lengths[id]! !== length) return false;
    const texts = this.texts;
    const base = id * SYMBOL_BYTES_MAX;
    for (let i = 0; i < length; i++) {
      let byte = bytes[start + i]!;
      if (upper && byte >= 97 && byte <= 122) byte -= LOWER_TO_UPPER;
      if (texts[base + i]! !== byte) return false;
    }
    return true;
  }
}

/** FNV-1a, folded to a slot. */
function hashOf(bytes: Uint8Array, start: number, end: number, upper: boolean): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    let byte = bytes[i]!;
    if (upper && byte >= 97 && byte <= 122) byte -= LOWER_TO_UPPER;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (TABLE_SLOTS - 1);
}
