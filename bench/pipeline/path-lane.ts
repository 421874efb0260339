import { resolve } from 'node:path';
import { bundledSession } from '../../src/app/bundled.ts';
import { type ConfigFlags, resolveConfig } from '../../src/app/config.ts';
import type { Config } from '../../src/app/config-schema.ts';
import type { Lane } from '../../src/app/lane.hot.ts';
import { allocatePipeline, type PipelineViews, type SharedPipeline } from '../../src/app/pipeline-memory.ts';
import { simulatedRiskOptions } from '../../src/app/risk-options.ts';
import { ACCOUNT_BYTES, buildLane, checkLane } from '../../src/app/wiring.ts';
import { RingProducer } from '../../src/core/ring/spsc.hot.ts';
import type { Clock } from '../../src/core/time.ts';
import { modelMemoryBytes } from '../../src/engine/model/compile.ts';
import { loadModel, prepareModel } from '../../src/engine/model/load.ts';
import { FEED_COUNTER_SPECS } from '../../src/feed/counters.ts';
import type { Feed } from '../../src/feed/feed.ts';
import { createUsdmFeed } from '../../src/feed/venue/binance-usdm/feed.ts';
import { resolveRiskLimits } from '../../src/risk/limits.ts';
import type { Session } from '../harness/session.ts';

/** The configuration of both the measured path and the replay it is held against. */
export function pathConfig(flags: ConfigFlags): Config {
  const fixed = { topology: 'inline', speed: 'max', 'threads.jitter_ms': 0, 'report.html': false };
  return resolveConfig(undefined, { ...bundledSession().flags, ...fixed, ...flags }, {});
}

/** The whole path on one thread: feed and lane over one shared memory, wired as an inline run wires them. */
export interface Path {
  readonly feed: Feed;
  readonly lane: Lane;
  readonly views: PipelineViews;
  readonly shared: SharedPipeline;
  /** Runs the lane until nothing is ready. */
  readonly drain: () => void;
}

export async function buildPath(session: Session, config: Config, clock: Clock): Promise<Path> {
  const { instrument, baseEpochNs } = session;
  const loaded = loadModel(config.model.file);
  const shared = allocatePipeline(FEED_COUNTER_SPECS.length, ACCOUNT_BYTES, modelMemoryBytes(loaded.graph));
  const { strategy, exchange } = config;
  const { lane, views } = await buildLane(
    {
      shared,
      clockBaseNs: 0n,
      baseEpochNs,
      instrument,
      limits: resolveRiskLimits(simulatedRiskOptions(instrument), instrument),
      model: prepareModel(loaded, config.model.backend, shared.layout.model),
      modelFile: config.model.file,
      modelOutputs: loaded.manifest.outputs,
      normalization: loaded.manifest.normalization,
      strategy: strategy.file === undefined ? { name: strategy.name! } : { file: resolve(strategy.file) },
      strategyParams: strategy.params,
      entryLatencyNs: exchange.entry_latency_us * 1_000,
      responseLatencyNs: exchange.response_latency_us * 1_000,
      journalSignals: config.journal.signals,
      core: -1,
      jitterNs: 0,
    },
    clock,
  );
  const drain = (): void => {
    for (let taken = lane.poll(); taken !== 0; taken = lane.poll()) checkLane(taken);
  };
  const feed = createUsdmFeed({
    instruments: [instrument],
    ring: new RingProducer(views.market),
    counters: views.feedCounters,
    clock,
    baseEpochNs,
    room: { waitForRoom: drain },
  });
  return { feed, lane, views, shared, drain };
}
