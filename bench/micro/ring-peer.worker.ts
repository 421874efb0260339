import { parentPort, workerData } from 'node:worker_threads';
import { pinCurrentThread } from '../../src/app/pin.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { systemClock } from '../../src/core/time.ts';
import { echoNaive, echoOurs } from './ring-echo.ts';
import { JOB, type PeerStart, ringsOf, WORD } from './ring-peer.ts';
import { Patience, sendNaive, sendOurs } from './ring-transfer.ts';

/** A job that takes longer than this has lost its other thread. */
const JOB_NS_MAX = 20e9;
const WAIT_MS_MAX = 60_000;

/** The second thread of the ring bench: does one job after another until it is told to end. */
function run(start: PeerStart): void {
  const clock = systemClock(start.clockBaseNs);
  if (start.core >= 0) pinCurrentThread(start.core);
  const { control, toMain, toPeer, naiveToMain, naiveToPeer } = ringsOf(start.memory);
  const out = new RingProducer(toMain);
  const input = new RingConsumer(toPeer);
  parentPort!.postMessage('ready');
  let untilNs = 0;
  const patience = new Patience(() => clock.nowNs() > untilNs);
  for (let number = 1; ; number++) {
    Atomics.store(control, WORD.READY, number);
    Atomics.notify(control, WORD.READY);
    if (Atomics.wait(control, WORD.NUMBER, number - 1, WAIT_MS_MAX) === 'timed-out') return;
    untilNs = clock.nowNs() + JOB_NS_MAX;
    const count = control[WORD.COUNT]!;
    switch (control[WORD.JOB]) {
      case JOB.SEND_OURS:
        sendOurs(out, count, control[WORD.PUBLISH_EVERY]!, patience);
        break;
      case JOB.SEND_NAIVE:
        sendNaive(naiveToMain, count, control[WORD.PUBLISH_EVERY]!, patience);
        break;
      case JOB.ECHO_OURS:
        echoOurs(input, out, count, patience);
        break;
      case JOB.ECHO_NAIVE:
        echoNaive(naiveToPeer, naiveToMain, count, patience);
        break;
      default:
        return;
    }
  }
}

run(workerData as PeerStart);
