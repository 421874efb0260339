import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Allocation {
  /** Garbage collections while `run` ran. */
  readonly collections: number;
  /** Growth of the used heap over `run`, bytes. */
  readonly heapBytes: number;
}

/**
 * Runs `warmUp` so that everything is compiled, then `run`, and says what `run` left on the heap. A loop of a million steps
 * that allocates one small object each shows as megabytes or as a collection.
 */
export async function measureAllocation(warmUp: () => void, run: () => void): Promise<Allocation> {
  const startsMs: number[] = [];
  // A collection that the garbage of earlier tests has begun would otherwise end during `run` and count against it.
  collectGarbage('major');
  warmUp();
  // What the compiler and the first calls left would otherwise fill the young generation up to a collection during `run`.
  collectGarbage('minor');
  // Entries are delivered asynchronously: let those of the warm-up pass first.
  await turn();
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) startsMs.push(entry.startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  const beganMs = performance.now();
  run();
  const endedMs = performance.now();
  const heapBytes = process.memoryUsage().heapUsed - before;
  await turn();
  observer.disconnect();
  // V8 also collects in the turns of the event loop around `run`, whatever `run` did.
  return { collections: startsMs.filter((startMs) => startMs >= beganMs && startMs <= endedMs).length, heapBytes };
}

function collectGarbage(type: 'major' | 'minor'): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as (options: { type: string }) => void)({ type });
  setFlagsFromString('--no-expose-gc');
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
