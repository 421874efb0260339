import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { type MarketEvent, NaiveExchange } from '../../reference/naive-exchange.ts';
import { ExchangeRig, request } from '../../support/exchange-rig.ts';

/** A random market: frames of depth, ticker and trades around a wandering mid, gaps and snapshots now and then. */
class Market {
  timeNs = 0;
  mid = 1_000;
  private live = false;
  private id = 100;
  private readonly prng: Prng;

  constructor(prng: Prng) {
    this.prng = prng;
  }

  frame(): MarketEvent[] {
    const { prng } = this;
    this.timeNs += prng.nextInt(4) * 10;
    this.mid += prng.nextInt(3) - 1;
    if (!this.live) {
      if (prng.nextInt(3) !== 0) return [this.trade()];
      this.live = true;
      return [{ kind: 'clear' }, ...this.levels(12, false), this.end(), { kind: 'state', live: true }];
    }
    const pick = prng.nextInt(100);
    if (pick < 1) {
      this.live = false;
      return [{ kind: 'state', live: false }];
    }
    if (pick < 40) return [...this.levels(1 + prng.nextInt(4), true), this.end()];
    if (pick < 70) return [this.bbo()];
    return [this.trade()];
  }

  private levels(count: number, removals: boolean): MarketEvent[] {
    return Array.from({ length: count }, () => {
      const buy = this.prng.nextInt(2) === 0;
      const away = this.prng.nextInt(6) - (this.prng.nextInt(12) === 0 ? 2 : 0);
      const lots = removals && this.prng.nextInt(3) === 0 ? 0 : 1 + this.prng.nextInt(20);
      return { kind: 'level', buy, price: buy ? this.mid - away : this.mid + 1 + away, lots };
    });
  }

  private end(): MarketEvent {
    this.id += 1 + this.prng.nextInt(3);
    return { kind: 'end', id: this.id };
  }

  private bbo(): MarketEvent {
    const { prng } = this;
    // Sometimes behind the book, sometimes level with it, sometimes ahead of the next depth message.
    const id = this.id + prng.nextInt(5) - 1;
    if (prng.nextInt(3) === 0) this.id = Math.max(this.id, id);
    return {
      kind: 'bbo',
      id,
      bid: this.mid - prng.nextInt(3),
      ask: this.mid + 1 + prng.nextInt(3),
      bidLots: 1 + prng.nextInt(9),
      askLots: 1 + prng.nextInt(9),
    };
  }

  private trade(): MarketEvent {
    return {
      kind: 'trade',
      aggressorBuys: this.prng.nextInt(2) === 0,
      price: this.mid - 2 + this.prng.nextInt(6),
      lots: 1 + this.prng.nextInt(25),
    };
  }
}

/** One session on both exchanges; returns the reports, which were equal after every frame. */
function session(seed: number, frames: number): string[] {
  const prng = new Prng(seed);
  const entryNs = prng.nextInt(3) * 15;
  const responseNs = prng.nextInt(3) * 20;
  const market = new Market(prng);
  const rig = new ExchangeRig(entryNs, responseNs);
  const naive = new NaiveExchange(entryNs, responseNs);
  let nextId = 1;
  for (let i = 0; i < frames; i++) {
    const events = market.frame();
    rig.advance(market.timeNs);
    naive.advance(market.timeNs);
    for (const event of events) {
      rig.market(market.timeNs, event);
      naive.market(market.timeNs, event);
    }
    for (let orders = prng.nextInt(3) - 1; orders > 0; orders--) {
      const cancel = nextId > 4 && prng.nextInt(3) === 0;
      const order = request(
        cancel ? nextId - 1 - prng.nextInt(4) : nextId++,
        prng.nextInt(2) === 0,
        market.mid - 4 + prng.nextInt(9),
        1 + prng.nextInt(30),
        market.timeNs,
        {
          cancel,
          type: prng.nextInt(8) === 0 ? 'market' : 'limit',
          timeInForce: (['gtc', 'gtc', 'gtc', 'ioc', 'fok'] as const)[prng.nextInt(5)]!,
        },
      );
      if (order.type === 'market') order.timeInForce = 'ioc';
      else if (order.timeInForce === 'gtc') order.postOnly = prng.nextInt(4) === 0;
      rig.send(order);
      naive.send(order);
    }
    if (rig.reports.length !== naive.reports.length || rig.reports.at(-1) !== naive.reports.at(-1)) break;
  }
  rig.advance(Number.MAX_SAFE_INTEGER);
  naive.advance(Number.MAX_SAFE_INTEGER);
  const different = naive.reports.findIndex((report, i) => report !== rig.reports[i]);
  const at = different < 0 ? Math.min(naive.reports.length, rig.reports.length) : different;
  assert.is(rig.reports[at], naive.reports[at], `seed ${seed}, report ${at}`);
  return rig.reports;
}

test('its reports equal those of a naive exchange on 200 random sessions of 1,000 frames', () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 200; seed++) {
    for (const report of session(seed, 1_000)) {
      const [, status, , liquidity] = report.split(' ');
      seen.set(`${status} ${liquidity}`, (seen.get(`${status} ${liquidity}`) ?? 0) + 1);
    }
  }
  for (const outcome of ['1 0', '2 1', '2 2', '3 1', '3 2', '4 0', '6 0', '7 0']) {
    assert.ok((seen.get(outcome) ?? 0) > 200, `${outcome}: ${seen.get(outcome)}`);
  }
});

test('the same input gives the same reports', () => {
  assert.equal(session(77, 2_000), session(77, 2_000));
});

test.run();
