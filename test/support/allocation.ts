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
  let collections = 0;
  // A collection that the garbage of earlier tests has begun would otherwise end during `run` and count against it.
  collectGarbage();
  warmUp();
  // What compiling left behind would count against `run` when it happens to fill the young generation.
  collectGarbage();
  // Entries are delivered asynchronously: let those of the warm-up pass first.
  await turn();
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  run();
  const heapBytes = process.memoryUsage().heapUsed - before;
  await turn();
  observer.disconnect();
  return { collections, heapBytes };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
