import type { OrderSink } from '../core/ports.ts';
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
} from '../core/records/layout.ts';
import {
  EXECUTION,
  EXECUTION_D_LAST_LOTS,
  EXECUTION_D_LEAVES_LOTS,
  EXECUTION_W_LIQUIDITY,
  EXECUTION_W_ORDER_ID,
  EXECUTION_W_PRICE_TICKS,
  EXECUTION_W_STATUS,
  LIQUIDITY,
  ORDER_W_ID,
} from '../core/records/order.ts';
import type { RingConsumer, RingProducer } from '../core/ring/spsc.hot.ts';

/** Writes one approved record as the venue's bytes. */
export interface OrderEncoder {
  /** The message, valid until the next call. */
  readonly bytes: Uint8Array;
  /** Length of the message, or a status below zero when the record cannot be expressed at this venue. */
  encode(i32: Int32Array, f64: Float64Array, slot: number): number;
}

/**
 * Takes approved orders from their ring, encodes each and hands it to the sink. What cannot be encoded or taken is answered
 * here: REJECTED for an order, CANCEL_REJECTED for a cancel, so that no exposure stays reserved for what never left.
 * Runs in the lane's thread (inline, replay) or on the gateway thread; it must be the sink's thread, because both write the
 * report ring.
 */
export class Gateway {
  /** Records handed to the sink, and records answered here instead. */
  sent = 0;
  failed = 0;
  /** Status of the last failure: the encoder's or the sink's; 0 when there was none. */
  lastStatus = 0;
  private readonly approved: RingConsumer;
  private readonly encoder: OrderEncoder;
  private readonly sink: OrderSink;
  private readonly reports: RingProducer;

  constructor(approved: RingConsumer, encoder: OrderEncoder, sink: OrderSink, reports: RingProducer) {
    this.approved = approved;
    this.encoder = encoder;
    this.sink = sink;
    this.reports = reports;
  }

  /**
   * Takes one approved record. 1: it was taken, sent or answered; 0: the ring is empty, or the report ring has no room for
   * an answer that may be needed (the record waits).
   */
  sendNext(): number {
    const approved = this.approved;
    if (approved.poll(1) === 0) return 0;
    if (this.reports.free() < 1) return 0;
    const slot = approved.slot(0);
    const i32 = approved.i32;
    const f64 = approved.f64;
    const encoder = this.encoder;
    let status = encoder.encode(i32, f64, slot);
    if (status >= 0) status = this.sink.send(i32, f64, slot, encoder.bytes, status);
    if (status < 0) this.answer(i32, f64, slot, status);
    else this.sent++;
    approved.release(1);
    return 1;
  }

  private answer(i32: Int32Array, f64: Float64Array, slot: number, status: number): void {
    const reports = this.reports;
    const target = reports.claim();
    const from = slot * RECORD_WORDS;
    const word = target * RECORD_WORDS;
    const double = target * RECORD_DOUBLES;
    const out = reports.i32;
    const outF64 = reports.f64;
    out[word + W_KIND] = KIND.EXECUTION;
    out[word + W_INSTRUMENT] = i32[from + W_INSTRUMENT]!;
    outF64[double + D_RECV_TIME_NS] = f64[slot * RECORD_DOUBLES + D_RECV_TIME_NS]!;
    outF64[double + D_EXCHANGE_TIME_NS] = f64[slot * RECORD_DOUBLES + D_EXCHANGE_TIME_NS]!;
    outF64[double + D_TICK] = f64[slot * RECORD_DOUBLES + D_TICK]!;
    out[word + EXECUTION_W_ORDER_ID] = i32[from + ORDER_W_ID]!;
    out[word + EXECUTION_W_STATUS] = (i32[from + W_KIND]! & KIND_MASK) === KIND.CANCEL ? EXECUTION.CANCEL_REJECTED : EXECUTION.REJECTED;
    out[word + EXECUTION_W_PRICE_TICKS] = 0;
    out[word + EXECUTION_W_LIQUIDITY] = LIQUIDITY.NONE;
    outF64[double + EXECUTION_D_LAST_LOTS] = 0;
    outF64[double + EXECUTION_D_LEAVES_LOTS] = 0;
    reports.publish();
    this.failed++;
    this.lastStatus = status;
  }
}
