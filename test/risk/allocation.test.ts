import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXECUTION } from '../../src/core/records/order.ts';
import { measureAllocation } from '../support/allocation.ts';
import { RiskRig } from '../support/risk-rig.ts';

const ORDERS = 1_000_000;
const ORDER_GAP_NS = 1_000_000;

/** Ticks, orders, refusals, cancels, fills and watches, as a lane drives them; nothing but the gate may allocate. */
function drive(rig: RiskRig, orders: number, from: number): number {
  const { gate, batch, scratch } = rig;
  const { i32, f64 } = scratch;
  let approvals = 0;
  for (let i = from; i < from + orders; i++) {
    // Stored, not passed: a double handed to a call that is not inlined is boxed.
    f64[1] = i * ORDER_GAP_NS;
    f64[3] = i;
    gate.setTime(f64, 0);
    gate.onTop(999 + (i % 5), 1_001 + (i % 5));
    gate.watch();
    batch.clear();
    batch.limit(i & 1, 1_000, 1 + (i % 7), 0, 0, i & 255);
    if (gate.submit(batch, 0) === 0) {
      approvals++;
      const id = gate.lastOrderId;
      batch.cancel(id, 0);
      if ((i & 3) === 0) gate.submit(batch, 1);
      scratch.execution(id, EXECUTION.FILL, 1_000, 1, 1, i % 7);
      i32[9] = EXECUTION.PARTIAL_FILL;
      gate.onExecution(i32, f64, 0);
      i32[9] = EXECUTION.CANCELED;
      gate.onExecution(i32, f64, 0);
    }
    gate.publish();
    rig.journal.producer.publish();
    rig.approved.consumer.release(rig.approved.consumer.poll(64));
    rig.journal.consumer.release(rig.journal.consumer.poll(64));
  }
  return approvals;
}

test('a million orders and their reports leave nothing on the heap', async () => {
  const rig = new RiskRig({ maxOrdersPer1s: 4_096, makerFeePpm: 200, takerFeePpm: 500 }).market(999, 1_001);
  let approvals = 0;
  const { collections, heapBytes } = await measureAllocation(
    () => drive(rig, 200_000, 0),
    () => {
      approvals = drive(rig, ORDERS, 200_000);
    },
  );
  assert.ok(approvals > ORDERS / 4, `${approvals} approved`);
  assert.is(collections, 0);
  // One small object an order would be 16 MB; what is left is the compiler's own, later or earlier as the machine is busy.
  assert.ok(heapBytes < 2 * ORDERS, `heap grew by ${heapBytes} bytes`);
});

test.run();
