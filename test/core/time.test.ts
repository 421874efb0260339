import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ManualClock, monotonicBaseNs, systemClock } from '../../src/core/time.ts';

const READINGS = 1_000_000;

if (isMainThread) {
  test('the system clock never goes back and its readings are whole nanoseconds since its base', () => {
    const clock = systemClock(monotonicBaseNs());
    let last = clock.nowNs();
    assert.ok(last >= 0);
    let moved = 0;
    for (let i = 0; i < READINGS; i++) {
      const now = clock.nowNs();
      if (now < last || !Number.isInteger(now)) assert.unreachable(`${now} after ${last}`);
      if (now > last) moved++;
      last = now;
    }
    assert.ok(moved > 0, 'it moves');
  });

  test("the clock reads the operating system's monotonic time, whatever its base", () => {
    const base = monotonicBaseNs() - 1_000_000_000_000n;
    const clock = systemClock(base);
    for (let i = 0; i < 1_000; i++) {
      const before = Number(process.hrtime.bigint() - base);
      const now = clock.nowNs();
      const after = Number(process.hrtime.bigint() - base);
      assert.ok(before <= now && now <= after, `${before} <= ${now} <= ${after}`);
    }
  });

  test('readings of two threads with one base compare: a message is received after it was sent', async () => {
    const base = monotonicBaseNs();
    const clock = systemClock(base);
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: base });
    const echoes: [number, number, number][] = [];
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', ({ sentNs, thereNs }: { sentNs: number; thereNs: number }) => {
        echoes.push([sentNs, thereNs, clock.nowNs()]);
        if (echoes.length < 200) worker.postMessage(clock.nowNs());
        else resolve();
      });
      worker.postMessage(clock.nowNs());
    });
    await worker.terminate();
    for (const [sentNs, thereNs, backNs] of echoes) assert.ok(sentNs <= thereNs && thereNs <= backNs, `${sentNs} ${thereNs} ${backNs}`);
  });

  test('the manual clock stands still until it is told the time', () => {
    const clock = new ManualClock();
    assert.equal([clock.nowNs(), clock.nowNs()], [0, 0]);
    clock.set(12.5e9);
    assert.equal([clock.nowNs(), clock.nowNs(), clock.source], [12.5e9, 12.5e9, 'manual']);
  });

  test.run();
} else {
  const clock = systemClock(workerData as bigint);
  parentPort!.on('message', (sentNs: number) => parentPort!.postMessage({ sentNs, thereNs: clock.nowNs() }));
}
