import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRICE_NONE } from '../../src/core/price.ts';
import { Prng } from '../../src/core/prng.ts';
import { LIMIT_MISSING, type RiskLimits } from '../../src/risk/limits.ts';
import { reasonName } from '../../src/risk/reasons.ts';
import { ACCOUNT, RISK_COUNTER } from '../../src/risk/state.ts';
import { NaiveRisk } from '../reference/naive-risk.ts';
import { RiskRig, WIDE_LIMITS } from '../support/risk-rig.ts';

interface VenueFill {
  id: number;
  price: number;
  last: number;
  leaves: number;
  maker: boolean;
}

/** Limits so tight that every control decides now and then; some runs leave a limit out. */
function tightLimits(prng: Prng): RiskLimits {
  const limits = {
    ...WIDE_LIMITS,
    maxOrderLots: 40,
    maxNotionalTickLots: 38_000 + prng.nextInt(4_000),
    maxSpreadTicks: 6,
    maxTradeAgeNs: prng.nextInt(3) === 0 ? 0 : 2_000_000_000,
    collarPpm: 1_000 + prng.nextInt(9_000),
    minPriceTicks: 950,
    maxPriceTicks: 1_060,
    maxDataAgeNs: 2_000_000_000,
    maxLongLots: 150,
    maxShortLots: 130,
    maxOpenOrders: 24,
    maxOrdersPer1s: 5,
    maxOrdersPer10s: 14,
    maxLossTickLots: prng.nextInt(2) === 0 ? 2_000 : 1_000_000,
    makerFeePpm: prng.nextInt(3) * 200 - 200,
    takerFeePpm: 457,
  };
  if (prng.nextInt(8) !== 0) return limits;
  const keys = (Object.keys(limits) as (keyof RiskLimits)[]).filter((key) => key !== 'allowed' && !key.endsWith('FeePpm'));
  return { ...limits, [keys[prng.nextInt(keys.length)] as string]: LIMIT_MISSING };
}

class Duel {
  readonly rig: RiskRig;
  readonly naive: NaiveRisk;
  readonly reasons = new Map<number, number>();
  private readonly prng: Prng;
  private timeNs = 0;
  private mid = 1_000;
  /** Fills the venue made and has not reported yet, by order of execution. */
  private readonly venue: VenueFill[] = [];
  private readonly reported: VenueFill[] = [];
  private readonly leaves = new Map<number, number>();

  constructor(seed: number) {
    this.prng = new Prng(seed);
    const limits = tightLimits(this.prng);
    this.rig = new RiskRig(limits);
    this.naive = new NaiveRisk(limits);
  }

  step(): void {
    const pick = this.prng.nextInt(100);
    if (pick < 45) this.order();
    else if (pick < 55) this.time();
    else if (pick < 70) this.top();
    else if (pick < 74) this.trade();
    else if (pick < 76) this.book(this.prng.nextInt(9) === 0 ? this.prng.nextInt(7) : 4);
    else if (pick < 80) this.cancel();
    else if (pick < 97) this.report();
    else if (pick < 99) this.watch();
    else if (this.prng.nextInt(400) === 0) this.kill();
    this.compare();
  }

  private time(): void {
    this.timeNs += this.prng.nextInt(50) === 0 ? -1 : this.prng.nextInt(4) * 250_000_000;
    this.naive.now = BigInt(this.timeNs);
    this.rig.at(this.timeNs);
  }

  private top(): void {
    this.mid += this.prng.nextInt(7) - 3 + (this.mid < 960 ? 3 : this.mid > 1_050 ? -3 : 0);
    const none = this.prng.nextInt(60) === 0;
    const bid = none ? PRICE_NONE : this.mid - this.prng.nextInt(4);
    const ask = this.mid + this.prng.nextInt(5) - (this.prng.nextInt(30) === 0 ? 2 : 0);
    this.rig.gate.onTop(bid, ask);
    this.naive.bid = none ? null : BigInt(bid);
    this.naive.ask = BigInt(ask);
    this.naive.topTime = this.naive.now;
  }

  private trade(): void {
    const price = this.mid - 5 + this.prng.nextInt(10);
    this.rig.gate.onTrade(price);
    this.naive.trade = BigInt(price);
    this.naive.tradeTime = this.naive.now;
  }

  private book(state: number): void {
    this.rig.gate.onBookState(state);
    this.naive.bookState = state;
  }

  private order(): void {
    const { prng } = this;
    const market = prng.nextInt(6) === 0;
    const intent = {
      side: prng.nextInt(80) === 0 ? 2 : prng.nextInt(2),
      type: market ? 1 : 0,
      timeInForce: market ? 1 : prng.nextInt(3),
      flags: prng.nextInt(5) === 0 ? 128 : prng.nextInt(12) === 0 ? 256 : 0,
      priceTicks: market ? 0 : this.mid - 8 + prng.nextInt(17),
      qtyLots: prng.nextInt(60) === 0 ? 0.5 : prng.nextInt(44),
    };
    const expected = this.naive.submit(intent);
    const got = market
      ? this.rig.marketOrder(intent.side, intent.qtyLots, intent.flags)
      : this.rig.limit(intent.side, intent.priceTicks, intent.qtyLots, intent.timeInForce, intent.flags);
    assert.is(reasonName(got), reasonName(expected));
    this.reasons.set(got, (this.reasons.get(got) ?? 0) + 1);
    if (got !== 0) return;
    const id = this.rig.gate.lastOrderId;
    assert.is(id, this.naive.nextId - 1);
    for (let left = intent.qtyLots; left > 0; ) {
      const last = 1 + prng.nextInt(left);
      left -= last;
      this.venue.push({ id, price: this.mid - 2 + prng.nextInt(5), last, leaves: left, maker: prng.nextInt(2) === 0 });
      if (prng.nextInt(4) === 0) break;
    }
    this.leaves.set(id, intent.qtyLots);
  }

  private cancel(): void {
    const ids = [...this.leaves.keys()];
    const id = ids.length === 0 ? 1 : (ids[ids.length - 1 - this.prng.nextInt(Math.min(ids.length, 20))] as number);
    assert.is(this.rig.cancel(id), this.naive.cancel(id));
  }

  private report(): void {
    const { prng } = this;
    const pick = prng.nextInt(20);
    if (pick < 12 && this.venue.length > 0) {
      // Mostly the next fill, at times one that overtook it.
      const at = prng.nextInt(6) === 0 ? prng.nextInt(Math.min(this.venue.length, 8)) : 0;
      const fill = this.venue.splice(at, 1)[0] as VenueFill;
      this.reported.push(fill);
      this.execution(fill.id, fill.leaves === 0 ? 3 : 2, fill.price, fill.last, fill.leaves, fill.maker);
    } else if (pick < 14 && this.reported.length > 0) {
      const fill = this.reported[this.reported.length - 1 - prng.nextInt(Math.min(this.reported.length, 12))] as VenueFill;
      this.execution(fill.id, 2, fill.price, fill.last, fill.leaves, fill.maker);
    } else if (pick < 19) {
      // A rejection of an order that was filled is a contradiction and trips K1: rare, so that sessions go on.
      const id = this.naive.nextId - 1 - prng.nextInt(8);
      const status = prng.nextInt(40) === 0 ? 5 : ([1, 4, 4, 6, 7, 6, 4][prng.nextInt(7)] as number);
      if (id > 0) this.execution(id, status, 0, 0, 0, false);
    } else if (prng.nextInt(150) === 0) {
      const id = prng.nextInt(2) === 0 ? 1_000_000 : Math.max(1, this.naive.nextId - 3);
      this.execution(id, 2 + prng.nextInt(8), this.mid - 1 + prng.nextInt(2) * this.mid, prng.nextInt(60) - 2, prng.nextInt(20) - 6, true);
    }
  }

  private execution(id: number, status: number, price: number, last: number, leaves: number, maker: boolean): void {
    this.naive.execution(id, status, price, last, leaves, maker);
    this.rig.execution(id, status, price, last, leaves, maker ? 1 : 2);
  }

  private watch(): void {
    assert.is(this.rig.gate.watch(), this.naive.watch().length);
    this.rig.gate.publish();
    this.rig.approved.consumer.release(this.rig.approved.consumer.poll(1_024));
  }

  private kill(): void {
    const level = 1 + this.prng.nextInt(3);
    this.rig.kill.trip(level, 3010);
    this.naive.killLevel = Math.max(this.naive.killLevel, level);
  }

  private compare(): void {
    const { account, counters } = this.rig.views;
    const { naive } = this;
    const got = [
      account[ACCOUNT.POSITION_LOTS],
      account[ACCOUNT.CASH],
      account[ACCOUNT.COST],
      account[ACCOUNT.REALISED],
      account[ACCOUNT.FEES],
      counters[RISK_COUNTER.DUPLICATES],
      counters[RISK_COUNTER.LATE_FILLS],
      counters[RISK_COUNTER.OVERFILLS],
      counters[RISK_COUNTER.UNKNOWN_EXECUTIONS],
      counters[RISK_COUNTER.BAD_EXECUTIONS],
      this.rig.kill.level(),
    ].join();
    const cash = naive.cash;
    const expected = [
      naive.position,
      cash,
      naive.cost,
      cash + naive.cost,
      naive.fees,
      naive.duplicates,
      naive.lateFills,
      naive.overfills,
    ].join();
    assert.is(got, `${expected},${naive.unknown},${naive.bad},${naive.killLevel}`);
    if (this.prng.nextInt(8) !== 0) return;
    assert.is(account[ACCOUNT.OPEN_BUY_LOTS], Number(naive.openLots(true)));
    assert.is(account[ACCOUNT.OPEN_SELL_LOTS], Number(naive.openLots(false)));
    assert.is(counters[RISK_COUNTER.OPEN_ORDERS], naive.open().length);
    assert.is(counters[RISK_COUNTER.PENDING_CANCELS], naive.open().filter((order) => order.pendingCancel).length);
    if (naive.bid !== null && naive.ask !== null) {
      assert.is(this.rig.gate.equityTickLots(Number(naive.bid), Number(naive.ask)), Number(naive.equity()));
    }
  }
}

test('the gate agrees with an independent BigInt evaluator on 300 random sessions of 1,000 steps', () => {
  const reasons = new Map<number, number>();
  for (let seed = 1; seed <= 300; seed++) {
    const duel = new Duel(seed);
    try {
      for (let step = 0; step < 1_000; step++) duel.step();
    } catch (error) {
      (error as Error).message = `seed ${seed}: ${(error as Error).message}`;
      throw error;
    }
    for (const [reason, count] of duel.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  }
  const orders = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(orders > 100_000, `${orders} orders`);
  // Every reason that a market, an order or a position can bring about was decided at least once.
  for (const reason of [
    0, 101, 201, 401, 501, 702, 1001, 1092, 1101, 1190, 1201, 1202, 1290, 1401, 1701, 1801, 1802, 2501, 2801, 2901, 3001, 3002,
  ]) {
    assert.ok((reasons.get(reason) ?? 0) > 0, `${reasonName(reason)} never occurred`);
  }
});

test.run();
