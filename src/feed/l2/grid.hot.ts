import type { Instrument } from '../../core/instrument.ts';

/** Decimals, tick and lot of each instrument, in arrays by its id. */
export class GridTable {
  readonly priceDecimals: Int32Array;
  readonly qtyDecimals: Int32Array;
  readonly tickUnits: Float64Array;
  readonly lotUnits: Float64Array;

  constructor(instruments: readonly Instrument[]) {
    this.priceDecimals = Int32Array.from(instruments, (one) => one.priceDecimals);
    this.qtyDecimals = Int32Array.from(instruments, (one) => one.qtyDecimals);
    this.tickUnits = Float64Array.from(instruments, (one) => one.tickUnits);
    this.lotUnits = Float64Array.from(instruments, (one) => one.lotUnits);
  }
}
