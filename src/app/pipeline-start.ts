import type { Instrument } from '../core/instrument.ts';
import type { PreparedModel } from '../engine/model/load.ts';
import type { StrategySource } from '../engine/strategy/load.ts';
import type { RecordedSource } from '../feed/discovery.ts';
import type { Format } from '../feed/formats.ts';
import type { RejectSample } from '../feed/rejects.ts';
import type { InputDigest } from '../feed/transport/inflate.ts';
import type { RiskLimits } from '../risk/limits.ts';
import type { Config } from './config-schema.ts';
import type { PinResult } from './pin.ts';
import type { SharedPipeline } from './pipeline-memory.ts';

/** What a lane is made of. Plain data: the thread that runs the lane builds it from this. */
export interface LaneStart {
  readonly shared: SharedPipeline;
  /** Base of the measured clock, ns of the operating system's monotonic clock. */
  readonly clockBaseNs: bigint;
  /** Base of data time, epoch ns. */
  readonly baseEpochNs: bigint;
  readonly instrument: Instrument;
  readonly limits: RiskLimits;
  readonly model: PreparedModel;
  readonly modelFile: string;
  readonly modelOutputs: readonly string[];
  readonly normalization: { readonly mean: readonly number[]; readonly scale: readonly number[]; readonly clamp: number };
  readonly strategy: StrategySource;
  readonly strategyParams: Readonly<Record<string, unknown>>;
  readonly entryLatencyNs: number;
  readonly responseLatencyNs: number;
  readonly journalSignals: boolean;
  /** Core of the hot thread, -1 to leave it unpinned. */
  readonly core: number;
  readonly jitterNs: number;
}

/** What a feed from files is made of. */
export interface FeedStart {
  readonly shared: SharedPipeline;
  readonly format: Format;
  /** Whose frames a recording holds, for the formats that hold those of any venue. */
  readonly source: RecordedSource | undefined;
  readonly files: readonly string[];
  readonly instruments: readonly Instrument[];
  /** True when the input holds further instruments. */
  readonly others: boolean;
  readonly baseEpochNs: bigint;
  /** Ring that a reader thread fills with the files' inflated bytes; undefined: the feed's thread inflates them itself. */
  readonly ring: SharedArrayBuffer | undefined;
  /** Times the recorded pace; 0: as fast as possible. */
  readonly speed: number;
}

/** Start message of the hot worker. */
export interface WorkerStart {
  readonly lane: LaneStart;
  readonly feed: FeedStart;
  /** `inline`: this thread runs feed and lane; `pipeline`: the lane only. */
  readonly topology: Config['topology'];
  /** Compile the hot path on the beginning of the input before the run. */
  readonly rehearse: boolean;
}

export interface WorkerReady {
  readonly pin: PinResult;
  readonly strategySha256: string | undefined;
}

export interface FeedDone {
  /** What was odd about the files, a sentence each. */
  readonly warnings: readonly string[];
  readonly inputs: readonly InputDigest[];
  readonly rejects: readonly RejectSample[];
  readonly nonMonotonic: number;
  readonly interrupted: boolean;
}

export interface WorkerDone {
  readonly feed: FeedDone | undefined;
  /** Clock of the hot thread when it began and ended, ns. */
  readonly beganNs: number;
  readonly endedNs: number;
  /** BOOK_STATE of the lane's book at the end. */
  readonly bookState: number;
  /** Best bid and ask at the end, PRICE_NONE when there was none. */
  readonly bidTicks: number;
  readonly askTicks: number;
}
