import { assert } from '../../core/assert.ts';
import type { OrderSink } from '../../core/ports.ts';
import { PRICE_NONE, PRICE_TICKS_MAX } from '../../core/price.ts';
import { D_RECV_TIME_NS, D_TICK, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS, W_INSTRUMENT, W_KIND } from '../../core/records/layout.ts';
import {
  BOOK_END_D_UPDATE_ID,
  BOOK_STATE,
  BOOK_STATE_W_STATE,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  SIDE,
  TRADE_D_QTY_LOTS,
  TRADE_W_PRICE_TICKS,
  TRADE_W_SIDE,
} from '../../core/records/market.ts';
import {
  ATTRIBUTE_POST_ONLY,
  ATTRIBUTE_SIDE_MASK,
  ATTRIBUTE_TIF_SHIFT,
  ATTRIBUTE_TYPE_SHIFT,
  EXECUTION,
  LIQUIDITY,
  ORDER_TYPE,
  TIME_IN_FORCE,
} from '../../core/records/order.ts';
import type { RingProducer } from '../../core/ring/spsc.hot.ts';
import { DisplayedMarket } from './displayed.hot.ts';
import { RESPONSES_RESERVED, RESPONSES_RESERVED_FOR_FILLS, RequestQueue, ResponseQueue } from './mailbox.hot.ts';
import { RestingOrders } from './resting.hot.ts';

/** Status of `send` below zero: the request was not taken. */
export const SEND = { QUEUE_FULL: -1 } as const;

export interface SimulatedExchangeOptions {
  /** Instrument index; records of others are ignored. */
  readonly instrument: number;
  /** From decision to exchange, and from exchange to engine: constant, whole ns of data time, 0 and above. */
  readonly entryLatencyNs: number;
  readonly responseLatencyNs: number;
  /** Where EXECUTION records go. */
  readonly reports: RingProducer;
}

/**
 * An exchange made of recorded market data: own orders meet what the market displayed and traded, and change neither. The
 * rules stand one by one in docs/simulated-exchange.md. Deterministic: its clock is the receive time of the records.
 * Called in the lane's thread: `advance` to a tick's time before it is applied, so that requests meet the market they arrive
 * in, and with its records once the lane has decided. Allocates nothing.
 */
export class SimulatedExchange implements OrderSink {
  private readonly instrument: number;
  private readonly market = new DisplayedMarket();
  private readonly resting = new RestingOrders();
  private readonly requests: RequestQueue;
  private readonly responses: ResponseQueue;
  private readonly until = new Float64Array(1);

  constructor(options: SimulatedExchangeOptions) {
    assert(
      Number.isSafeInteger(options.entryLatencyNs) && options.entryLatencyNs >= 0,
      'Invariant: entry latency is whole ns, 0 and above',
    );
    assert(
      Number.isSafeInteger(options.responseLatencyNs) && options.responseLatencyNs >= 0,
      'Invariant: response latency is whole ns, 0 and above',
    );
    this.instrument = options.instrument;
    this.requests = new RequestQueue(options.entryLatencyNs);
    this.responses = new ResponseQueue(options.responseLatencyNs, options.instrument, options.reports);
  }

  /** Own orders resting at the exchange. */
  get openOrders(): number {
    return this.resting.buys + this.resting.sells;
  }

  /** Takes an ORDER or CANCEL record on its way; its send time is that of its header, the encoded bytes are not read. */
  send(i32: Int32Array, f64: Float64Array, slot: number, _bytes: Uint8Array, _length: number): number {
    return this.requests.push(i32, f64, slot) ? 0 : SEND.QUEUE_FULL;
  }

  /** Lets requests arrive and reports return up to the receive time of the record at `slot`; none with an earlier one follows. */
  advance(f64: Float64Array, slot: number): void {
    this.until[0] = f64[slot * RECORD_DOUBLES + D_RECV_TIME_NS]!;
    this.arrivals();
    this.responses.deliver(this.until);
  }

  onMarketRecord(i32: Int32Array, f64: Float64Array, slot: number): void {
    const word = slot * RECORD_WORDS;
    const double = slot * RECORD_DOUBLES;
    if (i32[word + W_INSTRUMENT] !== this.instrument) return;
    this.responses.now[0] = f64[double + D_RECV_TIME_NS]!;
    this.responses.now[1] = f64[double + D_TICK]!;
    const market = this.market;
    switch (i32[word + W_KIND]! & KIND_MASK) {
      case KIND.BOOK_LEVEL:
        market.level(i32[word + LEVEL_W_SIDE]!, i32[word + LEVEL_W_PRICE_TICKS]!, f64, double + LEVEL_D_QTY_LOTS);
        return;
      case KIND.BOOK_END:
        market.depthEnd(f64, double + BOOK_END_D_UPDATE_ID);
        this.onDisplayed();
        return;
      case KIND.BBO:
        market.bbo(i32, f64, slot);
        this.onDisplayed();
        return;
      case KIND.TRADE:
        if (market.state === BOOK_STATE.LIVE && this.openOrders > 0) {
          this.onTrade(i32[word + TRADE_W_SIDE]!, i32[word + TRADE_W_PRICE_TICKS]!, f64[double + TRADE_D_QTY_LOTS]!);
        }
        return;
      case KIND.BOOK_CLEAR:
        market.clear();
        return;
      case KIND.BOOK_STATE:
        this.onState(i32[word + BOOK_STATE_W_STATE]!);
        return;
      default:
        return;
    }
  }

  /** Processes every request that arrives at or before `until`, in order. */
  private arrivals(): void {
    const requests = this.requests;
    for (let at = requests.next(); at >= 0; at = requests.next()) {
      const arrival = requests.arrivalNs[at]!;
      if (arrival > this.until[0]! || this.responses.free < RESPONSES_RESERVED) return;
      this.responses.now[0] = arrival;
      this.responses.now[1] = requests.tick[at]!;
      if (requests.kind[at] === KIND.CANCEL) this.cancel(requests.orderId[at]!);
      else this.order(requests.orderId[at]!, requests.attributes[at]!, requests.priceTicks[at]!, requests.qtyLots[at]!);
      requests.pop();
    }
  }

  private cancel(orderId: number): void {
    const resting = this.resting;
    let side: number = SIDE.BUY;
    let position = resting.find(side, orderId);
    if (position < 0) {
      side = SIDE.SELL;
      position = resting.find(side, orderId);
    }
    if (position < 0) {
      this.report(orderId, EXECUTION.CANCEL_REJECTED);
      return;
    }
    resting.remove(side, position);
    this.report(orderId, EXECUTION.CANCELED);
  }

  private order(orderId: number, attributes: number, priceTicks: number, qtyLots: number): void {
    const side = attributes & ATTRIBUTE_SIDE_MASK;
    const market = ((attributes >> ATTRIBUTE_TYPE_SHIFT) & 7) === ORDER_TYPE.MARKET;
    const timeInForce = (attributes >> ATTRIBUTE_TIF_SHIFT) & 7;
    const postOnly = (attributes & ATTRIBUTE_POST_ONLY) !== 0 ? 1 : 0;
    const rests = !market && timeInForce === TIME_IN_FORCE.GTC;
    if (this.resting.full || !(qtyLots > 0)) {
      this.report(orderId, EXECUTION.REJECTED);
      return;
    }
    const live = this.market.state === BOOK_STATE.LIVE;
    const limit = market ? (side === SIDE.BUY ? PRICE_TICKS_MAX : -PRICE_TICKS_MAX) : priceTicks;
    if (live && postOnly === 1 && this.crosses(side, limit)) {
      this.report(orderId, EXECUTION.EXPIRED);
      return;
    }
    this.report(orderId, EXECUTION.ACCEPTED);
    let leaves = qtyLots;
    if (live && (timeInForce !== TIME_IN_FORCE.FOK || this.availableLots(side, limit, qtyLots) >= qtyLots)) {
      leaves = this.take(side, orderId, limit, qtyLots);
    }
    if (leaves === 0) return;
    if (!rests) {
      this.report(orderId, EXECUTION.EXPIRED);
      return;
    }
    this.resting.insert(side, orderId, priceTicks, leaves, live ? this.market.shownLots(side, priceTicks) : 0, postOnly, live ? 0 : 1);
  }

  /** Walks the displayed levels of the other side up to `limit`; returns what is left. */
  private take(side: number, orderId: number, limit: number, qtyLots: number): number {
    const market = this.market;
    let leaves = qtyLots;
    market.beginLevels(side ^ 1);
    while (leaves > 0 && market.nextLevel()) {
      if (side === SIDE.BUY ? market.levelTicks > limit : market.levelTicks < limit) break;
      if (this.responses.free < RESPONSES_RESERVED_FOR_FILLS) break;
      const lots = market.levelLots < leaves ? market.levelLots : leaves;
      market.consume(lots);
      leaves -= lots;
      this.fill(orderId, market.levelTicks, LIQUIDITY.TAKER, lots, leaves);
    }
    return leaves;
  }

  /** Lots available up to `limit`, counted no further than `enough` nor over more levels than can be reported. */
  private availableLots(side: number, limit: number, enough: number): number {
    const market = this.market;
    let lots = 0;
    market.beginLevels(side ^ 1);
    for (let room = this.responses.free - RESPONSES_RESERVED_FOR_FILLS; room > 1 && lots < enough && market.nextLevel(); room--) {
      if (side === SIDE.BUY ? market.levelTicks > limit : market.levelTicks < limit) break;
      lots += market.levelLots;
    }
    return lots;
  }

  private crosses(side: number, priceTicks: number): boolean {
    const best = this.market.bestTicks(side ^ 1);
    if (best === PRICE_NONE) return false;
    return side === SIDE.BUY ? best <= priceTicks : best >= priceTicks;
  }

  /** Volume of one trade goes to the orders it reached, best price and earliest first, each lot once. */
  private onTrade(aggressor: number, tradeTicks: number, qtyLots: number): void {
    const resting = this.resting;
    const side = aggressor ^ 1;
    const buy = side === SIDE.BUY;
    const rows = buy ? resting.buyRows : resting.sellRows;
    let volume = qtyLots;
    let position = 0;
    while (volume > 0 && position < (buy ? resting.buys : resting.sells)) {
      const row = rows[position]!;
      const ticks = resting.priceTicks[row]!;
      if (buy ? ticks < tradeTicks : ticks > tradeTicks) return;
      let reaching = volume;
      if (ticks === tradeTicks) {
        const ahead = resting.aheadLots[row]!;
        resting.aheadLots[row] = ahead > volume ? ahead - volume : 0;
        reaching = volume - ahead;
      }
      const leaves = resting.leavesLots[row]!;
      const lots = reaching < leaves ? reaching : leaves;
      if (lots <= 0 || this.responses.free < RESPONSES_RESERVED_FOR_FILLS) {
        position++;
        continue;
      }
      volume -= lots;
      if (!this.fillResting(side, position, LIQUIDITY.MAKER, lots)) position++;
    }
  }

  /** The displayed market changed: queues shrink to what is displayed, and orders that the other side reached fill. */
  private onDisplayed(): void {
    if (this.market.state !== BOOK_STATE.LIVE) return;
    const resting = this.resting;
    if (resting.buys > 0) {
      this.clampQueues(SIDE.BUY, resting.buyRows, resting.buys);
      if (this.crosses(SIDE.BUY, resting.priceTicks[resting.buyRows[0]!]!)) this.fillCrossed(SIDE.BUY);
    }
    if (resting.sells > 0) {
      this.clampQueues(SIDE.SELL, resting.sellRows, resting.sells);
      if (this.crosses(SIDE.SELL, resting.priceTicks[resting.sellRows[0]!]!)) this.fillCrossed(SIDE.SELL);
    }
  }

  private clampQueues(side: number, rows: Int32Array, count: number): void {
    const resting = this.resting;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const ahead = resting.aheadLots[row]!;
      if (ahead === 0) continue;
      const shown = this.market.shownLots(side, resting.priceTicks[row]!);
      if (shown < ahead) resting.aheadLots[row] = shown;
    }
  }

  /** The other side is displayed at or through own prices: fills at own price, no more than is displayed. */
  private fillCrossed(side: number): void {
    const resting = this.resting;
    const market = this.market;
    const buy = side === SIDE.BUY;
    const rows = buy ? resting.buyRows : resting.sellRows;
    let position = 0;
    while (position < (buy ? resting.buys : resting.sells)) {
      const row = rows[position]!;
      const ticks = resting.priceTicks[row]!;
      if (!this.crosses(side, ticks)) return;
      if (resting.blind[row] === 1 && resting.postOnly[row] === 1) {
        resting.remove(side, position);
        this.report(resting.orderId[row]!, EXECUTION.EXPIRED);
        continue;
      }
      const liquidity = resting.blind[row] === 1 ? LIQUIDITY.TAKER : LIQUIDITY.MAKER;
      let filled = false;
      market.beginLevels(side ^ 1);
      while (!filled && market.nextLevel()) {
        if (buy ? market.levelTicks > ticks : market.levelTicks < ticks) break;
        if (this.responses.free < RESPONSES_RESERVED_FOR_FILLS) return;
        const leaves = resting.leavesLots[row]!;
        const lots = market.levelLots < leaves ? market.levelLots : leaves;
        market.consume(lots);
        filled = this.fillResting(side, position, liquidity, lots);
      }
      if (!filled) position++;
    }
  }

  /** On return to LIVE every order queues behind all that is displayed, and those that arrived meanwhile meet the market. */
  private onState(state: number): void {
    const before = this.market.state;
    this.market.state = state;
    if (state !== BOOK_STATE.LIVE || before === BOOK_STATE.LIVE) return;
    const resting = this.resting;
    for (let side = 0; side < 2; side++) {
      const rows = side === SIDE.BUY ? resting.buyRows : resting.sellRows;
      const count = side === SIDE.BUY ? resting.buys : resting.sells;
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        resting.aheadLots[row] = this.market.shownLots(side, resting.priceTicks[row]!);
      }
    }
    this.onDisplayed();
    for (let i = 0; i < resting.buys; i++) resting.blind[resting.buyRows[i]!] = 0;
    for (let i = 0; i < resting.sells; i++) resting.blind[resting.sellRows[i]!] = 0;
  }

  /** Fills a resting order at its own price; true when that completed and removed it. */
  private fillResting(side: number, position: number, liquidity: number, lots: number): boolean {
    const resting = this.resting;
    const row = (side === SIDE.BUY ? resting.buyRows : resting.sellRows)[position]!;
    const leaves = resting.leavesLots[row]! - lots;
    resting.leavesLots[row] = leaves;
    this.fill(resting.orderId[row]!, resting.priceTicks[row]!, liquidity, lots, leaves);
    if (leaves > 0) return false;
    resting.remove(side, position);
    return true;
  }

  private fill(orderId: number, priceTicks: number, liquidity: number, lots: number, leaves: number): void {
    this.responses.push(orderId, leaves === 0 ? EXECUTION.FILL : EXECUTION.PARTIAL_FILL, priceTicks, liquidity, lots, leaves);
  }

  private report(orderId: number, status: number): void {
    this.responses.push(orderId, status, 0, LIQUIDITY.NONE, 0, 0);
  }
}
