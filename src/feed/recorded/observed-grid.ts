import { EXIT, TickpathError } from '../../core/errors.ts';
import type { Instrument } from '../../core/instrument.ts';
import { decimalsOf, formatDecimal, PRICE_TICKS_MAX, parseDecimalText } from '../../core/price.ts';

/** With fewer prices than this the greatest common divisor may be too coarse by chance; a power of ten is taken instead. */
const PRICES_FOR_GCD = 64;
const PLAIN_DECIMAL = /^\d{1,15}(\.\d{1,15})?$/;
const WITH_EXPONENT = /^(\d)(?:\.(\d{1,15}))?e-(\d{1,2})$/;

/** Prices and quantities of one symbol in the beginning of an input, and the grid they lie on. */
export class ObservedGrid {
  readonly symbol: string;
  private readonly prices = new Set<string>();
  private priceDecimals = 0;
  private qtyDecimals = 0;

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  observe(price: string, qty: string): void {
    const plainPrice = plainDecimal(price);
    const plainQty = plainDecimal(qty);
    if (plainPrice !== undefined) {
      this.prices.add(plainPrice);
      this.priceDecimals = Math.max(this.priceDecimals, decimalsOf(plainPrice));
    }
    if (plainQty !== undefined) this.qtyDecimals = Math.max(this.qtyDecimals, decimalsOf(plainQty));
  }

  /** Decimals as written, tick = greatest common divisor of the prices, lot = one unit of the last decimal. Throws ERR_DISCOVER. */
  instrument(id: number): Instrument {
    const decimals = this.priceDecimals;
    let divisor = 0;
    let largest = 0;
    for (const text of this.prices) {
      const units = parseDecimalText(text, decimals, `instrument ${this.symbol}: price`);
      divisor = gcd(units, divisor);
      largest = Math.max(largest, units);
    }
    let tickUnits = Math.max(1, divisor);
    if (this.prices.size < PRICES_FOR_GCD) {
      tickUnits = 1;
      while (divisor > 0 && divisor % (tickUnits * 10) === 0 && tickUnits < 10 ** decimals) tickUnits *= 10;
    }
    if (largest / tickUnits > PRICE_TICKS_MAX) {
      throw new TickpathError(
        'ERR_DISCOVER',
        `instrument ${this.symbol}: a price of ${formatDecimal(largest, decimals)} has more than ${PRICE_TICKS_MAX} ticks of ${formatDecimal(tickUnits, decimals)}; configure its tick_size`,
        EXIT.DATA,
      );
    }
    return Object.freeze({ id, symbol: this.symbol, priceDecimals: decimals, qtyDecimals: this.qtyDecimals, tickUnits, lotUnits: 1 });
  }
}

/** The text without exponent, undefined when it is no decimal number. */
export function plainDecimal(text: string): string | undefined {
  if (PLAIN_DECIMAL.test(text)) return text;
  const parts = WITH_EXPONENT.exec(text);
  if (parts === null) return undefined;
  return `0.${'0'.repeat(Number(parts[3]) - 1)}${parts[1]}${parts[2] ?? ''}`;
}

function gcd(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
