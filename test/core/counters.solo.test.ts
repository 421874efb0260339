import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CounterSpec, Counters } from '../../src/core/counters.ts';

const SPECS: readonly CounterSpec[] = [{ name: 'bytes', unit: 'bytes', help: 'wraps its low word at every third step' }];
const STEP = 2 ** 31 - 1;
const STEPS = 3_000_000;

if (isMainThread) {
  test('a reader in another thread never sees a counter torn, though its low word wraps all the time', async () => {
    const buffer = new SharedArrayBuffer(Counters.bytes(1));
    const counters = new Counters(buffer, 0, SPECS);
    const writer = new Worker(fileURLToPath(import.meta.url), { workerData: buffer });
    const exited = new Promise<number>((resolve, reject) => {
      writer.on('exit', resolve);
      writer.on('error', reject);
    });
    let last = 0;
    let seen = 0;
    let torn = 0;
    while (last < STEP * STEPS) {
      const value = counters.read(0);
      if (value < last || value % STEP !== 0) {
        torn++;
        break;
      }
      if (value > last) seen++;
      last = value;
    }
    assert.is(torn, 0);
    assert.is(await exited, 0);
    assert.is(counters.read(0), STEP * STEPS);
    assert.ok(seen > 1_000, `the reader saw ${seen} values: too few to meet a wrap`);
  });
  test.run();
} else {
  const counters = new Counters(workerData as SharedArrayBuffer, 0, SPECS);
  for (let i = 0; i < STEPS; i++) counters.add(0, STEP);
}
