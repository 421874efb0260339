import type { Worker } from 'node:worker_threads';
import type { Format } from '../feed/formats.ts';
import { allocateByteRing, ByteRingWriter } from '../feed/transport/byte-ring.ts';
import type { ReaderStart } from './reader.worker.ts';
import { failureOf, type StageWorkers } from './workers.ts';

export interface StartedReader {
  /** Where the inflated input arrives. */
  readonly ring: SharedArrayBuffer;
  stop(): Promise<unknown>;
}

/** Starts the thread that reads `files`, in order, into a ring. */
export async function startReader(workers: StageWorkers, files: readonly string[], format: Format, core: number): Promise<StartedReader> {
  const ring = allocateByteRing();
  const start: ReaderStart = { files, format, ring, core };
  const worker: Worker = await workers.acquire(new URL('./reader.worker.js', import.meta.url), start);
  // The thread is gone when this is heard, so the ring has one writer still.
  worker.on('error', (error) => new ByteRingWriter(ring).fail(failureOf(error)));
  return { ring, stop: () => worker.terminate() };
}
