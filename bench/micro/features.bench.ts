import type { LatencyHistogram } from '../../src/core/histogram.hot.ts';
import { summarize } from '../../src/core/histogram.ts';
import type { Instrument } from '../../src/core/instrument.ts';
import type { Clock } from '../../src/core/time.ts';
import { FEATURES } from '../../src/engine/features/feature-set.ts';
import { FEATURE_COUNT, FeatureStage } from '../../src/engine/features/feature-stage.hot.ts';
import { naiveFeatures } from '../../test/reference/naive-features.ts';
import { type BenchContext, type BenchFindings, type Check, type Figure, type LatencyRow, same } from '../harness/bench.ts';
import { newHistogram } from '../harness/histogram.ts';
import { spreadOf } from '../harness/rounds.ts';
import { loadSession } from '../harness/session.ts';
import { type FeatureEvents, featureEvents } from './feature-events.ts';

const SMOKE_FRAMES = 2_500;
const ROUNDS = { full: 15, smoke: 2 };
const WARM_UP_ROUNDS = 2;
/** The recomputation goes over the whole history: every so many ticks of the session's beginning are enough. */
const NAIVE_TICKS = { full: 6_000, smoke: 1_500 };
const NAIVE_EVERY_TICKS = 97;
const TOLERANCE = 5e-6;
const NAIVE = 'recomputed from history';

/** The feature stage event by event beside its closed formulas, on what the engine hears of the bundled session. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  const { clock, smoke } = context;
  const session = await loadSession(smoke ? SMOKE_FRAMES : Number.POSITIVE_INFINITY);
  const heard = featureEvents(session);
  context.pin();
  const ticks = heard.tickEnds.length;
  const perTick: number[] = [];
  const [timed, clockCost, naive] = [newHistogram(), newHistogram(), newHistogram()];
  const sums: number[] = [];
  const rounds = smoke ? ROUNDS.smoke : ROUNDS.full;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    if (round === 0) for (const one of [timed, clockCost]) one.reset();
    const beganNs = clock.nowNs();
    sums.push(run(session.instrument, heard));
    const ns = (clock.nowNs() - beganNs) / ticks;
    if (round >= 0) perTick.push(ns);
    sums.push(runTimed(session.instrument, heard, clock, timed));
    timeClock(clock, ticks, clockCost);
  }
  const naiveTicks = Math.min(ticks, smoke ? NAIVE_TICKS.smoke : NAIVE_TICKS.full);
  const { check, events } = compareNaive(session.instrument, heard, naiveTicks, clock, naive);
  const [ours, theirs, clockRow] = [summarize(timed), summarize(naive), summarize(clockCost)];
  const figures: Record<string, Figure> = {
    tick: { what: `a tick: its events and ${FEATURE_COUNT} features`, unit: 'ns', ours: spreadOf(perTick) },
    tick_p50: {
      what: `a tick, p50, less the clock's p50`,
      unit: 'ns',
      ours: spreadOf([Math.max(1, ours.p50_ns - clockRow.p50_ns)]),
      beside: { name: NAIVE, value: spreadOf([theirs.p50_ns]) },
      ratio: spreadOf([theirs.p50_ns / Math.max(1, ours.p50_ns - clockRow.p50_ns)]),
    },
  };
  const latencies: Record<string, LatencyRow> = {
    tick: { what: 'a tick, one clock reading included', ...ours },
    naive: { what: `a tick ${NAIVE}`, ...theirs },
    clock: { what: 'one clock reading', ...clockRow },
  };
  const notes = [
    `${ticks} ticks of a live book, ${heard.events.length} events; recomputed for every ${NAIVE_EVERY_TICKS}th of the first ${naiveTicks} ticks, from up to ${events} events: its cost grows with the history, ours does not`,
  ];
  return { figures, latencies, checks: [same('sum of all features, every round', new Set(sums).size, 1), check], notes };
}

/** All ticks back to back; a sum of features so that none is computed in vain. */
function run(instrument: Instrument, heard: FeatureEvents): number {
  const stage = new FeatureStage(instrument, new Float32Array(FEATURE_COUNT));
  let sum = 0;
  for (let tick = 0; tick < heard.tickEnds.length; tick++) {
    advance(stage, heard, tick);
    sum += stage.output[0]! + stage.output[FEATURE_COUNT - 1]!;
  }
  return sum;
}

function runTimed(instrument: Instrument, heard: FeatureEvents, clock: Clock, times: LatencyHistogram): number {
  const stage = new FeatureStage(instrument, new Float32Array(FEATURE_COUNT));
  let sum = 0;
  let beganNs = clock.nowNs();
  for (let tick = 0; tick < heard.tickEnds.length; tick++) {
    advance(stage, heard, tick);
    const nowNs = clock.nowNs();
    times.record(nowNs - beganNs);
    beganNs = nowNs;
    sum += stage.output[0]! + stage.output[FEATURE_COUNT - 1]!;
  }
  return sum;
}

/** Time of the event at hand. */
const now = new Float64Array(1);

/** Tells the stage the events of one tick and has it compute. */
function advance(stage: FeatureStage, heard: FeatureEvents, tick: number): void {
  const end = heard.tickEnds[tick]!;
  for (let i = tick === 0 ? 0 : heard.tickEnds[tick - 1]!; i < end; i++) {
    const event = heard.events[i]!;
    now[0] = event.timeNs;
    stage.setTime(now, 0);
    if (event.kind === 'top') stage.onBbo(event.bid, event.bidLots, event.ask, event.askLots);
    else if (event.kind === 'depth') stage.onDepth(heard.books[i]!);
    else stage.onTrade(event.side, event.lots);
  }
  stage.setTime(heard.tickTimesNs, tick);
  stage.compute();
}

function timeClock(clock: Clock, count: number, times: LatencyHistogram): void {
  let beganNs = clock.nowNs();
  for (let i = 0; i < count; i++) {
    const nowNs = clock.nowNs();
    times.record(nowNs - beganNs);
    beganNs = nowNs;
  }
}

/** Every feature of the ticks looked at must be within float32 rounding of its closed formula. */
function compareNaive(
  instrument: Instrument,
  heard: FeatureEvents,
  ticks: number,
  clock: Clock,
  times: LatencyHistogram,
): { readonly check: Check; readonly events: number } {
  const stage = new FeatureStage(instrument, new Float32Array(FEATURE_COUNT));
  let worst = '';
  let compared = 0;
  for (let tick = 0; tick < ticks; tick++) {
    advance(stage, heard, tick);
    if (tick % NAIVE_EVERY_TICKS !== NAIVE_EVERY_TICKS - 1) continue;
    const history = heard.events.slice(0, heard.tickEnds[tick]!);
    const beganNs = clock.nowNs();
    const expected = naiveFeatures(history, heard.tickTimesNs[tick]!);
    times.record(clock.nowNs() - beganNs);
    compared++;
    for (let i = 0; i < FEATURE_COUNT; i++) {
      const off = Math.abs(stage.raw[i]! - expected[i]!);
      if (!(off <= TOLERANCE * Math.max(1, Math.abs(expected[i]!))) && worst === '')
        worst = `tick ${tick}, ${FEATURES[i]!.name}: ${stage.raw[i]}, expected ${expected[i]}`;
    }
  }
  const ok = worst === '' && compared > 0;
  const what = `${FEATURE_COUNT} features equal their closed formulas on ${compared} ticks`;
  return { check: { what, ok, detail: worst === '' ? `within ${TOLERANCE}` : worst }, events: heard.tickEnds[ticks - 1]! };
}
