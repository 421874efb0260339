import * as assert from 'uvu/assert';

/**
 * The simulated exchange once more, with arrays, maps and sorting, written from docs/simulated-exchange.md. It also checks
 * conservation as it goes: no trade fills more than its volume, no level gives more than it displayed.
 */
export type MarketEvent =
  | { kind: 'state'; live: boolean }
  | { kind: 'clear' }
  | { kind: 'level'; buy: boolean; price: number; lots: number }
  | { kind: 'end'; id: number }
  | { kind: 'bbo'; id: number; bid: number; ask: number; bidLots: number; askLots: number }
  | { kind: 'trade'; aggressorBuys: boolean; price: number; lots: number };

export interface NaiveRequest {
  id: number;
  cancel: boolean;
  buy: boolean;
  type: 'limit' | 'market';
  timeInForce: 'gtc' | 'ioc' | 'fok';
  postOnly: boolean;
  price: number;
  lots: number;
  sentNs: number;
}

interface Resting {
  id: number;
  buy: boolean;
  price: number;
  leaves: number;
  ahead: number;
  postOnly: boolean;
  blind: boolean;
}

export class NaiveExchange {
  /** "order status price liquidity last leaves exchangeNs dueNs". */
  readonly reports: string[] = [];
  private readonly pending: { due: number; text: string }[] = [];
  private readonly requests: (NaiveRequest & { arrival: number })[] = [];
  private readonly resting: Resting[] = [];
  private readonly depth = { bid: new Map<number, number>(), ask: new Map<number, number>() };
  private readonly taken = new Map<string, number>();
  private touched = new Set<string>();
  private ticker = { id: -1, bid: 0, ask: 0, bidLots: -1, askLots: -1 };
  private tickerSeen = false;
  private bookId = -1;
  private live = false;
  private now = 0;
  private readonly entryNs: number;
  private readonly responseNs: number;

  constructor(entryNs: number, responseNs: number) {
    this.entryNs = entryNs;
    this.responseNs = responseNs;
  }

  send(request: NaiveRequest): void {
    const arrival = Math.max(request.sentNs + this.entryNs, this.requests.at(-1)?.arrival ?? 0, this.lastArrival);
    this.lastArrival = arrival;
    this.requests.push({ ...request, arrival });
  }

  advance(nowNs: number): void {
    this.arrive(nowNs);
    while (this.pending.length > 0 && (this.pending[0] as { due: number }).due <= nowNs) {
      this.reports.push((this.pending.shift() as { text: string }).text);
    }
  }

  market(timeNs: number, event: MarketEvent): void {
    this.arrive(timeNs);
    this.now = timeNs;
    switch (event.kind) {
      case 'state':
        this.state(event.live);
        break;
      case 'clear':
        this.depth.bid.clear();
        this.depth.ask.clear();
        this.taken.clear();
        this.bookId = -1;
        this.ticker.id = -1;
        break;
      case 'level': {
        const side = event.buy ? this.depth.bid : this.depth.ask;
        if (event.lots === 0) side.delete(event.price);
        else side.set(event.price, event.lots);
        this.touched.add(key(event.buy, event.price));
        break;
      }
      case 'end':
        if (event.id > this.bookId && event.id > this.ticker.id) for (const name of this.touched) this.taken.delete(name);
        this.touched = new Set();
        this.bookId = event.id;
        this.displayed();
        break;
      case 'bbo':
        this.bbo(event);
        break;
      case 'trade':
        if (this.live) this.trade(event.aggressorBuys, event.price, event.lots);
        break;
    }
  }

  private lastArrival = Number.NEGATIVE_INFINITY;
  private lastDue = Number.NEGATIVE_INFINITY;

  private bbo(event: MarketEvent & { kind: 'bbo' }): void {
    if (event.id > this.ticker.id) {
      if (event.id > this.bookId) {
        if (this.shown(true, event.bid) !== event.bidLots) this.taken.delete(key(true, event.bid));
        if (this.shown(false, event.ask) !== event.askLots) this.taken.delete(key(false, event.ask));
      }
      this.ticker = { id: event.id, bid: event.bid, ask: event.ask, bidLots: event.bidLots, askLots: event.askLots };
      this.tickerSeen = true;
    }
    this.displayed();
  }

  private levels(buy: boolean): [number, number][] {
    const better = (a: number, b: number): boolean => (buy ? a > b : a < b);
    let all = [...(buy ? this.depth.bid : this.depth.ask)];
    if (this.tickerSeen && this.ticker.id > this.bookId) {
      const top = buy ? this.ticker.bid : this.ticker.ask;
      all = [[top, buy ? this.ticker.bidLots : this.ticker.askLots], ...all.filter(([price]) => better(top, price))];
    }
    return all.sort(([a], [b]) => (buy ? b - a : a - b));
  }

  private shown(buy: boolean, price: number): number {
    return this.levels(buy).find(([at]) => at === price)?.[1] ?? 0;
  }

  /** Levels of a side up to a limit with what is available there. */
  private available(buy: boolean, limit: number): [number, number][] {
    return this.levels(buy)
      .filter(([price]) => (buy ? price >= limit : price <= limit))
      .map(([price, lots]): [number, number] => [price, lots - (this.taken.get(key(buy, price)) ?? 0)])
      .filter(([, lots]) => lots > 0);
  }

  private take(buy: boolean, price: number, lots: number): void {
    const taken = (this.taken.get(key(buy, price)) ?? 0) + lots;
    assert.ok(taken <= this.shown(buy, price), 'Invariant: own fills stay within what a level displays');
    this.taken.set(key(buy, price), taken);
  }

  private arrive(timeNs: number): void {
    while (this.requests.length > 0 && (this.requests[0] as { arrival: number }).arrival <= timeNs) {
      const request = this.requests.shift() as NaiveRequest & { arrival: number };
      this.now = request.arrival;
      if (request.cancel) this.cancel(request.id);
      else this.order(request);
    }
  }

  private cancel(id: number): void {
    const at = this.resting.findIndex((order) => order.id === id);
    if (at >= 0) this.resting.splice(at, 1);
    this.report(id, at >= 0 ? 4 : 7);
  }

  private order(request: NaiveRequest): void {
    const { id, buy } = request;
    const market = request.type === 'market';
    const limit = market ? (buy ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY) : request.price;
    const best = this.levels(!buy)[0]?.[0];
    if (this.live && request.postOnly && best !== undefined && (buy ? best <= limit : best >= limit)) return this.report(id, 6);
    this.report(id, 1);
    let leaves = request.lots;
    if (this.live) {
      const reach = this.available(!buy, limit);
      const sum = reach.reduce((total, [, lots]) => total + lots, 0);
      if (request.timeInForce !== 'fok' || sum >= leaves) {
        for (const [price, lots] of reach) {
          if (leaves === 0) break;
          const last = Math.min(lots, leaves);
          leaves -= last;
          this.take(!buy, price, last);
          this.fill(id, price, 2, last, leaves);
        }
      }
    }
    if (leaves === 0) return;
    if (market || request.timeInForce !== 'gtc') return this.report(id, 6);
    const ahead = this.live ? this.shown(buy, request.price) : 0;
    this.resting.push({ id, buy, price: request.price, leaves, ahead, postOnly: request.postOnly, blind: !this.live });
  }

  /** Own orders of a side, best price first, at one price the earliest first (sorting is stable). */
  private queue(buy: boolean): Resting[] {
    return this.resting.filter((order) => order.buy === buy).sort((a, b) => (buy ? b.price - a.price : a.price - b.price));
  }

  private trade(aggressorBuys: boolean, price: number, lots: number): void {
    const buy = !aggressorBuys;
    let volume = lots;
    let filled = 0;
    for (const order of this.queue(buy)) {
      if (volume <= 0 || (buy ? order.price < price : order.price > price)) break;
      const through = order.price !== price;
      const reaching = through ? volume : volume - order.ahead;
      if (!through) order.ahead = Math.max(0, order.ahead - volume);
      const last = Math.min(reaching, order.leaves);
      if (last <= 0) continue;
      volume -= last;
      filled += last;
      this.fillResting(order, 1, last);
    }
    assert.ok(filled <= lots, 'Invariant: own fills stay within the volume of a trade');
  }

  private displayed(): void {
    if (!this.live) return;
    for (const buy of [true, false]) {
      for (const order of this.queue(buy)) order.ahead = Math.min(order.ahead, this.shown(buy, order.price));
      for (const order of this.queue(buy)) {
        const best = this.levels(!buy)[0]?.[0];
        if (best === undefined || (buy ? best > order.price : best < order.price)) break;
        if (order.blind && order.postOnly) {
          this.resting.splice(this.resting.indexOf(order), 1);
          this.report(order.id, 6);
          continue;
        }
        for (const [price, lots] of this.available(!buy, order.price)) {
          if (order.leaves === 0) break;
          const last = Math.min(lots, order.leaves);
          this.take(!buy, price, last);
          this.fillResting(order, order.blind ? 2 : 1, last);
        }
      }
    }
  }

  private state(live: boolean): void {
    const returned = live && !this.live;
    this.live = live;
    if (!returned) return;
    for (const order of this.resting) order.ahead = this.shown(order.buy, order.price);
    this.displayed();
    for (const order of this.resting) order.blind = false;
  }

  private fillResting(order: Resting, liquidity: number, last: number): void {
    order.leaves -= last;
    if (order.leaves === 0) this.resting.splice(this.resting.indexOf(order), 1);
    this.fill(order.id, order.price, liquidity, last, order.leaves);
  }

  private fill(id: number, price: number, liquidity: number, last: number, leaves: number): void {
    this.respond(id, leaves === 0 ? 3 : 2, price, liquidity, last, leaves);
  }

  private report(id: number, status: number): void {
    this.respond(id, status, 0, 0, 0, 0);
  }

  private respond(id: number, status: number, price: number, liquidity: number, last: number, leaves: number): void {
    this.lastDue = Math.max(this.now + this.responseNs, this.lastDue);
    this.pending.push({ due: this.lastDue, text: [id, status, price, liquidity, last, leaves, this.now, this.lastDue].join(' ') });
  }
}

function key(buy: boolean, price: number): string {
  return `${buy ? 'bid' : 'ask'} ${price}`;
}
