import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRICE_NONE } from '../../src/core/price.ts';
import { KIND, RECORD_WORDS } from '../../src/core/records/layout.ts';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import {
  ATTRIBUTE_POST_ONLY,
  ATTRIBUTE_REDUCE_ONLY,
  EXECUTION,
  ORDER_W_ID,
  ORDER_W_PRICE_TICKS,
  ORDER_W_REASON,
  ORDER_W_REFERENCE_TICKS,
  RISK_STATE_W_REASON,
  RISK_STATE_W_STATE,
} from '../../src/core/records/order.ts';
import { INTENT } from '../../src/engine/strategy/intents.ts';
import { KILL_LEVEL } from '../../src/risk/kill-switch.ts';
import { LIMIT_MISSING, type RiskLimits } from '../../src/risk/limits.ts';
import { REASON, REASONS_MAX, reasonName } from '../../src/risk/reasons.ts';
import { riskSummary } from '../../src/risk/risk.ts';
import { RISK_COUNTER } from '../../src/risk/state.ts';
import { RiskRig } from '../support/risk-rig.ts';

const { BUY, SELL } = SIDE;
const OK = REASON.APPROVED;
const SECOND = 1_000_000_000;

function missing(limit: keyof RiskLimits, reason: number): void {
  const rig = new RiskRig({ [limit]: LIMIT_MISSING }).market(99, 101);
  assert.is(rig.limit(BUY, 100, 1), reason, limit);
}

test('reason codes are unique, below the table size, and a hundred times a control', () => {
  const codes = Object.values(REASON);
  assert.is(new Set(codes).size, codes.length);
  for (const code of codes) assert.ok(code === 0 || (code > 100 && code < REASONS_MAX));
  assert.is(reasonName(REASON.PRICE_COLLAR), 'price_collar');
  assert.is(reasonName(3599), 'reason_3599');
});

test('intents of the strategy have the kinds the gate expects', () => {
  assert.equal(INTENT, { NEW: 0, CANCEL: 1 });
  const rig = new RiskRig().market(99, 101);
  rig.batch.clear();
  rig.batch.limit(BUY, 100, 1, 0, 0, 0);
  rig.batch.kind[0] = 2;
  assert.is(rig.gate.submit(rig.batch, 0), REASON.INTENT_KIND);
});

test('1: an order of the largest quantity passes, one lot more is refused', () => {
  const rig = new RiskRig({ maxOrderLots: 5 }).market(99, 101);
  assert.is(rig.limit(BUY, 100, 5), OK);
  assert.is(rig.limit(BUY, 100, 6), REASON.MAX_QTY);
  missing('maxOrderLots', REASON.MAX_QTY_LIMIT_MISSING);
});

test('2: a notional at the limit passes, one lot more is refused', () => {
  const rig = new RiskRig({ maxNotionalTickLots: 1_000 }).market(99, 101);
  assert.is(rig.limit(BUY, 100, 10), OK);
  assert.is(rig.limit(BUY, 101, 10), REASON.MAX_NOTIONAL);
  missing('maxNotionalTickLots', REASON.MAX_NOTIONAL_LIMIT_MISSING);
});

test('2: a market order counts at the edge of the collar', () => {
  // Reference 100, collar 10 %: worst price 110 for a buy, 90 for a sell.
  const rig = new RiskRig({ maxNotionalTickLots: 1_100 }).market(99, 101);
  assert.is(rig.marketOrder(BUY, 10), OK);
  assert.is(rig.marketOrder(BUY, 11), REASON.MAX_NOTIONAL);
  assert.is(rig.marketOrder(SELL, 12), OK);
  assert.is(rig.marketOrder(SELL, 13), REASON.MAX_NOTIONAL);
});

test('4: a spread at the limit gives a reference, one tick more needs a recent trade', () => {
  const limits = { maxSpreadTicks: 10, maxTradeAgeNs: 1_000 };
  assert.is(new RiskRig(limits).market(95, 105).limit(BUY, 100, 1), OK);
  const rig = new RiskRig(limits).market(95, 106);
  assert.is(rig.limit(BUY, 100, 1), REASON.REFERENCE_INVALID);
  rig.gate.onTrade(100);
  assert.is(rig.at(1_000).limit(BUY, 100, 1), OK);
  assert.is(rig.at(1_001).limit(BUY, 100, 1), REASON.REFERENCE_INVALID);
  missing('maxSpreadTicks', REASON.REFERENCE_LIMIT_MISSING);
  missing('maxTradeAgeNs', REASON.REFERENCE_LIMIT_MISSING);
});

test('4: a top of book outside the price range is no reference', () => {
  assert.is(new RiskRig({ maxPriceTicks: 101 }).market(99, 101).limit(BUY, 100, 1), OK);
  assert.is(new RiskRig({ maxPriceTicks: 100 }).market(99, 101).limit(BUY, 100, 1), REASON.REFERENCE_INVALID);
  assert.is(new RiskRig({ minPriceTicks: 99 }).market(99, 101).limit(BUY, 100, 1), OK);
  assert.is(new RiskRig({ minPriceTicks: 100 }).market(99, 101).limit(BUY, 100, 1), REASON.REFERENCE_INVALID);
});

test('5: prices at the collar pass, one tick beyond is refused', () => {
  const rig = new RiskRig({ collarPpm: 50_000 }).market(9_990, 10_010);
  assert.is(rig.limit(BUY, 10_500, 1), OK);
  assert.is(rig.limit(BUY, 10_501, 1), REASON.PRICE_COLLAR);
  assert.is(rig.limit(SELL, 9_500, 1), OK);
  assert.is(rig.limit(SELL, 9_499, 1), REASON.PRICE_COLLAR);
  missing('collarPpm', REASON.PRICE_COLLAR_LIMIT_MISSING);
});

test('5: a mid of half a tick is exact', () => {
  // Reference 100.5, collar 1 %: 101.505 and 99.495.
  const rig = new RiskRig({ collarPpm: 10_000 }).market(100, 101);
  assert.is(rig.limit(BUY, 101, 1), OK);
  assert.is(rig.limit(BUY, 102, 1), REASON.PRICE_COLLAR);
  assert.is(rig.limit(SELL, 100, 1), OK);
  assert.is(rig.limit(SELL, 99, 1), REASON.PRICE_COLLAR);
});

test('7: prices at the ends of the range pass, one tick outside is refused', () => {
  const rig = new RiskRig({ minPriceTicks: 95, maxPriceTicks: 105 }).market(99, 101);
  assert.is(rig.limit(BUY, 95, 1), OK);
  assert.is(rig.limit(BUY, 94, 1), REASON.PRICE_INVALID);
  assert.is(rig.limit(BUY, 105, 1), OK);
  assert.is(rig.limit(BUY, 106, 1), REASON.PRICE_INVALID);
  assert.is(new RiskRig().market(99, 101).limit(BUY, 0, 1), REASON.PRICE_INVALID);
  assert.is(new RiskRig().market(99, 101).limit(BUY, -1, 1), REASON.PRICE_INVALID);
  missing('minPriceTicks', REASON.PRICE_RANGE_MISSING);
  missing('maxPriceTicks', REASON.PRICE_RANGE_MISSING);
});

test('7: quantities that are no positive whole number of lots are refused', () => {
  const rig = new RiskRig().market(99, 101);
  assert.is(rig.limit(BUY, 100, 1), OK);
  for (const lots of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.is(rig.limit(BUY, 100, lots), REASON.QTY_INVALID, String(lots));
  }
});

test('8: an instrument off the allow-list is refused', () => {
  assert.is(new RiskRig({ allowed: false }).market(99, 101).limit(BUY, 100, 1), REASON.INSTRUMENT_NOT_ALLOWED);
});

test('10: data at the age limit passes, one nanosecond older is refused, also from the future or without a time', () => {
  const rig = new RiskRig({ maxDataAgeNs: SECOND }).market(99, 101, 5);
  assert.is(rig.at(5 + SECOND).limit(BUY, 100, 1), OK);
  assert.is(rig.at(6 + SECOND).limit(BUY, 100, 1), REASON.DATA_STALE);
  assert.is(rig.at(4).limit(BUY, 100, 1), REASON.DATA_TIME_AHEAD);
  const silent = new RiskRig();
  silent.gate.onBookState(BOOK_STATE.LIVE);
  assert.is(silent.limit(BUY, 100, 1), REASON.DECISION_TIME_MISSING);
  assert.is(silent.at(0).limit(BUY, 100, 1), REASON.DATA_TIME_MISSING);
  missing('maxDataAgeNs', REASON.DATA_AGE_LIMIT_MISSING);
});

test('11: only a LIVE book passes', () => {
  const rig = new RiskRig().market(99, 101);
  for (const state of Object.values(BOOK_STATE)) {
    rig.gate.onBookState(state);
    assert.is(rig.limit(BUY, 100, 1), state === BOOK_STATE.LIVE ? OK : REASON.BOOK_NOT_LIVE);
  }
  const untold = new RiskRig().at(0);
  untold.gate.onTop(99, 101);
  assert.is(untold.limit(BUY, 100, 1), REASON.BOOK_STATE_MISSING);
});

test('12: one tick of spread passes, a locked, crossed or one-sided book is refused', () => {
  assert.is(new RiskRig().market(100, 101).limit(BUY, 100, 1), OK);
  assert.is(new RiskRig().market(101, 101).limit(BUY, 100, 1), REASON.BOOK_LOCKED);
  assert.is(new RiskRig().market(102, 101).limit(BUY, 100, 1), REASON.BOOK_CROSSED);
  assert.is(new RiskRig().market(PRICE_NONE, 101).limit(BUY, 100, 1), REASON.TOP_MISSING);
  assert.is(new RiskRig().market(100, PRICE_NONE).limit(BUY, 100, 1), REASON.TOP_MISSING);
});

test('14: the position with every open order filled may reach its limit and not pass it', () => {
  const rig = new RiskRig({ maxLongLots: 10, maxShortLots: 4 }).market(99, 101);
  rig.fillNow(BUY, 100, 3);
  assert.is(rig.limit(BUY, 90, 5), OK);
  assert.is(rig.limit(BUY, 90, 3), REASON.POSITION_LIMIT);
  assert.is(rig.limit(BUY, 90, 2), OK);
  assert.is(rig.limit(BUY, 90, 1), REASON.POSITION_LIMIT);
  assert.is(rig.limit(SELL, 110, 8), REASON.POSITION_LIMIT);
  assert.is(rig.limit(SELL, 110, 7), OK);
  missing('maxLongLots', REASON.POSITION_LIMIT_MISSING);
  const sell = new RiskRig({ maxShortLots: LIMIT_MISSING }).market(99, 101);
  assert.is(sell.limit(SELL, 100, 1), REASON.POSITION_LIMIT_MISSING);
});

test('17: as many open orders as allowed, and room again when one ends', () => {
  const rig = new RiskRig({ maxOpenOrders: 2 }).market(99, 101);
  assert.is(rig.limit(BUY, 95, 1), OK);
  assert.is(rig.limit(BUY, 95, 1), OK);
  assert.is(rig.limit(BUY, 95, 1), REASON.OPEN_ORDERS);
  rig.execution(1, EXECUTION.CANCELED);
  assert.is(rig.limit(BUY, 95, 1), OK);
  missing('maxOpenOrders', REASON.OPEN_ORDERS_LIMIT_MISSING);
});

test('18: the order rate is a sliding window, and cancels pass it', () => {
  const rig = new RiskRig({ maxOrdersPer1s: 2, maxOrdersPer10s: 3, maxDataAgeNs: 20 * SECOND }).market(99, 101);
  assert.is(rig.at(10).limit(BUY, 95, 1), OK);
  assert.is(rig.at(20).limit(BUY, 95, 1), OK);
  assert.is(rig.at(SECOND + 9).limit(BUY, 95, 1), REASON.ORDER_RATE_1S);
  assert.is(rig.cancel(1), OK);
  assert.is(rig.at(SECOND + 10).limit(BUY, 95, 1), OK);
  assert.is(rig.at(10 * SECOND + 9).limit(BUY, 95, 1), REASON.ORDER_RATE_10S);
  assert.is(rig.at(10 * SECOND + 10).limit(BUY, 95, 1), OK);
  assert.is(rig.at(10 * SECOND).limit(BUY, 95, 1), REASON.ORDER_RATE_TIME);
  missing('maxOrdersPer1s', REASON.ORDER_RATE_LIMIT_MISSING);
  missing('maxOrdersPer10s', REASON.ORDER_RATE_LIMIT_MISSING);
  assert.is(new RiskRig({ maxOrdersPer1s: 0 }).market(99, 101).limit(BUY, 100, 1), REASON.ORDER_RATE_1S);
});

test('25: a loss at the limit passes, one unit more latches and cancels what is open', () => {
  const rig = new RiskRig({ maxLossTickLots: 50, takerFeePpm: 0 }).market(99, 101);
  rig.fillNow(BUY, 100, 10);
  assert.is(rig.limit(BUY, 90, 1), OK);
  const open = rig.gate.lastOrderId;
  rig.market(95, 97);
  assert.is(rig.gate.watch(), 0);
  assert.is(rig.limit(BUY, 90, 1), OK);
  rig.market(94, 97);
  assert.is(rig.limit(BUY, 90, 1), REASON.LOSS_LIMIT);
  assert.is(rig.gate.watch(), 2);
  assert.is(rig.cancel(open), REASON.CANCEL_PENDING);
  rig.market(99, 101);
  assert.is(rig.limit(BUY, 90, 1), REASON.LOSS_LIMIT, 'stays latched when the loss is gone');
  assert.is(rig.limit(SELL, 99, 10, 0, ATTRIBUTE_REDUCE_ONLY), OK);
  assert.is(rig.kill.level(), KILL_LEVEL.K1);
  assert.is(rig.kill.reason(), REASON.LOSS_LIMIT);
  missing('maxLossTickLots', REASON.LOSS_LIMIT_MISSING);
});

test('25: fees count against the loss limit, and a short is marked at the ask', () => {
  const limits = { maxLossTickLots: 50, takerFeePpm: 1_000 };
  const rig = new RiskRig(limits).market(99, 101);
  rig.fillNow(SELL, 100, 10);
  rig.market(99, 104);
  assert.is(rig.limit(SELL, 104, 1), OK, '40 of loss and a fee of 1');
  rig.market(99, 105);
  assert.is(rig.limit(SELL, 104, 1), REASON.LOSS_LIMIT, '50 of loss and a fee of 1');
});

test('28: sides, types, times in force and flags the gate does not know are refused', () => {
  const rig = new RiskRig().market(99, 101);
  assert.is(rig.limit(2, 100, 1), REASON.ORDER_KIND);
  assert.is(rig.limit(BUY, 100, 1, 3), REASON.ORDER_KIND);
  assert.is(rig.limit(BUY, 100, 1, 0, 1 << 9), REASON.ORDER_KIND);
  assert.is(rig.limit(BUY, 100, 1, 1, ATTRIBUTE_POST_ONLY), REASON.ORDER_KIND);
  assert.is(rig.limit(BUY, 95, 1, 0, ATTRIBUTE_POST_ONLY), OK);
  assert.is(rig.marketOrder(BUY, 1, ATTRIBUTE_POST_ONLY), REASON.ORDER_KIND);
});

test('29: reduce-only may close the position, never turn it, open orders counted', () => {
  const rig = new RiskRig().market(99, 101);
  assert.is(rig.limit(SELL, 100, 1, 0, ATTRIBUTE_REDUCE_ONLY), REASON.REDUCE_ONLY, 'flat');
  rig.fillNow(BUY, 100, 10);
  assert.is(rig.limit(BUY, 100, 1, 0, ATTRIBUTE_REDUCE_ONLY), REASON.REDUCE_ONLY, 'same side');
  assert.is(rig.limit(SELL, 100, 11, 0, ATTRIBUTE_REDUCE_ONLY), REASON.REDUCE_ONLY);
  assert.is(rig.limit(SELL, 100, 10, 0, ATTRIBUTE_REDUCE_ONLY), OK);
  assert.is(rig.limit(SELL, 100, 1, 0, ATTRIBUTE_REDUCE_ONLY), REASON.REDUCE_ONLY, 'the open sell counts');
});

test('30: K1 lets reduce-only orders and cancels pass, K2 and K3 cancels alone', () => {
  const rig = new RiskRig().market(99, 101);
  rig.fillNow(BUY, 100, 10);
  assert.is(rig.limit(BUY, 95, 1), OK);
  const open = rig.gate.lastOrderId;
  assert.ok(rig.kill.trip(KILL_LEVEL.K1, REASON.KILL_REQUESTED));
  assert.is(rig.limit(BUY, 95, 1), REASON.KILL_K1);
  assert.is(rig.limit(SELL, 100, 1, 0, ATTRIBUTE_REDUCE_ONLY), OK);
  assert.is(rig.gate.watch(), 0);
  rig.kill.trip(KILL_LEVEL.K2, REASON.KILL_REQUESTED);
  assert.is(rig.limit(SELL, 100, 1, 0, ATTRIBUTE_REDUCE_ONLY), REASON.KILL_K2);
  assert.is(rig.cancel(open), OK);
  assert.is(rig.gate.watch(), 1, 'the other open order');
  assert.is(rig.gate.watch(), 0, 'its cancel is under way');
  rig.execution(open, EXECUTION.CANCEL_REJECTED);
  assert.is(rig.gate.watch(), 1, 'a rejected cancel is asked for again');
  rig.kill.trip(KILL_LEVEL.K3, REASON.KILL_REQUESTED);
  assert.is(rig.limit(SELL, 100, 1), REASON.KILL_K3);
  assert.is(rig.kill.trip(KILL_LEVEL.K1, REASON.KILL_REQUESTED), false, 'it only rises');
  assert.is(rig.kill.level(), KILL_LEVEL.K3);
});

test('a change of the kill word is journaled before the decision it explains', () => {
  const rig = new RiskRig().market(99, 101);
  rig.kill.trip(KILL_LEVEL.K2, REASON.KILL_REQUESTED);
  rig.batch.limit(BUY, 100, 1, 0, 0, 0);
  rig.gate.submit(rig.batch, 0);
  rig.journal.producer.publish();
  assert.is(rig.journal.consumer.poll(8), 2);
  const { i32 } = rig.journal.consumer;
  const state = rig.journal.consumer.slot(0) * RECORD_WORDS;
  assert.is(i32[state], KIND.RISK_STATE);
  assert.is(i32[state + RISK_STATE_W_STATE], KILL_LEVEL.K2);
  assert.is(i32[state + RISK_STATE_W_REASON], REASON.KILL_REQUESTED);
  const order = rig.journal.consumer.slot(1) * RECORD_WORDS;
  assert.is(i32[order], KIND.ORDER);
  assert.is(i32[order + ORDER_W_REASON], REASON.KILL_K2);
  assert.is(i32[order + ORDER_W_ID], 0);
});

test('the record of a changed risk state holds nothing of an order checked before it', () => {
  const rig = new RiskRig().market(100, 103);
  assert.is(rig.limit(BUY, 100, 1), OK);
  rig.kill.trip(KILL_LEVEL.K1, REASON.KILL_REQUESTED);
  rig.gate.watch();
  rig.journal.producer.publish();
  assert.is(rig.journal.consumer.poll(8), 1);
  const at = rig.journal.consumer.slot(0) * RECORD_WORDS;
  assert.is(rig.journal.consumer.i32[at], KIND.RISK_STATE);
  assert.equal([...rig.journal.consumer.i32.slice(at + RISK_STATE_W_REASON + 1, at + RECORD_WORDS)], [0, 0, 0, 0, 0, 0]);
});

test('an approved order stands alike in the approved ring and the journal, with reference and worst price', () => {
  const rig = new RiskRig().market(100, 103, 42);
  rig.batch.market(BUY, 3, 0, 5);
  assert.is(rig.gate.submit(rig.batch, 0), OK);
  rig.gate.publish();
  rig.journal.producer.publish();
  assert.is(rig.approved.consumer.poll(8), 1);
  assert.is(rig.journal.consumer.poll(8), 1);
  const a = rig.approved.consumer.i32.slice(0, RECORD_WORDS);
  assert.equal(a, rig.journal.consumer.i32.slice(0, RECORD_WORDS));
  assert.is(a[ORDER_W_REFERENCE_TICKS], 101);
  assert.is(a[ORDER_W_PRICE_TICKS], 111, '101.5 plus 10 %, rounded down');
  assert.is(rig.gate.lastSlot, 0);
});

test('a full approved ring refuses orders while a cancel of every open order still fits', () => {
  const rig = new RiskRig({}, 8).market(99, 101);
  let approved = 0;
  for (let i = 0; i < 8; i++) {
    rig.batch.clear();
    rig.batch.limit(BUY, 95, 1, 0, 0, 0);
    if (rig.gate.submit(rig.batch, 0) === OK) approved++;
    else assert.is(rig.views.refusals[REASON.APPROVED_RING_FULL], i - approved + 1);
  }
  assert.is(approved, 4);
  rig.kill.trip(KILL_LEVEL.K2, REASON.KILL_REQUESTED);
  assert.is(rig.gate.watch(), 4);
});

test('an order that cannot be journaled is refused, a cancel leaves', () => {
  const rig = new RiskRig({}, 64, 2).market(99, 101);
  rig.batch.limit(BUY, 95, 1, 0, 0, 0);
  assert.is(rig.gate.submit(rig.batch, 0), OK);
  assert.is(rig.gate.submit(rig.batch, 0), OK);
  assert.is(rig.gate.submit(rig.batch, 0), REASON.JOURNAL_RING_FULL);
  rig.batch.clear();
  rig.batch.cancel(1, 0);
  assert.is(rig.gate.submit(rig.batch, 0), OK);
  assert.is(rig.views.counters[RISK_COUNTER.JOURNAL_LOST], 2);
});

test('cancels need an open order without a cancel under way', () => {
  const rig = new RiskRig().market(99, 101);
  assert.is(rig.cancel(1), REASON.CANCEL_NOT_OPEN);
  rig.limit(BUY, 95, 1);
  assert.is(rig.cancel(1), OK);
  assert.is(rig.cancel(1), REASON.CANCEL_PENDING);
  rig.execution(1, EXECUTION.CANCELED);
  assert.is(rig.cancel(1), REASON.CANCEL_NOT_OPEN);
});

test('the summary names refusals and sums', () => {
  const rig = new RiskRig({ maxOrderLots: 5 }).market(99, 101);
  rig.fillNow(BUY, 100, 5);
  rig.limit(BUY, 100, 6);
  const summary = riskSummary(rig.views);
  assert.equal(summary.orders_refused, { max_qty: 1 });
  assert.is(summary.position_lots, 5);
  assert.is(summary.intents, 2);
  assert.is(summary.turnover_tick_lots, 500);
});

test.run();
