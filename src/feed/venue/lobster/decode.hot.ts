import { SIDE } from '../../../core/records/market.ts';
import { JOIN } from '../../transport/joined-lines.ts';
import { LOBSTER } from './status.ts';

/** Types of a row (LOBSTER, "Data structure"). */
export const ROW = { NEW: 1, REDUCE: 2, DELETE: 3, EXECUTION: 4, HIDDEN_EXECUTION: 5, CROSS: 6, HALT: 7 } as const;
/** Prices of a row of type 7. */
export const HALT_PRICE = { BEGINS: -1, QUOTES_RESUME: 0, TRADING_RESUMES: 1 } as const;

/** float64 slots of `LobsterRow.numbers`. */
export const N_TYPE = 0;
export const N_ID = 1;
export const N_SIZE = 2;
/** Dollars times 10,000. */
export const N_PRICE = 3;
export const N_DIRECTION = 4;
const FIELDS = 5;
/** Price and size of the order-book row's level last read. */
export const N_LEVEL_PRICE = 5;
export const N_LEVEL_SIZE = 6;
const NUMBERS = 7;

const COMMA = 44;
const MINUS = 45;
const DIGITS_MAX = 15;
const PRICE_MAX = 2_147_483_647;
/** Numbers of an order-book row that belong to one level: ask price and size, bid price and size. */
const LEVEL_FIELDS = 4;

/** Decodes rows of a message file joined to those of its order-book file. Allocates nothing. */
export class LobsterRow {
  readonly numbers: Float64Array;
  type: number;
  /** Reference of the order as two int32 halves. */
  refLow: number;
  refHigh: number;
  /** SIDE of the resting order. */
  side: number;
  /** 1 for the first row of a file. */
  first: number;
  /** Levels a side of the order-book row; of the first row only. */
  levels: number;
  private bookAt: number;
  private bookEnd: number;

  constructor() {
    this.numbers = new Float64Array(NUMBERS);
    this.type = 0;
    this.refLow = 0;
    this.refHigh = 0;
    this.side = SIDE.BUY;
    this.first = 0;
    this.levels = 0;
    this.bookAt = 0;
    this.bookEnd = 0;
  }

  /** Reads the row in `bytes[start, end)`; LOBSTER. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    const numbers = this.numbers;
    let at = start;
    while (at < end && bytes[at] !== COMMA) at++;
    for (let field = 0; field < FIELDS; field++) {
      if (at >= end || bytes[at] !== COMMA) return LOBSTER.BAD_ROW;
      at = scanInteger(bytes, at + 1, end, numbers, field);
      if (at < 0) return LOBSTER.BAD_ROW;
    }
    if (at >= end || (bytes[at] !== JOIN.FIRST && bytes[at] !== JOIN.NEXT)) return LOBSTER.BAD_ROW;
    this.first = bytes[at] === JOIN.FIRST ? 1 : 0;
    this.bookAt = at + 1;
    this.bookEnd = end;
    return this.check(bytes);
  }

  private check(bytes: Uint8Array): number {
    const numbers = this.numbers;
    const type = numbers[N_TYPE]!;
    const id = numbers[N_ID]!;
    if (!(type >= ROW.NEW && type <= ROW.HALT)) return LOBSTER.BAD_TYPE;
    this.type = type | 0;
    if (id < 0) return LOBSTER.BAD_ROW;
    this.refHigh = Math.floor(id / 4_294_967_296);
    this.refLow = id | 0;
    if (numbers[N_DIRECTION] !== 1 && numbers[N_DIRECTION] !== -1) return LOBSTER.BAD_DIRECTION;
    this.side = numbers[N_DIRECTION] === 1 ? SIDE.BUY : SIDE.SELL;
    if (this.first === 1) this.countLevels(bytes);
    if (type === ROW.HALT) return LOBSTER.OK;
    if (numbers[N_SIZE]! <= 0) return LOBSTER.QTY_ZERO;
    return numbers[N_PRICE]! > 0 && numbers[N_PRICE]! <= PRICE_MAX ? LOBSTER.OK : LOBSTER.PRICE_RANGE;
  }

  private countLevels(bytes: Uint8Array): void {
    let fields = 1;
    for (let at = this.bookAt; at < this.bookEnd; at++) if (bytes[at] === COMMA) fields++;
    this.levels = fields % LEVEL_FIELDS === 0 ? fields / LEVEL_FIELDS : 0;
  }

  /** Puts price and size of level `i` (0 the best) of the order-book row into `numbers`; LOBSTER. A size of 0: no such level. */
  readLevel(bytes: Uint8Array, side: number, i: number): number {
    let at = this.bookAt;
    for (let skip = LEVEL_FIELDS * i + (side === SIDE.BUY ? 2 : 0); skip > 0; skip--) {
      while (at < this.bookEnd && bytes[at] !== COMMA) at++;
      at++;
    }
    if (at >= this.bookEnd) return LOBSTER.BAD_LEVELS;
    at = scanInteger(bytes, at, this.bookEnd, this.numbers, N_LEVEL_PRICE);
    if (at < 0 || at >= this.bookEnd || bytes[at] !== COMMA) return LOBSTER.BAD_LEVELS;
    at = scanInteger(bytes, at + 1, this.bookEnd, this.numbers, N_LEVEL_SIZE);
    if (at < 0 || (at < this.bookEnd && bytes[at] !== COMMA)) return LOBSTER.BAD_LEVELS;
    const { numbers } = this;
    if (numbers[N_LEVEL_SIZE] === 0) return LOBSTER.OK;
    const wrong = numbers[N_LEVEL_SIZE]! < 0 || numbers[N_LEVEL_PRICE]! <= 0 || numbers[N_LEVEL_PRICE]! > PRICE_MAX;
    return wrong ? LOBSTER.BAD_LEVELS : LOBSTER.OK;
  }
}

/** Reads an integer of at most 15 digits into `out[slot]`; the position after it, -1 when there is none. */
function scanInteger(bytes: Uint8Array, start: number, end: number, out: Float64Array, slot: number): number {
  const negative = start < end && bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  const first = at;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at === first || at - first > DIGITS_MAX) return -1;
  if (negative) out[slot] = 0 - value;
  else out[slot] = value;
  return at;
}
