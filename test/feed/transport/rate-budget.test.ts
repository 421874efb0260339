import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backoffMs } from '../../../src/feed/transport/backoff.ts';
import { Outbox } from '../../../src/feed/transport/outbox.ts';
import { RateBudget } from '../../../src/feed/transport/rate-budget.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

test('a budget is never exceeded in any window, and is used up as soon as it allows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 2_000 }),
      fc.array(fc.integer({ min: 0, max: 1_500 }), { maxLength: 60 }),
      (count, perMs, pausesMs) => {
        const budget = new RateBudget({ count, perMs });
        const takenMs: number[] = [];
        let nowMs = 0;
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          const waitMs = budget.waitMs(nowMs * 1e6);
          const oldest = takenMs.at(-count);
          assert.is(waitMs, oldest === undefined ? 0 : Math.max(0, oldest + perMs - nowMs));
          nowMs += waitMs;
          budget.take(nowMs * 1e6);
          takenMs.push(nowMs);
        }
        takenMs.forEach((fromMs, i) => {
          const within = takenMs.slice(i).filter((ms) => ms < fromMs + perMs).length;
          assert.ok(within <= count, `${within} within ${perMs} ms of ${fromMs}`);
        });
      },
    ),
  );
});

test('delays between attempts grow from 100 ms to 30 s and are drawn uniformly below that', () => {
  const bounds = [1, 2, 3, 4, 9, 10, 50].map((attempt) => backoffMs(attempt, () => 1));
  assert.equal(bounds, [100, 200, 400, 800, 25_600, 30_000, 30_000]);
  assert.equal(
    [0, 0.25, 0.5].map((drawn) => backoffMs(3, () => drawn)),
    [0, 100, 200],
  );
});

test('messages beyond the limit wait in order; a new connection forgets them and counts anew', () => {
  const timers = new ManualTimers();
  const sent: string[] = [];
  const outbox = new Outbox(timers.clock, timers, { count: 2, perMs: 1_000 }, (text) => sent.push(String(text)));
  outbox.post(['a', 'b', 'c']);
  outbox.post(['d']);
  assert.equal(sent, ['a', 'b']);
  timers.pass(999);
  assert.equal(sent, ['a', 'b']);
  timers.pass(1);
  assert.equal(sent, ['a', 'b', 'c', 'd']);
  outbox.post(['e', 'f']);
  outbox.begin();
  outbox.post(['g']);
  timers.pass(10_000);
  assert.equal(sent, ['a', 'b', 'c', 'd', 'g']);
});

test.run();
