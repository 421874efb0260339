import koffi from 'koffi';
import type { Clock } from '../../src/core/time.ts';

const THREAD_CPU_TIME = 3;

/**
 * CPU time of the calling thread, so that what other programs take of the core does not count; both sides of these benches only
 * compute. The given clock where there is no such time.
 */
export function cpuClock(wall: Clock): Clock {
  if (process.platform !== 'linux') return wall;
  const read = koffi.load('libc.so.6').func('int clock_gettime(int clock, _Out_ int64_t *time)');
  const time = new BigInt64Array(2);
  return {
    source: 'clock_gettime(CLOCK_THREAD_CPUTIME_ID)',
    nowNs: () => {
      read(THREAD_CPU_TIME, time);
      return Number(time[0]!) * 1e9 + Number(time[1]!);
    },
  };
}
