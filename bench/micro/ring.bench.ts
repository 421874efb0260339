import { Worker } from 'node:worker_threads';
import type { LatencyHistogram } from '../../src/core/histogram.hot.ts';
import { summarize } from '../../src/core/histogram.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { type Clock, monotonicBaseNs } from '../../src/core/time.ts';
import type { BenchContext, BenchFindings, Check, Figure, LatencyRow } from '../harness/bench.ts';
import { newHistogram } from '../harness/histogram.ts';
import { type Comparison, interleave, nsFigure, rateFigure } from '../harness/rounds.ts';
import { pingNaive, pingOurs } from './ring-echo.ts';
import { allocateRings, JOB, type PeerStart, RING_CAPACITY, type RingMemory, ringsOf, WORD } from './ring-peer.ts';
import { expectedSum, Patience, receiveNaive, receiveOurs } from './ring-transfer.ts';

/** The naive ring at one pause after another of its peer may take long: a bench must end. */
const JOB_NS_MAX = 20e9;
const READY_MS_MAX = 20_000;
const NAIVE = 'naive ring';
/** Records published with one atomic store, as the feed does, and one by one. */
const PUBLISH_EVERY = [8, 1] as const;

interface Sizes {
  readonly records: number;
  readonly pings: number;
  readonly rounds: number;
}
/** Many short rounds: a thread that is put off its core spoils some of them, not the median. */
const FULL: Sizes = { records: 500_000, pings: 20_000, rounds: 31 };
const SMOKE: Sizes = { records: 100_000, pings: 2_000, rounds: 2 };

/** The main thread's half: tells the peer what to do and does the other side of it. */
class RingPair {
  private readonly control: Int32Array<SharedArrayBuffer>;
  private readonly rings: ReturnType<typeof ringsOf>;
  private readonly input: RingConsumer;
  private readonly out: RingProducer;
  private readonly clock: Clock;
  private readonly patience: Patience;
  private number = 0;
  private untilNs = 0;

  constructor(memory: RingMemory, clock: Clock) {
    this.rings = ringsOf(memory);
    this.control = this.rings.control;
    this.input = new RingConsumer(this.rings.toMain);
    this.out = new RingProducer(this.rings.toPeer);
    this.clock = clock;
    this.patience = new Patience(() => clock.nowNs() > this.untilNs);
  }

  transferOurs(records: number, publishEvery: number): number {
    this.begin(JOB.SEND_OURS, records, publishEvery);
    return receiveOurs(this.input, records, this.patience);
  }

  transferNaive(records: number, publishEvery: number): number {
    this.begin(JOB.SEND_NAIVE, records, publishEvery);
    return receiveNaive(this.rings.naiveToMain, records, this.patience);
  }

  pingOurs(count: number, clock: Clock | undefined, times: LatencyHistogram): number {
    this.begin(JOB.ECHO_OURS, count, 1);
    return pingOurs(this.out, this.input, count, this.patience, clock, times);
  }

  pingNaive(count: number, clock: Clock | undefined, times: LatencyHistogram): number {
    this.begin(JOB.ECHO_NAIVE, count, 1);
    return pingNaive(this.rings.naiveToPeer, this.rings.naiveToMain, count, this.patience, clock, times);
  }

  end(): void {
    this.begin(JOB.END, 0, 1);
  }

  private begin(job: number, count: number, publishEvery: number): void {
    const control = this.control;
    this.number++;
    while (Atomics.load(control, WORD.READY) < this.number) {
      if (Atomics.wait(control, WORD.READY, this.number - 1, READY_MS_MAX) === 'timed-out') throw new Error('the ring peer is not ready');
    }
    this.untilNs = this.clock.nowNs() + JOB_NS_MAX;
    control[WORD.JOB] = job;
    control[WORD.COUNT] = count;
    control[WORD.PUBLISH_EVERY] = publishEvery;
    Atomics.store(control, WORD.NUMBER, this.number);
    Atomics.notify(control, WORD.NUMBER);
  }
}

/** Throughput and round trip of the product's ring between two threads, beside a naive one. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  const { clock, smoke, otherCore } = context;
  const sizes = smoke ? SMOKE : FULL;
  if (otherCore < 0) {
    return { figures: {}, latencies: {}, checks: [{ what: 'needs two cores', ok: true, detail: 'skipped' }], notes: ['skipped: one core'] };
  }
  const memory = allocateRings();
  const peer = new Worker(new URL('./ring-peer.worker.js', import.meta.url), {
    workerData: { memory, core: otherCore, clockBaseNs: monotonicBaseNs() } satisfies PeerStart,
  });
  await new Promise((resolve, reject) => peer.once('message', resolve).once('error', reject));
  context.pin();
  const pair = new RingPair(memory, clock);
  const figures: Record<string, Figure> = {};
  const checks: Check[] = [];
  for (const publishEvery of PUBLISH_EVERY) {
    const comparison = transfer(pair, clock, sizes, publishEvery);
    const what = publishEvery === 1 ? 'publish each record' : `publish every ${publishEvery} records`;
    figures[`publish_${publishEvery}`] = rateFigure(what, 'M/s', comparison, sizes.records, 1e3, NAIVE);
    checks.push(comparison.check);
  }
  const { comparison, latencies } = roundTrips(pair, clock, sizes);
  figures['round_trip'] = nsFigure('round trip, mean without a clock', comparison, sizes.pings, NAIVE);
  checks.push(comparison.check);
  pair.end();
  await new Promise((resolve) => peer.once('exit', resolve));
  return { figures, latencies, checks, notes: notesOf(context) };
}

function transfer(pair: RingPair, clock: Clock, { records, rounds }: Sizes, publishEvery: number): Comparison {
  const expected = expectedSum(records);
  const must = (sum: number): number => (sum === expected ? sum : Number.NaN);
  const comparison = interleave(
    clock,
    `sum of ${records} records, published every ${publishEvery}`,
    { name: 'ours', run: () => must(pair.transferOurs(records, publishEvery)) },
    { name: NAIVE, run: () => must(pair.transferNaive(records, publishEvery)) },
    rounds,
  );
  return { ...comparison, check: { ...comparison.check, ok: comparison.check.ok && comparison.check.detail === String(expected) } };
}

function roundTrips(pair: RingPair, clock: Clock, { pings, rounds }: Sizes) {
  const [ours, naive, clockCost] = [newHistogram(), newHistogram(), newHistogram()];
  const comparison = interleave(
    clock,
    `sum of ${pings} round trips`,
    { name: 'ours', run: () => pair.pingOurs(pings, undefined, ours) },
    { name: NAIVE, run: () => pair.pingNaive(pings, undefined, naive) },
    rounds,
  );
  for (let round = 0; round < rounds; round++) {
    pair.pingOurs(pings, clock, ours);
    pair.pingNaive(pings, clock, naive);
    let beganNs = clock.nowNs();
    for (let i = 0; i < pings; i++) {
      const nowNs = clock.nowNs();
      clockCost.record(nowNs - beganNs);
      beganNs = nowNs;
    }
  }
  const latencies: Record<string, LatencyRow> = {
    round_trip: { what: 'round trip, ours', ...summarize(ours) },
    round_trip_naive: { what: 'round trip, naive ring', ...summarize(naive) },
    clock: { what: 'one clock reading', ...summarize(clockCost) },
  };
  return { comparison, latencies };
}

function notesOf({ core, otherCore }: BenchContext): string[] {
  return [
    `two threads spin on cores ${otherCore} and ${core}, ${RING_CAPACITY} records of 64 bytes; on a machine with two cores nothing is left for the kernel, so stalls of milliseconds stand in max and in single rounds`,
    'round-trip latencies include one clock reading each; every double of every record is written and read',
  ];
}
