import { CONNECTION, FRAME_TIME, FRAME_TIMES } from '../../src/core/ports.ts';
import { FLAG_TICK_END, RECORD_WORDS } from '../../src/core/records/layout.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { Engine } from '../../src/engine/engine.hot.ts';
import type { FeatureStage } from '../../src/engine/features/feature-stage.hot.ts';
import type { BookView } from '../../src/engine/features/market-view.hot.ts';
import type { Model } from '../../src/engine/model/model.ts';
import { IntentBatch } from '../../src/engine/strategy/intents.ts';
import type { Strategy, TickView } from '../../src/engine/strategy/strategy.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { createUsdmFeed } from '../../src/feed/venue/binance-usdm/feed.ts';
import { ListBook } from '../../test/reference/feature-stream.ts';
import type { NaiveEvent } from '../../test/reference/naive-features.ts';
import type { Session } from '../harness/session.ts';

/** Levels kept of each depth event: more than any feature looks at. */
const LEVELS = 20;
const RING_RECORDS = 16_384;

/** What the engine tells the feature stage on each tick of a live book. */
export interface FeatureEvents {
  readonly events: readonly NaiveEvent[];
  /** The book of a depth event as the stage sees it; undefined for the others. */
  readonly books: readonly (ListBook | undefined)[];
  /** Index after the last event of each tick, and the tick's time, ns. */
  readonly tickEnds: Int32Array;
  readonly tickTimesNs: Float64Array;
}

/** Stands where the feature stage would and notes what it is told; no stage of this thread sees the engine. */
class Recorder {
  readonly events: NaiveEvent[] = [];
  private timeNs = 0;

  setTime(f64: Float64Array, at: number): void {
    this.timeNs = f64[at]!;
  }

  onBbo(bid: number, bidLots: number, ask: number, askLots: number): void {
    this.events.push({ kind: 'top', timeNs: this.timeNs, bid, bidLots, ask, askLots });
  }

  onDepth(book: BookView): void {
    const side = (which: number): [number, number][] =>
      Array.from({ length: Math.min(LEVELS, book.levels(which)) }, (_, i) => [book.priceAt(which, i), book.qtyAt(which, i)]);
    this.events.push({ kind: 'depth', timeNs: this.timeNs, bids: side(0), asks: side(1) });
  }

  onTrade(side: number, lots: number): void {
    this.events.push({ kind: 'trade', timeNs: this.timeNs, side, lots });
  }

  reset(): void {
    this.events.length = 0;
  }
}

export function featureEvents(session: Session): FeatureEvents {
  const views = ringViews(new SharedArrayBuffer(ringBytes(RING_RECORDS)), 0, RING_RECORDS);
  const consumer = new RingConsumer(views);
  const recorder = new Recorder();
  const view = { bidTicks: 0, askTicks: 0, bidLots: 0, askLots: 0 } as TickView;
  const stage = recorder as unknown as FeatureStage;
  const engine = new Engine(session.instrument, new L2Book(), stage, {} as Model, {} as Strategy, new IntentBatch(), view);
  const ends: number[] = [];
  const times: number[] = [];
  const drain = (): void => {
    for (let ready = consumer.poll(RING_RECORDS); ready > 0; ready = consumer.poll(RING_RECORDS)) {
      for (let i = 0; i < ready; i++) {
        const slot = consumer.slot(i);
        engine.apply(views.i32, views.f64, slot);
        if ((views.i32[slot * RECORD_WORDS]! & FLAG_TICK_END) === 0 || engine.bookState !== BOOK_STATE.LIVE) continue;
        ends.push(recorder.events.length);
        times.push(views.f64[slot * 8 + 1]!);
      }
      consumer.release(ready);
    }
  };
  const feed = createUsdmFeed({
    instruments: [session.instrument],
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock: new ManualClock(),
    baseEpochNs: session.baseEpochNs,
    room: { waitForRoom: drain },
  });
  feed.onConnection(CONNECTION.CONNECTED, 0);
  const frameTimes = new Float64Array(FRAME_TIMES);
  for (let i = 0; i < session.frames; i++) {
    frameTimes[FRAME_TIME.RECV_NS] = session.recvNs[i]!;
    feed.onFrame(session.bytes, session.starts[i]!, session.ends[i]!, frameTimes);
    drain();
  }
  const { events } = recorder;
  const books = events.map((event) => (event.kind === 'depth' ? new ListBook(event.bids, event.asks) : undefined));
  return { events, books, tickEnds: Int32Array.from(ends), tickTimesNs: Float64Array.from(times) };
}
