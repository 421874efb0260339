import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SIDE } from '../../src/core/records/market.ts';
import { EXECUTION, LIQUIDITY } from '../../src/core/records/order.ts';
import { KILL_LEVEL } from '../../src/risk/kill-switch.ts';
import { APPLIED, mulDivFloor } from '../../src/risk/position.hot.ts';
import { REASON } from '../../src/risk/reasons.ts';
import { ACCOUNT, ORDER_SLOTS, ORDER_STATE, RISK_COUNTER } from '../../src/risk/state.ts';
import { RiskRig } from '../support/risk-rig.ts';

const { BUY, SELL } = SIDE;
const { PARTIAL_FILL, FILL } = EXECUTION;

function account(rig: RiskRig, index: number): number {
  return rig.views.account[index] as number;
}

function sent(qty = 10): RiskRig {
  const rig = new RiskRig().market(99, 101);
  assert.is(rig.limit(BUY, 100, qty), 0);
  return rig;
}

test('exposure is reserved when an order is sent and released by a fill, a cancel, an expiry or a rejection only', () => {
  const rig = sent(10);
  assert.is(rig.gate.openBuyLots, 10);
  rig.execution(1, EXECUTION.ACCEPTED);
  assert.is(rig.gate.openBuyLots, 10);
  rig.execution(1, PARTIAL_FILL, 100, 4, 6);
  assert.is(rig.gate.openBuyLots, 6);
  assert.is(rig.gate.positionLots, 4);
  rig.cancel(1);
  assert.is(rig.gate.openBuyLots, 6, 'a cancel under way releases nothing');
  rig.execution(1, EXECUTION.CANCELED);
  assert.is(rig.gate.openBuyLots, 0);
  for (const end of [EXECUTION.EXPIRED, EXECUTION.REJECTED]) {
    const other = sent(3);
    other.execution(1, end);
    assert.is(other.gate.openBuyLots, 0);
    assert.is(other.gate.openOrders, 0);
  }
});

test('a fill before the ack is applied, and the ack changes nothing any more', () => {
  const rig = sent(10);
  assert.is(rig.execution(1, PARTIAL_FILL, 100, 4, 6), APPLIED.OK);
  assert.is(rig.execution(1, EXECUTION.ACCEPTED), APPLIED.DUPLICATE);
  assert.is(rig.views.orderState[1], ORDER_STATE.PARTIAL);
});

test('a fill after the cancel is applied and counted as an alarm', () => {
  const rig = sent(10);
  rig.execution(1, EXECUTION.CANCELED);
  assert.is(rig.execution(1, PARTIAL_FILL, 100, 4, 6), APPLIED.LATE_FILL);
  assert.is(rig.gate.positionLots, 4);
  assert.is(rig.gate.openBuyLots, 0);
  assert.is(rig.views.counters[RISK_COUNTER.LATE_FILLS], 1);
});

test('an overfill moves the position no further than was ordered and trips K1', () => {
  const rig = sent(10);
  rig.execution(1, PARTIAL_FILL, 100, 8, 2);
  assert.is(rig.execution(1, FILL, 100, 5, 0), APPLIED.OVERFILL);
  assert.is(rig.gate.positionLots, 10);
  assert.is(rig.kill.level(), KILL_LEVEL.K1);
  assert.is(rig.kill.reason(), REASON.KILL_OVERFILL);
});

test('a report of an unknown order or without a sane price trips K1 and changes nothing', () => {
  for (const run of [
    (r: RiskRig) => r.execution(77, FILL, 100, 1, 0),
    (r: RiskRig) => r.execution(1, FILL, 0, 10, 0),
    (r: RiskRig) => r.execution(1, 99),
  ]) {
    const rig = sent(10);
    assert.ok(run(rig) < 0);
    assert.is(rig.kill.level(), KILL_LEVEL.K1);
    assert.is(rig.gate.positionLots, 0);
    assert.is(rig.gate.openBuyLots, 10);
  }
});

test('any order of arrival with duplicates of the fills of one order leaves the same end', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(parts, fc.array(fc.nat(), { minLength: 5, maxLength: 24 }), (sizes, picks) => {
      const qty = sizes.reduce((sum, size) => sum + size, 0);
      let left = qty;
      const fills = sizes.map((last, i) => {
        left -= last;
        return { last, leaves: left, price: 90 + i };
      });
      const rig = sent(qty);
      const queue = [...fills];
      const order = picks
        .map((pick) => queue.splice(pick % queue.length, 1)[0] ?? fills[pick % fills.length])
        .filter((fill) => fill !== undefined);
      for (const fill of [...order, ...queue]) {
        const wanted = fill as (typeof fills)[number];
        assert.ok(rig.execution(1, wanted.leaves === 0 ? FILL : PARTIAL_FILL, wanted.price, wanted.last, wanted.leaves) >= 0);
      }
      assert.is(rig.gate.positionLots, qty);
      assert.is(rig.gate.openBuyLots, 0);
      assert.is(rig.gate.openOrders, 0);
      assert.is(account(rig, ACCOUNT.CASH), -fills.reduce((sum, fill) => sum + fill.last * fill.price, 0));
      assert.is(rig.kill.level(), KILL_LEVEL.NONE);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('realised result and cost follow the average entry, and a turn opens at its own price', () => {
  const rig = new RiskRig().market(99, 101);
  rig.fillNow(BUY, 100, 3);
  rig.fillNow(BUY, 103, 1);
  assert.is(account(rig, ACCOUNT.COST), 403);
  rig.fillNow(SELL, 104, 2);
  // Two of four: floor(403 x 2 / 4) = 201 of cost is released.
  assert.is(account(rig, ACCOUNT.REALISED), 7);
  rig.fillNow(SELL, 105, 5);
  assert.is(rig.gate.positionLots, -3);
  assert.is(account(rig, ACCOUNT.COST), -315);
  assert.is(account(rig, ACCOUNT.REALISED), 7 + 2 * 105 - 202);
  assert.is(account(rig, ACCOUNT.REALISED), account(rig, ACCOUNT.CASH) + account(rig, ACCOUNT.COST));
});

test('fees round against us, rebates too', () => {
  const fee = (limits: { makerFeePpm: number; takerFeePpm: number }, liquidity: number): number => {
    const rig = new RiskRig(limits).market(99, 101);
    rig.limit(BUY, 100, 7);
    rig.execution(rig.gate.lastOrderId, FILL, 100, 7, 0, liquidity);
    return account(rig, ACCOUNT.FEES);
  };
  assert.is(fee({ makerFeePpm: 200, takerFeePpm: 500 }, LIQUIDITY.TAKER), 1, '0.35 rounds up');
  assert.is(fee({ makerFeePpm: 200, takerFeePpm: 500 }, LIQUIDITY.MAKER), 1, '0.14 rounds up');
  assert.is(fee({ makerFeePpm: -2_000, takerFeePpm: 500 }, LIQUIDITY.MAKER), -1, 'a rebate of 1.4 rounds to 1');
  assert.is(fee({ makerFeePpm: 0, takerFeePpm: 500 }, LIQUIDITY.NONE), 1, 'unknown liquidity pays as taker');
  assert.is(fee({ makerFeePpm: 0, takerFeePpm: 10_000 }, LIQUIDITY.TAKER), 7, 'an exact fee is not rounded');
});

test('the proportional cost is exact where its product is not', () => {
  const value = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n });
  const divisor = fc.bigInt({ min: 1n, max: 2n ** 52n });
  fc.assert(
    fc.property(value, divisor, fc.bigInt({ min: 0n, max: 2n ** 52n }), (a, m, part) => {
      const b = part % (m + 1n);
      return mulDivFloor(Number(a), Number(b), Number(m)) === Number((a * b) / m);
    }),
    { seed: 11, numRuns: 20_000 },
  );
});

test('ids step over orders that stay open, and an order is forgotten only when its row is used again', () => {
  const rig = new RiskRig({ maxOrdersPer1s: 4_096 }).market(99, 101);
  rig.limit(BUY, 95, 1);
  for (let i = 0; i < ORDER_SLOTS + 10; i++) {
    rig.at(i * 1_000_000).market(99, 101, i * 10_000_000);
    assert.is(rig.limit(BUY, 95, 1), 0);
    rig.execution(rig.gate.lastOrderId, EXECUTION.EXPIRED);
  }
  assert.is(rig.gate.lastOrderId, ORDER_SLOTS + 12, 'one id was stepped over');
  assert.is(rig.execution(1, EXECUTION.ACCEPTED), APPLIED.OK, 'the first order is still known');
  assert.is(rig.execution(3, EXECUTION.ACCEPTED), APPLIED.UNKNOWN_ORDER);
});

test.run();
