import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument } from '../core/instrument.ts';
import { RingConsumer } from '../core/ring/spsc.hot.ts';
import { monotonicBaseNs, systemClock, wallTimeMs } from '../core/time.ts';
import { modelMemoryBytes } from '../engine/model/compile.ts';
import { UnsupportedModelError } from '../engine/model/errors.ts';
import { type LoadedModel, loadModel, type PreparedModel, prepareModel } from '../engine/model/load.ts';
import { FEED_COUNTER_SPECS } from '../feed/counters.ts';
import { discover } from '../feed/formats.ts';
import { turnWaiter } from '../feed/transport/pacing.ts';
import { type JournalTotals, JournalWriter } from '../journal/writer.ts';
import { type RiskLimits, resolveRiskLimits } from '../risk/limits.ts';
import type { Config } from './config-schema.ts';
import { makeFolder } from './make-folder.ts';
import { defaultEngineCore, pinCurrentThread } from './pin.ts';
import { allocatePipeline, CONTROL, PipelineViews } from './pipeline-memory.ts';
import type { FeedDone, FeedStart, LaneStart, WorkerDone, WorkerReady, WorkerStart } from './pipeline-start.ts';
import { type StartedReader, startReader } from './reader.ts';
import { riskOptions, simulatedRiskOptions } from './risk-options.ts';
import { ACCOUNT_BYTES, ReplayFeed } from './wiring.ts';
import { type RunningWorker, StageWorkers } from './workers.ts';

/** The control thread looks at the journal ring this often; the ring holds 100 ms and more of decisions. */
const DRAIN_EVERY_MS = 2;
const PROGRESS_EVERY_MS = 100;
/** The reader and one hot thread. */
const THREADS_MAX = 2;
/** Frames between two looks at the journal ring while this thread is also the feed. */
const DRAIN_EVERY_FRAMES = 64;
const SLEEP_WORD = new Int32Array(new SharedArrayBuffer(4));
const FULL_RING_WAIT_MS = 0.05;

export interface ReplayHooks {
  /** Fraction of the input read, 0 to 1, and ticks so far. */
  readonly onProgress?: (fraction: number, ticks: number) => void;
  /** Aborting ends the run at the next frame; what was decided until then is kept. */
  readonly signal?: AbortSignal;
}

/** Everything a finished run is described by; report/ turns it into files. */
export interface ReplayOutcome {
  readonly config: Config;
  readonly folder: string;
  readonly instrument: Instrument;
  readonly limits: RiskLimits;
  readonly baseEpochNs: bigint;
  readonly loaded: LoadedModel;
  readonly prepared: PreparedModel;
  readonly views: PipelineViews;
  readonly accountOffset: number;
  readonly ready: WorkerReady;
  readonly done: WorkerDone;
  readonly feed: FeedDone;
  readonly journal: JournalTotals;
  readonly startedMs: number;
}

/** Runs recorded input through the whole path and leaves its journal in a new run folder. */
export async function runReplay(config: Config, hooks: ReplayHooks = {}): Promise<ReplayOutcome> {
  const startedMs = wallTimeMs();
  const files = config.input.files.map((file) => resolve(file));
  const format = config.input.format;
  const texts = Object.entries(config.instruments).map(([symbol, text]) => ({ symbol, tickSize: text.tick_size, lotSize: text.lot_size }));
  const { instruments, baseEpochNs, source } = await discover(format, files, texts, config.symbol);
  const instrument = chooseInstrument(config, instruments, files);
  const configured = Object.keys(config.risk).length > 0;
  const limits = resolveRiskLimits(configured ? riskOptions(config.risk) : simulatedRiskOptions(instrument), instrument);
  const loaded = loadModel(config.model.file);
  const shared = allocatePipeline(FEED_COUNTER_SPECS.length, ACCOUNT_BYTES, modelRegionBytes(loaded));
  const prepared = prepareModel(loaded, config.model.backend, shared.layout.model);
  const clockBaseNs = monotonicBaseNs();
  const lane = laneStart(config, { shared, clockBaseNs, baseEpochNs, instrument, limits, model: prepared }, loaded);
  const folder = createRunFolder(config, startedMs);
  const writer = new JournalWriter(join(folder, 'journal'), { baseEpochNs, sync: config.journal.sync });
  writer.document(decisionDocument(config, instrument, limits, loaded));
  const views = new PipelineViews(shared, FEED_COUNTER_SPECS);
  const stop = (): void => void Atomics.store(views.control, CONTROL.STOP, 1);
  hooks.signal?.addEventListener('abort', stop);
  const control = new ControlLoop(views, writer, hooks);
  const workers = new StageWorkers(THREADS_MAX);
  let reader: StartedReader | undefined;
  try {
    reader = await startReader(workers, files, format, lane.core < 0 ? -1 : otherCore(lane.core));
    const speed = config.speed === 'max' ? 0 : config.speed;
    const others = instruments.length > 1;
    const feed: FeedStart = { shared, format, source, files, instruments: [instrument], others, baseEpochNs, ring: reader.ring, speed };
    const worker = await workers.start<WorkerReady, WorkerDone>(new URL('./pipeline.worker.js', import.meta.url), {
      lane,
      feed,
      topology: config.topology,
      rehearse: config.threads.rehearse,
    } satisfies WorkerStart);
    const { ready, done, feedDone } =
      config.topology === 'inline' ? await control.inline(worker) : await control.pipeline(worker, feed, lane);
    const journal = control.finish();
    return {
      config,
      folder,
      instrument,
      limits,
      baseEpochNs,
      loaded,
      prepared,
      views,
      accountOffset: shared.layout.account,
      ready,
      done,
      feed: feedDone,
      journal,
      startedMs,
    };
  } finally {
    control.close();
    await reader?.stop();
    hooks.signal?.removeEventListener('abort', stop);
  }
}

/** The lane ended while the feed had records for it; its own failure is the one to report. */
class LaneStopped extends Error {}

/** A core that is not the hot thread's. */
function otherCore(core: number): number {
  return core === 0 ? 1 : 0;
}

/** Drains the journal and shows progress on the control thread; in a pipeline it is the feed's thread too. */
class ControlLoop {
  private readonly views: PipelineViews;
  private readonly writer: JournalWriter;
  private readonly ring: RingConsumer;
  private readonly hooks: ReplayHooks;
  private readonly timers: NodeJS.Timeout[] = [];
  private finished = false;

  constructor(views: PipelineViews, writer: JournalWriter, hooks: ReplayHooks) {
    this.views = views;
    this.writer = writer;
    this.ring = new RingConsumer(views.journal);
    this.hooks = hooks;
    this.timers.push(setInterval(() => this.progress(), PROGRESS_EVERY_MS));
  }

  async inline(worker: RunningWorker<WorkerReady, WorkerDone>) {
    const ready = await worker.ready;
    this.timers.push(setInterval(() => void this.writer.drain(this.ring), DRAIN_EVERY_MS));
    const done = await worker.done;
    return { ready, done, feedDone: done.feed! };
  }

  async pipeline(worker: RunningWorker<WorkerReady, WorkerDone>, start: FeedStart, lane: LaneStart) {
    const ready = await worker.ready;
    if (ready.pin.ok) pinCurrentThread(otherCore(ready.pin.core));
    const clock = systemClock(lane.clockBaseNs);
    let frames = 0;
    const drain = (): number => this.writer.drain(this.ring);
    const feed = new ReplayFeed(start, this.views, clock, {
      afterFrame: () => {
        if (++frames % DRAIN_EVERY_FRAMES === 0) drain();
      },
      waitForRoom: () => {
        // Nobody will make room any more: the lane says why.
        if (Atomics.load(this.views.control, CONTROL.FAILED) !== 0) throw new LaneStopped();
        if (drain() === 0) Atomics.wait(SLEEP_WORD, 0, 0, FULL_RING_WAIT_MS);
      },
      waiter: { ...turnWaiter, spin: () => void drain() },
    });
    const feedDone = await feed.run().catch(async (error: unknown) => {
      if (error instanceof LaneStopped) await worker.done;
      throw error;
    });
    this.timers.push(setInterval(() => void drain(), DRAIN_EVERY_MS));
    return { ready, done: await worker.done, feedDone };
  }

  /** Writes what is left and closes the journal. */
  finish(): JournalTotals {
    this.finished = true;
    this.writer.drain(this.ring);
    return this.writer.close();
  }

  /** After a failure too the journal holds what was decided until then. */
  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    if (!this.finished) this.finish();
  }

  private progress(): void {
    this.hooks.onProgress?.(Atomics.load(this.views.control, CONTROL.PROGRESS) / 1000, this.views.laneCounters.read(0));
  }
}

function chooseInstrument(config: Config, instruments: readonly Instrument[], files: readonly string[]): Instrument {
  const symbols = instruments.map((one) => one.symbol);
  const wanted = config.symbol ?? (symbols.length === 1 ? symbols[0] : undefined);
  if (wanted === undefined) {
    throw new TickpathError(
      'ERR_SYMBOL',
      `${files[0]}: ${symbols.length} symbols (${symbols.join(', ')}); name one with --symbol`,
      EXIT.USAGE,
    );
  }
  const found = instruments.find((one) => one.symbol === wanted);
  if (found === undefined)
    throw new TickpathError('ERR_SYMBOL', `${files[0]}: no symbol ${wanted}, found ${symbols.join(', ')}`, EXIT.USAGE);
  return { ...found, id: 0 };
}

function modelRegionBytes(loaded: LoadedModel): number {
  try {
    return modelMemoryBytes(loaded.graph);
  } catch (error) {
    if (!(error instanceof UnsupportedModelError)) throw error;
    return 4 * loaded.graph.inputCount;
  }
}

function laneStart(
  config: Config,
  parts: Pick<LaneStart, 'shared' | 'clockBaseNs' | 'baseEpochNs' | 'instrument' | 'limits' | 'model'>,
  loaded: LoadedModel,
): LaneStart {
  const { strategy, threads, exchange } = config;
  return {
    ...parts,
    modelFile: config.model.file,
    modelOutputs: loaded.manifest.outputs,
    normalization: loaded.manifest.normalization,
    strategy: strategy.file === undefined ? { name: strategy.name! } : { file: resolve(strategy.file) },
    strategyParams: strategy.params,
    entryLatencyNs: exchange.entry_latency_us * 1_000,
    responseLatencyNs: exchange.response_latency_us * 1_000,
    journalSignals: config.journal.signals,
    core: threads.pin ? (threads.engine_core ?? defaultEngineCore()) : -1,
    jitterNs: threads.jitter_ms * 1e6,
  };
}

/** What decisions depend on beside the input: kept in the journal's first document. Topology and pace are not among it. */
function decisionDocument(config: Config, instrument: Instrument, limits: RiskLimits, loaded: LoadedModel): unknown {
  return {
    instrument,
    limits,
    model: loaded.manifest.model,
    features: { set: loaded.manifest.features.set, version: loaded.manifest.features.version },
    outputs: loaded.manifest.outputs,
    strategy: config.strategy,
    exchange: config.exchange,
    inputs: config.input.files.map((file) => basename(file)),
    format: config.input.format,
  };
}

/** What a later `tickpath verify`, started anywhere, finds again. */
function withAbsolutePaths(config: Config): Config {
  const { input, model, strategy } = config;
  return {
    ...config,
    input: { ...input, files: input.files.map((file) => resolve(file)) },
    model: { ...model, file: resolve(model.file) },
    ...(strategy.file === undefined ? {} : { strategy: { ...strategy, file: resolve(strategy.file) } }),
  };
}

function createRunFolder(config: Config, startedMs: number): string {
  const stamp = new Date(startedMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const folder = resolve(config.run.dir, config.run.id ?? `${stamp}-${process.pid}`);
  try {
    makeFolder(folder);
    writeFileSync(
      join(folder, 'config.yaml'),
      `# The configuration as it was resolved; tickpath verify reads it.\n${stringify(withAbsolutePaths(config))}`,
      { flag: 'wx' },
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw new TickpathError('ERR_RUN_EXISTS', `${folder}: holds a run already; choose another run.id`, EXIT.USAGE);
    throw new TickpathError('ERR_RUN_FOLDER', `${folder}: cannot be written (${code})`, EXIT.USAGE);
  }
  return folder;
}
