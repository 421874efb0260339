import { availableParallelism } from 'node:os';
import koffi from 'koffi';

export interface PinResult {
  readonly ok: boolean;
  /** The core the thread runs on, or -1. */
  readonly core: number;
  /** What happened, in words; a warning when `ok` is false. */
  readonly message: string;
}

const MASK_BYTES = 128;

/**
 * Pins the calling thread (not the process) to one core with `sched_setaffinity(0, ...)`. Elsewhere than on Linux, or
 * where it is refused (a container's cpuset), the thread runs unpinned and the result says so.
 */
export function pinCurrentThread(core: number): PinResult {
  if (process.platform !== 'linux') return { ok: false, core: -1, message: `not pinned: ${process.platform} has no sched_setaffinity` };
  if (core < 0 || core >= MASK_BYTES * 8) return { ok: false, core: -1, message: `not pinned: core ${core} is out of range` };
  try {
    const setAffinity = koffi.load('libc.so.6').func('int sched_setaffinity(int pid, size_t size, const uint8_t *mask)');
    const mask = new Uint8Array(MASK_BYTES);
    mask[core >> 3] = 1 << (core & 7);
    const status = setAffinity(0, MASK_BYTES, mask) as number;
    if (status === 0) return { ok: true, core, message: `pinned to core ${core}` };
    return { ok: false, core: -1, message: `not pinned: the kernel refused core ${core} (cpuset of the container?)` };
  } catch (error) {
    return { ok: false, core: -1, message: `not pinned: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** The core an engine thread takes when the configuration names none: the last, because interrupts favour the first. */
export function defaultEngineCore(): number {
  return availableParallelism() - 1;
}
