import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventLoopIdle, SpinIdle, SpinThenWaitIdle } from '../../src/core/ring/idle.ts';
import type { RingConsumer } from '../../src/core/ring/spsc.hot.ts';

/** A ring that only counts who waits on it, and for how long. */
class WaitedOn {
  readonly waits: number[] = [];
  wait(timeoutMs: number): void {
    this.waits.push(timeoutMs);
  }
}

test('spin-then-wait spins as often as it was told, then sleeps each turn until there was work', () => {
  const ring = new WaitedOn();
  const idle = new SpinThenWaitIdle(ring as unknown as RingConsumer, 3, 7);
  const turns = (count: number): number => {
    for (let i = 0; i < count; i++) idle.idle();
    return ring.waits.length;
  };
  assert.is(turns(3), 0);
  assert.is(turns(1), 1);
  assert.is(turns(2), 3);
  idle.reset();
  assert.is(turns(3), 3, 'work begins the spins anew');
  assert.is(turns(1), 4);
  assert.equal(ring.waits, [7, 7, 7, 7]);
});

test('without spins it sleeps at once', () => {
  const ring = new WaitedOn();
  new SpinThenWaitIdle(ring as unknown as RingConsumer, 0, 1).idle();
  assert.is(ring.waits.length, 1);
});

test('spin and event-loop return at once, for ever, and every strategy has a name of its own', () => {
  const ring = new WaitedOn();
  const all = [new SpinIdle(), new EventLoopIdle(), new SpinThenWaitIdle(ring as unknown as RingConsumer, 1_000_000, 1)];
  for (const idle of all) {
    for (let i = 0; i < 1_000; i++) idle.idle();
    idle.reset();
  }
  assert.is(ring.waits.length, 0);
  assert.equal(
    all.map((idle) => idle.name),
    ['spin', 'event-loop', 'spin-then-wait'],
  );
});

test.run();
