import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CounterSpec, Counters } from '../../src/core/counters.ts';

const SPECS: readonly CounterSpec[] = [{ name: 'bytes', unit: 'bytes', help: 'wraps its low word all the time' }];
/** Wraps the low word every thousand steps, and reaches 2^53 only after minutes. */
const STEP = 2 ** 22 - 1;
/** Values that the reader must see on the way; its neighbours wrap the low word again and again. */
const VALUES_SEEN = 3_000;

if (isMainThread) {
  test('a reader in another thread never sees a counter torn, though its low word wraps all the time', async () => {
    const buffer = new SharedArrayBuffer(Counters.bytes(1));
    const counters = new Counters(buffer, 0, SPECS);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const writer = new Worker(fileURLToPath(import.meta.url), { workerData: { buffer, stop } });
    const exited = new Promise<number>((resolve, reject) => {
      writer.on('exit', resolve);
      writer.on('error', reject);
    });
    let last = 0;
    let seen = 0;
    let torn = 0;
    while (seen < VALUES_SEEN) {
      const value = counters.read(0);
      if (value < last || value % STEP !== 0) {
        torn++;
        break;
      }
      if (value > last) seen++;
      last = value;
    }
    Atomics.store(stop, 0, 1);
    assert.is(torn, 0);
    assert.is(await exited, 0);
    assert.ok(counters.read(0) >= last);
  });
  test.run();
} else {
  const { buffer, stop } = workerData as { buffer: SharedArrayBuffer; stop: Int32Array };
  const counters = new Counters(buffer, 0, SPECS);
  while (Atomics.load(stop, 0) === 0) counters.add(0, STEP);
}
