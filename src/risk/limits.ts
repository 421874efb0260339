import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument } from '../core/instrument.ts';
import { OPEN_ORDERS_MAX } from '../core/limits.ts';
import { PRICE_TICKS_MAX } from '../core/price.ts';

/** A limit that was not configured: the control it belongs to refuses every order. */
export const LIMIT_MISSING = -1;

/** Orders that one rate window can hold. */
export const RATE_WINDOW_ORDERS_MAX = 4_096;

/**
 * Limits of one instrument, integers only. LIMIT_MISSING (-1) where nothing was configured; fees are never missing.
 * Cash is in tick-lots: one tick times one lot.
 */
export interface RiskLimits {
  /** 8: the instrument stands on the allow-list. */
  readonly allowed: boolean;
  /** 1. */
  readonly maxOrderLots: number;
  /** 2. */
  readonly maxNotionalTickLots: number;
  /** 4: widest spread at which the mid price is a reference. */
  readonly maxSpreadTicks: number;
  /** 4: oldest trade that may stand in for the mid price; 0: none may. */
  readonly maxTradeAgeNs: number;
  /** 5: collar around the reference price, parts per million. */
  readonly collarPpm: number;
  /** 7: lowest and highest limit price. */
  readonly minPriceTicks: number;
  readonly maxPriceTicks: number;
  /** 10: oldest book or ticker update. */
  readonly maxDataAgeNs: number;
  /** 14: largest long and short position, open orders counted. */
  readonly maxLongLots: number;
  readonly maxShortLots: number;
  /** 17. */
  readonly maxOpenOrders: number;
  /** 18: new orders in any 1 s and any 10 s. */
  readonly maxOrdersPer1s: number;
  readonly maxOrdersPer10s: number;
  /** 25: largest loss. */
  readonly maxLossTickLots: number;
  /** Fees by liquidity, parts per million of the notional; negative is a rebate. */
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
}

/** A plain decimal, e.g. "0.05"; numbers are taken as they print. */
export type DecimalOption = string | number;

/**
 * Limits as a user writes them, in the instrument's own units: prices in quote currency, quantities in base units or
 * contracts, notionals in price times quantity. What is left out is missing, and missing refuses.
 */
export interface RiskOptions {
  /** Symbols that may be traded; none when left out. */
  readonly allow?: readonly string[];
  readonly maxOrderQty?: DecimalOption;
  readonly maxOrderNotional?: DecimalOption;
  /** Price distance between best bid and ask. */
  readonly maxSpread?: DecimalOption;
  readonly maxTradeAgeMs?: DecimalOption;
  readonly priceCollarPercent?: DecimalOption;
  readonly minPrice?: DecimalOption;
  readonly maxPrice?: DecimalOption;
  readonly maxDataAgeMs?: DecimalOption;
  readonly maxLongQty?: DecimalOption;
  readonly maxShortQty?: DecimalOption;
  readonly maxOpenOrders?: DecimalOption;
  readonly maxOrdersPer1s?: DecimalOption;
  readonly maxOrdersPer10s?: DecimalOption;
  readonly maxLoss?: DecimalOption;
  /** Percent of the notional, up to four decimals; negative is a rebate. 0 when left out. */
  readonly makerFeePercent?: DecimalOption;
  readonly takerFeePercent?: DecimalOption;
}

/**
 * Limits of the demo: a small account on a bitcoin-sized perpetual with ticks of 0.10 and lots of 0.001. Each stands well
 * inside what the demo's strategy wants at its worst, so that a run shows refusals rather than exposure. Fees are the
 * venue's regular tier. `allow` is left to the configuration on purpose.
 */
export const DEMO_RISK_OPTIONS: RiskOptions = Object.freeze({
  maxOrderQty: '0.05',
  maxOrderNotional: '10000',
  maxSpread: '50',
  maxTradeAgeMs: '0',
  priceCollarPercent: '1',
  minPrice: '1',
  maxPrice: '1000000',
  maxDataAgeMs: '2000',
  maxLongQty: '0.1',
  maxShortQty: '0.1',
  maxOpenOrders: '16',
  maxOrdersPer1s: '20',
  maxOrdersPer10s: '100',
  maxLoss: '500',
  makerFeePercent: '0.02',
  takerFeePercent: '0.05',
});

const NS_PER_MS = 1_000_000n;
const PPM_PER_PERCENT_DECIMALS = 4;
const PPM_ONE = 1_000_000;

/**
 * Turns options into integer limits of `instrument`. Amounts of cash round down, which is the tighter side. Throws
 * `ERR_RISK_LIMIT` (exit code 2) naming the key, the value and what was expected, when a value is no plain decimal, is no
 * whole number of ticks or lots, lies outside its range, or when a quantity times the highest price would not be exact.
 */
export function resolveRiskLimits(options: RiskOptions, instrument: Instrument): RiskLimits {
  const { priceDecimals, qtyDecimals, tickUnits, lotUnits } = instrument;
  const cashDecimals = priceDecimals + qtyDecimals;
  const cashUnits = BigInt(tickUnits) * BigInt(lotUnits);
  const price = (key: string, value: DecimalOption | undefined): number =>
    exact(key, value, priceDecimals, BigInt(tickUnits), 'tick size', PRICE_TICKS_MAX);
  const qty = (key: string, value: DecimalOption | undefined): number =>
    exact(key, value, qtyDecimals, BigInt(lotUnits), 'lot size', Number.MAX_SAFE_INTEGER);
  const cash = (key: string, value: DecimalOption | undefined): number => floored(key, value, cashDecimals, cashUnits);
  const limits: RiskLimits = {
    allowed: options.allow?.includes(instrument.symbol) ?? false,
    maxOrderLots: qty('max_order_qty', options.maxOrderQty),
    maxNotionalTickLots: cash('max_order_notional', options.maxOrderNotional),
    maxSpreadTicks: price('max_spread', options.maxSpread),
    maxTradeAgeNs: milliseconds('max_trade_age_ms', options.maxTradeAgeMs),
    collarPpm: exact('price_collar_percent', options.priceCollarPercent, PPM_PER_PERCENT_DECIMALS, 1n, '0.0001', PPM_ONE),
    minPriceTicks: price('min_price', options.minPrice),
    maxPriceTicks: price('max_price', options.maxPrice),
    maxDataAgeNs: milliseconds('max_data_age_ms', options.maxDataAgeMs),
    maxLongLots: qty('max_long_qty', options.maxLongQty),
    maxShortLots: qty('max_short_qty', options.maxShortQty),
    maxOpenOrders: exact('max_open_orders', options.maxOpenOrders, 0, 1n, '1', OPEN_ORDERS_MAX),
    maxOrdersPer1s: exact('max_orders_per_1s', options.maxOrdersPer1s, 0, 1n, '1', RATE_WINDOW_ORDERS_MAX),
    maxOrdersPer10s: exact('max_orders_per_10s', options.maxOrdersPer10s, 0, 1n, '1', RATE_WINDOW_ORDERS_MAX),
    maxLossTickLots: cash('max_loss', options.maxLoss),
    makerFeePpm: feePpm('maker_fee_percent', options.makerFeePercent),
    takerFeePpm: feePpm('taker_fee_percent', options.takerFeePercent),
  };
  checkRiskLimits(limits);
  return Object.freeze(limits);
}

/**
 * Proves that every product the gate forms is exact: the largest quantity it can meet (one order, or the position at its
 * limits on both sides) times the highest price, and the cash of a loss limit, stay within 2^53 - 1. Throws
 * `ERR_RISK_LIMIT`. Limits made by hand go through here too, when the gate is built.
 */
export function checkRiskLimits(limits: RiskLimits): void {
  if (limits.minPriceTicks !== LIMIT_MISSING && limits.minPriceTicks < 1) {
    refuse('min_price', String(limits.minPriceTicks), 'at least one tick');
  }
  if (limits.maxPriceTicks !== LIMIT_MISSING && limits.maxPriceTicks < limits.minPriceTicks) {
    refuse('max_price', `${limits.maxPriceTicks} ticks`, `at least min_price (${limits.minPriceTicks} ticks)`);
  }
  // At least 2, so that quantities stay within 2^52, the range of the proportional cost (position.hot.ts).
  const highestPrice = limits.maxPriceTicks === LIMIT_MISSING ? PRICE_TICKS_MAX : Math.max(limits.maxPriceTicks, 2);
  const positionLots = Math.max(limits.maxLongLots, 0) + Math.max(limits.maxShortLots, 0);
  checkProduct('max_order_qty', Math.max(limits.maxOrderLots, 0), highestPrice);
  checkProduct('max_long_qty + max_short_qty', positionLots, highestPrice);
  for (const [key, value] of Object.entries(limits) as [string, number | boolean][]) {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) refuse(key, String(value), 'a whole number within 2^53 - 1');
  }
}

function checkProduct(key: string, lots: number, priceTicks: number): void {
  if (BigInt(lots) * BigInt(priceTicks) <= BigInt(Number.MAX_SAFE_INTEGER)) return;
  refuse(
    key,
    `${lots} lots`,
    `at most ${Math.floor(Number.MAX_SAFE_INTEGER / priceTicks)} lots with max_price at ${priceTicks} ticks; lower either`,
  );
}

/** Integer number of 10^-decimals units written in `value`; undefined when `value` is. */
function units(key: string, value: DecimalOption | undefined, decimals: number): bigint | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return refuse(key, text, 'a plain decimal number, not negative');
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) return refuse(key, text, `at most ${decimals} decimals`);
  return BigInt(`${match[1]}${fraction.padEnd(decimals, '0')}`);
}

function exact(key: string, value: DecimalOption | undefined, decimals: number, step: bigint, stepName: string, max: number): number {
  const amount = units(key, value, decimals);
  if (amount === undefined) return LIMIT_MISSING;
  if (amount % step !== 0n) refuse(key, String(value), `a whole multiple of the ${stepName}`);
  const count = amount / step;
  if (count > BigInt(max)) refuse(key, String(value), `at most ${max} steps of ${stepName}, was ${count}`);
  return Number(count);
}

function floored(key: string, value: DecimalOption | undefined, decimals: number, step: bigint): number {
  const amount = units(key, value, decimals);
  if (amount === undefined) return LIMIT_MISSING;
  const count = amount / step;
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) refuse(key, String(value), `at most ${Number.MAX_SAFE_INTEGER} tick-lots, was ${count}`);
  return Number(count);
}

function milliseconds(key: string, value: DecimalOption | undefined): number {
  const amount = units(key, value, 0);
  if (amount === undefined) return LIMIT_MISSING;
  if (amount * NS_PER_MS > BigInt(Number.MAX_SAFE_INTEGER)) refuse(key, String(value), 'at most 104 days');
  return Number(amount * NS_PER_MS);
}

function feePpm(key: string, value: DecimalOption | undefined): number {
  const text = String(value ?? 0);
  const negative = text.startsWith('-');
  const ppm = exact(key, negative ? text.slice(1) : text, PPM_PER_PERCENT_DECIMALS, 1n, '0.0001', PPM_ONE);
  return negative && ppm !== 0 ? -ppm : ppm;
}

function refuse(key: string, value: string, expected: string): never {
  throw new TickpathError('ERR_RISK_LIMIT', `risk.${key}: "${value}" is not allowed, expected ${expected}`, EXIT.USAGE);
}
