import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import type { GridTable } from '../l2/grid.hot.ts';
import { type L2Message, N_UNITS } from '../l2/message.hot.ts';
import type { SymbolTable } from '../symbol-table.hot.ts';
import { OTHER_SHAPE } from './levels.hot.ts';
import { plainPriceInto, plainQtyInto } from './plain-decimal.hot.ts';
import { IdReader } from './words.hot.ts';

/** A reader looks at most this far beyond the byte it stands on; a frame nearer to the end of its array goes the general way. */
const LOOK_AHEAD_BYTES = 64;
/** `["`, and `","` in the low three bytes of a word. */
const OPEN_LEVEL = 0x225b;
export const BETWEEN_TEXTS = 0x222c22;
export const LOW_THREE = 0xffffff;
/** No message of a venue is shorter. */
const FRAME_BYTES_MIN = 32;

/**
 * Reads the messages that make up most of a venue's stream, in the key order it uses today, in one pass that checks each byte
 * against what it expects. It knows no errors: whatever it does not expect is OTHER_SHAPE, and the venue's general path, which
 * accepts any order, decides. Both give the same result.
 */
export abstract class KnownOrder {
  protected readonly message: L2Message;
  protected readonly symbols: SymbolTable;
  protected readonly grid: GridTable;
  protected readonly ids: IdReader;
  protected view: DataView;
  /** Where the last text ended. */
  protected at: number;
  /** The bracket that ends every frame: no loop runs over it, so none needs a bound of its own. */
  private readonly sentinel: number;
  private bytes: Uint8Array;
  /** Instrument of the last message: most likely that of the next. */
  protected lastInstrument: number;

  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable, sentinel: number) {
    this.sentinel = sentinel;
    this.message = message;
    this.symbols = symbols;
    this.grid = grid;
    this.ids = new IdReader(message.numbers);
    this.bytes = new Uint8Array(0);
    this.view = new DataView(this.bytes.buffer);
    this.at = 0;
    this.lastInstrument = 0;
  }

  /** DECODE.OK with a whole message, or OTHER_SHAPE with nothing that counts. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    return this.opens(bytes, start, end) ? this.read(bytes, start, end) : OTHER_SHAPE;
  }

  /** True when the frame can be read: `view` is on it. */
  protected opens(bytes: Uint8Array, start: number, end: number): boolean {
    const isBeside = end - start < FRAME_BYTES_MIN || end - start > FRAME_BYTES_MAX || end + LOOK_AHEAD_BYTES > bytes.length;
    if (isBeside || bytes[end - 1]! !== this.sentinel) return false;
    // Frames of one transport lie in one block of memory, so this happens once.
    if (bytes !== this.bytes) this.look(bytes);
    return true;
  }

  /** The message of a frame; a text that holds the bracket at the end must be followed by a look at `end`. */
  protected abstract read(bytes: Uint8Array, start: number, end: number): number;

  private look(bytes: Uint8Array): void {
    this.bytes = bytes;
    // biome-ignore lint/plugin: once a buffer, not once a frame: transports reuse theirs
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The symbol at `p`, after its quote; sets the instrument, and `at` to the quote that closes it. */
  protected symbol(bytes: Uint8Array, p: number): boolean {
    let id = this.lastInstrument;
    let close = this.symbols.endOf(id, bytes, p);
    if (close < 0) {
      close = this.textEnd(bytes, p);
      if (close < 0) return false;
      id = this.symbols.lookup(bytes, p, close, false);
      if (id < 0) return false;
      this.lastInstrument = id;
    }
    this.message.instrument = id;
    this.at = close;
    return true;
  }

  /** Position of the quote that closes the text at `p`; OTHER_SHAPE when an escape, a control byte or a bracket comes first. */
  protected textEnd(bytes: Uint8Array, p: number): number {
    for (let at = p; ; at++) {
      const byte = bytes[at]!;
      if (byte === 34) return at;
      if (byte < 32 || byte === 92 || byte === 125 || byte === 93) return OTHER_SHAPE;
    }
  }

  /** `["1","2"` at `p`, price and quantity of a level; position of the last quote or OTHER_SHAPE. */
  protected level(bytes: Uint8Array, p: number, ticks: Int32Array, lots: Float64Array, slot: number): number {
    const view = this.view;
    if (view.getUint16(p, true) !== OPEN_LEVEL) return OTHER_SHAPE;
    const at = this.price(bytes, p + 2, ticks, slot);
    if (at < 0 || (view.getInt32(at, true) & LOW_THREE) !== BETWEEN_TEXTS) return OTHER_SHAPE;
    const close = this.qty(bytes, at + 3, lots, slot);
    return close < 0 || bytes[close]! !== 34 ? OTHER_SHAPE : close;
  }

  /** A price above zero at `p` to `ticks[slot]`; position after its last digit or OTHER_SHAPE. */
  protected price(bytes: Uint8Array, p: number, ticks: Int32Array, slot: number): number {
    const { grid, message } = this;
    const id = message.instrument;
    const at = plainPriceInto(bytes, p, grid.priceDecimals[id]!, grid.tickUnits[id]!, message.numbers, N_UNITS, ticks, slot);
    return at < 0 || ticks[slot]! === PRICE_NONE ? OTHER_SHAPE : at;
  }

  /** A quantity at `p` to `lots[slot]`; position after its last digit or OTHER_SHAPE. */
  protected qty(bytes: Uint8Array, p: number, lots: Float64Array, slot: number): number {
    const grid = this.grid;
    const id = this.message.instrument;
    return plainQtyInto(bytes, p, grid.qtyDecimals[id]!, grid.lotUnits[id]!, lots, slot);
  }
}
