import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SEND, SimulatedExchange } from '../../../src/backtest/exchange/exchange.hot.ts';
import { REQUESTS_MAX } from '../../../src/backtest/exchange/mailbox.hot.ts';
import { OPEN_ORDERS_MAX } from '../../../src/core/limits.ts';
import { KIND } from '../../../src/core/records/layout.ts';
import { measureAllocation } from '../../support/allocation.ts';
import { ExchangeRig, request } from '../../support/exchange-rig.ts';
import { ring, Scratch } from '../../support/risk-rig.ts';

/** Bids 98 (10 lots) and 97 (20), asks 101 (5) and 102 (7), LIVE, at time 0. */
function live(entryNs = 0, responseNs = 0): ExchangeRig {
  const rig = new ExchangeRig(entryNs, responseNs);
  rig.market(0, { kind: 'clear' });
  for (const [buy, price, lots] of [
    [true, 98, 10],
    [true, 97, 20],
    [false, 101, 5],
    [false, 102, 7],
  ] as [boolean, number, number][]) {
    rig.market(0, { kind: 'level', buy, price, lots });
  }
  rig.market(0, { kind: 'end', id: 10 });
  rig.market(0, { kind: 'state', live: true });
  return rig;
}

/** Reports without their times: "order status price liquidity last leaves". */
function short(reports: string[]): string[] {
  return reports.map((report) => report.split(' ').slice(0, 6).join(' '));
}

test('a taker walks the displayed levels at their prices, and the rest of an order good till cancelled rests', () => {
  const rig = live();
  rig.send(request(1, true, 102, 15, 1));
  assert.equal(short(rig.advance(1)), ['1 1 0 0 0 0', '1 2 101 2 5 10', '1 2 102 2 7 3']);
  assert.is(rig.exchange.openOrders, 1);
});

test('what own fills took from a level stays taken until the level is named again', () => {
  const rig = live();
  rig.send(request(1, true, 101, 3, 1, { timeInForce: 'ioc' }));
  rig.send(request(2, true, 101, 3, 1, { timeInForce: 'ioc' }));
  assert.equal(short(rig.advance(1)), ['1 1 0 0 0 0', '1 3 101 2 3 0', '2 1 0 0 0 0', '2 2 101 2 2 1', '2 6 0 0 0 0']);
  rig.market(2, { kind: 'level', buy: false, price: 101, lots: 4 });
  rig.market(2, { kind: 'end', id: 11 });
  rig.send(request(3, true, 101, 9, 2, { timeInForce: 'ioc' }));
  assert.equal(short(rig.advance(3)), ['3 1 0 0 0 0', '3 2 101 2 4 5', '3 6 0 0 0 0']);
});

test('fill or kill fills whole or not at all', () => {
  const rig = live();
  rig.send(request(1, true, 102, 13, 1, { timeInForce: 'fok' }));
  rig.send(request(2, true, 102, 12, 1, { timeInForce: 'fok' }));
  assert.equal(short(rig.advance(1)), ['1 1 0 0 0 0', '1 6 0 0 0 0', '2 1 0 0 0 0', '2 2 101 2 5 7', '2 3 102 2 7 0']);
});

test('a market order takes all there is, and the rest expires', () => {
  const rig = live();
  rig.send(request(1, false, 0, 31, 1, { type: 'market', timeInForce: 'ioc' }));
  assert.equal(short(rig.advance(1)), ['1 1 0 0 0 0', '1 2 98 2 10 21', '1 2 97 2 20 1', '1 6 0 0 0 0']);
});

test('a post-only order that would take expires', () => {
  const rig = live();
  rig.send(request(1, true, 101, 1, 1, { postOnly: true }));
  rig.send(request(2, true, 100, 1, 1, { postOnly: true }));
  assert.equal(short(rig.advance(1)), ['1 6 0 0 0 0', '2 1 0 0 0 0']);
});

test('trades at its price fill an order after the quantity displayed ahead of it', () => {
  const rig = live();
  rig.send(request(1, true, 98, 4, 1));
  rig.advance(1);
  rig.market(2, { kind: 'trade', aggressorBuys: false, price: 98, lots: 9 });
  assert.equal(rig.advance(2), []);
  rig.market(3, { kind: 'trade', aggressorBuys: true, price: 98, lots: 50 });
  assert.equal(rig.advance(3), [], 'a buyer does not reach a bid');
  rig.market(4, { kind: 'trade', aggressorBuys: false, price: 98, lots: 3 });
  assert.equal(short(rig.advance(4)), ['1 2 98 1 2 2']);
});

test('a smaller displayed quantity moves an order forward, a larger one does not move it back', () => {
  const rig = live();
  rig.send(request(1, true, 98, 4, 1));
  rig.advance(1);
  rig.market(2, { kind: 'level', buy: true, price: 98, lots: 2 });
  rig.market(2, { kind: 'end', id: 11 });
  rig.market(3, { kind: 'level', buy: true, price: 98, lots: 30 });
  rig.market(3, { kind: 'end', id: 12 });
  rig.market(4, { kind: 'trade', aggressorBuys: false, price: 98, lots: 3 });
  assert.equal(short(rig.advance(4)), ['1 2 98 1 1 3']);
});

test('a trade through the price fills, and own orders share its volume', () => {
  const rig = live();
  rig.send(request(1, true, 98, 4, 1));
  rig.send(request(2, true, 98, 4, 1));
  rig.send(request(3, true, 99, 2, 1));
  rig.advance(1);
  rig.market(2, { kind: 'trade', aggressorBuys: false, price: 97, lots: 7 });
  assert.equal(short(rig.advance(2)), ['3 3 99 1 2 0', '1 3 98 1 4 0', '2 2 98 1 1 3']);
});

test('the other side reaching the price fills as maker up to what it displays', () => {
  const rig = live();
  rig.send(request(1, true, 99, 9, 1));
  rig.advance(1);
  rig.market(2, { kind: 'bbo', id: 11, bid: 98, ask: 99, bidLots: 1, askLots: 6 });
  assert.equal(short(rig.advance(2)), ['1 2 99 1 6 3']);
  rig.market(3, { kind: 'bbo', id: 12, bid: 97, ask: 99, bidLots: 1, askLots: 6 });
  assert.equal(rig.advance(3), [], 'a ticker that repeats the side refreshes nothing');
  rig.market(4, { kind: 'bbo', id: 13, bid: 97, ask: 99, bidLots: 1, askLots: 2 });
  assert.equal(short(rig.advance(4)), ['1 2 99 1 2 1']);
});

test('the ticker counts only while it is newer than the book', () => {
  const rig = live();
  rig.market(1, { kind: 'bbo', id: 9, bid: 98, ask: 99, bidLots: 1, askLots: 6 });
  rig.send(request(1, true, 99, 1, 1, { timeInForce: 'ioc' }));
  assert.equal(short(rig.advance(1)), ['1 1 0 0 0 0', '1 6 0 0 0 0']);
  rig.market(2, { kind: 'bbo', id: 11, bid: 98, ask: 102, bidLots: 1, askLots: 1 });
  rig.send(request(2, true, 102, 9, 2, { timeInForce: 'ioc' }));
  assert.equal(
    short(rig.advance(2)),
    ['2 1 0 0 0 0', '2 2 102 2 1 8', '2 6 0 0 0 0'],
    'the level at 101 is gone, the one at 102 has one lot',
  );
});

test('nothing fills while the book is not LIVE, and on return an order queues behind all that is displayed', () => {
  const rig = live();
  rig.send(request(1, true, 98, 4, 1));
  rig.market(2, { kind: 'trade', aggressorBuys: false, price: 98, lots: 10 });
  rig.market(3, { kind: 'state', live: false });
  rig.market(4, { kind: 'trade', aggressorBuys: false, price: 97, lots: 50 });
  rig.send(request(2, true, 98, 4, 4, { timeInForce: 'ioc' }));
  assert.equal(short(rig.advance(4)), ['1 1 0 0 0 0', '2 1 0 0 0 0', '2 6 0 0 0 0']);
  rig.market(5, { kind: 'clear' });
  rig.market(5, { kind: 'level', buy: true, price: 98, lots: 6 });
  rig.market(5, { kind: 'end', id: 50 });
  rig.market(5, { kind: 'state', live: true });
  rig.market(6, { kind: 'trade', aggressorBuys: false, price: 98, lots: 7 });
  assert.equal(short(rig.advance(6)), ['1 2 98 1 1 3']);
});

test('an order that arrived without a LIVE book takes when it meets one; a post-only one expires', () => {
  const rig = live();
  rig.market(1, { kind: 'state', live: false });
  rig.send(request(1, true, 101, 8, 1));
  rig.send(request(2, true, 101, 8, 1, { postOnly: true }));
  rig.market(2, { kind: 'state', live: true });
  assert.equal(short(rig.advance(2)), ['1 1 0 0 0 0', '2 1 0 0 0 0', '1 2 101 2 5 3', '2 6 0 0 0 0']);
});

test('an order meets the market as it was before the first record at or after its arrival', () => {
  const rig = live(10, 5);
  rig.send(request(1, true, 101, 9, 100, { timeInForce: 'ioc' }));
  rig.market(109, { kind: 'level', buy: false, price: 101, lots: 8 });
  rig.market(109, { kind: 'end', id: 11 });
  rig.market(110, { kind: 'level', buy: false, price: 101, lots: 1 });
  rig.market(110, { kind: 'end', id: 12 });
  assert.equal(rig.advance(114), []);
  assert.equal(rig.advance(115), ['1 1 0 0 0 0 110 115', '1 2 101 2 8 1 110 115', '1 6 0 0 0 0 110 115']);
});

test('a cancel may come too late', () => {
  const rig = live(10, 0);
  rig.send(request(1, true, 98, 4, 1));
  rig.send(request(1, true, 0, 0, 5, { cancel: true }));
  rig.send(request(1, true, 0, 0, 6, { cancel: true }));
  assert.equal(short(rig.advance(100)), ['1 1 0 0 0 0', '1 4 0 0 0 0', '1 7 0 0 0 0']);
});

test('more entry latency never makes an order arrive earlier, and nothing overtakes', () => {
  const sends = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sends, fc.nat(500), fc.nat(500), fc.nat(500), (times, entry, more, response) => {
      const arrivals = (latency: number): number[] => {
        const rig = live(latency, response);
        [...times].sort((a, b) => a - b).forEach((sentNs, i) => rig.send(request(i + 1, true, 90, 1, sentNs)));
        return rig.advance(1e6).map((report) => Number(report.split(' ')[6]));
      };
      const early = arrivals(entry);
      const late = arrivals(entry + more);
      return early.length === times.length && early.every((at, i) => at <= late[i]! && (i === 0 || early[i - 1]! <= at));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('full queues and tables refuse and lose nothing', () => {
  const rig = live();
  for (let id = 1; id <= REQUESTS_MAX; id++) assert.is(rig.send(request(id, true, 90, 1, 1)), 0);
  assert.is(rig.send(request(REQUESTS_MAX + 1, true, 90, 1, 1)), SEND.QUEUE_FULL);
  const statuses = short(rig.advance(1)).map((report) => report.split(' ')[1]);
  assert.is(statuses.filter((status) => status === '1').length, OPEN_ORDERS_MAX);
  assert.is(statuses.filter((status) => status === '5').length, REQUESTS_MAX - OPEN_ORDERS_MAX);
});

test('a million records with resting orders leave nothing on the heap', async () => {
  const reports = ring(4_096);
  const exchange = new SimulatedExchange({ instrument: 0, entryLatencyNs: 100, responseLatencyNs: 100, reports: reports.producer });
  const { i32, f64 } = new Scratch();
  const bytes = new Uint8Array(1);
  let fills = 0;
  const record = (kind: number, i: number, w8: number, w9: number): void => {
    i32[0] = kind;
    f64[1] = i * 1_000;
    i32[8] = w8;
    i32[9] = w9;
  };
  const run = (from: number, count: number): void => {
    for (let i = from; i < from + count; i++) {
      record(KIND.BOOK_LEVEL, i, i & 1, (i & 1) === 0 ? 998 + (i % 3) : 1_001 + (i % 3));
      f64[5] = 5 + (i % 11);
      exchange.onMarketRecord(i32, f64, 0);
      record(KIND.BOOK_END, i, 0, 0);
      f64[6] = i;
      exchange.onMarketRecord(i32, f64, 0);
      record(KIND.TRADE, i, 1_000 + (i % 2), i & 1);
      f64[5] = 1 + (i % 17);
      exchange.onMarketRecord(i32, f64, 0);
      record(KIND.ORDER, i, i + 1, (i >> 1) & 1);
      i32[10] = 1_000;
      f64[6] = 3;
      exchange.send(i32, f64, 0, bytes, 0);
      record(KIND.CANCEL, i, i - 5, 0);
      exchange.send(i32, f64, 0, bytes, 0);
      exchange.advance(f64, 0);
      const ready = reports.consumer.poll(4_096);
      fills += ready;
      reports.consumer.release(ready);
    }
  };
  record(KIND.BOOK_STATE, 0, 4, 0);
  exchange.onMarketRecord(i32, f64, 0);
  const { collections, heapBytes } = await measureAllocation(
    () => run(1, 100_000),
    () => run(100_001, 300_000),
  );
  assert.ok(fills > 400_000, `${fills} reports`);
  assert.is(collections, 0);
  assert.ok(heapBytes < 512 * 1024, `heap grew by ${heapBytes} bytes`);
});

test.run();
