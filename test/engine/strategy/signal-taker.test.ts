import { PerformanceObserver } from 'node:perf_hooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import { instrumentFromText } from '../../../src/core/instrument.ts';
import { PRICE_NONE } from '../../../src/core/price.ts';
import { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { ATTRIBUTE_POST_ONLY, ATTRIBUTE_REDUCE_ONLY, EXECUTION, TIME_IN_FORCE } from '../../../src/core/records/order.ts';
import { INTENT, IntentBatch } from '../../../src/engine/strategy/intents.ts';
import { SIGNAL_TAKER_ACTION as ACTION } from '../../../src/engine/strategy/signal-taker.hot.ts';
import { createSignalTaker, parseSignalTakerParams } from '../../../src/engine/strategy/signal-taker-params.ts';
import type { ExecutionView, Strategy, TickView } from '../../../src/engine/strategy/strategy.ts';

const MS = 1e6;
const instrument = instrumentFromText(0, { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' });

function newView(): TickView {
  return {
    timeNs: 10_000 * MS,
    tick: 1,
    instrument: 0,
    bidTicks: 1000,
    askTicks: 1001,
    bidLots: 50,
    askLots: 50,
    positionLots: 0,
    openBuyLots: 0,
    openSellLots: 0,
    openOrders: 0,
    features: new Float32Array(40),
    outputs: new Float32Array(3),
  };
}

function create(params: Record<string, unknown>, outputs: readonly string[] = ['down', 'flat', 'up']): Strategy {
  return createSignalTaker({ instrument, params, outputs, features: [] });
}

function decide(strategy: Strategy, view: TickView, down: number, flat: number, up: number): { action: number; intents: IntentBatch } {
  view.outputs.set([down, flat, up]);
  const intents = new IntentBatch();
  return { action: strategy.onTick(view, intents), intents };
}

function report(status: number, orderId: number): ExecutionView {
  return { timeNs: 0, orderId, status, side: 0, priceTicks: 0, lastLots: 0, leavesLots: 0, tag: 0 };
}

test('a strong signal enters at the touch plus slippage with an IOC limit, long and short', () => {
  const params = { order_lots: 7, enter_margin: 1, slippage_ticks: 2 };
  const long = decide(create(params), newView(), -1, 0, 1);
  assert.is(long.action, ACTION.ENTER_LONG);
  assert.is(long.intents.count, 1);
  assert.equal(
    [
      long.intents.kind[0],
      long.intents.side[0],
      long.intents.priceTicks[0],
      long.intents.qtyLots[0],
      long.intents.timeInForce[0],
      long.intents.flags[0],
    ],
    [INTENT.NEW, SIDE.BUY, 1003, 7, TIME_IN_FORCE.IOC, 0],
  );
  const short = decide(create(params), newView(), 1, 0, -1);
  assert.is(short.action, ACTION.ENTER_SHORT);
  assert.equal([short.intents.side[0], short.intents.priceTicks[0]], [SIDE.SELL, 998]);
});

test('a margin below the threshold, or too little over flat, does nothing', () => {
  assert.is(decide(create({ enter_margin: 1 }), newView(), 0, -5, 0.99).action, ACTION.NONE);
  assert.is(decide(create({ enter_margin: 1, flat_margin: 0.5 }), newView(), -3, 0.7, 1).action, ACTION.NONE);
  assert.is(decide(create({ enter_margin: 1, flat_margin: -1 }), newView(), -3, 1.9, 1).action, ACTION.ENTER_LONG);
});

test('a model without a flat output is traded on the margin alone', () => {
  const view = newView();
  view.outputs = new Float32Array([0, 2]);
  const intents = new IntentBatch();
  assert.is(create({}, ['down', 'up']).onTick(view, intents), ACTION.ENTER_LONG);
});

test('a position leaves after the holding time with a reduce-only IOC, and tries again after the cooldown', () => {
  const strategy = create({ order_lots: 5, holding_ms: 1_000, cooldown_ms: 100 });
  const view = newView();
  assert.is(decide(strategy, view, -1, 0, 1).action, ACTION.ENTER_LONG);
  view.positionLots = 5;
  view.timeNs += 10 * MS;
  assert.is(decide(strategy, view, 0, 0, 0).action, ACTION.NONE);
  view.timeNs += 999 * MS;
  assert.is(decide(strategy, view, 0, 0, 0).action, ACTION.NONE);
  view.timeNs += MS;
  const out = decide(strategy, view, 0, 0, 0);
  assert.is(out.action, ACTION.EXIT);
  assert.equal(
    [out.intents.side[0], out.intents.priceTicks[0], out.intents.qtyLots[0], out.intents.flags[0]],
    [SIDE.SELL, 1000, 5, ATTRIBUTE_REDUCE_ONLY],
  );
  view.timeNs += 99 * MS;
  assert.is(decide(strategy, view, 0, 0, 0).action, ACTION.NONE);
  view.timeNs += MS;
  view.positionLots = 2;
  const rest = decide(strategy, view, 0, 0, 0);
  assert.equal([rest.action, rest.intents.qtyLots[0]], [ACTION.EXIT, 2]);
});

test('an opposite signal ends a position early', () => {
  const strategy = create({ order_lots: 5, holding_ms: 60_000, exit_margin: 0.5 });
  const view = newView();
  view.positionLots = -5;
  assert.is(decide(strategy, view, 0, 0, 0.4).action, ACTION.NONE);
  view.timeNs += MS;
  const out = decide(strategy, view, 0, 0, 0.6);
  assert.equal([out.action, out.intents.side[0], out.intents.priceTicks[0], out.intents.qtyLots[0]], [ACTION.EXIT, SIDE.BUY, 1001, 5]);
});

test('entries keep to the cooldown and never aim beyond the largest position', () => {
  const strategy = create({ order_lots: 2, position_lots_max: 5, cooldown_ms: 100, holding_ms: 60_000 });
  const view = newView();
  assert.is(decide(strategy, view, -1, 0, 1).action, ACTION.ENTER_LONG);
  view.timeNs += 99 * MS;
  assert.is(decide(strategy, view, -1, 0, 1).action, ACTION.NONE);
  view.timeNs += MS;
  view.positionLots = 2;
  assert.is(decide(strategy, view, -1, 0, 1).action, ACTION.ENTER_LONG);
  view.timeNs += 100 * MS;
  view.positionLots = 4;
  assert.is(decide(strategy, view, -1, 0, 1).action, ACTION.NONE);
});

test('while an own order is open nothing is added', () => {
  const view = newView();
  view.openOrders = 1;
  assert.is(decide(create({}), view, -9, 0, 9).action, ACTION.NONE);
});

test('made passively, an entry rests post-only at the own touch and is cancelled after its time, once', () => {
  const strategy = create({ order_lots: 3, execution: 'make', passive_ms: 200 });
  const view = newView();
  const entry = decide(strategy, view, -1, 0, 1);
  assert.equal(
    [entry.intents.priceTicks[0], entry.intents.timeInForce[0], entry.intents.flags[0]],
    [1000, TIME_IN_FORCE.GTC, ATTRIBUTE_POST_ONLY],
  );
  view.openOrders = 1;
  strategy.onExecution(report(EXECUTION.ACCEPTED, 42));
  view.timeNs += 199 * MS;
  assert.is(decide(strategy, view, 0, 0, 0).action, ACTION.NONE);
  view.timeNs += MS;
  const cancel = decide(strategy, view, 0, 0, 0);
  assert.equal([cancel.action, cancel.intents.kind[0], cancel.intents.orderId[0]], [ACTION.CANCEL, INTENT.CANCEL, 42]);
  view.timeNs += MS;
  assert.is(decide(strategy, view, 0, 0, 0).action, ACTION.NONE);
  strategy.onExecution(report(EXECUTION.CANCEL_REJECTED, 42));
  assert.is(decide(strategy, view, 0, 0, 0).action, ACTION.CANCEL);
  strategy.onExecution(report(EXECUTION.CANCELED, 42));
  view.openOrders = 0;
  view.timeNs += 1_000 * MS;
  assert.is(decide(strategy, view, -1, 0, 1).action, ACTION.ENTER_LONG);
});

test('a book without a bid or an ask is left alone', () => {
  const view = newView();
  view.bidTicks = PRICE_NONE;
  view.positionLots = 5;
  assert.is(decide(create({ holding_ms: 0 }), view, -9, 0, 9).action, ACTION.NONE);
});

test('on random ticks the position aimed at stays within bounds and exits never exceed the position', () => {
  const random = new Prng(5);
  const strategy = create({ order_lots: 3, position_lots_max: 10, cooldown_ms: 5, holding_ms: 50, enter_margin: 0.5 });
  const view = newView();
  let entries = 0;
  let exits = 0;
  for (let i = 0; i < 50_000; i++) {
    view.timeNs += random.nextInt(10 * MS);
    const { action, intents } = decide(strategy, view, random.nextNormal(), random.nextNormal() - 1, random.nextNormal());
    assert.ok(intents.count <= 1);
    if (action === ACTION.ENTER_LONG || action === ACTION.ENTER_SHORT) {
      entries++;
      const filled = random.nextInt(intents.qtyLots[0]! + 1);
      view.positionLots += intents.side[0] === SIDE.BUY ? filled : -filled;
    } else if (action === ACTION.EXIT) {
      exits++;
      assert.is(intents.qtyLots[0], Math.abs(view.positionLots));
      assert.is(intents.side[0], view.positionLots > 0 ? SIDE.SELL : SIDE.BUY);
      const filled = random.nextInt(intents.qtyLots[0]! + 1);
      view.positionLots += intents.side[0] === SIDE.BUY ? filled : -filled;
    }
    assert.ok(Math.abs(view.positionLots) <= 10);
  }
  assert.ok(entries > 500 && exits > 500);
});

test('a million ticks leave no garbage', async () => {
  const strategy = create({ order_lots: 3, cooldown_ms: 1, holding_ms: 5, enter_margin: 0.5 });
  const view = newView();
  const intents = new IntentBatch();
  const random = new Prng(6);
  const scores = Float32Array.from({ length: 4_096 }, () => random.nextNormal());
  const drive = (count: number): void => {
    for (let i = 0; i < count; i++) {
      view.timeNs += 100_003;
      view.outputs[0] = scores[i & 4_095]!;
      view.outputs[2] = scores[(i * 7) & 4_095]!;
      intents.clear();
      if (strategy.onTick(view, intents) !== ACTION.NONE)
        view.positionLots = view.positionLots === 0 ? (intents.side[0] === 0 ? 3 : -3) : 0;
    }
  };
  for (let i = 0; i < 10; i++) drive(20_000);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  drive(1_000_000);
  await new Promise((resolve) => setImmediate(resolve));
  observer.disconnect();
  assert.is(collections, 0);
});

test('wrong parameters are refused with all of them named', () => {
  try {
    parseSignalTakerParams({ order_lots: 0, holding_ms: '5', colour: 1, execution: 'hope' });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TickpathError);
    const { code, message, exitCode } = error as TickpathError;
    assert.is(code, 'ERR_STRATEGY_PARAMS');
    assert.is(exitCode, 2);
    for (const part of ['signal-taker', 'params.order_lots', 'params.holding_ms', 'params.execution', 'colour'])
      assert.ok(message.includes(part), `${part} in: ${message}`);
  }
  assert.throws(() => parseSignalTakerParams({ order_lots: 5, position_lots_max: 4 }), /position_lots_max: 4 is below order_lots 5/);
  assert.throws(() => create({}, ['p0', 'p1']), /outputs named down and up; this one has p0, p1/);
});

test.run();
