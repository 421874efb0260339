import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KILL_LEVEL, KILL_SWITCH_BYTES, KillSwitch, killLevelOf, killReasonOf } from '../../src/risk/kill-switch.ts';
import { REASON } from '../../src/risk/reasons.ts';

test('it rises, keeps the reason of its level, and falls by reset alone', () => {
  const kill = new KillSwitch(new SharedArrayBuffer(KILL_SWITCH_BYTES), 0);
  assert.is(kill.level(), KILL_LEVEL.NONE);
  assert.ok(kill.trip(KILL_LEVEL.K1, REASON.LOSS_LIMIT));
  assert.is(kill.trip(KILL_LEVEL.K1, REASON.KILL_REQUESTED), false);
  assert.is(kill.reason(), REASON.LOSS_LIMIT);
  assert.ok(kill.trip(KILL_LEVEL.K3, REASON.KILL_REQUESTED));
  assert.is(killLevelOf(kill.load()), KILL_LEVEL.K3);
  assert.is(killReasonOf(kill.load()), REASON.KILL_REQUESTED);
  kill.reset();
  assert.is(kill.load(), 0);
});

test('a trip in another thread is seen, and the highest of several at once stays', async () => {
  const buffer = new SharedArrayBuffer(KILL_SWITCH_BYTES);
  const module = new URL('../../src/risk/kill-switch.js', import.meta.url).href;
  const code = `import { workerData } from 'node:worker_threads';
    import { KillSwitch } from ${JSON.stringify(module)};
    const kill = new KillSwitch(workerData.buffer, 0);
    for (let i = 0; i < 1000; i++) kill.trip(workerData.level, 3010 + workerData.level);`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const workers = [1, 3, 2].map((level) => new Worker(url, { workerData: { buffer, level } }));
  await Promise.all(workers.map((worker) => new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject))));
  const kill = new KillSwitch(buffer, 0);
  assert.is(kill.level(), KILL_LEVEL.K3);
  assert.is(kill.reason(), 3013);
});

test.run();
