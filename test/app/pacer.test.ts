import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PacedReplay, UnpacedReplay } from '../../src/app/pacer.ts';
import type { Clock } from '../../src/core/time.ts';

/** A clock on which each reading takes `stepNs`. */
class SteppingClock implements Clock {
  readonly source = 'stepping';
  timeNs: number;
  private readonly stepNs: number;

  constructor(startNs: number, stepNs: number) {
    this.timeNs = startNs;
    this.stepNs = stepNs;
  }

  nowNs(): number {
    this.timeNs += this.stepNs;
    return this.timeNs;
  }
}

test('an unpaced replay hands a frame over at once and its T0 is that moment', () => {
  const clock = new SteppingClock(1_000, 10);
  const pacer = new UnpacedReplay(clock);
  assert.is(pacer.begin(), 1_010);
  assert.is(clock.timeNs, 1_010);
});

test('a paced replay keeps the recorded distances divided by the speed', () => {
  const clock = new SteppingClock(0, 7);
  const pacer = new PacedReplay(clock, 10, () => {});
  const first = pacer.begin(500);
  assert.is(pacer.begin(500 + 20_000), first + 2_000);
  assert.ok(clock.timeNs >= first + 2_000, 'the frame is not handed over before its planned time');
  assert.is(pacer.begin(500 + 100_000), first + 10_000);
});

test('a late engine finds T0 at the planned time, not at the moment it got round to the frame', () => {
  const clock = new SteppingClock(0, 7);
  const pacer = new PacedReplay(clock, 1, () => {});
  const first = pacer.begin(0);
  clock.timeNs += 5_000_000;
  const t0Ns = pacer.begin(1_000);
  assert.is(t0Ns, first + 1_000);
  assert.ok(clock.nowNs() - t0Ns >= 4_900_000, 'the lateness is latency');
});

test('long waits run the hook once, short waits never', () => {
  const clock = new SteppingClock(0, 1_000);
  let calls = 0;
  const pacer = new PacedReplay(clock, 1, () => {
    calls++;
  });
  pacer.begin(0);
  pacer.begin(20_000);
  assert.is(calls, 0);
  pacer.begin(200_000);
  assert.is(calls, 1);
});

test.run();
