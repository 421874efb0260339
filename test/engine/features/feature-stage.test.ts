import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { instrumentFromText } from '../../../src/core/instrument.ts';
import { PRICE_NONE } from '../../../src/core/price.ts';
import { FEATURE_SET, FEATURES, featureTable } from '../../../src/engine/features/feature-set.ts';
import { FEATURE_COUNT, FEATURE_STATUS, FeatureStage, WARM_UP_NS } from '../../../src/engine/features/feature-stage.hot.ts';
import { feed, ListBook, randomEvents } from '../../reference/feature-stream.ts';
import { type NaiveEvent, naiveFeatures } from '../../reference/naive-features.ts';
import { projectFile } from '../../support/project.ts';

const instrument = instrumentFromText(0, { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' });
const stageOf = (): FeatureStage => new FeatureStage(instrument, new Float32Array(FEATURE_COUNT));
const top = (timeNs: number, bid: number, bidLots: number, ask: number, askLots: number): NaiveEvent => ({
  kind: 'top',
  timeNs,
  bid,
  bidLots,
  ask,
  askLots,
});
const computeAt = (stage: FeatureStage, timeNs: number): number => {
  stage.setTime(Float64Array.of(timeNs), 0);
  return stage.compute();
};
const featureOf = (stage: FeatureStage, name: string): number => stage.raw[FEATURES.findIndex((feature) => feature.name === name)]!;

function near(actual: number, expected: number, what: string): void {
  const tolerance = 2e-6 * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`);
}

test('the set has 40 features with distinct names in nine families, and the page lists them as they are', () => {
  assert.is(FEATURE_COUNT, 40);
  assert.is(FEATURES.length, 40);
  assert.is(new Set(FEATURES.map((feature) => feature.name)).size, 40);
  assert.equal(
    [...new Set(FEATURES.map((feature) => feature.family))],
    ['order_flow', 'queue_imbalance', 'fair_price', 'trade_flow', 'volatility', 'spread', 'arrival', 'mid_return', 'depth_shape'],
  );
  const page = readFileSync(projectFile('docs/features.md'), 'utf8');
  assert.ok(page.includes(featureTable()), 'docs/features.md holds the table of featureTable()');
  assert.ok(page.includes(`\`${FEATURE_SET.name}\` version ${FEATURE_SET.version}`));
});

test('incremental features equal a recomputation from the whole history, at and between events', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const events = randomEvents(seed, 260);
    const stage = stageOf();
    events.forEach((event, index) => {
      feed(stage, event);
      if (index % 5 !== 0) return;
      const now =
        event.timeNs + (index % 3 === 0 && index + 1 < events.length ? Math.floor((events[index + 1]!.timeNs - event.timeNs) / 2) : 0);
      computeAt(stage, now);
      const expected = naiveFeatures(events.slice(0, index + 1), now);
      for (let i = 0; i < FEATURE_COUNT; i++) near(stage.raw[i]!, expected[i]!, `seed ${seed}, event ${index}, ${FEATURES[i]!.name}`);
    });
  }
});

test('a reset leaves nothing of what was seen before', () => {
  const used = stageOf();
  for (const event of randomEvents(7, 300)) feed(used, event);
  computeAt(used, 1e15);
  used.reset();
  assert.ok(used.raw.every((value) => value === 0) && used.output.every((value) => value === 0));
  const fresh = stageOf();
  const events = randomEvents(8, 300);
  for (const event of events) {
    feed(used, event);
    feed(fresh, event);
    assert.is(computeAt(used, event.timeNs), computeAt(fresh, event.timeNs));
    assert.equal(used.raw, fresh.raw);
  }
});

test('features do not depend on how often they were computed', () => {
  const often = stageOf();
  const once = stageOf();
  const events = randomEvents(9, 200);
  for (const event of events) {
    feed(often, event);
    feed(once, event);
    computeAt(often, event.timeNs);
  }
  const end = events.at(-1)!.timeNs;
  computeAt(often, end);
  computeAt(once, end);
  assert.equal(often.raw, once.raw);
});

/** Features that keep their sign, or change places with another, when buyers and sellers do; training/ relies on the same lists. */
const UNSIGNED = ['realised_volatility_1s', 'realised_volatility_10s', 'spread_log', 'spread_to_mean_10s', 'time_since_trade'];
const SWAPPED: Record<string, string> = {
  arrival_buy_trade: 'arrival_sell_trade',
  arrival_bid_add: 'arrival_ask_add',
  arrival_bid_remove: 'arrival_ask_remove',
  depth_log_ratio_bid: 'depth_log_ratio_ask',
};

test('a market seen in the mirror gives the mirrored features', () => {
  const around = 3_000_000;
  const flip = (levels: readonly (readonly [number, number])[]) => levels.map(([price, lots]) => [around - price, lots] as const);
  const mirrored = (event: NaiveEvent): NaiveEvent => {
    if (event.kind === 'trade') return { ...event, side: 1 - event.side };
    if (event.kind === 'depth') return { ...event, bids: flip(event.asks), asks: flip(event.bids) };
    const price = (ticks: number): number => (ticks === PRICE_NONE ? PRICE_NONE : around - ticks);
    return { ...event, bid: price(event.ask), ask: price(event.bid), bidLots: event.askLots, askLots: event.bidLots };
  };
  const stage = stageOf();
  const mirror = stageOf();
  const swapped = { ...SWAPPED, ...Object.fromEntries(Object.entries(SWAPPED).map(([a, b]) => [b, a])) };
  for (const event of randomEvents(77, 2_000)) {
    feed(stage, event);
    feed(mirror, mirrored(event));
    computeAt(stage, event.timeNs);
    computeAt(mirror, event.timeNs);
    for (const { name } of FEATURES) {
      const expected =
        name in swapped ? featureOf(stage, swapped[name]!) : UNSIGNED.includes(name) ? featureOf(stage, name) : -featureOf(stage, name);
      near(featureOf(mirror, name), expected, name);
    }
  }
});

test('hand-computed values: one bid improvement, one buy', () => {
  const stage = stageOf();
  feed(stage, top(0, 100, 10, 101, 30));
  feed(stage, top(0, 101, 10, 102, 30));
  feed(stage, { kind: 'trade', timeNs: 0, side: 0, lots: 5 });
  computeAt(stage, 0);
  // Bid up: +10. Ask up: +30 that stood before. Mean touch depth 20, so 2 depths: 2 / sqrt(3).
  near(featureOf(stage, 'ofi_l1_1s'), 2 / Math.sqrt(3), 'ofi');
  near(featureOf(stage, 'queue_imbalance_l1'), -0.5, 'imbalance');
  // The microprice leans to the thin bid: (102 * 10 + 101 * 30) / 40 = 101.25, 0.25 below the mid.
  near(featureOf(stage, 'microprice_deviation'), -0.25 / Math.sqrt(1.25), 'microprice');
  near(featureOf(stage, 'trade_imbalance_1s'), 5 / 6, 'trade imbalance');
  near(featureOf(stage, 'realised_volatility_1s'), 1 / Math.sqrt(2), 'volatility');
  near(featureOf(stage, 'mid_return_1s'), 1 / Math.sqrt(2), 'return');
  near(featureOf(stage, 'arrival_bid_add'), 1, 'bid adds');
  near(featureOf(stage, 'arrival_ask_remove'), 1, 'ask removals');
  computeAt(stage, 1e9);
  near(featureOf(stage, 'ofi_l1_1s'), (2 * Math.exp(-1)) / Math.sqrt(1 + 2 * Math.exp(-1)), 'ofi after 1 s');
  near(featureOf(stage, 'time_since_trade'), 10 / 11, 'time since trade');
});

test('nothing is ever NaN or infinite: empty sides, one level, huge quantities and prices, time that jumps or runs back', () => {
  const stage = stageOf();
  const check = (what: string): void => {
    for (let i = 0; i < FEATURE_COUNT; i++)
      assert.ok(Number.isFinite(stage.raw[i]!) && Number.isFinite(stage.output[i]!), `${what}: ${FEATURES[i]!.name}`);
  };
  computeAt(stage, 5);
  check('nothing seen');
  stage.setTime(Float64Array.of(10), 0);
  stage.onDepth(new ListBook([], []));
  computeAt(stage, 10);
  check('empty book');
  stage.setTime(Float64Array.of(10), 0);
  stage.onDepth(new ListBook([[100, 1]], []));
  computeAt(stage, 10);
  check('no asks');
  stage.setTime(Float64Array.of(10), 0);
  stage.onDepth(new ListBook([[100, 1]], [[101, 1]]));
  stage.setTime(Float64Array.of(10), 0);
  stage.onBbo(PRICE_NONE, 0, 101, 5);
  assert.is(computeAt(stage, 10), FEATURE_STATUS.ONE_SIDED);
  check('no bid');
  stage.setTime(Float64Array.of(10), 0);
  stage.onBbo(100, 0, 101, 0);
  computeAt(stage, 10);
  check('no lots');
  stage.setTime(Float64Array.of(10), 0);
  stage.onBbo(101, 5, 101, 5);
  stage.setTime(Float64Array.of(10), 0);
  stage.onBbo(102, 5, 101, 5);
  computeAt(stage, 10);
  check('locked and crossed');
  stage.setTime(Float64Array.of(10), 0);
  stage.onDepth(new ListBook([[100, 0]], [[101, 0]]));
  stage.setTime(Float64Array.of(10), 0);
  stage.onTrade(0, 0);
  computeAt(stage, 10);
  check('zero quantities');
  stage.setTime(Float64Array.of(20), 0);
  stage.onBbo(1, Number.MAX_SAFE_INTEGER, 2_147_483_647, Number.MAX_SAFE_INTEGER);
  stage.setTime(Float64Array.of(20), 0);
  stage.onTrade(1, Number.MAX_SAFE_INTEGER);
  stage.setTime(Float64Array.of(20), 0);
  stage.onDepth(new ListBook([[1, Number.MAX_SAFE_INTEGER]], [[2_147_483_646, Number.MAX_SAFE_INTEGER]]));
  computeAt(stage, 20);
  check('largest numbers');
  computeAt(stage, 9e15);
  check('104 days of silence');
  stage.setTime(Float64Array.of(30), 0);
  stage.onTrade(0, 1);
  stage.setTime(Float64Array.of(30), 0);
  stage.onBbo(100, 5, 101, 5);
  computeAt(stage, 0);
  check('time back');
});

test('the vector counts only after time, tops and depth messages, and not while a side is empty', () => {
  const stage = stageOf();
  for (let i = 0; i < 40; i++) feed(stage, top(i, 100, 1 + i, 101, 5));
  assert.is(computeAt(stage, WARM_UP_NS), FEATURE_STATUS.WARMING_UP);
  stage.setTime(Float64Array.of(WARM_UP_NS), 0);
  stage.onDepth(new ListBook([[100, 1]], [[101, 1]]));
  stage.setTime(Float64Array.of(WARM_UP_NS), 0);
  stage.onDepth(new ListBook([[100, 2]], [[101, 1]]));
  assert.is(computeAt(stage, WARM_UP_NS), FEATURE_STATUS.OK);
  stage.setTime(Float64Array.of(WARM_UP_NS), 0);
  stage.onBbo(PRICE_NONE, 0, 101, 5);
  assert.is(computeAt(stage, WARM_UP_NS), FEATURE_STATUS.ONE_SIDED);
  feed(stage, top(WARM_UP_NS, 100, 3, 101, 5));
  assert.is(computeAt(stage, WARM_UP_NS), FEATURE_STATUS.OK);
  stage.reset();
  for (let i = 0; i < 40; i++) feed(stage, top(WARM_UP_NS + i, 100, 1 + i, 101, 5));
  stage.setTime(Float64Array.of(WARM_UP_NS + 50), 0);
  stage.onDepth(new ListBook([[100, 1]], [[101, 1]]));
  stage.setTime(Float64Array.of(WARM_UP_NS + 50), 0);
  stage.onDepth(new ListBook([[100, 2]], [[101, 1]]));
  assert.is(computeAt(stage, WARM_UP_NS + 50), FEATURE_STATUS.WARMING_UP);
});

test('normalisation rounds each step to float32 and clamps', () => {
  const mean = new Float32Array(FEATURE_COUNT).map((_, i) => Math.fround(i / 7 - 2));
  const scale = new Float32Array(FEATURE_COUNT).map((_, i) => Math.fround(i === 11 ? 1e6 : 1 / (i + 3)));
  const output = new Float32Array(FEATURE_COUNT);
  const stage = new FeatureStage(instrument, output, { mean, scale, clamp: 4 });
  const events = randomEvents(3, 200);
  let clamped = 0;
  for (const event of events) {
    feed(stage, event);
    computeAt(stage, event.timeNs);
    for (let i = 0; i < FEATURE_COUNT; i++) {
      const value = Math.fround(Math.fround(stage.raw[i]! - mean[i]!) * scale[i]!);
      assert.is(output[i], Math.min(Math.max(value, -4), 4));
      if (Math.abs(value) > 4) clamped++;
    }
  }
  assert.ok(clamped > 0);
});

test('the bits are the same on every platform and Node version', () => {
  const stage = stageOf();
  const hash = createHash('sha256');
  for (const event of randomEvents(20240808, 20_000)) {
    feed(stage, event);
    computeAt(stage, event.timeNs);
    hash.update(new Uint8Array(stage.raw.buffer, stage.raw.byteOffset, stage.raw.byteLength));
  }
  assert.is(hash.digest('hex'), 'c00cc8fd30601127a10d6fdff874ca3f2439800787ae59ef4957f8443bc540ed');
});

test('a million events leave no garbage', async () => {
  const stage = stageOf();
  const events = randomEvents(11, 4_096);
  const books = events.map((event) => (event.kind === 'depth' ? new ListBook(event.bids, event.asks) : undefined));
  const kinds = Int32Array.from(events, (event) => (event.kind === 'top' ? 0 : event.kind === 'depth' ? 1 : 2));
  const a = Int32Array.from(events, (event) => (event.kind === 'top' ? event.bid : event.kind === 'trade' ? event.side : 0));
  const b = Int32Array.from(events, (event) => (event.kind === 'top' ? event.ask : 0));
  const lotsA = Float64Array.from(events, (event) => (event.kind === 'top' ? event.bidLots : event.kind === 'trade' ? event.lots : 0));
  const lotsB = Float64Array.from(events, (event) => (event.kind === 'top' ? event.askLots : 0));
  const clock = new Float64Array(1);
  const drive = (count: number): void => {
    for (let n = 0; n < count; n++) {
      const i = n & 4_095;
      clock[0] = clock[0]! + 1_000_003;
      stage.setTime(Float64Array.of(clock[0]!), 0);
      if (kinds[i] === 0) stage.onBbo(a[i]!, lotsA[i]!, b[i]!, lotsB[i]!);
      else if (kinds[i] === 1) stage.onDepth(books[i]!);
      else stage.onTrade(a[i]!, lotsA[i]!);
      stage.compute();
    }
  };
  for (let i = 0; i < 10; i++) drive(20_000);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  drive(1_000_000);
  const grown = process.memoryUsage().heapUsed - before;
  await new Promise((resolve) => setImmediate(resolve));
  observer.disconnect();
  assert.is(collections, 0);
  assert.ok(grown < 1_000_000, `the heap grew by ${grown} bytes`);
});

test.run();
