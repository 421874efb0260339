import { SimulatedExchange } from '../../src/backtest/exchange/exchange.hot.ts';
import { REPORT_RING_RECORDS } from '../../src/core/limits.ts';
import { D_RECV_TIME_NS, KIND, RECORD_DOUBLES, RECORD_WORDS } from '../../src/core/records/layout.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import { ORDER_D_QTY_LOTS, ORDER_W_ATTRIBUTES, ORDER_W_ID, ORDER_W_PRICE_TICKS, orderAttributes } from '../../src/core/records/order.ts';
import type { MarketEvent, NaiveRequest } from '../reference/naive-exchange.ts';
import { ring, Scratch } from './risk-rig.ts';

const NO_BYTES = new Uint8Array(0);
const TIMES_IN_FORCE = ['gtc', 'ioc', 'fok'];

/** A simulated exchange driven by plain objects; reports come out in the text form of the naive twin. */
export class ExchangeRig {
  readonly exchange: SimulatedExchange;
  readonly reports: string[] = [];
  private readonly ring = ring(REPORT_RING_RECORDS);
  private readonly scratch = new Scratch();
  private readonly clock = new Float64Array(RECORD_DOUBLES);

  constructor(entryLatencyNs = 0, responseLatencyNs = 0) {
    this.exchange = new SimulatedExchange({ instrument: 0, entryLatencyNs, responseLatencyNs, reports: this.ring.producer });
  }

  send(request: NaiveRequest): number {
    const { scratch } = this;
    scratch.header(request.cancel ? KIND.CANCEL : KIND.ORDER, request.sentNs, 1);
    const flags = request.postOnly ? 256 : 0;
    scratch.i32[ORDER_W_ID] = request.id;
    scratch.i32[ORDER_W_ATTRIBUTES] = orderAttributes(
      request.buy ? 0 : 1,
      request.type === 'market' ? 1 : 0,
      TIMES_IN_FORCE.indexOf(request.timeInForce),
      flags,
    );
    scratch.i32[ORDER_W_PRICE_TICKS] = request.price;
    scratch.f64[ORDER_D_QTY_LOTS] = request.lots;
    return this.exchange.send(scratch.i32, scratch.f64, 0, NO_BYTES, 0);
  }

  /** One record, its exchange first advanced to its time as the lane does it. */
  market(timeNs: number, event: MarketEvent): void {
    this.clock[D_RECV_TIME_NS] = timeNs;
    this.exchange.advance(this.clock, 0);
    const { i32, f64 } = this.scratch.header(KIND_OF[event.kind], timeNs, 1);
    if (event.kind === 'state') i32[8] = event.live ? BOOK_STATE.LIVE : BOOK_STATE.GAP;
    else if (event.kind === 'end') f64[6] = event.id;
    else if (event.kind === 'level') {
      i32[8] = event.buy ? 0 : 1;
      i32[9] = event.price;
      f64[5] = event.lots;
    } else if (event.kind === 'bbo') {
      i32[8] = event.bid;
      i32[9] = event.ask;
      f64[5] = event.bidLots;
      f64[6] = event.askLots;
      f64[7] = event.id;
    } else if (event.kind === 'trade') {
      i32[8] = event.price;
      i32[9] = event.aggressorBuys ? 0 : 1;
      f64[5] = event.lots;
    }
    this.exchange.onMarketRecord(i32, f64, 0);
  }

  /** Delivers what is due; returns the new reports. */
  advance(nowNs: number): string[] {
    this.clock[D_RECV_TIME_NS] = nowNs;
    this.exchange.advance(this.clock, 0);
    const { consumer } = this.ring;
    const fresh: string[] = [];
    for (let count = consumer.poll(64); count > 0; count = consumer.poll(64)) {
      for (let i = 0; i < count; i++) {
        const w = consumer.slot(i) * RECORD_WORDS;
        const d = consumer.slot(i) * RECORD_DOUBLES;
        const { i32, f64 } = consumer;
        fresh.push([i32[w + 8], i32[w + 9], i32[w + 10], i32[w + 11], f64[d + 6], f64[d + 7], f64[d + 2], f64[d + 1]].join(' '));
      }
      consumer.release(count);
    }
    this.reports.push(...fresh);
    return fresh;
  }
}

const KIND_OF = {
  state: KIND.BOOK_STATE,
  clear: KIND.BOOK_CLEAR,
  level: KIND.BOOK_LEVEL,
  end: KIND.BOOK_END,
  bbo: KIND.BBO,
  trade: KIND.TRADE,
} as const;

/** A limit order, good till cancelled, unless `change` says otherwise. */
export function request(
  id: number,
  buy: boolean,
  price: number,
  lots: number,
  sentNs: number,
  change: Partial<NaiveRequest> = {},
): NaiveRequest {
  return { id, cancel: false, buy, type: 'limit', timeInForce: 'gtc', postOnly: false, price, lots, sentNs, ...change };
}
