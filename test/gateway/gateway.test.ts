import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { OrderSink } from '../../src/core/ports.ts';
import { D_RECV_TIME_NS, KIND, RECORD_DOUBLES, RECORD_WORDS } from '../../src/core/records/layout.ts';
import { EXECUTION, EXECUTION_W_ORDER_ID, EXECUTION_W_STATUS, ORDER_W_ID } from '../../src/core/records/order.ts';
import { Gateway, type OrderEncoder } from '../../src/gateway/gateway.hot.ts';
import { type Ring, RiskRig, ring } from '../support/risk-rig.ts';

class Sink implements OrderSink {
  readonly taken: string[] = [];
  status = 0;

  send(i32: Int32Array, f64: Float64Array, slot: number, bytes: Uint8Array, length: number): number {
    if (this.status < 0) return this.status;
    this.taken.push(
      `${i32[slot * RECORD_WORDS + ORDER_W_ID]} ${new TextDecoder().decode(bytes.subarray(0, length))} ${f64[slot * RECORD_DOUBLES + D_RECV_TIME_NS]}`,
    );
    return 0;
  }

  advance(): void {}
  onMarketRecord(): void {}
}

class Encoder implements OrderEncoder {
  readonly bytes = new TextEncoder().encode('order');
  status = 5;

  encode(): number {
    return this.status;
  }
}

function approve(target: Ring, kind: number, id: number): void {
  const slot = target.producer.claim();
  target.producer.i32[slot * RECORD_WORDS] = kind;
  target.producer.i32[slot * RECORD_WORDS + ORDER_W_ID] = id;
  target.producer.f64[slot * RECORD_DOUBLES + 1] = 42;
  target.producer.publish();
}

function status(target: Ring): number[] {
  assert.is(target.consumer.poll(1), 1);
  const word = target.consumer.slot(0) * RECORD_WORDS;
  const { i32 } = target.consumer;
  assert.is(i32[word], KIND.EXECUTION);
  const pair = [i32[word + EXECUTION_W_ORDER_ID] as number, i32[word + EXECUTION_W_STATUS] as number];
  target.consumer.release(1);
  return pair;
}

function setup(): { approved: Ring; reports: Ring; sink: Sink; encoder: Encoder; gateway: Gateway } {
  const approved = ring(16);
  const reports = ring(2);
  const sink = new Sink();
  const encoder = new Encoder();
  return { approved, reports, sink, encoder, gateway: new Gateway(approved.consumer, encoder, sink, reports.producer) };
}

test('records leave in order with their bytes and decision time', () => {
  const { approved, sink, gateway } = setup();
  approve(approved, KIND.ORDER, 1);
  approve(approved, KIND.CANCEL, 2);
  assert.is(gateway.sendNext(), 1);
  assert.is(gateway.sendNext(), 1);
  assert.is(gateway.sendNext(), 0);
  assert.equal(sink.taken, ['1 order 42', '2 order 42']);
  assert.is(gateway.sent, 2);
});

test('what cannot be encoded or taken is answered', () => {
  const { approved, reports, sink, encoder, gateway } = setup();
  approve(approved, KIND.ORDER, 1);
  approve(approved, KIND.CANCEL, 2);
  encoder.status = -3;
  assert.is(gateway.sendNext(), 1);
  assert.is(gateway.lastStatus, -3);
  encoder.status = 5;
  sink.status = -7;
  assert.is(gateway.sendNext(), 1);
  assert.is(gateway.lastStatus, -7);
  assert.equal(status(reports), [1, EXECUTION.REJECTED]);
  assert.equal(status(reports), [2, EXECUTION.CANCEL_REJECTED]);
  assert.is(gateway.failed, 2);
});

test('a record waits while there is no room for the answer it may need', () => {
  const { approved, reports, sink, gateway } = setup();
  sink.status = -1;
  for (let id = 1; id <= 3; id++) approve(approved, KIND.ORDER, id);
  assert.is(gateway.sendNext(), 1);
  assert.is(gateway.sendNext(), 1);
  assert.is(gateway.sendNext(), 0);
  assert.equal(status(reports), [1, EXECUTION.REJECTED]);
  assert.is(gateway.sendNext(), 1);
});

test('an order the sink refuses leaves no exposure behind', () => {
  const rig = new RiskRig().market(99, 101);
  const sink = new Sink();
  sink.status = -1;
  const gateway = new Gateway(rig.approved.consumer, new Encoder(), sink, rig.reports.producer);
  rig.batch.limit(0, 100, 5, 0, 0, 0);
  assert.is(rig.gate.submit(rig.batch, 0), 0);
  rig.gate.publish();
  assert.is(rig.gate.openBuyLots, 5);
  gateway.sendNext();
  assert.is(rig.reports.consumer.poll(1), 1);
  rig.gate.onExecution(rig.reports.consumer.i32, rig.reports.consumer.f64, rig.reports.consumer.slot(0));
  assert.is(rig.gate.openBuyLots, 0);
});

test.run();
