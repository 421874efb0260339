import { assert } from '../../../core/assert.ts';
import type { Instrument } from '../../../core/instrument.ts';
import { ORDER_BYTES_MAX } from '../../../core/limits.ts';
import { D_RECV_TIME_NS, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS, W_KIND } from '../../../core/records/layout.ts';
import { SIDE } from '../../../core/records/market.ts';
import {
  ATTRIBUTE_POST_ONLY,
  ATTRIBUTE_REDUCE_ONLY,
  ATTRIBUTE_SIDE_MASK,
  ATTRIBUTE_TIF_SHIFT,
  ATTRIBUTE_TYPE_SHIFT,
  ORDER_D_QTY_LOTS,
  ORDER_TYPE,
  ORDER_W_ATTRIBUTES,
  ORDER_W_ID,
  ORDER_W_PRICE_TICKS,
  TIME_IN_FORCE,
} from '../../../core/records/order.ts';

/** Why a record could not be encoded; nothing was sent. */
export const ENCODE = {
  /** Neither ORDER nor CANCEL. */
  KIND: -1,
  /** Type or time in force unknown to the venue. */
  ATTRIBUTES: -2,
  /** Id, price or quantity not positive, or too large to be written exactly. */
  RANGE: -3,
} as const;

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const CHUNK = 100_000_000;
const CHUNK_DIGITS = 8;
const DIGITS_MAX = 24;
const NS_PER_MS = 1_000_000;
/** Indexes of the numbers of the order being written. */
const ID = 0;
const QUANTITY = 1;
const PRICE = 2;
const TIMESTAMP = 3;
const ZERO = 48;
const POINT = 46;

export interface BinanceUsdmEncoderOptions {
  readonly instrument: Instrument;
  /** First part of every client order id, unique to the session: 1 to 25 of `A-Z a-z 0-9 _ -`. */
  readonly clientIdPrefix: string;
  /** The run's base as Unix time: whole milliseconds and the nanoseconds beyond them. */
  readonly baseEpochMs: number;
  readonly baseEpochRestNs: number;
}

/**
 * Writes ORDER and CANCEL records as requests of Binance's USD-M websocket API (`order.place`, `order.cancel`; developer
 * documentation, "USD-S-margined futures, websocket API") into one preallocated buffer. The session is logged on with
 * `session.logon`, so a request carries no key and no signature, only the timestamp: the decision's data time. Post-only is
 * the time in force `GTX`. Client order ids are `<prefix>-<order id>`, never used twice; request ids are the order id behind
 * `n` (new) or `c` (cancel). Prices and quantities are integers formatted with the instrument's decimals. Called once per
 * approved order by the gateway; allocates nothing; budget 300 ns.
 */
export class BinanceUsdmEncoder {
  readonly bytes = new Uint8Array(ORDER_BYTES_MAX);
  private readonly tickUnits: number;
  private readonly lotUnits: number;
  private readonly priceDecimals: number;
  private readonly qtyDecimals: number;
  private readonly baseEpochMs: number;
  private readonly baseEpochRestNs: number;
  private readonly digits = new Uint8Array(DIGITS_MAX);
  /** Kept here because a double handed to a call that is not inlined would be boxed. */
  private readonly numbers = new Float64Array(4);
  private readonly newHead: Uint8Array;
  private readonly cancelHead: Uint8Array;
  private readonly placeParams: Uint8Array;
  private readonly cancelParams: Uint8Array;
  private readonly clientId: Uint8Array;
  private readonly responseAndTime: Uint8Array;
  private readonly time: Uint8Array;
  private readonly buy = utf8('BUY"');
  private readonly sell = utf8('SELL"');
  private readonly market = utf8(',"type":"MARKET"');
  private readonly gtc = utf8(',"type":"LIMIT","timeInForce":"GTC"');
  private readonly gtx = utf8(',"type":"LIMIT","timeInForce":"GTX"');
  private readonly ioc = utf8(',"type":"LIMIT","timeInForce":"IOC"');
  private readonly fok = utf8(',"type":"LIMIT","timeInForce":"FOK"');
  private readonly quantity = utf8(',"quantity":"');
  private readonly price = utf8('","price":"');
  private readonly reduceOnly = utf8('","reduceOnly":"true');
  private readonly close = utf8('}}');

  constructor(options: BinanceUsdmEncoderOptions) {
    const { instrument, clientIdPrefix } = options;
    assert(/^[A-Za-z0-9_-]{1,25}$/.test(clientIdPrefix), 'Invariant: a client id prefix is 1 to 25 letters, digits, _ or -');
    assert(Number.isSafeInteger(options.baseEpochMs) && options.baseEpochMs > 0, 'Invariant: the base is whole milliseconds since 1970');
    assert(
      instrument.priceDecimals < DIGITS_MAX / 2 && instrument.qtyDecimals < DIGITS_MAX / 2,
      'Invariant: decimals fit the digit buffer',
    );
    const symbol = JSON.stringify(instrument.symbol);
    this.tickUnits = instrument.tickUnits;
    this.lotUnits = instrument.lotUnits;
    this.priceDecimals = instrument.priceDecimals;
    this.qtyDecimals = instrument.qtyDecimals;
    this.baseEpochMs = options.baseEpochMs;
    this.baseEpochRestNs = options.baseEpochRestNs;
    this.newHead = utf8('{"id":"n');
    this.cancelHead = utf8('{"id":"c');
    this.placeParams = utf8(`","method":"order.place","params":{"symbol":${symbol},"side":"`);
    this.cancelParams = utf8(`","method":"order.cancel","params":{"symbol":${symbol},"origClientOrderId":"${clientIdPrefix}-`);
    this.clientId = utf8(`","newClientOrderId":"${clientIdPrefix}-`);
    this.responseAndTime = utf8('","newOrderRespType":"ACK","timestamp":');
    this.time = utf8('","timestamp":');
    const fixed = this.newHead.length + this.placeParams.length + this.gtc.length + this.quantity.length + this.price.length;
    const tail = this.reduceOnly.length + this.clientId.length + this.responseAndTime.length + this.close.length;
    assert(fixed + tail + 6 * DIGITS_MAX <= ORDER_BYTES_MAX, 'Invariant: the longest request fits the buffer');
  }

  /** Writes the record at `slot` into `bytes`; returns its length or an ENCODE status below zero. */
  encode(i32: Int32Array, f64: Float64Array, slot: number): number {
    const word = slot * RECORD_WORDS;
    const kind = i32[word + W_KIND]! & KIND_MASK;
    const id = i32[word + ORDER_W_ID]!;
    const timestampMs = this.baseEpochMs + Math.floor((f64[slot * RECORD_DOUBLES + D_RECV_TIME_NS]! + this.baseEpochRestNs) / NS_PER_MS);
    this.numbers[ID] = id;
    this.numbers[TIMESTAMP] = timestampMs;
    if (id <= 0 || !(timestampMs > 0 && timestampMs <= MAX_SAFE)) return ENCODE.RANGE;
    if (kind === KIND.ORDER) return this.place(i32, f64, slot);
    if (kind !== KIND.CANCEL) return ENCODE.KIND;
    let at = this.copy(this.cancelHead, 0);
    at = this.decimal(at, ID, 0);
    at = this.copy(this.cancelParams, at);
    at = this.decimal(at, ID, 0);
    at = this.copy(this.time, at);
    at = this.decimal(at, TIMESTAMP, 0);
    return this.copy(this.close, at);
  }

  private place(i32: Int32Array, f64: Float64Array, slot: number): number {
    const word = slot * RECORD_WORDS;
    const attributes = i32[word + ORDER_W_ATTRIBUTES]!;
    const type = (attributes >> ATTRIBUTE_TYPE_SHIFT) & 7;
    const timeInForce = (attributes >> ATTRIBUTE_TIF_SHIFT) & 7;
    const qtyUnits = f64[slot * RECORD_DOUBLES + ORDER_D_QTY_LOTS]! * this.lotUnits;
    const priceUnits = i32[word + ORDER_W_PRICE_TICKS]! * this.tickUnits;
    if (type > ORDER_TYPE.MARKET || timeInForce > TIME_IN_FORCE.FOK) return ENCODE.ATTRIBUTES;
    // Negated so that NaN fails.
    if (!(qtyUnits > 0 && qtyUnits <= MAX_SAFE)) return ENCODE.RANGE;
    if (type === ORDER_TYPE.LIMIT && !(priceUnits > 0 && priceUnits <= MAX_SAFE)) return ENCODE.RANGE;
    this.numbers[QUANTITY] = qtyUnits;
    this.numbers[PRICE] = priceUnits;
    let at = this.copy(this.newHead, 0);
    at = this.decimal(at, ID, 0);
    at = this.copy(this.placeParams, at);
    at = this.copy((attributes & ATTRIBUTE_SIDE_MASK) === SIDE.BUY ? this.buy : this.sell, at);
    if (type === ORDER_TYPE.MARKET) at = this.copy(this.market, at);
    else if (timeInForce === TIME_IN_FORCE.IOC) at = this.copy(this.ioc, at);
    else if (timeInForce === TIME_IN_FORCE.FOK) at = this.copy(this.fok, at);
    else at = this.copy((attributes & ATTRIBUTE_POST_ONLY) !== 0 ? this.gtx : this.gtc, at);
    at = this.copy(this.quantity, at);
    at = this.decimal(at, QUANTITY, this.qtyDecimals);
    if (type === ORDER_TYPE.LIMIT) {
      at = this.copy(this.price, at);
      at = this.decimal(at, PRICE, this.priceDecimals);
    }
    if ((attributes & ATTRIBUTE_REDUCE_ONLY) !== 0) at = this.copy(this.reduceOnly, at);
    at = this.copy(this.clientId, at);
    at = this.decimal(at, ID, 0);
    at = this.copy(this.responseAndTime, at);
    at = this.decimal(at, TIMESTAMP, 0);
    return this.copy(this.close, at);
  }

  private copy(text: Uint8Array, at: number): number {
    const bytes = this.bytes;
    const length = text.length;
    for (let i = 0; i < length; i++) bytes[at + i] = text[i]!;
    return at + length;
  }

  /** Writes one of `numbers`, a safe integer of 10^-decimals units, with exactly `decimals` decimals; returns the end. */
  private decimal(at: number, which: number, decimals: number): number {
    const digits = this.digits;
    let count = 0;
    let high = this.numbers[which]!;
    while (high >= CHUNK) {
      // Exact: the quotient of two safe integers rounds to an integer only when it is one.
      const rest = Math.floor(high / CHUNK);
      let low = (high - rest * CHUNK) | 0;
      for (let i = 0; i < CHUNK_DIGITS; i++) {
        const next = (low / 10) | 0;
        digits[count++] = ZERO + low - next * 10;
        low = next;
      }
      high = rest;
    }
    for (let low = high | 0; low > 0; ) {
      const next = (low / 10) | 0;
      digits[count++] = ZERO + low - next * 10;
      low = next;
    }
    while (count <= decimals) digits[count++] = ZERO;
    const bytes = this.bytes;
    let end = at;
    for (let i = count - 1; i >= 0; i--) {
      bytes[end++] = digits[i]!;
      if (i === decimals && decimals > 0) bytes[end++] = POINT;
    }
    return end;
  }
}

function utf8(text: string): Uint8Array {
  // biome-ignore lint/plugin: called from the constructor only
  return new TextEncoder().encode(text);
}
