import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { summarize, toHdr } from '../core/histogram.ts';
import { formatCash } from '../core/instrument.ts';
import { PRICE_NONE } from '../core/price.ts';
import { STAGES, type Stage } from '../core/stages.ts';
import { wallTimeMs } from '../core/time.ts';
import { rejectName } from '../feed/reject-names.ts';
import { readEnvironment } from '../report/environment.ts';
import { hgrmText, hlogText } from '../report/logs.ts';
import { JITTER_FLOOR, timelinePoints } from '../report/report-data.ts';
import type { RunSummary } from '../report/summary.ts';
import { riskSummary } from '../risk/risk.ts';
import { riskStateViews } from '../risk/state.ts';
import type { ReplayOutcome } from './replay.ts';
import { RUN_FILES, shortPath, writeReport } from './run-folder.ts';

export interface FinishedRun {
  readonly summary: RunSummary;
  /** Undefined when the configuration wants no HTML. */
  readonly reportPath: string | undefined;
}

/** Writes summary, environment, latency logs and report into the run folder. */
export function finishRun(outcome: ReplayOutcome): FinishedRun {
  const { folder, views } = outcome;
  const summary = summaryOf(outcome);
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const json = (name: string, document: unknown): void => write(name, `${JSON.stringify(document, null, 2)}\n`);
  json(RUN_FILES.summary, summary);
  json(RUN_FILES.environment, summary.environment);
  json(RUN_FILES.timeline, timelinePoints(views.timeline));
  const stages = [
    ...STAGES.map((stage, i) => ({ stage, histogram: toHdr(views.latency[i]!) })),
    { stage: JITTER_FLOOR, histogram: toHdr(views.jitter) },
  ];
  write(RUN_FILES.hgrm, hgrmText(stages));
  write(RUN_FILES.hlog, hlogText(stages, outcome.startedMs, wallTimeMs()));
  return { summary, reportPath: outcome.config.report.html ? writeReport(folder, summary) : undefined };
}

function summaryOf(outcome: ReplayOutcome): RunSummary {
  const { config, views, instrument, done, ready, loaded, prepared, journal } = outcome;
  const feed = views.feedCounters.snapshot();
  const lane = views.laneCounters.snapshot();
  const risk = riskSummary(riskStateViews(views.buffer, outcome.accountOffset));
  const unrealised = unrealisedTickLots(outcome, risk.position_lots, risk.cash_tick_lots, risk.realised_tick_lots);
  const net = risk.realised_tick_lots + unrealised - risk.fees_tick_lots;
  const cash = (tickLots: number): string => formatCash(instrument, tickLots);
  const seconds = (done.endedNs - done.beganNs) / 1e9;
  return {
    run: shortPath(outcome.folder),
    symbol: instrument.symbol,
    topology: config.topology,
    speed: config.speed,
    closed_loop: config.speed === 'max',
    duration_s: seconds,
    ticks_per_s: feed['frames']! / seconds,
    ticks: feed['frames']!,
    book_events: feed['depth_applied']!,
    decisions: lane['decisions']!,
    intents: risk.intents,
    orders_sent: risk.orders_approved,
    cancels_sent: risk.cancels_approved,
    orders_refused: risk.orders_refused,
    fills: risk.fills,
    open_orders: risk.open_orders,
    position_lots: risk.position_lots,
    pnl: {
      realised: cash(risk.realised_tick_lots),
      unrealised: cash(unrealised),
      fees: cash(risk.fees_tick_lots),
      net: cash(net),
      turnover: cash(risk.turnover_tick_lots),
      realised_tick_lots: risk.realised_tick_lots,
      unrealised_tick_lots: unrealised,
      fees_tick_lots: risk.fees_tick_lots,
      net_tick_lots: net,
    },
    latency: Object.fromEntries(STAGES.map((stage, i) => [stage, summarize(views.latency[i]!)])) as RunSummary['latency'] &
      Record<Stage, never>,
    jitter_floor: summarize(views.jitter),
    journal: { records: journal.records, sha256: journal.sha256 },
    model: { file: shortPath(loaded.file), sha256: loaded.manifest.model.sha256, backend: prepared.backend, note: prepared.note },
    strategy: { name: config.strategy.name ?? basename(config.strategy.file!), sha256: ready.strategySha256 ?? null },
    input: outcome.feed.inputs.map((input) => ({ file: shortPath(input.file), sha256: input.sha256, format: config.input.format })),
    feed: Object.fromEntries(Object.entries(feed).filter(([name, count]) => count > 0 || ALWAYS_SHOWN.has(name))),
    rejects: outcome.feed.rejects.map((reject) => ({ frame: reject.frame, reason: rejectName(reject.status), text: reject.text })),
    alarms: risk.alarms,
    threads: { hot: ready.pin.message },
    interrupted: outcome.feed.interrupted,
    environment: readEnvironment(),
  };
}

/** Zeros that a reader looks for. */
const ALWAYS_SHOWN = new Set(['rejected_frames', 'book_gaps', 'books_synced', 'bbo_checked', 'bbo_mismatch']);

/** Open position at the price it could be closed at (long at bid, short at ask) less its cost; 0 without a price. */
function unrealisedTickLots({ done }: ReplayOutcome, positionLots: number, cash: number, realised: number): number {
  const ticks = positionLots > 0 ? done.bidTicks : done.askTicks;
  if (positionLots === 0 || ticks === PRICE_NONE) return 0;
  // Realised is cash plus the cost of the present position.
  return positionLots * ticks - (realised - cash);
}
