import { ITCH_FIELDS_MAX } from './layout.ts';

/** float64 slots of `ItchMessage.numbers`. */
/** Nanoseconds since midnight. */
export const N_TIME_NS = 0;
export const N_SHARES = 1;
export const N_MATCH = 2;
export const NUMBERS = 3;

/**
 * The decoded form of one message; one object, rewritten by each `decode`. Messages of orders and trades fill the named
 * fields; the others fill `values` and `texts` field by field as their layout says. Texts stay in the frame's bytes.
 */
export class ItchMessage {
  /** Byte of the type. */
  type: number;
  locate: number;
  tracking: number;
  /** Order reference, and of a replacement the new one, as two int32 halves. */
  refLow: number;
  refHigh: number;
  newLow: number;
  newHigh: number;
  /** Price in units of 0.0001; the feed makes ticks of them. */
  price: number;
  /** SIDE of the order. */
  side: number;
  /** 1 unless an execution is not to be printed. */
  printable: number;
  /** Offset of the stock's eight bytes, -1 when the message has none. */
  stockAt: number;
  readonly numbers: Float64Array;
  /** By field of the layout: its number, 0 for a text; where its text begins, -1 for a number. */
  readonly values: Float64Array;
  readonly texts: Int32Array;

  constructor() {
    this.type = 0;
    this.locate = -1;
    this.tracking = 0;
    this.refLow = 0;
    this.refHigh = 0;
    this.newLow = 0;
    this.newHigh = 0;
    this.price = 0;
    this.side = 0;
    this.printable = 1;
    this.stockAt = -1;
    this.numbers = new Float64Array(NUMBERS);
    this.values = new Float64Array(ITCH_FIELDS_MAX);
    this.texts = new Int32Array(ITCH_FIELDS_MAX);
  }
}
