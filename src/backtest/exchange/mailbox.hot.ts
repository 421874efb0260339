import { assert } from '../../core/assert.ts';
import { OPEN_ORDERS_MAX, ORDER_RING_RECORDS, REPORT_RING_RECORDS } from '../../core/limits.ts';
import {
  D_EXCHANGE_TIME_NS,
  D_RECV_TIME_NS,
  D_TICK,
  KIND,
  KIND_MASK,
  RECORD_DOUBLES,
  RECORD_WORDS,
  W_INSTRUMENT,
  W_KIND,
} from '../../core/records/layout.ts';
import {
  EXECUTION_D_LAST_LOTS,
  EXECUTION_D_LEAVES_LOTS,
  EXECUTION_W_LIQUIDITY,
  EXECUTION_W_ORDER_ID,
  EXECUTION_W_PRICE_TICKS,
  EXECUTION_W_STATUS,
  ORDER_D_QTY_LOTS,
  ORDER_W_ATTRIBUTES,
  ORDER_W_ID,
  ORDER_W_PRICE_TICKS,
} from '../../core/records/order.ts';
import type { RingProducer } from '../../core/ring/spsc.hot.ts';

/** Requests on their way to the exchange. */
export const REQUESTS_MAX = ORDER_RING_RECORDS;
/** Reports on their way back. */
export const RESPONSES_MAX = REPORT_RING_RECORDS;
/** Fills stop while fewer places than this are left, so that every open order can still end. */
export const RESPONSES_RESERVED_FOR_FILLS = 3 * OPEN_ORDERS_MAX;
/** A request waits while fewer places than this are left. */
export const RESPONSES_RESERVED = 2 * OPEN_ORDERS_MAX;

const REQUEST_MASK = REQUESTS_MAX - 1;
const RESPONSE_MASK = RESPONSES_MAX - 1;

/**
 * Requests on their way in: each arrives its entry latency after it was sent, and never before one sent earlier. First in,
 * first out; allocates nothing.
 */
export class RequestQueue {
  readonly kind = new Int32Array(REQUESTS_MAX);
  readonly orderId = new Int32Array(REQUESTS_MAX);
  readonly attributes = new Int32Array(REQUESTS_MAX);
  readonly priceTicks = new Int32Array(REQUESTS_MAX);
  readonly qtyLots = new Float64Array(REQUESTS_MAX);
  readonly arrivalNs = new Float64Array(REQUESTS_MAX);
  readonly tick = new Float64Array(REQUESTS_MAX);
  private head = 0;
  private tail = 0;
  /** Arrival of the last request. */
  private readonly lastArrivalNs = new Float64Array(1).fill(-Number.MAX_SAFE_INTEGER);
  private readonly latencyNs: number;

  constructor(latencyNs: number) {
    this.latencyNs = latencyNs;
  }

  /** Takes an ORDER or CANCEL record; false when the queue is full. Its send time is that of the record's header. */
  push(i32: Int32Array, f64: Float64Array, slot: number): boolean {
    if (((this.head - this.tail) | 0) >= REQUESTS_MAX) return false;
    const word = slot * RECORD_WORDS;
    const double = slot * RECORD_DOUBLES;
    const at = this.head & REQUEST_MASK;
    const arrival = f64[double + D_RECV_TIME_NS]! + this.latencyNs;
    const last = this.lastArrivalNs[0]!;
    this.kind[at] = i32[word + W_KIND]! & KIND_MASK;
    this.orderId[at] = i32[word + ORDER_W_ID]!;
    this.attributes[at] = i32[word + ORDER_W_ATTRIBUTES]!;
    this.priceTicks[at] = i32[word + ORDER_W_PRICE_TICKS]!;
    this.qtyLots[at] = f64[double + ORDER_D_QTY_LOTS]!;
    this.tick[at] = f64[double + D_TICK]!;
    this.arrivalNs[at] = arrival > last ? arrival : last;
    this.lastArrivalNs[0] = this.arrivalNs[at]!;
    this.head = (this.head + 1) | 0;
    return true;
  }

  /** Index of the next request, or -1 when there is none. */
  next(): number {
    return this.head === this.tail ? -1 : this.tail & REQUEST_MASK;
  }

  pop(): void {
    this.tail = (this.tail + 1) | 0;
  }
}

/**
 * Reports on their way back: each is due its response latency after the exchange made it, and never before an earlier
 * one. `deliver` writes those due into the report ring. Allocates nothing.
 */
export class ResponseQueue {
  /** Time and tick of what the exchange is doing now: set before a report is pushed. */
  readonly now = new Float64Array(2);
  private readonly orderId = new Int32Array(RESPONSES_MAX);
  private readonly status = new Int32Array(RESPONSES_MAX);
  private readonly priceTicks = new Int32Array(RESPONSES_MAX);
  private readonly liquidity = new Int32Array(RESPONSES_MAX);
  private readonly lastLots = new Float64Array(RESPONSES_MAX);
  private readonly leavesLots = new Float64Array(RESPONSES_MAX);
  private readonly exchangeNs = new Float64Array(RESPONSES_MAX);
  private readonly dueNs = new Float64Array(RESPONSES_MAX);
  private readonly tick = new Float64Array(RESPONSES_MAX);
  private readonly lastDueNs = new Float64Array(1).fill(-Number.MAX_SAFE_INTEGER);
  private head = 0;
  private tail = 0;
  private readonly latencyNs: number;
  private readonly instrument: number;
  private readonly reports: RingProducer;

  constructor(latencyNs: number, instrument: number, reports: RingProducer) {
    this.latencyNs = latencyNs;
    this.instrument = instrument;
    this.reports = reports;
  }

  get free(): number {
    return RESPONSES_MAX - ((this.head - this.tail) | 0);
  }

  push(orderId: number, status: number, priceTicks: number, liquidity: number, lastLots: number, leavesLots: number): void {
    assert(this.free > 0, 'Invariant: reports on their way back fit their queue');
    const at = this.head & RESPONSE_MASK;
    const due = this.now[0]! + this.latencyNs;
    const last = this.lastDueNs[0]!;
    this.orderId[at] = orderId;
    this.status[at] = status;
    this.priceTicks[at] = priceTicks;
    this.liquidity[at] = liquidity;
    this.lastLots[at] = lastLots;
    this.leavesLots[at] = leavesLots;
    this.exchangeNs[at] = this.now[0]!;
    this.dueNs[at] = due > last ? due : last;
    this.tick[at] = this.now[1]!;
    this.lastDueNs[0] = this.dueNs[at]!;
    this.head = (this.head + 1) | 0;
  }

  /** Writes every report due at or before `until[0]`, as far as the ring has room; the rest follows with the next call. */
  deliver(until: Float64Array): void {
    const reports = this.reports;
    const limit = until[0]!;
    let written = 0;
    while (this.head !== this.tail) {
      const at = this.tail & RESPONSE_MASK;
      if (this.dueNs[at]! > limit) break;
      const slot = reports.claim();
      if (slot < 0) break;
      const word = slot * RECORD_WORDS;
      const double = slot * RECORD_DOUBLES;
      const i32 = reports.i32;
      const f64 = reports.f64;
      i32[word + W_KIND] = KIND.EXECUTION;
      i32[word + W_INSTRUMENT] = this.instrument;
      f64[double + D_RECV_TIME_NS] = this.dueNs[at]!;
      f64[double + D_EXCHANGE_TIME_NS] = this.exchangeNs[at]!;
      f64[double + D_TICK] = this.tick[at]!;
      i32[word + EXECUTION_W_ORDER_ID] = this.orderId[at]!;
      i32[word + EXECUTION_W_STATUS] = this.status[at]!;
      i32[word + EXECUTION_W_PRICE_TICKS] = this.priceTicks[at]!;
      i32[word + EXECUTION_W_LIQUIDITY] = this.liquidity[at]!;
      f64[double + EXECUTION_D_LAST_LOTS] = this.lastLots[at]!;
      f64[double + EXECUTION_D_LEAVES_LOTS] = this.leavesLots[at]!;
      this.tail = (this.tail + 1) | 0;
      written++;
    }
    if (written > 0) reports.publish();
  }
}

assert(RESPONSES_MAX > RESPONSES_RESERVED_FOR_FILLS, 'Invariant: fills have room beside what is reserved');
