import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { defaultEngineCore, pinCurrentThread } from '../../src/app/pin.ts';
import { failureOf, type WorkerMessage } from '../../src/app/workers.ts';
import { monotonicBaseNs, systemClock } from '../../src/core/time.ts';
import { BENCHES, COMPARE_BENCHES } from '../registry.ts';
import type { BenchResult } from './bench.ts';

export interface BenchStart {
  readonly name: string;
  readonly smoke: boolean;
}

/** Entry of the thread that runs one bench. */
async function run({ name, smoke }: BenchStart): Promise<void> {
  const clock = systemClock(monotonicBaseNs());
  const core = defaultEngineCore();
  const otherCore = availableParallelism() > 1 ? core - 1 : -1;
  let pin = 'not pinned';
  const { bench } = await [...BENCHES, ...COMPARE_BENCHES].find((entry) => entry.name === name)!.load();
  const beganNs = clock.nowNs();
  const findings = await bench({
    clock,
    smoke,
    core,
    otherCore,
    pin: () => {
      pin = pinCurrentThread(core).message;
    },
  });
  const ok = findings.checks.length > 0 && findings.checks.every((check) => check.ok);
  post({ type: 'done', done: { name, ok, seconds: (clock.nowNs() - beganNs) / 1e9, pin, ...findings } });
}

function post(message: WorkerMessage<undefined, BenchResult>): void {
  parentPort!.postMessage(message);
}

run(workerData as BenchStart).catch((error: unknown) => post({ type: 'failed', failure: failureOf(error) }));
