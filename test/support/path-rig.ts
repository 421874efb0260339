import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { allocatePipeline } from '../../src/app/pipeline-memory.ts';
import type { LaneStart } from '../../src/app/pipeline-start.ts';
import { simulatedRiskOptions } from '../../src/app/risk-options.ts';
import { ACCOUNT_BYTES, type BuiltLane, buildLane, checkLane } from '../../src/app/wiring.ts';
import { type Instrument, instrumentFromText } from '../../src/core/instrument.ts';
import { JOURNAL_RING_RECORDS } from '../../src/core/limits.ts';
import { CONNECTION, FRAME_TIME, FRAME_TIMES } from '../../src/core/ports.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { type Clock, monotonicBaseNs, systemClock } from '../../src/core/time.ts';
import { modelMemoryBytes } from '../../src/engine/model/compile.ts';
import { loadModel, prepareModel } from '../../src/engine/model/load.ts';
import { FEED_COUNTER_SPECS } from '../../src/feed/counters.ts';
import type { Feed } from '../../src/feed/feed.ts';
import { recordedFormat } from '../../src/feed/formats.ts';
import { resolveRiskLimits } from '../../src/risk/limits.ts';
import { projectFile } from './project.ts';

const SESSION = 'replay-data/usdm_tpxusdt_seed1.gz';
const MODEL = 'models/reference.onnx';
const PREFIX_BYTES = 20;
const LOOP_GAP_NS = 1e9;
/** Orders every few ticks, taken and passive ones, so that their path is as warm as that of the ticks. */
const EAGER = { execution: 'make', enter_margin: 0.2, exit_margin: 0.2, holding_ms: 20, passive_ms: 60, cooldown_ms: 1 };

/** The bundled session in memory: where each frame lies and when it was received. */
class SessionFrames {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly recvNs: Float64Array;
  readonly baseEpochNs: bigint;

  constructor() {
    this.bytes = gunzipSync(readFileSync(projectFile(SESSION)));
    const text = new TextDecoder('latin1').decode(this.bytes);
    const starts: number[] = [];
    const ends: number[] = [];
    const times: bigint[] = [];
    for (let from = 0; from < text.length; ) {
      const feed = text.indexOf('\n', from);
      times.push(BigInt(text.slice(from, from + PREFIX_BYTES - 1)));
      starts.push(from + PREFIX_BYTES);
      ends.push(feed);
      from = feed + 1;
    }
    this.starts = Int32Array.from(starts);
    this.ends = Int32Array.from(ends);
    this.baseEpochNs = times[0]!;
    this.recvNs = Float64Array.from(times, (time) => Number(time - this.baseEpochNs));
  }
}

/**
 * The whole path on one thread, as in an inline replay, over the bundled session for ever: at its end the connection is
 * made anew, the book synchronises again and time goes on. The strategy is an eager one.
 */
export class PathRig {
  readonly feed: Feed;
  readonly built: BuiltLane;
  private readonly clock: Clock;
  private readonly journal: RingConsumer;
  private readonly session: SessionFrames;
  private readonly times = new Float64Array(FRAME_TIMES);
  /** Added to the session's receive times; an array because a double in it is never boxed. */
  private readonly offsetNs = new Float64Array(1);
  private at = 0;

  private constructor(session: SessionFrames, instrument: Instrument, built: BuiltLane, clock: Clock) {
    this.session = session;
    this.built = built;
    this.clock = clock;
    this.journal = new RingConsumer(built.views.journal);
    this.feed = recordedFormat('binance-usdm').createFeed({
      instruments: [instrument],
      ring: new RingProducer(built.views.market),
      counters: built.views.feedCounters,
      clock,
      baseEpochNs: session.baseEpochNs,
      room: { waitForRoom: () => this.drain() },
    });
  }

  static async create(): Promise<PathRig> {
    const session = new SessionFrames();
    const instrument = instrumentFromText(0, { symbol: 'TPXUSDT', tickSize: '0.10', lotSize: '0.001' });
    const loaded = loadModel(projectFile(MODEL));
    const shared = allocatePipeline(FEED_COUNTER_SPECS.length, ACCOUNT_BYTES, modelMemoryBytes(loaded.graph));
    const clockBaseNs = monotonicBaseNs();
    const clock = systemClock(clockBaseNs);
    const start: LaneStart = {
      shared,
      clockBaseNs,
      baseEpochNs: session.baseEpochNs,
      instrument,
      limits: resolveRiskLimits(
        { ...simulatedRiskOptions(instrument), maxOrdersPer1s: '4000', maxOrdersPer10s: '4000', maxLoss: '1000000000' },
        instrument,
      ),
      model: prepareModel(loaded, 'wasm', shared.layout.model),
      modelFile: MODEL,
      modelOutputs: loaded.manifest.outputs,
      normalization: loaded.manifest.normalization,
      strategy: { name: 'signal-taker' },
      strategyParams: EAGER,
      entryLatencyNs: 2e6,
      responseLatencyNs: 2e6,
      journalSignals: true,
      core: -1,
      jitterNs: 0,
    };
    return new PathRig(session, instrument, await buildLane(start, clock), clock);
  }

  /** Sends `frames` frames through the path. */
  drive(frames: number): void {
    const { session, times, clock, feed } = this;
    for (let i = 0; i < frames; i++) {
      if (this.at === 0) this.reconnect();
      const nowNs = clock.nowNs();
      times[FRAME_TIME.RECV_NS] = this.offsetNs[0]! + session.recvNs[this.at]!;
      times[FRAME_TIME.T0_NS] = nowNs;
      times[FRAME_TIME.HANDED_NS] = nowNs;
      feed.onFrame(session.bytes, session.starts[this.at]!, session.ends[this.at]!, times);
      this.drain();
      this.at = this.at + 1 === session.starts.length ? 0 : this.at + 1;
    }
  }

  private reconnect(): void {
    const { session, offsetNs } = this;
    if (this.feed.frames > 0) offsetNs[0]! += session.recvNs[session.recvNs.length - 1]! + LOOP_GAP_NS;
    this.feed.onConnection(CONNECTION.CONNECTED, offsetNs[0]!);
    this.drain();
  }

  private drain(): void {
    const { built, journal } = this;
    for (let taken = built.lane.poll(); taken !== 0; taken = built.lane.poll()) checkLane(taken);
    journal.release(journal.poll(JOURNAL_RING_RECORDS));
  }
}
