import { basename, resolve } from 'node:path';
import { Counters } from '../core/counters.ts';
import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument, InstrumentText } from '../core/instrument.ts';
import { DRAIN_BATCH_RECORDS, MARKET_RING_RECORDS } from '../core/limits.ts';
import { PRICE_NONE } from '../core/price.ts';
import { D_RECV_TIME_NS, D_TICK, FLAG_TICK_END, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS } from '../core/records/layout.ts';
import { BOOK_STATE } from '../core/records/market.ts';
import { ringBytes, ringViews } from '../core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../core/ring/spsc.hot.ts';
import { ManualClock } from '../core/time.ts';
import { APPLIED, Engine } from '../engine/engine.hot.ts';
import { FEATURE_COUNT, FeatureStage } from '../engine/features/feature-stage.hot.ts';
import type { Model } from '../engine/model/model.ts';
import { IntentBatch } from '../engine/strategy/intents.ts';
import type { Strategy } from '../engine/strategy/strategy.ts';
import { L2Book } from '../feed/book/l2-book.hot.ts';
import { FEED_COUNTER_SPECS } from '../feed/counters.ts';
import { discover, type Format, openRecorded, recordedFormat } from '../feed/formats.ts';
import type { RejectSample } from '../feed/rejects.ts';
import { AHEAD_BYTES, FileTransport } from '../feed/transport/file.ts';
import { FeatureTable } from './feature-table.ts';

export interface FeaturesRunOptions {
  readonly files: readonly string[];
  readonly format: Format;
  /** Parquet or CSV, by its ending. */
  readonly out: string;
  readonly symbol?: string;
  readonly instruments?: readonly InstrumentText[];
  readonly onProgress?: (fraction: number, rows: number) => void;
}

export interface FeaturesRunResult {
  readonly rows: number;
  readonly instrument: Instrument;
  readonly counters: Readonly<Record<string, number>>;
  readonly rejects: readonly RejectSample[];
  /** What was odd about the files, a sentence each. */
  readonly warnings: readonly string[];
  /** BOOK_STATE at the end of the input. */
  readonly state: number;
}

const NO_VALUES = new Float32Array(0);
/** Features need neither: the engine is used up to its feature vector. */
const NO_MODEL: Model = {
  backend: 'wasm',
  inputCount: 0,
  outputCount: 0,
  input: NO_VALUES,
  output: NO_VALUES,
  run: () => 0,
  close: () => {},
};
const NO_STRATEGY: Strategy = { name: 'none', onTick: () => 0, onExecution: () => {} };

/** Writes one row of raw features for every tick of a LIVE book, by the engine's own code. */
export async function writeFeatures(options: FeaturesRunOptions): Promise<FeaturesRunResult> {
  const files = options.files.map((file) => resolve(file));
  const { instruments, baseEpochNs, source } = await discover(options.format, files, options.instruments, options.symbol);
  const recorded = recordedFormat(options.format, source);
  const instrument = choose(instruments, options.symbol);
  const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
  const counters = new Counters(new SharedArrayBuffer(Counters.bytes(FEED_COUNTER_SPECS.length)), 0, FEED_COUNTER_SPECS);
  const clock = new ManualClock();
  const table = new FeatureTable(options.out, { instrument, baseEpochNs });
  try {
    const rows = new RowWriter(instrument, new RingConsumer(views), table);
    const feed = recorded.createFeed({
      instruments: [instrument],
      others: instruments.length > 1,
      ring: new RingProducer(views),
      counters,
      clock,
      baseEpochNs,
      room: { waitForRoom: () => rows.drain() },
    });
    const transport = new FileTransport({
      files,
      framer: recorded.createFramer(),
      openInput: (files, onRead) => openRecorded(options.format, files, AHEAD_BYTES, onRead),
      clock,
      baseEpochNs,
      onProgress: (read, total) => options.onProgress?.(read / Math.max(1, total), table.rows),
    });
    await transport.run({
      onFrame: (bytes, start, end, times) => {
        feed.onFrame(bytes, start, end, times);
        rows.drain();
      },
      onConnection: (event, recvTimeNs) => {
        feed.onConnection(event, recvTimeNs);
        rows.drain();
      },
    });
    table.close(transport.digests.map(({ file, sha256 }) => ({ file: basename(file), sha256 })));
    return {
      rows: table.rows,
      instrument,
      counters: counters.snapshot(),
      rejects: feed.rejects.list(),
      warnings: transport.warnings,
      state: feed.state(instrument.id),
    };
  } catch (error) {
    table.abort();
    throw error;
  }
}

/** The engine up to its features, one table row a tick. */
class RowWriter {
  private readonly ring: RingConsumer;
  private readonly engine: Engine;
  private readonly table: FeatureTable;
  private frameOpen = false;

  constructor(instrument: Instrument, ring: RingConsumer, table: FeatureTable) {
    const view = {
      timeNs: 0,
      tick: 0,
      instrument: instrument.id,
      bidTicks: PRICE_NONE,
      askTicks: PRICE_NONE,
      bidLots: 0,
      askLots: 0,
      positionLots: 0,
      openBuyLots: 0,
      openSellLots: 0,
      openOrders: 0,
      features: NO_VALUES,
      outputs: NO_VALUES,
    };
    const stage = new FeatureStage(instrument, new Float32Array(FEATURE_COUNT));
    this.engine = new Engine(instrument, new L2Book(), stage, NO_MODEL, NO_STRATEGY, new IntentBatch(), view);
    this.ring = ring;
    this.table = table;
  }

  drain(): void {
    for (let count = this.ring.poll(DRAIN_BATCH_RECORDS); count > 0; count = this.ring.poll(DRAIN_BATCH_RECORDS)) {
      for (let i = 0; i < count; i++) this.record(this.ring.slot(i));
      this.ring.release(count);
    }
  }

  private record(slot: number): void {
    const { ring, engine } = this;
    if (!this.frameOpen) engine.beginFrame(ring.f64, slot);
    this.frameOpen = true;
    if (engine.apply(ring.i32, ring.f64, slot) === APPLIED.DIVERGED) {
      throw new TickpathError('ERR_BOOK_DIVERGED', "Invariant: the engine's book equals the feed's after every message", EXIT.DATA);
    }
    const word = ring.i32[slot * RECORD_WORDS]!;
    if ((word & FLAG_TICK_END) === 0) return;
    this.frameOpen = false;
    if (engine.bookState !== BOOK_STATE.LIVE) return;
    const ready = engine.computeFeatures() === 0;
    const { view } = engine;
    const double = slot * RECORD_DOUBLES;
    this.table.add(
      ring.f64[double + D_TICK]!,
      ring.f64[double + D_RECV_TIME_NS]!,
      word & KIND_MASK,
      ready,
      view.bidTicks,
      view.bidLots,
      view.askTicks,
      view.askLots,
      engine.features.raw,
    );
  }
}

function choose(instruments: readonly Instrument[], symbol: string | undefined): Instrument {
  const symbols = instruments.map((one) => one.symbol).join(', ');
  const found =
    symbol === undefined ? (instruments.length === 1 ? instruments[0] : undefined) : instruments.find((one) => one.symbol === symbol);
  if (found === undefined) throw new TickpathError('ERR_SYMBOL', `the input has ${symbols}; name one of them with --symbol`, EXIT.USAGE);
  return { ...found, id: 0 };
}
