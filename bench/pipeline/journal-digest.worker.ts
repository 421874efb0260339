import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { pinCurrentThread } from '../../src/app/pin.ts';
import { JOURNAL_BLOCK_RECORDS_MAX, JOURNAL_RING_RECORDS } from '../../src/core/limits.ts';
import { copyRecord } from '../../src/core/records/copy.hot.ts';
import { RECORD_BYTES } from '../../src/core/records/layout.ts';
import { ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer } from '../../src/core/ring/spsc.hot.ts';

export interface JournalDigestStart {
  readonly buffer: SharedArrayBuffer;
  readonly ring: number;
  /** One int32, 1 when nothing more will come. */
  readonly stop: Int32Array<SharedArrayBuffer>;
  readonly core: number;
}

export interface JournalDigest {
  readonly records: number;
  readonly sha256: string;
}

/** As often as the control thread of a run looks at the journal ring. */
const LOOK_MS = 2;

/** Stands where a run's journal writer stands, on another core: takes every record and keeps its digest only. */
function run({ buffer, ring, stop, core }: JournalDigestStart): JournalDigest {
  if (core >= 0) pinCurrentThread(core);
  const consumer = new RingConsumer(ringViews(buffer, ring, JOURNAL_RING_RECORDS));
  const hash = createHash('sha256');
  const block = new Int32Array((JOURNAL_BLOCK_RECORDS_MAX * RECORD_BYTES) / 4);
  const bytes = new Uint8Array(block.buffer);
  let records = 0;
  for (;;) {
    const stopped = Atomics.load(stop, 0) === 1;
    for (let count = consumer.poll(JOURNAL_BLOCK_RECORDS_MAX); count > 0; count = consumer.poll(JOURNAL_BLOCK_RECORDS_MAX)) {
      for (let i = 0; i < count; i++) copyRecord(consumer.i32, consumer.slot(i), block, i);
      consumer.release(count);
      hash.update(bytes.subarray(0, count * RECORD_BYTES));
      records += count;
    }
    if (stopped) return { records, sha256: hash.digest('hex') };
    Atomics.wait(stop, 0, 0, LOOK_MS);
  }
}

parentPort!.postMessage('ready');
parentPort!.postMessage(run(workerData as JournalDigestStart));
