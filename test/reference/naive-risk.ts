import type { RiskLimits } from '../../src/risk/limits.ts';

/**
 * The risk gate once more: BigInt, maps and objects, written from docs/risk.md and the table of reasons and sharing no code
 * with src/risk. Slow and plain on purpose; the fast gate must agree with it on every decision and every sum.
 */
export interface NaiveOrder {
  readonly id: number;
  readonly buy: boolean;
  readonly qty: bigint;
  state: 'sent' | 'accepted' | 'partial' | 'filled' | 'canceled' | 'expired' | 'rejected';
  pendingCancel: boolean;
  /** Filled from the start without a hole. */
  front: bigint;
  /** Filled parts beyond a hole. */
  islands: [bigint, bigint][];
  filled: bigint;
}

export interface NaiveIntent {
  side: number;
  type: number;
  timeInForce: number;
  flags: number;
  priceTicks: number;
  qtyLots: number;
}

const SLOTS = 4_096;
const MILLION = 1_000_000n;

export class NaiveRisk {
  readonly orders = new Map<number, NaiveOrder>();
  position = 0n;
  cash = 0n;
  cost = 0n;
  fees = 0n;
  nextId = 1;
  killLevel = 0;
  lossLatched = false;
  duplicates = 0;
  lateFills = 0;
  overfills = 0;
  unknown = 0;
  bad = 0;
  now: bigint | null = null;
  bookState: number | null = null;
  bid: bigint | null = null;
  ask: bigint | null = null;
  topTime: bigint | null = null;
  trade: bigint | null = null;
  tradeTime: bigint | null = null;
  private readonly sentTimes: bigint[] = [];
  private readonly limits: RiskLimits;

  constructor(limits: RiskLimits) {
    this.limits = limits;
  }

  open(): NaiveOrder[] {
    return [...this.orders.values()].filter((o) => o.state === 'sent' || o.state === 'accepted' || o.state === 'partial');
  }

  openLots(buy: boolean): bigint {
    return this.open().reduce((sum, o) => (o.buy === buy ? sum + o.qty - o.filled : sum), 0n);
  }

  submit(intent: NaiveIntent): number {
    const reason = this.decide(intent);
    if (reason !== 0) return reason;
    let id = this.nextId;
    while (this.open().some((o) => (id - o.id) % SLOTS === 0)) id++;
    for (const known of [...this.orders.keys()]) if ((id - known) % SLOTS === 0) this.orders.delete(known);
    this.orders.set(id, {
      id,
      buy: intent.side === 0,
      qty: BigInt(intent.qtyLots),
      state: 'sent',
      pendingCancel: false,
      front: 0n,
      islands: [],
      filled: 0n,
    });
    this.nextId = id + 1;
    this.sentTimes.push(this.now as bigint);
    return 0;
  }

  cancel(id: number): number {
    const order = this.open().find((o) => o.id === id);
    if (order === undefined) return 9004;
    if (order.pendingCancel) return 9005;
    order.pendingCancel = true;
    return 0;
  }

  execution(id: number, status: number, price: number, last: number, leaves: number, maker: boolean): void {
    const order = this.orders.get(id);
    if (order === undefined) {
      this.unknown++;
      this.trip();
      return;
    }
    const isOpen = this.open().includes(order);
    const end = (state: NaiveOrder['state']): void => {
      if (!isOpen) this.duplicates++;
      else {
        order.state = state;
        order.pendingCancel = false;
      }
    };
    if (status === 1) {
      if (order.state === 'sent') order.state = 'accepted';
      else this.duplicates++;
    } else if (status === 2 || status === 3) this.fill(order, isOpen, price, last, leaves, maker);
    else if (status === 4) end('canceled');
    else if (status === 6) end('expired');
    else if (status === 5) {
      if (isOpen && order.filled > 0n) {
        this.overfills++;
        this.trip();
      }
      end('rejected');
    } else if (status === 7) {
      if (order.pendingCancel) order.pendingCancel = false;
      else this.duplicates++;
    } else {
      this.bad++;
      this.trip();
    }
  }

  /** Returns the ids that are to be cancelled now. */
  watch(): number[] {
    if (!this.lossLatched && this.lossBreached()) {
      this.lossLatched = true;
      this.trip();
    }
    if (this.killLevel < 2 && !this.lossLatched) return [];
    const ids = this.open()
      .filter((o) => !o.pendingCancel)
      .map((o) => o.id);
    for (const id of ids) this.cancel(id);
    return ids;
  }

  equity(): bigint {
    const mark = this.position === 0n ? 0n : this.position > 0n ? (this.bid as bigint) : (this.ask as bigint);
    return this.cash + this.position * mark - this.fees;
  }

  private trip(): void {
    this.killLevel = Math.max(this.killLevel, 1);
  }

  private fill(order: NaiveOrder, isOpen: boolean, price: number, last: number, leaves: number, maker: boolean): void {
    const wrong = (counter: 'overfills' | 'bad'): void => {
      this[counter]++;
      this.trip();
    };
    if (!Number.isSafeInteger(last) || last <= 0 || !Number.isSafeInteger(leaves) || price <= 0) return wrong('bad');
    if (BigInt(last) * BigInt(price) > BigInt(Number.MAX_SAFE_INTEGER)) return wrong('bad');
    let to = order.qty - BigInt(leaves);
    let from = to - BigInt(last);
    if (from >= 0n && to <= order.front) {
      this.duplicates++;
      return;
    }
    const contradiction = to > order.qty || from < order.front;
    if (to > order.qty) to = order.qty;
    if (from < order.front) from = order.front;
    if (from >= to) return wrong('overfills');
    // Fixed places in the order they are looked at: the first island that decides, decides.
    for (const [a, b] of order.islands) {
      if (from >= a && to <= b) {
        this.duplicates++;
        return;
      }
      if (from < b && to > a) return wrong('overfills');
    }
    if (from !== order.front) {
      if (order.islands.length === 4) return wrong('bad');
      order.islands.push([from, to]);
    } else {
      order.front = to;
      for (let joined = true; joined; ) {
        const next = order.islands.findIndex(([a]) => a === order.front);
        joined = next >= 0;
        if (joined) order.front = (order.islands.splice(next, 1)[0] as [bigint, bigint])[1];
      }
    }
    order.filled += to - from;
    this.money(order.buy, BigInt(price), to - from, maker);
    if (!isOpen) this.lateFills++;
    else order.state = order.filled === order.qty ? 'filled' : 'partial';
    if (order.state === 'filled') order.pendingCancel = false;
    if (contradiction) wrong('overfills');
  }

  private money(buy: boolean, price: bigint, lots: bigint, maker: boolean): void {
    const sign = buy ? 1n : -1n;
    const held = this.position < 0n ? -this.position : this.position;
    const closing = this.position * sign < 0n ? (lots < held ? lots : held) : 0n;
    if (closing > 0n) {
      const worth = this.cost < 0n ? -this.cost : this.cost;
      const released = (worth * closing) / held;
      this.cost = this.cost < 0n ? this.cost + released : this.cost - released;
    }
    this.cost += sign * (lots - closing) * price;
    this.cash -= sign * lots * price;
    this.position += sign * lots;
    const ppm = BigInt(maker ? this.limits.makerFeePpm : this.limits.takerFeePpm);
    const exact = lots * price * ppm;
    // Division of BigInt truncates towards zero: that already rounds a rebate against us, a fee needs one more.
    this.fees += exact / MILLION + (exact > 0n && exact % MILLION !== 0n ? 1n : 0n);
  }

  private marked(): boolean {
    const { minPriceTicks, maxPriceTicks } = this.limits;
    const { bid, ask } = this;
    return bid !== null && ask !== null && bid >= BigInt(minPriceTicks) && bid > 0n && ask > 0n && ask <= BigInt(maxPriceTicks);
  }

  private lossBreached(): boolean {
    if (this.limits.maxLossTickLots === -1 || (this.position !== 0n && !this.marked())) return false;
    return this.equity() < -BigInt(this.limits.maxLossTickLots);
  }

  private decide(intent: NaiveIntent): number {
    const l = this.limits;
    const reduce = (intent.flags & 128) !== 0;
    const post = (intent.flags & 256) !== 0;
    const market = intent.type === 1;
    if (this.killLevel === 3) return 3003;
    if (this.killLevel === 2) return 3002;
    if (l.maxLossTickLots === -1) return 2590;
    if (!reduce && this.lossLatched) return 2501;
    if (!reduce && this.killLevel === 1) return 3001;
    const kinds = [0, 1].includes(intent.side) && (intent.flags & ~384) === 0;
    const typed = market
      ? intent.timeInForce === 1 && !post
      : intent.type === 0 && [0, 1, 2].includes(intent.timeInForce) && !(post && intent.timeInForce !== 0);
    if (!kinds || !typed) return 2801;
    if (!l.allowed) return 801;
    if (this.bookState === null) return 1190;
    if (this.bookState !== 4) return 1101;
    if (l.maxDataAgeNs === -1) return 1090;
    if (this.now === null) return 1092;
    if (this.topTime === null) return 1091;
    if (this.topTime > this.now) return 1002;
    if (this.now - this.topTime > BigInt(l.maxDataAgeNs)) return 1001;
    if (this.bid === null || this.ask === null) return 1290;
    if (this.bid > this.ask) return 1201;
    if (this.bid === this.ask) return 1202;
    if (l.minPriceTicks === -1 || l.maxPriceTicks === -1) return 790;
    if (!market && (intent.priceTicks < l.minPriceTicks || intent.priceTicks > l.maxPriceTicks)) return 701;
    if (!Number.isSafeInteger(intent.qtyLots) || intent.qtyLots <= 0) return 702;
    if (l.maxOrderLots === -1) return 190;
    if (intent.qtyLots > l.maxOrderLots) return 101;
    return this.decidePrice(intent, reduce);
  }

  private decidePrice(intent: NaiveIntent, reduce: boolean): number {
    const l = this.limits;
    const now = this.now as bigint;
    const bid = this.bid as bigint;
    const ask = this.ask as bigint;
    if (l.maxSpreadTicks === -1 || l.maxTradeAgeNs === -1) return 490;
    let twice: bigint;
    if (this.marked() && ask - bid <= BigInt(l.maxSpreadTicks)) twice = bid + ask;
    else {
      if (l.maxTradeAgeNs === 0 || this.trade === null || this.tradeTime === null) return 401;
      if (this.tradeTime > now || now - this.tradeTime > BigInt(l.maxTradeAgeNs)) return 401;
      if (this.trade < BigInt(l.minPriceTicks) || this.trade > BigInt(l.maxPriceTicks)) return 401;
      twice = 2n * this.trade;
    }
    if (l.collarPpm === -1) return 590;
    const buy = intent.side === 0;
    const edge = twice * (MILLION + BigInt(buy ? l.collarPpm : -l.collarPpm));
    let worst = BigInt(intent.priceTicks);
    if (intent.type === 1) {
      worst = buy ? edge / (2n * MILLION) : (edge + 2n * MILLION - 1n) / (2n * MILLION);
      if (worst < 1n) worst = 1n;
      if (worst > BigInt(l.maxPriceTicks)) worst = BigInt(l.maxPriceTicks);
    } else if (buy ? worst * 2n * MILLION > edge : worst * 2n * MILLION < edge) return 501;
    const qty = BigInt(intent.qtyLots);
    if (l.maxNotionalTickLots === -1) return 290;
    if (qty * worst > BigInt(l.maxNotionalTickLots)) return 201;
    const toward = buy ? this.position : -this.position;
    const after = toward + this.openLots(buy) + qty;
    if (reduce && after > 0n) return 2901;
    const limit = buy ? l.maxLongLots : l.maxShortLots;
    if (limit === -1) return 1490;
    if (after > BigInt(limit)) return 1401;
    if (l.maxOpenOrders === -1) return 1790;
    if (this.open().length >= l.maxOpenOrders) return 1701;
    if (!reduce && this.position !== 0n && !this.marked()) return 1290;
    if (!reduce && this.lossBreached()) return 2501;
    if (l.maxOrdersPer1s === -1 || l.maxOrdersPer10s === -1) return 1890;
    const lastSent = this.sentTimes.at(-1);
    if (lastSent !== undefined && now < lastSent) return 1803;
    const within = (ns: bigint): number => this.sentTimes.filter((t) => t > now - ns).length;
    if (within(1_000_000_000n) >= l.maxOrdersPer1s) return 1801;
    return within(10_000_000_000n) >= l.maxOrdersPer10s ? 1802 : 0;
  }
}
