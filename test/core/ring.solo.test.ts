import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RECORD_WORDS } from '../../src/core/records/layout.ts';
import { SpinThenWaitIdle } from '../../src/core/ring/idle.ts';
import { LatestValue, latestBytes } from '../../src/core/ring/latest.hot.ts';
import { RING_FULL, ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';

interface Job {
  kind: 'ring' | 'latest';
  buffer: SharedArrayBuffer;
  capacity: number;
  count: number;
  publishEvery: number;
}

/** Every word of record n is a function of n and the word, so a lost, torn, repeated or reordered record shows. */
const wordOf = (n: number, word: number): number => (Math.imul(n, 0x9e3779b1) + Math.imul(word, 0x85ebca6b)) | 0;

function produce(job: Job): void {
  const producer = new RingProducer(ringViews(job.buffer, 0, job.capacity));
  for (let n = 0; n < job.count; n++) {
    let slot = producer.claim();
    while (slot === RING_FULL) {
      producer.publish();
      slot = producer.claim();
    }
    for (let word = 0; word < RECORD_WORDS; word++) producer.i32[slot * RECORD_WORDS + word] = wordOf(n, word);
    if (n % job.publishEvery === 0) producer.publish();
  }
  producer.close();
}

function publishLatest(job: Job): void {
  const slot = new LatestValue(job.buffer, 0, RECORD_WORDS);
  const value = new Int32Array(RECORD_WORDS);
  for (let n = 1; n <= job.count; n++) {
    for (let word = 0; word < RECORD_WORDS; word++) value[word] = n;
    slot.write(value);
  }
}

function worker(job: Job): Promise<{ exited: Promise<number> }> {
  const thread = new Worker(fileURLToPath(import.meta.url), { workerData: job });
  const exited = new Promise<number>((resolve, reject) => {
    thread.on('exit', resolve);
    thread.on('error', reject);
  });
  return new Promise((resolve) => thread.once('message', () => resolve({ exited })));
}

interface Outcomes {
  right: number;
  torn: number;
  misplaced: number;
}

/** Drains the ring of a producing worker and sorts every record into an outcome. */
async function consume(job: Job, wait: boolean): Promise<Outcomes> {
  const consumer = new RingConsumer(ringViews(job.buffer, 0, job.capacity));
  const idle = new SpinThenWaitIdle(consumer, wait ? 0 : Number.MAX_SAFE_INTEGER, 1_000);
  const { exited } = await worker(job);
  const outcomes: Outcomes = { right: 0, torn: 0, misplaced: 0 };
  let expected = 0;
  while (!consumer.drained()) {
    const ready = consumer.poll(64);
    if (ready === 0) {
      idle.idle();
      continue;
    }
    idle.reset();
    for (let i = 0; i < ready; i++, expected++) {
      const at = consumer.slot(i) * RECORD_WORDS;
      let wrong = 0;
      for (let word = 0; word < RECORD_WORDS; word++) if (consumer.i32[at + word] !== wordOf(expected, word)) wrong++;
      if (wrong === 0) outcomes.right++;
      else if (wrong === RECORD_WORDS) outcomes.misplaced++;
      else outcomes.torn++;
    }
    consumer.release(ready);
  }
  await exited;
  return outcomes;
}

if (!isMainThread) {
  const job = workerData as Job;
  parentPort!.postMessage('ready');
  if (job.kind === 'ring') produce(job);
  else publishLatest(job);
} else {
  for (const [capacity, publishEvery, wait, count] of [
    [4, 1, false, 400_000],
    [64, 1, true, 400_000],
    [4_096, 8, false, 3_000_000],
    [4_096, 32, true, 2_000_000],
  ] as const) {
    test(`two threads, capacity ${capacity}, publication every ${publishEvery}, ${wait ? 'sleeping' : 'spinning'}: ${count} records arrive once, whole and in order`, async () => {
      const job: Job = { kind: 'ring', buffer: new SharedArrayBuffer(ringBytes(capacity)), capacity, count, publishEvery };
      assert.equal(await consume(job, wait), { right: count, torn: 0, misplaced: 0 });
    });
  }

  test('a reader of the latest-value slot never sees half of one value and half of another, nor time running back', async () => {
    const count = 500_000;
    const job: Job = { kind: 'latest', buffer: new SharedArrayBuffer(latestBytes(RECORD_WORDS)), capacity: 0, count, publishEvery: 1 };
    const slot = new LatestValue(job.buffer, 0, RECORD_WORDS);
    const { exited } = await worker(job);
    const value = new Int32Array(RECORD_WORDS);
    let last = 0;
    let torn = 0;
    let backwards = 0;
    while (last < count) {
      if (slot.read(value) !== 0) continue;
      for (let word = 1; word < RECORD_WORDS; word++) if (value[word] !== value[0]) torn++;
      if (value[0]! < last) backwards++;
      last = value[0]!;
    }
    await exited;
    assert.equal({ torn, backwards }, { torn: 0, backwards: 0 });
  });

  test.run();
}
