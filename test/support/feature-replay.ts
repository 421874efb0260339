import * as assert from 'uvu/assert';
import { FLAG_TICK_END, RECORD_DOUBLES, RECORD_WORDS } from '../../src/core/records/layout.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { Engine } from '../../src/engine/engine.hot.ts';
import { FEATURES } from '../../src/engine/features/feature-set.ts';
import { FEATURE_COUNT, FeatureStage, type Normalization } from '../../src/engine/features/feature-stage.hot.ts';
import type { Model } from '../../src/engine/model/model.ts';
import { IntentBatch } from '../../src/engine/strategy/intents.ts';
import type { Strategy, TickView } from '../../src/engine/strategy/strategy.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { discoverInstruments } from '../../src/feed/venue/binance/discover.ts';
import { createUsdmFeed } from '../../src/feed/venue/binance-usdm/feed.ts';
import { type NaiveEvent, naiveFeatures } from '../reference/naive-features.ts';

const COMPARE_EVERY_TICKS = 97;

export interface FeatureReplay {
  readonly stage: FeatureStage;
  /** What the stage was told, in order; empty unless `keep`. */
  readonly history: NaiveEvent[];
}

export interface FeatureReplayOptions {
  readonly output?: Float32Array;
  readonly normalization?: Normalization;
  /** Keeps every event for a naive recomputation. */
  readonly keep?: boolean;
  /** Frames after which the replay stops. */
  readonly frames?: number;
}

/** Replays captures through feed, ring and engine; calls `onTick` at each tick of a LIVE book with the status of `compute`. */
export async function replayFeatures(
  files: readonly string[],
  options: FeatureReplayOptions,
  onTick: (replay: FeatureReplay, timeNs: number, status: number) => void,
): Promise<void> {
  const { instruments, baseEpochNs } = await discoverInstruments(files);
  const views = ringViews(new SharedArrayBuffer(ringBytes(16_384)), 0, 16_384);
  const producer = new RingProducer(views);
  const consumer = new RingConsumer(views);
  const stage = new FeatureStage(instruments[0]!, options.output ?? new Float32Array(FEATURE_COUNT), options.normalization);
  const history: NaiveEvent[] = [];
  if (options.keep === true) record(stage, history);
  const engine = new Engine(instruments[0]!, new L2Book(), stage, NO_MODEL, NO_STRATEGY, new IntentBatch(), emptyView());
  const replay = { stage, history };
  let frameOpen = false;
  const drain = (): void => {
    for (let ready = consumer.poll(256); ready > 0; ready = consumer.poll(256)) {
      for (let i = 0; i < ready; i++) {
        const slot = consumer.slot(i);
        if (!frameOpen) engine.beginFrame(views.f64, slot);
        engine.apply(views.i32, views.f64, slot);
        frameOpen = (views.i32[slot * RECORD_WORDS]! & FLAG_TICK_END) === 0;
        if (frameOpen || engine.bookState !== BOOK_STATE.LIVE) continue;
        const timeNs = views.f64[slot * RECORD_DOUBLES + 1]!;
        stage.setTime(views.f64, slot * RECORD_DOUBLES + 1);
        onTick(replay, timeNs, stage.compute());
      }
      consumer.release(ready);
    }
  };
  const clock = new ManualClock();
  const counters = ownFeedCounters();
  const feed = createUsdmFeed({
    instruments,
    ring: producer,
    counters,
    clock,
    baseEpochNs,
    room: { waitForRoom: drain },
  });
  const transport = new FileTransport({ files, clock, baseEpochNs });
  await transport.run({
    onFrame: (bytes, start, end, times) => {
      feed.onFrame(bytes, start, end, times);
      producer.publish();
      drain();
      if (transport.frames >= (options.frames ?? Number.POSITIVE_INFINITY)) transport.stop();
    },
    onConnection: (event, recvTimeNs) => {
      feed.onConnection(event, recvTimeNs);
      producer.publish();
      drain();
    },
  });
}

/** Replays the first `frames` and compares every so many ticks with a recomputation from all that happened before. */
export async function compareWithNaive(files: readonly string[], frames: number): Promise<void> {
  let ticks = 0;
  let compared = 0;
  await replayFeatures(files, { keep: true, frames }, ({ stage, history }, timeNs) => {
    if (++ticks % COMPARE_EVERY_TICKS !== 0) return;
    compared++;
    const expected = naiveFeatures(history, timeNs);
    for (let i = 0; i < FEATURE_COUNT; i++) {
      const close = Math.abs(stage.raw[i]! - expected[i]!) <= 5e-6 * Math.max(1, Math.abs(expected[i]!));
      assert.ok(close, `tick ${ticks}, ${FEATURES[i]!.name}: ${stage.raw[i]}, expected ${expected[i]}`);
    }
  });
  assert.ok(compared >= Math.floor((frames * 0.9) / COMPARE_EVERY_TICKS), `${compared} ticks compared`);
}

/** Notes what the engine tells the stage before passing it on. */
function record(stage: FeatureStage, history: NaiveEvent[]): void {
  const { setTime, onBbo, onDepth, onTrade, reset } = stage;
  let timeNs = 0;
  const side = (book: Parameters<typeof onDepth>[0], which: number): [number, number][] =>
    Array.from({ length: book.levels(which) }, (_, i) => [book.priceAt(which, i), book.qtyAt(which, i)]);
  Object.assign(stage, {
    setTime(f64: Float64Array, at: number) {
      timeNs = f64[at]!;
      setTime.call(stage, f64, at);
    },
    onBbo(bid: number, bidLots: number, ask: number, askLots: number) {
      history.push({ kind: 'top', timeNs, bid, bidLots, ask, askLots });
      onBbo.call(stage, bid, bidLots, ask, askLots);
    },
    onDepth(book: Parameters<typeof onDepth>[0]) {
      history.push({ kind: 'depth', timeNs, bids: side(book, 0).slice(0, 20), asks: side(book, 1).slice(0, 20) });
      onDepth.call(stage, book);
    },
    onTrade(aggressor: number, lots: number) {
      history.push({ kind: 'trade', timeNs, side: aggressor, lots });
      onTrade.call(stage, aggressor, lots);
    },
    reset() {
      history.length = 0;
      reset.call(stage);
    },
  });
}

const NO_MODEL = {} as Model;
const NO_STRATEGY = {} as Strategy;

function emptyView(): TickView {
  const none = -2147483648;
  const zero = {
    timeNs: 0,
    tick: 0,
    instrument: 0,
    bidLots: 0,
    askLots: 0,
    positionLots: 0,
    openBuyLots: 0,
    openSellLots: 0,
    openOrders: 0,
  };
  return { ...zero, bidTicks: none, askTicks: none, features: new Float32Array(FEATURE_COUNT), outputs: new Float32Array(3) };
}
