import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Instrument, instrumentFromText } from '../../src/core/instrument.ts';
import { ORDER_BYTES_MAX } from '../../src/core/limits.ts';
import { KIND } from '../../src/core/records/layout.ts';
import {
  ATTRIBUTE_POST_ONLY,
  ATTRIBUTE_REDUCE_ONLY,
  ORDER_D_QTY_LOTS,
  ORDER_W_ATTRIBUTES,
  ORDER_W_ID,
  ORDER_W_PRICE_TICKS,
  orderAttributes,
} from '../../src/core/records/order.ts';
import { BinanceUsdmEncoder, ENCODE } from '../../src/gateway/venue/binance-usdm/encode.hot.ts';
import { measureAllocation } from '../support/allocation.ts';
import { Scratch } from '../support/risk-rig.ts';

const BASE_MS = 1_723_075_200_123;
const bitcoin = instrumentFromText(0, { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' });

function encoder(instrument: Instrument = bitcoin): BinanceUsdmEncoder {
  return new BinanceUsdmEncoder({ instrument, clientIdPrefix: 'tp7', baseEpochMs: BASE_MS, baseEpochRestNs: 999_999 });
}

function record(kind: number, id: number, attributes: number, priceTicks: number, qtyLots: number, timeNs = 0): Scratch {
  const scratch = new Scratch().header(kind, timeNs, 1);
  scratch.i32[ORDER_W_ID] = id;
  scratch.i32[ORDER_W_ATTRIBUTES] = attributes;
  scratch.i32[ORDER_W_PRICE_TICKS] = priceTicks;
  scratch.f64[ORDER_D_QTY_LOTS] = qtyLots;
  return scratch;
}

function text(target: BinanceUsdmEncoder, scratch: Scratch): string {
  const length = target.encode(scratch.i32, scratch.f64, 0);
  assert.ok(length > 0 && length <= ORDER_BYTES_MAX, `status ${length}`);
  return new TextDecoder().decode(target.bytes.subarray(0, length));
}

/** Decimal text by BigInt, independent of the encoder and of core/price. */
function decimal(units: bigint, decimals: number): string {
  const scale = 10n ** BigInt(decimals);
  return decimals === 0 ? String(units) : `${units / scale}.${String(units % scale).padStart(decimals, '0')}`;
}

test('a limit order is the request the venue documents', () => {
  assert.is(
    text(encoder(), record(KIND.ORDER, 12, orderAttributes(0, 0, 0, 0), 610_001, 25, 1_500_000)),
    '{"id":"n12","method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.025",' +
      '"price":"61000.10","newClientOrderId":"tp7-12","newOrderRespType":"ACK","timestamp":1723075200125}}',
  );
});

test('a market order names no price and no time in force, a reduce-only order says so', () => {
  assert.equal(JSON.parse(text(encoder(), record(KIND.ORDER, 1, orderAttributes(1, 1, 1, ATTRIBUTE_REDUCE_ONLY), 1, 1))).params, {
    symbol: 'BTCUSDT',
    side: 'SELL',
    type: 'MARKET',
    quantity: '0.001',
    reduceOnly: 'true',
    newClientOrderId: 'tp7-1',
    newOrderRespType: 'ACK',
    timestamp: BASE_MS,
  });
});

test('times in force are GTC, IOC, FOK, and GTX for post-only', () => {
  const named = (timeInForce: number, flags: number): string =>
    JSON.parse(text(encoder(), record(KIND.ORDER, 1, orderAttributes(0, 0, timeInForce, flags), 1, 1))).params.timeInForce;
  assert.equal([named(0, 0), named(1, 0), named(2, 0), named(0, ATTRIBUTE_POST_ONLY)], ['GTC', 'IOC', 'FOK', 'GTX']);
});

test('a cancel names the order by its client id', () => {
  assert.equal(JSON.parse(text(encoder(), record(KIND.CANCEL, 1_999_999_999, 0, 0, 0))), {
    id: 'c1999999999',
    method: 'order.cancel',
    params: { symbol: 'BTCUSDT', origClientOrderId: 'tp7-1999999999', timestamp: BASE_MS },
  });
});

test('what cannot be written exactly is refused', () => {
  const status = (scratch: Scratch, target = encoder()): number => target.encode(scratch.i32, scratch.f64, 0);
  const limit = orderAttributes(0, 0, 0, 0);
  assert.is(status(record(KIND.TRADE, 1, limit, 1, 1)), ENCODE.KIND);
  assert.is(status(record(KIND.ORDER, 0, limit, 1, 1)), ENCODE.RANGE);
  assert.is(status(record(KIND.ORDER, 1, limit, 0, 1)), ENCODE.RANGE);
  assert.is(status(record(KIND.ORDER, 1, limit, 1, 0)), ENCODE.RANGE);
  assert.is(status(record(KIND.ORDER, 1, limit, 1, Number.NaN)), ENCODE.RANGE);
  assert.is(status(record(KIND.ORDER, 1, limit, 1, 2 ** 53)), ENCODE.RANGE);
  assert.is(status(record(KIND.ORDER, 1, orderAttributes(0, 2, 0, 0), 1, 1)), ENCODE.ATTRIBUTES);
  assert.is(status(record(KIND.ORDER, 1, orderAttributes(0, 0, 3, 0), 1, 1)), ENCODE.ATTRIBUTES);
});

test('every number equals its BigInt formatting, and the request is JSON', () => {
  const decimals = fc.integer({ min: 0, max: 11 });
  fc.assert(
    fc.property(
      decimals,
      decimals,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }),
      fc.integer({ min: 1, max: 2_000_000_000 }),
      fc.integer({ min: 0, max: 100 * 86_400 }),
      (priceDecimals, qtyDecimals, tickUnits, ticks, lots, id, seconds) => {
        const instrument: Instrument = { id: 0, symbol: 'A"１２\\', priceDecimals, qtyDecimals, tickUnits, lotUnits: 1 };
        const scratch = record(KIND.ORDER, id, orderAttributes(1, 0, 1, 0), ticks, Number(lots), seconds * 1e9);
        const { id: requestId, params } = JSON.parse(text(encoder(instrument), scratch));
        assert.is(requestId, `n${id}`);
        assert.is(params.symbol, instrument.symbol);
        assert.is(params.price, decimal(BigInt(ticks) * BigInt(tickUnits), priceDecimals));
        assert.is(params.quantity, decimal(lots, qtyDecimals));
        assert.is(params.newClientOrderId, `tp7-${id}`);
        assert.is(params.timestamp, BASE_MS + seconds * 1_000);
      },
    ),
    { seed: 3, numRuns: 5_000 },
  );
});

test('encoding allocates nothing', async () => {
  const target = encoder();
  const scratch = record(KIND.ORDER, 1, orderAttributes(0, 0, 0, 0), 610_001, 25);
  let bytes = 0;
  const run = (count: number): void => {
    for (let i = 1; i <= count; i++) {
      scratch.i32[ORDER_W_ID] = i;
      scratch.f64[1] = i * 1e9;
      bytes += target.encode(scratch.i32, scratch.f64, 0);
    }
  };
  const { collections, heapBytes } = await measureAllocation(
    () => run(200_000),
    () => run(500_000),
  );
  assert.ok(bytes > 0);
  assert.is(collections, 0);
  assert.ok(heapBytes < 256 * 1024, `heap grew by ${heapBytes} bytes`);
});

test.run();
