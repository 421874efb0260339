declare module 'worker-threads-pool' {
  import type { Worker, WorkerOptions } from 'node:worker_threads';

  /** A limit on how many workers live at once; `acquire` starts a new worker when one may start. */
  class Pool {
    constructor(options: { max: number; maxWaiting?: number });
    readonly size: number;
    acquire(file: URL | string, options: WorkerOptions, callback: (error: Error | null, worker: Worker) => void): void;
  }
  export = Pool;
}
