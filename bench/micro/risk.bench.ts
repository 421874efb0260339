import { INTENTS_PER_TICK_MAX } from '../../src/core/limits.ts';
import { Prng } from '../../src/core/prng.ts';
import { EXECUTION } from '../../src/core/records/order.ts';
import type { Clock } from '../../src/core/time.ts';
import { REASON, reasonName } from '../../src/risk/reasons.ts';
import { NaiveRisk } from '../../test/reference/naive-risk.ts';
import { RiskRig, WIDE_LIMITS } from '../../test/support/risk-rig.ts';
import { type BenchContext, type BenchFindings, type Figure, same } from '../harness/bench.ts';
import { interleave, nsFigure, spreadOf } from '../harness/rounds.ts';

const ROUNDS = { full: 31, smoke: 2 };
const WARM_UP_ROUNDS = 3;
const BATCHES = { full: 20_000, smoke: 500 };
/** The evaluator beside it keeps every order: its cost grows with the stream. */
const MIXED = { full: 2_000, smoke: 500 };
/** Far enough apart that no order rate is exceeded. */
const TICK_NS = 50_000_000;
const LIMITS = { ...WIDE_LIMITS, maxOrderLots: 40, collarPpm: 20_000 };
const MID_TICKS = 1_000;
/** Beyond the collar of 2 %. */
const TOO_FAR_TICKS = 100;
const NAIVE = 'BigInt evaluator';
const BOOK_LIVE = 4;
const LOTS_MAX = LIMITS.maxOrderLots;

/** ns an intent through the risk gate: approved, refused at its first and at its last control, and a mix beside the naive evaluator. */
export function bench(context: BenchContext): BenchFindings {
  const { clock, smoke } = context;
  context.pin();
  const batches = smoke ? BATCHES.smoke : BATCHES.full;
  const rounds = smoke ? ROUNDS.smoke : ROUNDS.full;
  const approved = new IntentTimer(clock, batches);
  const refusedEarly = new IntentTimer(clock, batches);
  const refusedLate = new IntentTimer(clock, batches);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const keep = round >= 0;
    approved.round(0, 1, REASON.APPROVED, keep);
    refusedEarly.round(0, LOTS_MAX + 1, REASON.MAX_QTY, keep);
    refusedLate.round(TOO_FAR_TICKS, 1, REASON.PRICE_COLLAR, keep);
  }
  const stream = mixedIntents(smoke ? MIXED.smoke : MIXED.full);
  const mixed = interleave(
    clock,
    `hash of the reasons of ${stream.lots.length} intents`,
    { name: 'ours', run: () => decideOurs(stream) },
    { name: NAIVE, run: () => decideNaive(stream) },
    Math.ceil(rounds / 3),
  );
  const figures: Record<string, Figure> = {
    approved: { what: 'an intent approved, both records written', unit: 'ns', ours: spreadOf(approved.perIntentNs) },
    refused_quantity: { what: `an intent refused (${reasonName(REASON.MAX_QTY)})`, unit: 'ns', ours: spreadOf(refusedEarly.perIntentNs) },
    refused_collar: { what: `an intent refused (${reasonName(REASON.PRICE_COLLAR)})`, unit: 'ns', ours: spreadOf(refusedLate.perIntentNs) },
    mixed: nsFigure('an intent of a mix, with its tick and its report', mixed, stream.lots.length, NAIVE),
  };
  const wrong = [approved, refusedEarly, refusedLate].reduce((sum, timer) => sum + timer.wrong, 0);
  const checks = [same('decisions other than the one expected', wrong, 0), mixed.check];
  const notes = [
    `batches of ${INTENTS_PER_TICK_MAX} intents, as many as a tick may bring; the clock is read twice a batch, canceling what was approved is not measured`,
    'the evaluator beside the mix is the one the differential test uses, written to be checked and not to be fast',
  ];
  return { figures, latencies: {}, checks, notes };
}

/** Times batches of equal intents against one gate. */
class IntentTimer {
  readonly perIntentNs: number[] = [];
  wrong = 0;
  private readonly rig = new RiskRig(LIMITS).market(MID_TICKS - 1, MID_TICKS + 1);
  private readonly clock: Clock;
  private readonly batches: number;
  private tick = 0;

  constructor(clock: Clock, batches: number) {
    this.clock = clock;
    this.batches = batches;
  }

  /** `beyondTicks`: how far on the far side of the market the prices lie. */
  round(beyondTicks: number, lots: number, expected: number, keep: boolean): void {
    const { rig, clock } = this;
    const { gate, batch, scratch } = rig;
    let spentNs = 0;
    for (let i = 0; i < this.batches; i++) {
      this.tick++;
      scratch.f64[1] = this.tick * TICK_NS;
      scratch.f64[3] = this.tick;
      gate.setTime(scratch.f64, 0);
      gate.onTop(MID_TICKS - 1, MID_TICKS + 1);
      batch.clear();
      for (let k = 0; k < INTENTS_PER_TICK_MAX; k++)
        batch.limit(k & 1, (k & 1) === 0 ? MID_TICKS + beyondTicks : MID_TICKS - beyondTicks, lots, 0, 0, k);
      const beganNs = clock.nowNs();
      for (let k = 0; k < INTENTS_PER_TICK_MAX; k++) if (gate.submit(batch, k) !== expected) this.wrong++;
      gate.publish();
      spentNs += clock.nowNs() - beganNs;
      if (expected === REASON.APPROVED) this.cancelBatch();
      rig.approved.consumer.release(rig.approved.consumer.poll(64));
      rig.journal.producer.publish();
      rig.journal.consumer.release(rig.journal.consumer.poll(64));
    }
    if (keep) this.perIntentNs.push(spentNs / (this.batches * INTENTS_PER_TICK_MAX));
  }

  private cancelBatch(): void {
    const { gate, scratch } = this.rig;
    const last = gate.lastOrderId;
    for (let k = 0; k < INTENTS_PER_TICK_MAX; k++) {
      const { i32, f64 } = scratch.execution(last - k, EXECUTION.CANCELED, 0, 0, 0, 0);
      gate.onExecution(i32, f64, 0);
    }
  }
}

interface IntentStream {
  readonly side: Uint8Array;
  readonly ticks: Int32Array;
  readonly lots: Int32Array;
}

/** Limit orders around a still market: most within the collar and the largest quantity, some beyond one of them. */
function mixedIntents(count: number): IntentStream {
  const random = new Prng(1);
  const stream = { side: new Uint8Array(count), ticks: new Int32Array(count), lots: new Int32Array(count) };
  for (let i = 0; i < count; i++) {
    stream.side[i] = random.nextInt(2);
    stream.ticks[i] = MID_TICKS - 30 + random.nextInt(61);
    stream.lots[i] = 1 + random.nextInt(LOTS_MAX + 10);
  }
  return stream;
}

function decideOurs({ side, ticks, lots }: IntentStream): number {
  const rig = new RiskRig(LIMITS).market(MID_TICKS - 1, MID_TICKS + 1);
  const { gate } = rig;
  let hash = 0;
  for (let i = 0; i < lots.length; i++) {
    rig.at((i + 1) * TICK_NS);
    gate.onTop(MID_TICKS - 1, MID_TICKS + 1);
    const reason = rig.limit(side[i]!, ticks[i]!, lots[i]!);
    if (reason === REASON.APPROVED) rig.execution(gate.lastOrderId, EXECUTION.CANCELED);
    hash = (Math.imul(hash, 31) + reason) | 0;
  }
  return hash;
}

function decideNaive({ side, ticks, lots }: IntentStream): number {
  const naive = new NaiveRisk(LIMITS);
  naive.bookState = BOOK_LIVE;
  naive.bid = BigInt(MID_TICKS - 1);
  naive.ask = BigInt(MID_TICKS + 1);
  let hash = 0;
  for (let i = 0; i < lots.length; i++) {
    naive.now = BigInt((i + 1) * TICK_NS);
    naive.topTime = naive.now;
    const reason = naive.submit({ side: side[i]!, type: 0, timeInForce: 0, flags: 0, priceTicks: ticks[i]!, qtyLots: lots[i]! });
    if (reason === REASON.APPROVED) naive.execution(naive.nextId - 1, EXECUTION.CANCELED, 0, 0, 0, false);
    hash = (Math.imul(hash, 31) + reason) | 0;
  }
  return hash;
}
