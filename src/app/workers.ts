import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import Pool from 'worker-threads-pool';
import { EXIT, type ExitCode, TickpathError } from '../core/errors.ts';

/** A failure that crosses the thread boundary keeps its code, text and exit code. */
export interface WorkerFailure {
  readonly code: `ERR_${string}`;
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Messages every worker of ours sends: it is ready, it finished with a result, or it failed. */
export type WorkerMessage<Ready, Done> =
  | { readonly type: 'ready'; readonly ready: Ready }
  | { readonly type: 'done'; readonly done: Done }
  | { readonly type: 'failed'; readonly failure: WorkerFailure };

/**
 * The failure a worker reports. `strategyFile`: an error whose innermost frame lies in it is its author's, and is told in
 * their words with the place in their file.
 */
export function failureOf(error: unknown, strategyFile?: string): WorkerFailure {
  if (strategyFile !== undefined && error instanceof Error && !(error instanceof TickpathError)) {
    const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
    const place = /:(\d+:\d+)\)?$/.exec(frame)?.[1];
    if (place !== undefined && frame.includes(pathToFileURL(strategyFile).href)) {
      return {
        code: 'ERR_STRATEGY_RUN',
        message: `strategy file ${strategyFile}:${place} failed: ${error.message}; the run was stopped`,
        exitCode: EXIT.FAILURE,
      };
    }
  }
  if (error instanceof TickpathError)
    return { code: error.code as WorkerFailure['code'], message: error.message, exitCode: error.exitCode };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'ERR_WORKER', message, exitCode: EXIT.FAILURE };
}

export interface RunningWorker<Ready, Done> {
  readonly worker: Worker;
  readonly ready: Promise<Ready>;
  readonly done: Promise<Done>;
}

/**
 * Starts the worker threads of a run. The pool bounds how many live at once (a lane spins, so more threads than cores would
 * only fight); a worker here is long-lived and ends when its input does.
 */
export class StageWorkers {
  private readonly pool: Pool;

  constructor(max: number) {
    this.pool = new Pool({ max });
  }

  acquire(entry: URL, data: unknown): Promise<Worker> {
    return new Promise((resolve, reject) => {
      this.pool.acquire(entry, { workerData: data }, (error, worker) => {
        if (error === null) resolve(worker);
        else reject(error);
      });
    });
  }

  /** A worker that answers with WorkerMessages. */
  async start<Ready, Done>(entry: URL, data: unknown): Promise<RunningWorker<Ready, Done>> {
    return watch<Ready, Done>(await this.acquire(entry, data));
  }
}

function watch<Ready, Done>(worker: Worker): RunningWorker<Ready, Done> {
  let settleReady: (ready: Ready) => void = () => {};
  let failReady: (error: Error) => void = () => {};
  const ready = new Promise<Ready>((resolve, reject) => {
    settleReady = resolve;
    failReady = reject;
  });
  const done = new Promise<Done>((resolve, reject) => {
    const fail = (error: Error): void => {
      failReady(error);
      reject(error);
    };
    worker.on('message', (message: WorkerMessage<Ready, Done>) => {
      if (message.type === 'ready') settleReady(message.ready);
      else if (message.type === 'done') resolve(message.done);
      else fail(new TickpathError(message.failure.code, message.failure.message, message.failure.exitCode));
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new TickpathError('ERR_WORKER', `a worker ended early with code ${code}`)));
  });
  // The caller awaits one of the two first; the other's rejection is the same failure, already reported.
  ready.catch(() => {});
  done.catch(() => {});
  return { worker, ready, done };
}
