import { EXIT, TickpathError } from './errors.ts';
import { decimalsOf, formatDecimal, parseDecimalText } from './price.ts';

/**
 * What a venue says of an instrument, in integers. A price text is parsed to units of 10^-priceDecimals and divided by
 * `tickUnits`; a quantity text to units of 10^-qtyDecimals and divided by `lotUnits`. Both divisions must be exact.
 */
export interface Instrument {
  /** Index in every per-instrument array; 0-based. */
  readonly id: number;
  readonly symbol: string;
  readonly priceDecimals: number;
  readonly qtyDecimals: number;
  /** Tick size in units of 10^-priceDecimals. */
  readonly tickUnits: number;
  /** Lot size in units of 10^-qtyDecimals. */
  readonly lotUnits: number;
  /** Number that the venue's messages name it by, where they do. */
  readonly venueId?: number;
}

export interface InstrumentText {
  symbol: string;
  /** Tick size as the venue writes it, e.g. "0.10": its decimals are the decimals of every price. */
  tickSize: string;
  /** Lot size as the venue writes it, e.g. "0.001". */
  lotSize: string;
}

/** Builds an instrument from decimal text; throws `ERR_INSTRUMENT` naming the symbol and field. */
export function instrumentFromText(id: number, text: InstrumentText): Instrument {
  const priceDecimals = decimalsOf(text.tickSize);
  const qtyDecimals = decimalsOf(text.lotSize);
  const tickUnits = parseDecimalText(text.tickSize, priceDecimals, `instrument ${text.symbol}: tick_size`);
  const lotUnits = parseDecimalText(text.lotSize, qtyDecimals, `instrument ${text.symbol}: lot_size`);
  if (tickUnits === 0 || lotUnits === 0) {
    throw new TickpathError('ERR_INSTRUMENT', `instrument ${text.symbol}: tick_size and lot_size must be above zero`, EXIT.USAGE);
  }
  return Object.freeze({ id, symbol: text.symbol, priceDecimals, qtyDecimals, tickUnits, lotUnits });
}

/** Decimal text of a price in ticks, in the venue's own decimals. */
export function formatPrice(instrument: Instrument, ticks: number): string {
  return formatDecimal(ticks * instrument.tickUnits, instrument.priceDecimals);
}

/** Decimal text of a quantity in lots, in the venue's own decimals. */
export function formatQty(instrument: Instrument, lots: number): string {
  return formatDecimal(lots * instrument.lotUnits, instrument.qtyDecimals);
}

/** Decimal text of cash (ticks times lots), exact. */
export function formatCash(instrument: Instrument, tickLots: number): string {
  const units = BigInt(tickLots) * BigInt(instrument.tickUnits) * BigInt(instrument.lotUnits);
  const decimals = instrument.priceDecimals + instrument.qtyDecimals;
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return negative ? `-${text}` : text;
}
