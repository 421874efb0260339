import { SIDE } from '../../../core/records/market.ts';
import { H_LOCATE, H_TIME, H_TRACKING, ITCH_FIELDS_MAX, ITCH_INDEX, ITCH_LAYOUTS, ITCH_LENGTH, TYPE } from './layout.ts';
import { ItchMessage, N_MATCH, N_PRICE, N_SHARES, N_TIME_NS } from './message.hot.ts';
import { ITCH } from './status.ts';

const DAY_NS = 86_400e9;
const TWO_16 = 65_536;
const TWO_32 = 4_294_967_296;
/** Upper halves below this make a 64-bit number a safe integer. */
const SAFE_HIGH = 2_097_152;
const PRICE_MAX = 2_147_483_647;
const BYTE_B = 66;
const BYTE_N = 78;
const BYTE_S = 83;
const BYTE_Y = 89;

/** Where the fields of the order and trade messages stand (layout.ts). */
const REF = 11;
const ADD_SIDE = 19;
const ADD_SHARES = 20;
const ADD_STOCK = 24;
const ADD_PRICE = 32;
const TAKE_SHARES = 19;
const TAKE_MATCH = 23;
const TAKE_PRINTABLE = 31;
const TAKE_PRICE = 32;
const NEW_REF = 19;
const NEW_SHARES = 27;
const NEW_PRICE = 31;
const TRADE_MATCH = 36;
const CROSS_SHARES = 11;
const CROSS_STOCK = 19;
const CROSS_PRICE = 27;
const CROSS_MATCH = 31;

/**
 * Decodes Nasdaq TotalView-ITCH 5.0 messages. Sizes come from the type: a message of any other length is refused. Orders and
 * trades are read by fixed offsets; every other type by the table of layouts. Allocates nothing.
 */
export class ItchDecoder {
  readonly message: ItchMessage;
  /** By type and field, ITCH_FIELDS_MAX a type: offset, width, and 1 for a text. */
  private readonly fieldCount: Uint8Array;
  private readonly fieldAt: Uint8Array;
  private readonly fieldBytes: Uint8Array;
  private readonly fieldIsText: Uint8Array;
  /** Offset of the field `stock` by type, 0 when there is none. */
  private readonly stockAt: Uint8Array;

  constructor() {
    this.message = new ItchMessage();
    const cells = ITCH_LAYOUTS.length * ITCH_FIELDS_MAX;
    this.fieldCount = new Uint8Array(ITCH_LAYOUTS.length);
    this.fieldAt = new Uint8Array(cells);
    this.fieldBytes = new Uint8Array(cells);
    this.fieldIsText = new Uint8Array(cells);
    this.stockAt = new Uint8Array(ITCH_LAYOUTS.length);
    ITCH_LAYOUTS.forEach((layout, index) => {
      this.fieldCount[index] = layout.fields.length;
      layout.fields.forEach((field, i) => {
        const cell = index * ITCH_FIELDS_MAX + i;
        this.fieldAt[cell] = field.at;
        this.fieldBytes[cell] = field.bytes;
        this.fieldIsText[cell] = field.alpha ? 1 : 0;
        if (field.name === 'stock') this.stockAt[index] = field.at;
      });
    });
  }

  /** Decodes the message `bytes[start, end)` into `message`; ITCH. Type and locate are set as soon as they could be read. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    message.locate = -1;
    message.type = 0;
    message.stockAt = -1;
    if (end <= start) return ITCH.BAD_LENGTH;
    const type = bytes[start]!;
    message.type = type;
    const length = ITCH_LENGTH[type]!;
    if (length === 0) return ITCH.UNKNOWN_TYPE;
    if (end - start > H_LOCATE + 1) message.locate = u16(bytes, start + H_LOCATE);
    if (end - start !== length) return ITCH.BAD_LENGTH;
    message.tracking = u16(bytes, start + H_TRACKING);
    storeU48(bytes, start + H_TIME, message.numbers, N_TIME_NS);
    if (message.numbers[N_TIME_NS]! >= DAY_NS) return ITCH.TIME_RANGE;
    switch (type) {
      case TYPE.ADD:
      case TYPE.ADD_MPID:
        return this.readAdd(bytes, start);
      case TYPE.DELETE:
        this.readRef(bytes, start);
        return ITCH.OK;
      case TYPE.REPLACE:
        return this.readReplace(bytes, start);
      case TYPE.EXECUTED:
      case TYPE.EXECUTED_WITH_PRICE:
      case TYPE.CANCEL:
        return this.readTake(bytes, start, type);
      case TYPE.TRADE: {
        const status = this.readAdd(bytes, start);
        return status < 0 ? status : storeU64(bytes, start + TRADE_MATCH, message.numbers, N_MATCH);
      }
      case TYPE.CROSS_TRADE:
        return this.readCross(bytes, start);
      default:
        return this.decodeByTable(bytes, start);
    }
  }

  /** Reads the fields of the message at `start`, whose type and length are right, by its layout; ITCH. */
  decodeByTable(bytes: Uint8Array, start: number): number {
    const { values, texts } = this.message;
    const index = ITCH_INDEX[bytes[start]!]!;
    const first = index * ITCH_FIELDS_MAX;
    const count = this.fieldCount[index]!;
    if (this.stockAt[index]! > 0) this.message.stockAt = start + this.stockAt[index]!;
    for (let i = 0; i < count; i++) {
      const at = start + this.fieldAt[first + i]!;
      if (this.fieldIsText[first + i] === 1) {
        values[i] = 0;
        texts[i] = at;
        continue;
      }
      texts[i] = -1;
      if (this.fieldBytes[first + i] === 4) {
        storeU32(bytes, at, values, i);
        continue;
      }
      if (storeU64(bytes, at, values, i) < 0) return ITCH.NUMBER_RANGE;
    }
    return ITCH.OK;
  }

  private readRef(bytes: Uint8Array, start: number): void {
    this.message.refHigh = i32(bytes, start + REF);
    this.message.refLow = i32(bytes, start + REF + 4);
  }

  private readAdd(bytes: Uint8Array, start: number): number {
    const message = this.message;
    this.readRef(bytes, start);
    const side = bytes[start + ADD_SIDE]!;
    if (side !== BYTE_B && side !== BYTE_S) return ITCH.BAD_SIDE;
    message.side = side === BYTE_B ? SIDE.BUY : SIDE.SELL;
    message.stockAt = start + ADD_STOCK;
    return this.readSharesAndPrice(bytes, start + ADD_SHARES, start + ADD_PRICE);
  }

  private readReplace(bytes: Uint8Array, start: number): number {
    this.readRef(bytes, start);
    this.message.newHigh = i32(bytes, start + NEW_REF);
    this.message.newLow = i32(bytes, start + NEW_REF + 4);
    return this.readSharesAndPrice(bytes, start + NEW_SHARES, start + NEW_PRICE);
  }

  private readSharesAndPrice(bytes: Uint8Array, sharesAt: number, priceAt: number): number {
    const numbers = this.message.numbers;
    storeU32(bytes, sharesAt, numbers, N_SHARES);
    if (numbers[N_SHARES] === 0) return ITCH.QTY_ZERO;
    storeU32(bytes, priceAt, numbers, N_PRICE);
    return numbers[N_PRICE] === 0 || numbers[N_PRICE]! > PRICE_MAX ? ITCH.PRICE_RANGE : ITCH.OK;
  }

  /** E, C and X: shares taken from an order. */
  private readTake(bytes: Uint8Array, start: number, type: number): number {
    const message = this.message;
    const numbers = message.numbers;
    this.readRef(bytes, start);
    storeU32(bytes, start + TAKE_SHARES, numbers, N_SHARES);
    message.printable = 1;
    if (type === TYPE.CANCEL) return ITCH.OK;
    const status = storeU64(bytes, start + TAKE_MATCH, numbers, N_MATCH);
    if (status < 0 || type === TYPE.EXECUTED) return status;
    const flag = bytes[start + TAKE_PRINTABLE]!;
    if (flag !== BYTE_Y && flag !== BYTE_N) return ITCH.BAD_PRINTABLE;
    message.printable = flag === BYTE_Y ? 1 : 0;
    storeU32(bytes, start + TAKE_PRICE, numbers, N_PRICE);
    return numbers[N_PRICE]! > PRICE_MAX ? ITCH.PRICE_RANGE : ITCH.OK;
  }

  /** A cross without shares is normal: its price is 0 then. */
  private readCross(bytes: Uint8Array, start: number): number {
    const message = this.message;
    message.stockAt = start + CROSS_STOCK;
    const numbers = message.numbers;
    if (storeU64(bytes, start + CROSS_SHARES, numbers, N_SHARES) < 0) return ITCH.NUMBER_RANGE;
    storeU32(bytes, start + CROSS_PRICE, numbers, N_PRICE);
    if (numbers[N_PRICE]! > PRICE_MAX) return ITCH.PRICE_RANGE;
    return storeU64(bytes, start + CROSS_MATCH, numbers, N_MATCH);
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Large numbers are stored and not returned: V8 allocates one that a function returns. */
function storeU32(bytes: Uint8Array, at: number, out: Float64Array, slot: number): void {
  out[slot] = ((bytes[at]! << 8) | bytes[at + 1]!) * TWO_16 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
}

function storeU48(bytes: Uint8Array, at: number, out: Float64Array, slot: number): void {
  storeU32(bytes, at + 2, out, slot);
  out[slot] = out[slot]! + u16(bytes, at) * TWO_32;
}

/** ITCH.NUMBER_RANGE when the number is no safe integer. */
function storeU64(bytes: Uint8Array, at: number, out: Float64Array, slot: number): number {
  storeU32(bytes, at, out, slot);
  const high = out[slot]!;
  if (high >= SAFE_HIGH) return ITCH.NUMBER_RANGE;
  storeU32(bytes, at + 4, out, slot);
  out[slot] = out[slot]! + high * TWO_32;
  return ITCH.OK;
}

function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
