import { formatPrice, formatQty, type Instrument } from '../core/instrument.ts';
import { PRICE_TICKS_MAX } from '../core/price.ts';
import { DEMO_RISK_OPTIONS, type RiskOptions } from '../risk/limits.ts';
import type { Config } from './config-schema.ts';

/** Configuration keys of risk in the gate's names. */
export function riskOptions(risk: Config['risk']): RiskOptions {
  const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(risk)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [camel(key), value]),
  );
}

/**
 * Limits for a simulated run whose configuration names none: those of the demo, with quantities, spread and prices in the
 * instrument's own lots and ticks, and the instrument itself allowed. Never used where orders could be real.
 */
export function simulatedRiskOptions(instrument: Instrument): RiskOptions {
  return {
    ...DEMO_RISK_OPTIONS,
    allow: [instrument.symbol],
    maxOrderQty: formatQty(instrument, 50),
    maxLongQty: formatQty(instrument, 100),
    maxShortQty: formatQty(instrument, 100),
    maxSpread: formatPrice(instrument, 500),
    minPrice: formatPrice(instrument, 1),
    maxPrice: formatPrice(instrument, PRICE_TICKS_MAX),
  };
}
