import type { LatencyHistogram } from '../../src/core/histogram.hot.ts';
import { FRAME_TIME, FRAME_TIMES } from '../../src/core/ports.ts';
import type { Clock } from '../../src/core/time.ts';
import type { Session } from '../harness/session.ts';
import type { Lap } from './path-input.ts';
import type { Path } from './path-lane.ts';

/**
 * Frames as fast as they are taken: what a tick costs. `bestNs` keeps each frame's shortest time of all laps, in which the
 * rest of the machine has the least part. Nothing queues, so no lateness shows. Returns the ns of the lap.
 */
export function closedLoop(path: Path, session: Session, lap: Lap, clock: Clock, times: LatencyHistogram, bestNs: Float64Array): number {
  const { feed, drain } = path;
  const { bytes, starts, ends, recvNs } = session;
  const frameTimes = new Float64Array(FRAME_TIMES);
  const beganNs = clock.nowNs();
  let t0Ns = beganNs;
  for (let i = 0; i < lap.frames; i++) {
    frameTimes[FRAME_TIME.RECV_NS] = recvNs[i]! + lap.shiftNs;
    frameTimes[FRAME_TIME.T0_NS] = t0Ns;
    frameTimes[FRAME_TIME.HANDED_NS] = t0Ns;
    feed.onFrame(bytes, starts[i]!, ends[i]!, frameTimes);
    drain();
    const nowNs = clock.nowNs();
    const ns = nowNs - t0Ns;
    times.record(ns);
    if (ns < bestNs[i]!) bestNs[i] = ns;
    t0Ns = nowNs;
  }
  return t0Ns - beganNs;
}

/**
 * Frames at planned times, one every `intervalNs`, whether or not the path is ready: latency counts from the plan, so a
 * stall counts for every frame that it delays. Returns the ns of the lap.
 */
export function openLoop(path: Path, session: Session, lap: Lap, intervalNs: number, clock: Clock, times: LatencyHistogram): number {
  const { feed, drain } = path;
  const { bytes, starts, ends, recvNs } = session;
  const frameTimes = new Float64Array(FRAME_TIMES);
  const beganNs = clock.nowNs();
  let nowNs = beganNs;
  for (let i = 0; i < lap.frames; i++) {
    const planNs = beganNs + (i + 1) * intervalNs;
    while (nowNs < planNs) nowNs = clock.nowNs();
    frameTimes[FRAME_TIME.RECV_NS] = recvNs[i]! + lap.shiftNs;
    frameTimes[FRAME_TIME.T0_NS] = planNs;
    frameTimes[FRAME_TIME.HANDED_NS] = nowNs;
    feed.onFrame(bytes, starts[i]!, ends[i]!, frameTimes);
    drain();
    nowNs = clock.nowNs();
    times.record(Math.floor(nowNs - planNs));
  }
  return nowNs - beganNs;
}
