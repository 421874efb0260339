import { SIDE } from '../../../core/records/market.ts';
import { H_LOCATE, H_TIME, H_TRACKING, ITCH_FIELDS_MAX, ITCH_INDEX, ITCH_LAYOUTS, ITCH_LENGTH, TYPE } from './layout.ts';
import { ItchMessage, N_MATCH, N_SHARES, N_TIME_NS } from './message.hot.ts';
import { ITCH } from './status.ts';

/** 86,400 s in ns, its bits from 32 on and those below: times are compared before they become doubles, which takes long. */
const DAY_HIGH = 20_116;
const DAY_LOW = 2_437_873_664;
const TWO_32 = 4_294_967_296;
/** Upper halves below this make a 64-bit number a safe integer. */
const SAFE_HIGH = 2_097_152;
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

const { OK, UNKNOWN_TYPE, BAD_LENGTH, TIME_RANGE, BAD_SIDE, PRICE_RANGE, QTY_ZERO, BAD_PRINTABLE, NUMBER_RANGE } = ITCH;
const { ADD, ADD_MPID, DELETE, REPLACE, EXECUTED, EXECUTED_WITH_PRICE, CANCEL, TRADE, CROSS_TRADE } = TYPE;
const { BUY, SELL } = SIDE;
const LENGTH = ITCH_LENGTH;
const LOCATE = H_LOCATE;
const TRACKING = H_TRACKING;
const TIME = H_TIME;
const TIME_NS = N_TIME_NS;
const SHARES = N_SHARES;
const MATCH = N_MATCH;

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

  /** Block that the last message lay in. */
  private block: Uint8Array;
  private view: DataView;

  constructor() {
    this.block = new Uint8Array(0);
    this.view = new DataView(this.block.buffer);
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
    if (end <= start || end - start !== LENGTH[bytes[start]!]!) return this.refuseLength(bytes, start, end);
    const message = this.message;
    const view = bytes === this.block ? this.view : this.viewOf(bytes);
    const type = bytes[start]!;
    message.type = type;
    message.locate = view.getUint16(start + LOCATE);
    message.stockAt = -1;
    message.tracking = view.getUint16(start + TRACKING);
    const timeHigh = view.getUint16(start + TIME);
    const timeLow = view.getInt32(start + TIME + 2) >>> 0;
    message.numbers[TIME_NS] = timeHigh * TWO_32 + timeLow;
    if (timeHigh >= DAY_HIGH && (timeHigh > DAY_HIGH || timeLow >= DAY_LOW)) return TIME_RANGE;
    switch (type) {
      case ADD:
      case ADD_MPID:
        return this.readAdd(view, start);
      case DELETE:
        this.readRef(view, start);
        return OK;
      case REPLACE:
        return this.readReplace(view, start);
      case EXECUTED:
      case EXECUTED_WITH_PRICE:
      case CANCEL:
        return this.readTake(view, start, type);
      case TRADE: {
        const status = this.readAdd(view, start);
        return status < 0 ? status : storeU64(view, start + TRADE_MATCH, message.numbers, MATCH);
      }
      case CROSS_TRADE:
        return this.readCross(view, start);
      default:
        return this.decodeByTable(bytes, start);
    }
  }

  /** Leaves in `message` what can be read of one whose length is not that of a type. */
  private refuseLength(bytes: Uint8Array, start: number, end: number): number {
    const message = this.message;
    const type = end > start ? bytes[start]! : 0;
    message.type = type;
    message.locate = -1;
    message.stockAt = -1;
    if (end <= start) return BAD_LENGTH;
    if (LENGTH[type]! === 0) return UNKNOWN_TYPE;
    if (end - start > LOCATE + 1) message.locate = (bytes[start + LOCATE]! << 8) | bytes[start + LOCATE + 1]!;
    return BAD_LENGTH;
  }

  /** Reads the fields of the message at `start`, whose type and length are right, by its layout; ITCH. */
  decodeByTable(bytes: Uint8Array, start: number): number {
    const { values, texts } = this.message;
    const view = bytes === this.block ? this.view : this.viewOf(bytes);
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
        values[i] = view.getInt32(at) >>> 0;
        continue;
      }
      if (storeU64(view, at, values, i) < 0) return NUMBER_RANGE;
    }
    return OK;
  }

  /** Frames follow one another in few blocks of memory: a view is made when the block changes. */
  private viewOf(bytes: Uint8Array): DataView {
    this.block = bytes;
    // biome-ignore lint/plugin: once a block, not once a frame: transports reuse theirs
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.view;
  }

  private readRef(view: DataView, start: number): void {
    this.message.refHigh = view.getInt32(start + REF);
    this.message.refLow = view.getInt32(start + REF + 4);
  }

  private readAdd(view: DataView, start: number): number {
    const message = this.message;
    this.readRef(view, start);
    const side = view.getUint8(start + ADD_SIDE);
    if (side !== BYTE_B && side !== BYTE_S) return BAD_SIDE;
    message.side = side === BYTE_B ? BUY : SELL;
    message.stockAt = start + ADD_STOCK;
    return this.readSharesAndPrice(view, start + ADD_SHARES, start + ADD_PRICE);
  }

  private readReplace(view: DataView, start: number): number {
    this.readRef(view, start);
    this.message.newHigh = view.getInt32(start + NEW_REF);
    this.message.newLow = view.getInt32(start + NEW_REF + 4);
    return this.readSharesAndPrice(view, start + NEW_SHARES, start + NEW_PRICE);
  }

  private readSharesAndPrice(view: DataView, sharesAt: number, priceAt: number): number {
    const numbers = this.message.numbers;
    const shares = view.getInt32(sharesAt);
    const price = view.getInt32(priceAt);
    numbers[SHARES] = shares >>> 0;
    this.message.price = price;
    if (shares === 0) return QTY_ZERO;
    // Prices above 2^31 - 1 are negative here.
    return price <= 0 ? PRICE_RANGE : OK;
  }

  /** E, C and X: shares taken from an order. */
  private readTake(view: DataView, start: number, type: number): number {
    const message = this.message;
    const numbers = message.numbers;
    this.readRef(view, start);
    numbers[SHARES] = view.getInt32(start + TAKE_SHARES) >>> 0;
    message.printable = 1;
    if (type === CANCEL) return OK;
    const status = storeU64(view, start + TAKE_MATCH, numbers, MATCH);
    if (status < 0 || type === EXECUTED) return status;
    const flag = view.getUint8(start + TAKE_PRINTABLE);
    if (flag !== BYTE_Y && flag !== BYTE_N) return BAD_PRINTABLE;
    message.printable = flag === BYTE_Y ? 1 : 0;
    message.price = view.getInt32(start + TAKE_PRICE);
    return message.price < 0 ? PRICE_RANGE : OK;
  }

  /** A cross without shares is normal: its price is 0 then. */
  private readCross(view: DataView, start: number): number {
    const message = this.message;
    message.stockAt = start + CROSS_STOCK;
    const numbers = message.numbers;
    if (storeU64(view, start + CROSS_SHARES, numbers, SHARES) < 0) return NUMBER_RANGE;
    message.price = view.getInt32(start + CROSS_PRICE);
    if (message.price < 0) return PRICE_RANGE;
    return storeU64(view, start + CROSS_MATCH, numbers, MATCH);
  }
}

/** NUMBER_RANGE when the number is no safe integer. Large ones are stored and not returned: V8 allocates one that is returned. */
function storeU64(view: DataView, at: number, out: Float64Array, slot: number): number {
  const high = view.getInt32(at);
  if (high < 0 || high >= SAFE_HIGH) return NUMBER_RANGE;
  out[slot] = high * TWO_32 + (view.getInt32(at + 4) >>> 0);
  return OK;
}
