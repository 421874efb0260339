import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRICE_NONE } from '../../../src/core/price.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { TIME_IN_FORCE } from '../../../src/core/records/order.ts';
import { MATCHING, MATCHING_TICKS_MAX, MatchingEngine, type MatchListener } from '../../../src/venue-sim/matching/matching-engine.hot.ts';
import { TickBitmap } from '../../../src/venue-sim/matching/tick-bitmap.hot.ts';
import { NaiveMatching } from '../../reference/naive-matching.ts';

class Recorder implements MatchListener {
  trades: number[][] = [];
  levels: number[][] = [];

  onTrade(maker: number, owner: number, side: number, ticks: number, lots: number, leaves: number): void {
    this.trades.push([maker, owner, side, ticks, lots, leaves]);
  }

  onLevel(side: number, ticks: number, lots: number): void {
    this.levels.push([side, ticks, lots]);
  }
}

function levelsOf(engine: MatchingEngine, side: number): [number, number][] {
  const levels: [number, number][] = [];
  for (let ticks = engine.bestTicks(side); ticks !== PRICE_NONE; ticks = engine.nextTicks(side, ticks))
    levels.push([ticks, engine.levelQtyLots(ticks)]);
  return levels;
}

const GTC = TIME_IN_FORCE.GTC;

test('orders at one price fill in order of arrival, and a partial fill keeps its place', () => {
  const seen = new Recorder();
  const engine = new MatchingEngine(16, seen);
  engine.limit(SIDE.SELL, 100, 5, GTC, false, 1);
  engine.limit(SIDE.SELL, 100, 7, GTC, false, 2);
  assert.is(engine.market(SIDE.BUY, 3), MATCHING.DONE);
  engine.limit(SIDE.SELL, 100, 1, GTC, false, 3);
  engine.market(SIDE.BUY, 10);
  assert.equal(
    seen.trades.map((t) => [t[1], t[4], t[5]]),
    [
      [1, 3, 2],
      [1, 2, 0],
      [2, 7, 0],
      [3, 1, 0],
    ],
  );
  assert.is(engine.bestAskTicks(), PRICE_NONE);
  assert.is(engine.lastFilledLots, 10);
});

test('a limit order takes what it crosses at the makers prices and rests with the remainder', () => {
  const seen = new Recorder();
  const engine = new MatchingEngine(16, seen);
  engine.limit(SIDE.SELL, 101, 2, GTC, false, 0);
  engine.limit(SIDE.SELL, 102, 2, GTC, false, 0);
  engine.limit(SIDE.SELL, 104, 2, GTC, false, 0);
  seen.levels.length = 0;
  assert.is(engine.limit(SIDE.BUY, 103, 9, GTC, false, 0), MATCHING.RESTING);
  assert.is(engine.lastFilledLots, 4);
  assert.is(engine.lastRestingLots, 5);
  assert.is(engine.bestBidTicks(), 103);
  assert.is(engine.bestAskTicks(), 104);
  assert.equal(seen.levels, [
    [SIDE.SELL, 101, 0],
    [SIDE.SELL, 102, 0],
    [SIDE.BUY, 103, 5],
  ]);
});

test('refused commands change nothing and say why', () => {
  const seen = new Recorder();
  const engine = new MatchingEngine(2, seen);
  engine.limit(SIDE.SELL, 100, 5, GTC, false, 0);
  const live = engine.lastOrderId;
  assert.is(engine.limit(SIDE.BUY, 0, 1, GTC, false, 0), MATCHING.BAD_PRICE);
  assert.is(engine.limit(SIDE.BUY, MATCHING_TICKS_MAX + 1, 1, GTC, false, 0), MATCHING.BAD_PRICE);
  assert.is(engine.limit(SIDE.BUY, 1.5, 1, GTC, false, 0), MATCHING.BAD_PRICE);
  assert.is(engine.limit(SIDE.BUY, 10, 0, GTC, false, 0), MATCHING.BAD_QTY);
  assert.is(engine.limit(SIDE.BUY, 10, Number.NaN, GTC, false, 0), MATCHING.BAD_QTY);
  assert.is(engine.limit(SIDE.BUY, 100, 1, GTC, true, 0), MATCHING.WOULD_TAKE);
  assert.is(engine.limit(SIDE.BUY, 100, 6, TIME_IN_FORCE.FOK, false, 0), MATCHING.NOT_FILLABLE);
  assert.is(engine.reduce(live, 5), MATCHING.BAD_QTY);
  engine.limit(SIDE.BUY, 99, 1, GTC, false, 0);
  assert.is(engine.limit(SIDE.BUY, 98, 1, GTC, false, 0), MATCHING.FULL);
  assert.is(engine.cancel(-1), MATCHING.UNKNOWN_ORDER);
  assert.equal(levelsOf(engine, SIDE.SELL), [[100, 5]]);
  assert.is(seen.trades.length, 0);
});

test('an id dies with its order and is never taken for the next order in its slot', () => {
  const engine = new MatchingEngine(1, new Recorder());
  engine.limit(SIDE.BUY, 50, 3, GTC, false, 0);
  const first = engine.lastOrderId;
  assert.is(engine.cancel(first), MATCHING.DONE);
  assert.is(engine.cancel(first), MATCHING.UNKNOWN_ORDER);
  engine.limit(SIDE.BUY, 51, 3, GTC, false, 0);
  assert.is(engine.cancel(first), MATCHING.UNKNOWN_ORDER);
  assert.is.not(engine.lastOrderId, first);
  assert.is(engine.orderQtyLots(engine.lastOrderId), 3);
});

test('the tick bitmap finds its neighbours as a sorted list does', () => {
  const tick = fc.oneof(fc.integer({ min: 0, max: MATCHING_TICKS_MAX }), fc.integer({ min: 0, max: 40 }), fc.constant(MATCHING_TICKS_MAX));
  fc.assert(
    fc.property(
      fc.array(tick, { maxLength: 40 }),
      fc.array(tick, { maxLength: 20 }),
      fc.array(tick, { maxLength: 30 }),
      (added, removed, probes) => {
        const bitmap = new TickBitmap();
        for (const t of added) bitmap.set(t);
        for (const t of removed) bitmap.clear(t);
        const members = added.filter((t) => !removed.includes(t));
        for (const probe of [...probes, ...added]) {
          assert.is(
            bitmap.atOrAbove(probe),
            Math.min(...members.filter((t) => t >= probe), Infinity) === Infinity ? -1 : Math.min(...members.filter((t) => t >= probe)),
          );
          assert.is(bitmap.atOrBelow(probe), Math.max(...members.filter((t) => t <= probe), -1));
        }
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

const KINDS = ['gtc', 'gtc', 'gtc', 'ioc', 'fok', 'post', 'market', 'cancel', 'cancel', 'reduce'] as const;
const command = fc.record({
  kind: fc.constantFrom(...KINDS),
  side: fc.integer({ min: 0, max: 1 }),
  price: fc.integer({ min: 1, max: 24 }),
  qty: fc.integer({ min: 1, max: 12 }),
  pick: fc.nat(),
});

test('step by step the engine equals the naive twin, is never crossed, and conserves volume', () => {
  let trades = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 20, maxLength: 160 }), (commands) => {
      const seen = new Recorder();
      const engine = new MatchingEngine(256, seen);
      const naive = new NaiveMatching();
      const idOf: number[] = [];
      const known = new Map<string, number>();
      for (const { kind, side, price, qty, pick } of commands) {
        seen.trades.length = 0;
        seen.levels.length = 0;
        const label = idOf.length;
        if (kind === 'cancel' || kind === 'reduce') {
          if (label === 0) continue;
          const target = pick % label;
          const want = kind === 'cancel' ? naive.cancel(target) : naive.reduce(target, qty);
          const got = kind === 'cancel' ? engine.cancel(idOf[target]!) : engine.reduce(idOf[target]!, qty);
          assert.is(got >= 0, want);
        } else {
          const restingBefore = naive.orders.reduce((sum, o) => sum + o.lots, 0);
          const limit = kind === 'market' ? (side === 0 ? MATCHING_TICKS_MAX : 1) : price;
          const want = naive.limit(label, side, limit, qty, kind === 'market' ? 'ioc' : kind);
          const tif = kind === 'ioc' ? TIME_IN_FORCE.IOC : kind === 'fok' ? TIME_IN_FORCE.FOK : GTC;
          const got = kind === 'market' ? engine.market(side, qty) : engine.limit(side, price, qty, tif, kind === 'post', label);
          assert.is(got < 0, want === undefined);
          idOf.push(engine.lastOrderId);
          assert.equal(
            seen.trades.map((t) => [t[1], t[2], t[3], t[4], t[5]]),
            (want ?? []).map((t) => [t.maker, t.takerSide, t.priceTicks, t.lots, t.makerLeaves]),
          );
          for (const trade of seen.trades) assert.is(trade[0], idOf[trade[1]!]);
          const traded = seen.trades.reduce((sum, t) => sum + t[4]!, 0);
          trades += seen.trades.length;
          const restingAfter = naive.orders.reduce((sum, o) => sum + o.lots, 0);
          assert.is(engine.lastFilledLots, traded);
          assert.is(restingAfter, restingBefore - traded + engine.lastRestingLots);
        }
        for (const [s, t, q] of seen.levels as [number, number, number][]) known.set(`${s}:${t}`, q);
        for (const s of [SIDE.BUY, SIDE.SELL]) {
          const levels = levelsOf(engine, s);
          assert.equal(levels, naive.levels(s));
          for (const [t, q] of levels) assert.is(known.get(`${s}:${t}`), q);
          assert.is([...known].filter(([key, q]) => key.startsWith(`${s}:`) && q > 0).length, levels.length);
        }
        assert.is(engine.orderCount(), naive.orders.length);
        const bid = engine.bestBidTicks();
        const ask = engine.bestAskTicks();
        assert.ok(ask === PRICE_NONE || bid < ask, `crossed: ${bid} >= ${ask}`);
      }
    }),
    { seed: 20_240_808, numRuns: 400 },
  );
  assert.ok(trades > 1_000, `the streams must trade, saw ${trades}`);
});

test.run();
