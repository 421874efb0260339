import type { LatencyHistogram } from '../core/histogram.hot.ts';
import type { Clock } from '../core/time.ts';

/** Planned interval of the probe, ns: 100,000 samples a second, the rate of the latency target. */
export const JITTER_INTERVAL_NS = 10_000;

/**
 * The machine's own jitter: on the thread and core that will run the engine, spin to one planned time after another and
 * record how late the clock first shows it. No work is done, so whatever stands here (interrupts, the hypervisor, other
 * processes) stands in the engine's tails too.
 */
export function measureJitterFloor(clock: Clock, histogram: LatencyHistogram, durationNs: number): void {
  const startNs = clock.nowNs();
  const endNs = startNs + durationNs;
  let planNs = startNs + JITTER_INTERVAL_NS;
  while (planNs < endNs) {
    let nowNs = clock.nowNs();
    while (nowNs < planNs) nowNs = clock.nowNs();
    histogram.record(Math.floor(nowNs - planNs));
    planNs += JITTER_INTERVAL_NS;
  }
}
