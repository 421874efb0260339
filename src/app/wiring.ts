import { SimulatedExchange } from '../backtest/exchange/exchange.hot.ts';
import { EXIT, TickpathError } from '../core/errors.ts';
import { PRICE_NONE } from '../core/price.ts';
import { RingConsumer, RingProducer } from '../core/ring/spsc.hot.ts';
import type { Clock } from '../core/time.ts';
import { Engine } from '../engine/engine.hot.ts';
import { FEATURES } from '../engine/features/feature-set.ts';
import { FeatureStage } from '../engine/features/feature-stage.hot.ts';
import { bindPrepared } from '../engine/model/load.ts';
import { IntentBatch } from '../engine/strategy/intents.ts';
import { type LoadedStrategy, loadStrategy } from '../engine/strategy/load.ts';
import type { Strategy, TickView } from '../engine/strategy/strategy.ts';
import { L2Book } from '../feed/book/l2-book.hot.ts';
import { FEED_COUNTER_SPECS } from '../feed/counters.ts';
import type { Feed } from '../feed/feed.ts';
import { openRecorded, recordedFormat } from '../feed/formats.ts';
import { ByteRingReader } from '../feed/transport/byte-ring.ts';
import { AHEAD_BYTES, FileTransport } from '../feed/transport/file.ts';
import { ScheduledPacer, unpaced, type Waiter } from '../feed/transport/pacing.ts';
import { Gateway } from '../gateway/gateway.hot.ts';
import { BinanceUsdmEncoder } from '../gateway/venue/binance-usdm/encode.hot.ts';
import { createRiskGate } from '../risk/risk.ts';
import { RISK_STATE_BYTES } from '../risk/state.ts';
import { LANE, Lane } from './lane.hot.ts';
import { CONTROL, PipelineViews } from './pipeline-memory.ts';
import type { FeedDone, FeedStart, LaneStart } from './pipeline-start.ts';

/** A word nobody changes: waiting on it sleeps without an event loop. */
const SLEEP_WORD = new Int32Array(new SharedArrayBuffer(4));
const JOURNAL_WAIT_MS = 1;
const CLIENT_ID_PREFIX = 'tp';

export interface BuiltLane {
  readonly lane: Lane;
  /** The lane's end of the market ring, to sleep on. */
  readonly market: RingConsumer;
  readonly views: PipelineViews;
  readonly strategySha256: string | undefined;
}

/**
 * Builds a lane over the shared memory on the calling thread: the same objects in every topology. `strategy` stands in for
 * the configured one in a rehearsal.
 */
export async function buildLane(start: LaneStart, clock: Clock, strategy?: Strategy): Promise<BuiltLane> {
  const { shared, instrument } = start;
  const views = new PipelineViews(shared, FEED_COUNTER_SPECS);
  const model = bindPrepared(start.model, shared.memory, start.modelFile);
  const features = new FeatureStage(instrument, model.input, {
    mean: Float32Array.from(start.normalization.mean),
    scale: Float32Array.from(start.normalization.scale),
    clamp: start.normalization.clamp,
  });
  const loaded = strategy === undefined ? await configuredStrategy(start) : { strategy, sha256: undefined };
  const journal = new RingProducer(views.journal);
  const reports = new RingProducer(views.reports);
  const gate = createRiskGate({
    instrument: instrument.id,
    limits: start.limits,
    buffer: views.buffer,
    stateOffset: shared.layout.account,
    killOffset: shared.layout.control + 4 * CONTROL.KILL,
    approved: new RingProducer(views.orders),
    journal,
  });
  const sink = new SimulatedExchange({
    instrument: instrument.id,
    entryLatencyNs: start.entryLatencyNs,
    responseLatencyNs: start.responseLatencyNs,
    reports,
  });
  const encoder = new BinanceUsdmEncoder({
    instrument,
    clientIdPrefix: CLIENT_ID_PREFIX,
    baseEpochMs: Number(start.baseEpochNs / 1_000_000n),
    baseEpochRestNs: Number(start.baseEpochNs % 1_000_000n),
  });
  const engine = new Engine(instrument, new L2Book(), features, model, loaded.strategy, new IntentBatch(), emptyView(instrument.id, model));
  const market = new RingConsumer(views.market);
  const lane = new Lane({
    market,
    reports: new RingConsumer(views.reports),
    journal,
    engine,
    gate,
    gateway: new Gateway(new RingConsumer(views.orders), encoder, sink, reports),
    sink,
    clock,
    latency: views.latency,
    timeline: views.timeline,
    counters: views.laneCounters,
    waitForJournal: () => void Atomics.wait(SLEEP_WORD, 0, 0, JOURNAL_WAIT_MS),
    journalSignals: start.journalSignals,
  });
  return { lane, market, views, strategySha256: loaded.sha256 };
}

function configuredStrategy(start: LaneStart): Promise<LoadedStrategy> {
  return loadStrategy(start.strategy, {
    instrument: start.instrument,
    params: start.strategyParams,
    outputs: start.modelOutputs,
    features: FEATURES.map((feature) => feature.name),
  });
}

/** Bytes the account region of a pipeline needs. */
export const ACCOUNT_BYTES = RISK_STATE_BYTES;

function emptyView(instrument: number, model: { readonly input: Float32Array; readonly output: Float32Array }): TickView {
  return {
    timeNs: 0,
    tick: 0,
    instrument,
    bidTicks: PRICE_NONE,
    askTicks: PRICE_NONE,
    bidLots: 0,
    askLots: 0,
    positionLots: 0,
    openBuyLots: 0,
    openSellLots: 0,
    openOrders: 0,
    features: model.input,
    outputs: model.output,
  };
}

/** What a feed does while it cannot go on: the other stages work, or the journal is drained. */
export interface FeedHooks {
  /** After each frame: the lane runs to completion (inline). */
  readonly afterFrame: () => void;
  /** The market ring is full: returns when trying again makes sense. */
  readonly waitForRoom: () => void;
  /** How a paced replay waits for its next frame. */
  readonly waiter: Waiter;
}

export class ReplayFeed {
  readonly feed: Feed;
  private readonly transport: FileTransport;
  private readonly hooks: FeedHooks;
  private readonly control: Int32Array;
  private interrupted = false;

  constructor(start: FeedStart, views: PipelineViews, clock: Clock, hooks: FeedHooks) {
    const recorded = recordedFormat(start.format, start.source);
    this.feed = recorded.createFeed({
      instruments: start.instruments,
      others: start.others,
      ring: new RingProducer(views.market),
      counters: views.feedCounters,
      clock,
      baseEpochNs: start.baseEpochNs,
      room: { waitForRoom: hooks.waitForRoom },
    });
    const input = start.ring === undefined ? undefined : new ByteRingReader(start.ring);
    this.transport = new FileTransport({
      files: start.files,
      framer: recorded.createFramer(),
      clock,
      pacer: start.speed === 0 ? unpaced : new ScheduledPacer(clock, start.speed),
      waiter: hooks.waiter,
      openInput: (files, onRead) => input?.source(files, onRead) ?? openRecorded(start.format, files, AHEAD_BYTES, onRead),
      baseEpochNs: start.baseEpochNs,
      onProgress: (read, total) => {
        Atomics.store(views.control, CONTROL.PROGRESS, Math.floor((1000 * read) / Math.max(1, total)));
      },
    });
    this.hooks = hooks;
    this.control = views.control;
  }

  /** Runs the input through the feed; resolves at its end or when the control word says stop. */
  async run(): Promise<FeedDone> {
    const { feed, hooks, control, transport } = this;
    await transport.run({
      onFrame: (bytes, from, to, times) => {
        feed.onFrame(bytes, from, to, times);
        hooks.afterFrame();
        if (Atomics.load(control, CONTROL.STOP) !== 0) this.stop();
      },
      onConnection: (event, recvTimeNs) => {
        feed.onConnection(event, recvTimeNs);
        hooks.afterFrame();
      },
    });
    return {
      inputs: transport.digests,
      rejects: feed.rejects.list(),
      warnings: transport.warnings,
      nonMonotonic: transport.nonMonotonic,
      interrupted: this.interrupted,
    };
  }

  /** Ends the run after the frame at hand. */
  stop(): void {
    this.interrupted = true;
    this.transport.stop();
  }
}

/** Throws for a status below zero of `Lane.poll`, in words. */
export function checkLane(status: number): void {
  if (status >= 0) return;
  if (status === LANE.DIVERGED) {
    throw new TickpathError('ERR_BOOK_DIVERGED', "Invariant: the lane's book equals the feed's after every message", EXIT.DATA);
  }
  if (status === LANE.MODEL_FAILED)
    throw new TickpathError('ERR_MODEL_RUN', 'the model failed to run on a tick; nothing was traded on it', EXIT.FAILURE);
  throw new TickpathError('ERR_JOURNAL_FULL', 'Invariant: a tick begins only when its records fit the journal ring', EXIT.FAILURE);
}
