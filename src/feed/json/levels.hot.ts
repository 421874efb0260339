import { BOOK_LEVELS_MAX } from '../../core/limits.ts';
import { PRICE_NONE } from '../../core/price.ts';
import type { GridTable } from '../l2/grid.hot.ts';
import type { L2Message } from '../l2/message.hot.ts';
import { scanPrice, scanQty } from './fields.hot.ts';

/** Result of the fast path for a text it does not know: the general path decides. Below every DECODE status. */
export const OTHER_SHAPE = -100;
/** Bytes that two words hold. */
const TEXT_BYTES_MAX = 8;
const HIGH_BITS = 0x80808080 | 0;
const FOUR_QUOTES = 0x22222222;
/** `","`, `],["` and `]]`. */
const BETWEEN_TEXTS = 0x222c22;
const NEXT_LEVEL = 0x225b2c5d;
const END_LEVELS = 0x5d5d;
const LOW_THREE = 0xffffff;
/** Bytes of a decimal (digits and point) whose digits fit an int32 while they accumulate. */
const INT_TEXT_BYTES_MAX = 9;

/** Decimals of a text of up to eight bytes that `levelsInto` reads as two words of four. */
const WORD_DECIMALS_MAX = 6;
const SHAPE_SIZE = 8;
/**
 * For each number of decimals: what turns the digits of both words into their values and the point into 0, what added to that
 * sets the high bit of a byte that was neither, and the weights of the four pairs of bytes.
 */
const SHAPES = new Int32Array((WORD_DECIMALS_MAX + 1) * SHAPE_SIZE);
/** Which bytes of the two words belong to a text of so many bytes that ends with them. */
const MASK_LOW = new Int32Array(TEXT_BYTES_MAX + 1);
const MASK_HIGH = new Int32Array(TEXT_BYTES_MAX + 1);
for (let decimals = 0; decimals <= WORD_DECIMALS_MAX; decimals++) {
  const bytes = new Uint8Array(2 * TEXT_BYTES_MAX).fill(48, 0, TEXT_BYTES_MAX).fill(0x7f - 9, TEXT_BYTES_MAX);
  const point = TEXT_BYTES_MAX - 1 - decimals;
  if (decimals > 0) {
    bytes[point] = 46;
    bytes[TEXT_BYTES_MAX + point] = 0x7f;
  }
  const view = new DataView(bytes.buffer);
  // Power of ten that the digit at a byte stands for.
  const power = (at: number): number => TEXT_BYTES_MAX - 1 - at - (decimals > 0 && at < point ? 1 : 0);
  const shape = SHAPES.subarray(decimals * SHAPE_SIZE);
  for (let word = 0; word < 4; word++) shape[word] = view.getInt32(4 * word, true);
  for (let pair = 0; pair < 4; pair++) {
    const last = 2 * pair + 1;
    // A pair is ten times its first byte and its second; where the second is the point, the first stands for a tenth of that.
    shape[4 + pair] = 10 ** (decimals > 0 && last === point ? power(last - 1) - 1 : power(last));
  }
}
for (let length = 0; length <= TEXT_BYTES_MAX; length++) {
  MASK_LOW[length] = length <= 4 ? 0 : -1 << (8 * (TEXT_BYTES_MAX - length));
  MASK_HIGH[length] = length >= 4 ? -1 : length === 0 ? 0 : -1 << (8 * (4 - length));
}

/**
 * `[["1.0","2"],...]` without white space at `start`, up to a closing brace: position after it or OTHER_SHAPE; sets
 * `message.levelCount`. Most of a depth message is these, so the usual text, of up to eight bytes with all decimals of its
 * instrument, is read in place as two words of four bytes, without a branch on its length; other text is read by the byte.
 */
export function levelsInto(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  grid: GridTable,
  message: L2Message,
  ticks: Int32Array,
  lots: Float64Array,
): number {
  message.levelCount = 0;
  if (bytes[start]! !== 91) return OTHER_SHAPE;
  if (bytes[start + 1]! === 93) return start + 2;
  const id = message.instrument;
  const numbers = message.numbers;
  const priceDecimals = grid.priceDecimals[id]!;
  const qtyDecimals = grid.qtyDecimals[id]!;
  const tickUnits = grid.tickUnits[id]!;
  const lotUnits = grid.lotUnits[id]!;
  const perTick = 1 / tickUnits;
  const priceShape = (priceDecimals < WORD_DECIMALS_MAX ? priceDecimals : WORD_DECIMALS_MAX) * SHAPE_SIZE;
  const priceLow = SHAPES[priceShape]!;
  const priceHigh = SHAPES[priceShape + 1]!;
  const priceLowTest = SHAPES[priceShape + 2]!;
  const priceHighTest = SHAPES[priceShape + 3]!;
  const price0 = SHAPES[priceShape + 4]!;
  const price1 = SHAPES[priceShape + 5]!;
  const price2 = SHAPES[priceShape + 6]!;
  const price3 = SHAPES[priceShape + 7]!;
  const qtyShape = (qtyDecimals < WORD_DECIMALS_MAX ? qtyDecimals : WORD_DECIMALS_MAX) * SHAPE_SIZE;
  const qtyLow = SHAPES[qtyShape]!;
  const qtyHigh = SHAPES[qtyShape + 1]!;
  const qtyLowTest = SHAPES[qtyShape + 2]!;
  const qtyHighTest = SHAPES[qtyShape + 3]!;
  const qty0 = SHAPES[qtyShape + 4]!;
  const qty1 = SHAPES[qtyShape + 5]!;
  const qty2 = SHAPES[qtyShape + 6]!;
  const qty3 = SHAPES[qtyShape + 7]!;
  // Shortest and longest text that is read as words.
  const priceBytesMin = priceDecimals === 0 ? 1 : priceDecimals + 2;
  const priceBytesMax = priceDecimals <= WORD_DECIMALS_MAX ? TEXT_BYTES_MAX : 0;
  const qtyBytesMin = qtyDecimals === 0 ? 1 : qtyDecimals + 2;
  const qtyBytesMax = qtyDecimals <= WORD_DECIMALS_MAX && lotUnits === 1 ? TEXT_BYTES_MAX : 0;
  // Most prices of a message are as long as the one before.
  let length = TEXT_BYTES_MAX;
  let maskLow = MASK_LOW[length]!;
  let maskHigh = MASK_HIGH[length]!;
  if (bytes[start + 1]! !== 91 || bytes[start + 2]! !== 34) return OTHER_SHAPE;
  let from = start + 3;
  for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
    let close = from + length;
    let price = 0;
    if ((view.getInt32(close, true) & LOW_THREE) === BETWEEN_TEXTS && length <= priceBytesMax) {
      const low = (view.getInt32(close - 8, true) ^ priceLow) & maskLow;
      const high = (view.getInt32(close - 4, true) ^ priceHigh) & maskHigh;
      const value = (weigh(low, price0, price1) + weigh(high, price2, price3)) | 0;
      // Few digits: the product with the reciprocal is within one of the quotient, and the test by multiplication is exact.
      price = (value * perTick + 0.5) | 0;
      const strange = ((low + priceLowTest) | low | (high + priceHighTest) | high) & HIGH_BITS;
      if ((strange | (Math.imul(price, tickUnits) ^ value)) !== 0) price = 0;
    }
    if (price > 0) {
      ticks[count] = price;
    } else {
      close = priceInto(bytes, from, priceDecimals, tickUnits, numbers, ticks, count);
      if (close < 0 || ticks[count]! === PRICE_NONE || (view.getInt32(close, true) & LOW_THREE) !== BETWEEN_TEXTS) return OTHER_SHAPE;
      if (close - from <= priceBytesMax && close - from >= priceBytesMin) {
        length = close - from;
        maskLow = MASK_LOW[length]!;
        maskHigh = MASK_HIGH[length]!;
      }
    }
    from = close + 3;
    // The quote is looked for in four bytes at once, since quantities differ in length.
    let quotes = view.getInt32(from + qtyBytesMin, true) ^ FOUR_QUOTES;
    quotes = (quotes - 0x01010101) & ~quotes & HIGH_BITS;
    const qtyLength = quotes === 0 ? TEXT_BYTES_MAX : qtyBytesMin + ((31 - Math.clz32(quotes & -quotes)) >> 3);
    close = from + qtyLength;
    let isRead = false;
    if (qtyLength <= qtyBytesMax && bytes[close]! === 34) {
      const low = (view.getInt32(close - 8, true) ^ qtyLow) & MASK_LOW[qtyLength]!;
      const high = (view.getInt32(close - 4, true) ^ qtyHigh) & MASK_HIGH[qtyLength]!;
      isRead = (((low + qtyLowTest) | low | (high + qtyHighTest) | high) & HIGH_BITS) === 0;
      if (isRead) lots[count] = (weigh(low, qty0, qty1) + weigh(high, qty2, qty3)) | 0;
    }
    if (!isRead) {
      close = qtyInto(bytes, from, qtyDecimals, lotUnits, numbers, lots, count);
      if (close < 0) return OTHER_SHAPE;
    }
    const next = view.getInt32(close + 1, true);
    if (next !== NEXT_LEVEL) {
      message.levelCount = count + 1;
      return (next & 0xffff) === END_LEVELS ? close + 3 : OTHER_SHAPE;
    }
    from = close + 5;
  }
  return OTHER_SHAPE;
}

/** Sum of both pairs of digits in `word`, times their weights. */
function weigh(word: number, first: number, second: number): number {
  const pairs = Math.imul(word, 10) + (word >>> 8);
  return (Math.imul(pairs & 0xff, first) + Math.imul((pairs >>> 16) & 0xff, second)) | 0;
}

/** Position of the quote that closes the text at `p`; OTHER_SHAPE when an escape, a control byte or a brace comes first. */
export function plainTextEnd(bytes: Uint8Array, p: number): number {
  for (let at = p; ; at++) {
    const byte = bytes[at]!;
    if (byte === 34) return at;
    if (byte < 32 || byte === 92 || byte === 125) return OTHER_SHAPE;
  }
}

/**
 * Price text at `p` to `ticks[slot]`; position of its closing quote or OTHER_SHAPE. Text with exactly `decimals` decimals and
 * few digits is read here in int32 arithmetic, other text by the general scanner. `qtyInto` is the same for lots: one
 * function each, because a function that writes to both array types would not be monomorphic.
 */
export function priceInto(
  bytes: Uint8Array,
  p: number,
  decimals: number,
  tickUnits: number,
  numbers: Float64Array,
  ticks: Int32Array,
  slot: number,
): number {
  let value = 0;
  let at = p;
  let digit = bytes[at]! - 48;
  while (digit >>> 0 < 10) {
    value = (Math.imul(value, 10) + digit) | 0;
    digit = bytes[++at]! - 48;
  }
  const whole = at - p;
  let fraction = 0;
  if (digit === -2) {
    const point = at;
    digit = bytes[++at]! - 48;
    while (digit >>> 0 < 10) {
      value = (Math.imul(value, 10) + digit) | 0;
      digit = bytes[++at]! - 48;
    }
    fraction = at - point - 1;
  }
  if (digit === -14 && fraction === decimals && at - p <= INT_TEXT_BYTES_MAX && whole > 0) {
    const price = tickUnits === 1 ? value : value / tickUnits;
    if (price !== Math.floor(price)) return OTHER_SHAPE;
    ticks[slot] = price === 0 ? PRICE_NONE : price;
    return at;
  }
  const close = plainTextEnd(bytes, at);
  return close < 0 || scanPrice(bytes, p, close, decimals, tickUnits, numbers, ticks, slot) < 0 ? OTHER_SHAPE : close;
}

export function qtyInto(
  bytes: Uint8Array,
  p: number,
  decimals: number,
  lotUnits: number,
  numbers: Float64Array,
  lots: Float64Array,
  slot: number,
): number {
  let value = 0;
  let at = p;
  let digit = bytes[at]! - 48;
  while (digit >>> 0 < 10) {
    value = (Math.imul(value, 10) + digit) | 0;
    digit = bytes[++at]! - 48;
  }
  const whole = at - p;
  let fraction = 0;
  if (digit === -2) {
    const point = at;
    digit = bytes[++at]! - 48;
    while (digit >>> 0 < 10) {
      value = (Math.imul(value, 10) + digit) | 0;
      digit = bytes[++at]! - 48;
    }
    fraction = at - point - 1;
  }
  if (digit === -14 && fraction === decimals && at - p <= INT_TEXT_BYTES_MAX && whole > 0) {
    const qty = lotUnits === 1 ? value : value / lotUnits;
    if (qty !== Math.floor(qty)) return OTHER_SHAPE;
    lots[slot] = qty;
    return at;
  }
  const close = plainTextEnd(bytes, at);
  return close < 0 || scanQty(bytes, p, close, decimals, lotUnits, numbers, lots, slot) < 0 ? OTHER_SHAPE : close;
}
