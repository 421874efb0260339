import { EXIT, TickpathError } from '../../../core/errors.ts';
import type { Instrument } from '../../../core/instrument.ts';
import { BOOK_REASON, BOOK_STATE } from '../../../core/records/market.ts';
import { L3Book } from '../../book/l3-book.hot.ts';
import type { L3Pool } from '../../book/l3-pool.ts';

/** Decimals of an ITCH price. */
export const ITCH_PRICE_DECIMALS = 4;
const NAME_BYTES = 8;
/** No session has named the stock yet. */
export const NO_SESSION = -1;
/** `fault` of a stock whose book is right as far as is known. */
export const NO_FAULT = 0;

/** One followed stock: its book of orders, what the venue says of its trading, and what is known to be wrong with the book. */
export class ItchStock {
  readonly instrument: number;
  readonly book: L3Book;
  /** Units of 0.0001 in a tick, and shares in a lot. */
  readonly unitsPerTick: number;
  readonly sharesPerLot: number;
  /** The session that named it first and so owns it. */
  session: number;
  /** 1 while its trading state is T. */
  trading: number;
  /** A bit for each market with an operational halt. */
  halts: number;
  /** STALE or GAP when the book is not the venue's, and why. */
  fault: number;
  faultReason: number;
  /** 1 while records were not delivered: the lane has to be told the whole book again. */
  lags: number;
  /** BOOK_STATE as last written to the ring. */
  shown: number;
  private readonly nameHigh: number;
  private readonly nameLow: number;

  /** `pool`: shared by the stocks of a feed, with room for `levelsMax` levels a side of each. */
  constructor(instrument: Instrument, levelsMax: number, ordersMax: number, pool: L3Pool) {
    const { symbol, priceDecimals, qtyDecimals, tickUnits, lotUnits } = instrument;
    if (symbol.length > NAME_BYTES || priceDecimals > ITCH_PRICE_DECIMALS || qtyDecimals > 0) {
      throw new TickpathError(
        'ERR_INSTRUMENT',
        `instrument ${symbol}: expected a symbol of at most 8 characters, a tick_size of at most 4 decimals and a lot_size in whole shares`,
        EXIT.USAGE,
      );
    }
    this.instrument = instrument.id;
    this.book = new L3Book(ordersMax, levelsMax, pool);
    this.unitsPerTick = tickUnits * 10 ** (ITCH_PRICE_DECIMALS - priceDecimals);
    this.sharesPerLot = lotUnits;
    const name = new TextEncoder().encode(symbol.padEnd(NAME_BYTES));
    this.nameHigh = word(name, 0);
    this.nameLow = word(name, 4);
    this.session = NO_SESSION;
    this.trading = 0;
    this.halts = 0;
    this.fault = NO_FAULT;
    this.faultReason = BOOK_REASON.NONE;
    this.lags = 0;
    this.shown = BOOK_STATE.DISCONNECTED;
  }

  /** True when the eight bytes at `at` are its name. */
  isNamed(bytes: Uint8Array, at: number): boolean {
    return word(bytes, at) === this.nameHigh && word(bytes, at + 4) === this.nameLow;
  }

  /** Forgets the day: no orders, and not trading until the venue says so. */
  reset(): void {
    this.book.clear();
    this.trading = 0;
    this.halts = 0;
    this.fault = NO_FAULT;
    this.faultReason = BOOK_REASON.NONE;
  }

  /** The book is not the venue's any more; the first cause stands. */
  fail(state: number, reason: number): void {
    if (this.fault !== NO_FAULT) return;
    this.fault = state;
    this.faultReason = reason;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Bit of `ItchStock.halts` for the market with this code (Q, B or X; any other byte shares one). */
export function haltBit(market: number): number {
  return market === 81 ? 1 : market === 66 ? 2 : market === 88 ? 4 : 8;
}
