import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { JITTER_INTERVAL_NS, measureJitterFloor } from '../../src/app/jitter.hot.ts';
import { runReplay } from '../../src/app/replay.ts';
import type { LatencyHistogram } from '../../src/core/histogram.hot.ts';
import { summarize } from '../../src/core/histogram.ts';
import { LATENCY_NS_MAX } from '../../src/core/limits.ts';
import { CONNECTION } from '../../src/core/ports.ts';
import { STAGES } from '../../src/core/stages.ts';
import { riskSummary } from '../../src/risk/risk.ts';
import { riskStateViews } from '../../src/risk/state.ts';
import { type BenchContext, type BenchFindings, type Check, type Figure, type LatencyRow, same } from '../harness/bench.ts';
import { newHistogram } from '../harness/histogram.ts';
import { spreadOf } from '../harness/rounds.ts';
import { loadSession, type Session } from '../harness/session.ts';
import type { JournalDigest, JournalDigestStart } from './journal-digest.worker.ts';
import { type Lap, planLaps, writeCapture } from './path-input.ts';
import { buildPath, type Path, pathConfig } from './path-lane.ts';
import { closedLoop, openLoop } from './path-loops.ts';

interface Sizes {
  readonly frames: number;
  readonly warmUpLaps: number;
  readonly closedLaps: number;
  /** Ticks a second, and laps at that rate. */
  readonly rates: readonly (readonly [perSecond: number, laps: number])[];
  /** Seconds at most that one lap of an open loop may plan for. */
  readonly lapSeconds: number;
  readonly jitterNs: number;
}
const FULL: Sizes = {
  frames: Number.POSITIVE_INFINITY,
  warmUpLaps: 1,
  closedLaps: 5,
  rates: [
    [10_000, 1],
    [50_000, 1],
    [100_000, 2],
    [200_000, 2],
    [500_000, 3],
  ],
  lapSeconds: 2,
  jitterNs: 1e9,
};
const SMOKE: Sizes = {
  frames: 3_000,
  warmUpLaps: 1,
  closedLaps: 2,
  rates: [
    [10_000, 1],
    [100_000, 1],
  ],
  lapSeconds: 0.1,
  jitterNs: 2e7,
};
/** Below this share of the planned rate the path did not keep up. */
const KEPT_UP = 0.99;

/** One measured part: laps of the closed loop, or of the open loop at one rate. */
interface Part {
  readonly key: string;
  readonly what: string;
  /** 0: closed loop. */
  readonly perSecond: number;
  readonly laps: readonly Lap[];
}

/** The whole path of a tick on one thread: closed loop for its cost, open loop for its latency, decisions held against a replay. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  const sizes = context.smoke ? SMOKE : FULL;
  const session = await loadSession(sizes.frames);
  const parts = planParts(session, sizes);
  const laps = parts.flatMap((part) => part.laps);
  const expected = await replayDigest(session, laps);
  const path = await buildPath(session, pathConfig({}), context.clock);
  const journal = await startJournal(path, context.otherCore);
  context.pin();
  const measured = await measureParts(path, session, parts, sizes, context);
  const digest = await journal.finish();
  const checks = [
    same(`digest of ${expected.records} journal records of ${laps.length} laps, measured and replayed`, digest.sha256, expected.sha256),
    same('book gaps between laps, each recovered', path.views.feedCounters.snapshot()['books_synced']!, laps.length),
    orders(path),
  ];
  return { ...measured, checks };
}

function planParts(session: Session, sizes: Sizes): Part[] {
  const whole = session.frames;
  const open = sizes.rates.map(([perSecond, laps]) => ({
    perSecond,
    frames: Array(laps).fill(Math.min(whole, perSecond * sizes.lapSeconds)),
  }));
  const counts: number[][] = [Array(sizes.warmUpLaps).fill(whole), Array(sizes.closedLaps).fill(whole), ...open.map((one) => one.frames)];
  const laps = planLaps(session, counts.flat());
  const take = (count: number): Lap[] => laps.splice(0, count);
  return [
    { key: 'warm_up', what: 'warm-up', perSecond: 0, laps: take(sizes.warmUpLaps) },
    { key: 'closed', what: 'closed loop: a tick until decided and sent', perSecond: 0, laps: take(sizes.closedLaps) },
    ...open.map(({ perSecond, frames }) => ({
      key: `open_${perSecond}`,
      what: `open loop, ${perSecond.toLocaleString('en-US')} ticks/s`,
      perSecond,
      laps: take(frames.length),
    })),
  ];
}

/** What the product's inline replay of the same laps, from a file, writes into its journal. */
async function replayDigest(session: Session, laps: readonly Lap[]): Promise<JournalDigest> {
  const folder = mkdtempSync(join(tmpdir(), 'tickpath-bench-'));
  try {
    const file = join(folder, 'laps.gz');
    writeCapture(file, session, laps);
    const { journal } = await runReplay(pathConfig({ 'input.files': [file], 'run.dir': folder, 'run.id': 'replay' }));
    return journal;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The thread that takes the journal's records while the path runs. */
async function startJournal(path: Path, core: number): Promise<{ readonly finish: () => Promise<JournalDigest> }> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const start: JournalDigestStart = { buffer: path.views.buffer, ring: path.shared.layout.journalRing, stop, core };
  const worker = new Worker(new URL('./journal-digest.worker.js', import.meta.url), { workerData: start });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return {
    finish: () => {
      const done = new Promise<JournalDigest>((resolve, reject) => worker.once('message', resolve).once('error', reject));
      Atomics.store(stop, 0, 1);
      Atomics.notify(stop, 0);
      return done;
    },
  };
}

async function measureParts(
  path: Path,
  session: Session,
  parts: readonly Part[],
  sizes: Sizes,
  { clock }: BenchContext,
): Promise<Omit<BenchFindings, 'checks'>> {
  const { feed, drain, views } = path;
  const figures: Record<string, Figure> = {};
  const latencies: Record<string, LatencyRow> = {};
  const notes = [
    'one thread: decode, book, ring, features, model, strategy, risk, encode, simulated exchange; frames lie in memory, a transport is not part of it',
    'open loop: latency counts from the planned time of each frame until its orders, if any, were encoded and handed over',
  ];
  const jitter = newHistogram();
  measureJitterFloor(clock, jitter, sizes.jitterNs / 10);
  jitter.reset();
  measureJitterFloor(clock, jitter, sizes.jitterNs);
  const collections = countCollections();
  feed.onConnection(CONNECTION.CONNECTED, 0);
  drain();
  let lastNs = 0;
  for (const part of parts) {
    const times = newHistogram();
    const bestNs = new Float64Array(session.frames).fill(LATENCY_NS_MAX);
    for (const stage of views.latency) stage.reset();
    const lapNs = part.laps.map((lap) => {
      lastNs = session.recvNs[lap.frames - 1]! + lap.shiftNs;
      if (part.perSecond === 0) return closedLoop(path, session, lap, clock, times, bestNs);
      return openLoop(path, session, lap, 1e9 / part.perSecond, clock, times);
    });
    if (part.key === 'warm_up') await collections.restart();
    else if (part.perSecond === 0) reportClosed(part, lapNs, times, bestNs, views.latency, figures, latencies);
    else reportOpen(part, lapNs, times, latencies, notes);
  }
  feed.onConnection(CONNECTION.END, lastNs);
  drain();
  figures['collections'] = { what: 'garbage collections after the warm-up', unit: 'count', ours: spreadOf([await collections.finish()]) };
  measureJitterFloor(clock, jitter, sizes.jitterNs);
  const perSecond = (1e9 / JITTER_INTERVAL_NS).toLocaleString('en-US');
  latencies['jitter_floor'] = { what: `jitter floor: the clock alone, ${perSecond}/s`, ...summarize(jitter) };
  return { figures, latencies, notes };
}

function reportClosed(
  part: Part,
  lapNs: readonly number[],
  times: LatencyHistogram,
  bestNs: Float64Array,
  stages: readonly LatencyHistogram[],
  figures: Record<string, Figure>,
  latencies: Record<string, LatencyRow>,
): void {
  const perTick = lapNs.map((ns, i) => ns / part.laps[i]!.frames);
  figures['tick'] = { what: 'a tick through the whole path, closed loop', unit: 'ns', ours: spreadOf(perTick) };
  figures['ticks'] = { what: 'ticks, closed loop', unit: '1/s', ours: spreadOf(perTick.map((ns) => 1e9 / ns)) };
  latencies[part.key] = { what: part.what, ...summarize(times) };
  const best = newHistogram();
  for (const ns of bestNs) best.record(ns);
  latencies['closed_best'] = { what: `closed loop: each frame's shortest of ${part.laps.length} laps`, ...summarize(best) };
  STAGES.forEach((stage, i) => {
    latencies[`${part.key}_${stage}`] = { what: `closed loop: ${stage.replaceAll('_', '-')}`, ...summarize(stages[i]!) };
  });
}

function reportOpen(
  part: Part,
  lapNs: readonly number[],
  times: LatencyHistogram,
  latencies: Record<string, LatencyRow>,
  notes: string[],
): void {
  latencies[part.key] = { what: part.what, ...summarize(times) };
  const frames = part.laps.reduce((sum, lap) => sum + lap.frames, 0);
  const reached = (frames / lapNs.reduce((sum, ns) => sum + ns, 0)) * 1e9;
  if (reached >= KEPT_UP * part.perSecond) return;
  notes.push(`${part.what}: ${Math.round(reached).toLocaleString('en-US')}/s reached: the path did not keep up, its latency is a queue's`);
}

/** An engine that decides nothing would be fast. */
function orders(path: Path): Check {
  const decisions = path.views.laneCounters.snapshot()['decisions']!;
  const sent = riskSummary(riskStateViews(path.views.buffer, path.shared.layout.account)).orders_approved;
  return { what: 'decisions were taken and orders sent', ok: decisions > 0 && sent > 0, detail: `${decisions} decisions, ${sent} orders` };
}

/** Garbage collections of this thread; entries come through the event loop. */
function countCollections(): { readonly restart: () => Promise<void>; readonly finish: () => Promise<number> } {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return {
    restart: async () => {
      await turn();
      collections = 0;
    },
    finish: async () => {
      await turn();
      observer.disconnect();
      return collections;
    },
  };
}
