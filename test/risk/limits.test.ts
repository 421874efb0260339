import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../src/core/errors.ts';
import { instrumentFromText } from '../../src/core/instrument.ts';
import { DEMO_RISK_OPTIONS, LIMIT_MISSING, type RiskOptions, resolveRiskLimits } from '../../src/risk/limits.ts';

const bitcoin = instrumentFromText(0, { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' });

function message(options: RiskOptions, instrument = bitcoin): string {
  try {
    resolveRiskLimits(options, instrument);
  } catch (error) {
    assert.instance(error, TickpathError);
    assert.is((error as TickpathError).code, 'ERR_RISK_LIMIT');
    assert.is((error as TickpathError).exitCode, 2);
    return (error as TickpathError).message;
  }
  return '';
}

test('the demo limits become integers of the instrument', () => {
  const limits = resolveRiskLimits({ ...DEMO_RISK_OPTIONS, allow: ['BTCUSDT'] }, bitcoin);
  assert.equal(limits, {
    allowed: true,
    maxOrderLots: 50,
    maxNotionalTickLots: 100_000_000,
    maxSpreadTicks: 500,
    maxTradeAgeNs: 0,
    collarPpm: 10_000,
    minPriceTicks: 10,
    maxPriceTicks: 10_000_000,
    maxDataAgeNs: 2_000_000_000,
    maxLongLots: 100,
    maxShortLots: 100,
    maxOpenOrders: 16,
    maxOrdersPer1s: 20,
    maxOrdersPer10s: 100,
    maxLossTickLots: 5_000_000,
    makerFeePpm: 200,
    takerFeePpm: 500,
  });
});

test('nothing configured means nothing allowed and every limit missing', () => {
  const limits = resolveRiskLimits({}, bitcoin);
  assert.is(limits.allowed, false);
  assert.is(limits.maxOrderLots, LIMIT_MISSING);
  assert.is(limits.maxLossTickLots, LIMIT_MISSING);
  assert.is(limits.takerFeePpm, 0);
  assert.is(resolveRiskLimits({ allow: ['ETHUSDT'] }, bitcoin).allowed, false);
});

test('numbers count as they print, rebates are negative, cash rounds down', () => {
  const limits = resolveRiskLimits(
    { maxOrderQty: 0.05, makerFeePercent: '-0.005', maxLoss: '0.00019', maxOpenOrders: 3 },
    instrumentFromText(0, { symbol: 'X', tickSize: '0.1', lotSize: '0.0010' }),
  );
  assert.is(limits.maxOrderLots, 50);
  assert.is(limits.makerFeePpm, -50);
  assert.is(limits.maxLossTickLots, 1);
  assert.is(limits.maxOpenOrders, 3);
});

test('each bad value gives one error that names key, value and what was expected', () => {
  assert.match(message({ maxOrderQty: '0.0005' }), 'risk.max_order_qty: "0.0005" is not allowed, expected at most 3 decimals');
  assert.match(message({ maxOrderQty: '1e3' }), 'a plain decimal number');
  assert.match(message({ maxOrderQty: '-1' }), 'not negative');
  assert.match(message({ maxPrice: '100.05' }), 'a whole multiple of the tick size');
  assert.match(message({ minPrice: '0' }), 'at least one tick');
  assert.match(message({ minPrice: '10', maxPrice: '9' }), 'at least min_price');
  assert.match(message({ maxOpenOrders: '257' }), 'at most 256');
  assert.match(message({ maxOrdersPer10s: '4097' }), 'at most 4096');
  assert.match(message({ priceCollarPercent: '101' }), 'at most 1000000');
  assert.match(message({ maxDataAgeMs: '1.5' }), 'at most 0 decimals');
  assert.match(message({ makerFeePercent: '0.00001' }), 'at most 4 decimals');
});

test('a quantity whose worst notional would not be exact is refused', () => {
  // 2^53 - 1 over 10^7 ticks: 900,719,925 lots.
  assert.is(message({ maxPrice: '1000000', maxOrderQty: '900719.925' }), '');
  assert.match(message({ maxPrice: '1000000', maxOrderQty: '900719.926' }), 'at most 900719925 lots with max_price at 10000000 ticks');
  assert.match(message({ maxPrice: '1000000', maxLongQty: '900719.925', maxShortQty: '0.001' }), 'max_long_qty + max_short_qty');
  assert.match(message({ maxOrderQty: '4194.305' }), 'risk.max_order_qty', 'without max_price the largest price counts');
});

test.run();
