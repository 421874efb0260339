import type { Instrument } from '../../src/core/instrument.ts';
import { CONNECTION, FRAME_TIMES } from '../../src/core/ports.ts';
import { FLAG_TICK_END, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS } from '../../src/core/records/layout.ts';
import { BOOK_STATE, LEVEL_D_QTY_LOTS, LEVEL_W_PRICE_TICKS, LEVEL_W_SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../src/feed/feed.ts';
import type { L2Feed } from '../../src/feed/l2/feed.hot.ts';
import { createUsdmFeed } from '../../src/feed/venue/binance-usdm/feed.ts';
import { BTC } from './binance-frames.ts';

const STATE_NAMES = new Map<number, string>(Object.entries(BOOK_STATE).map(([name, value]) => [value, name]));
const KIND_NAMES = new Map<number, string>(Object.entries(KIND).map(([name, value]) => [value, name]));

export interface RigOptions<F extends Feed = L2Feed> {
  readonly instruments?: readonly Instrument[];
  readonly others?: boolean;
  readonly capacity?: number;
  /** Drop instead of wait when the ring is full. */
  readonly gap?: boolean;
  readonly bookLevelsMax?: number;
  readonly baseEpochNs?: bigint;
  /** Default: Binance USD-M. */
  readonly createFeed?: (options: FeedOptions) => F;
}

/**
 * A feed with a ring and a lane's replica of its books, built from records alone. `log` holds one text a record, levels
 * left out, `|` at the end of a tick.
 */
export class FeedRig<F extends Feed = L2Feed> {
  readonly feed: F;
  readonly clock = new ManualClock();
  readonly replicas: L2Book[];
  readonly replicaState: number[];
  readonly requests: number[] = [];
  readonly producer: RingProducer;
  readonly consumer: RingConsumer;
  log: string[] = [];
  /** While false nobody reads the ring. */
  reads = true;
  levels = 0;
  private timeNs = 0;

  constructor(options: RigOptions<F> = {}) {
    const capacity = options.capacity ?? 4_096;
    const instruments = options.instruments ?? [BTC];
    const views = ringViews(new SharedArrayBuffer(ringBytes(capacity)), 0, capacity);
    this.producer = new RingProducer(views);
    this.consumer = new RingConsumer(views);
    this.replicas = instruments.map(() => new L2Book(64));
    this.replicaState = instruments.map(() => BOOK_STATE.DISCONNECTED);
    const createFeed = options.createFeed ?? (createUsdmFeed as unknown as (options: FeedOptions) => F);
    this.feed = createFeed({
      instruments,
      others: options.others ?? false,
      ring: this.producer,
      counters: ownFeedCounters(),
      clock: this.clock,
      baseEpochNs: options.baseEpochNs ?? 1_700_000_000_000_000_000n,
      snapshots: { request: (instrument) => this.requests.push(instrument) },
      ...(options.gap === true ? {} : { room: { waitForRoom: () => this.drain() } }),
      ...(options.bookLevelsMax === undefined ? {} : { bookLevelsMax: options.bookLevelsMax }),
    });
  }

  connect(): this {
    this.feed.onConnection(CONNECTION.CONNECTED, this.timeNs);
    return this.settle();
  }

  /** One frame, a millisecond after the one before. */
  send(frame: string | Uint8Array): this {
    const bytes = typeof frame === 'string' ? new TextEncoder().encode(frame) : frame;
    this.timeNs += 1_000_000;
    this.feed.onFrame(bytes, 0, bytes.length, new Float64Array(FRAME_TIMES).fill(this.timeNs));
    return this.settle();
  }

  /** The log since the last call. */
  take(): string {
    const text = this.log.join(' ');
    this.log = [];
    return text;
  }

  counter(name: string): number {
    return this.feed.counters.snapshot()[name]!;
  }

  drain(): void {
    const { consumer } = this;
    for (let ready = consumer.poll(64); ready > 0; ready = consumer.poll(64)) {
      for (let i = 0; i < ready; i++) this.read(consumer.slot(i));
      consumer.release(ready);
    }
  }

  private settle(): this {
    if (this.reads) this.drain();
    return this;
  }

  private read(slot: number): void {
    const { i32, f64 } = this.consumer;
    const w = slot * RECORD_WORDS;
    const kind = i32[w]! & KIND_MASK;
    const instrument = i32[w + 1]!;
    const book = this.replicas[instrument]!;
    const end = (i32[w]! & FLAG_TICK_END) === 0 ? '' : '|';
    if (kind === KIND.BOOK_STATE) {
      this.replicaState[instrument] = i32[w + 8]!;
      this.log.push(`${STATE_NAMES.get(i32[w + 9]!)}>${STATE_NAMES.get(i32[w + 8]!)}/${i32[w + 10]}${end}`);
      return;
    }
    if (kind === KIND.BOOK_CLEAR) book.clear();
    if (kind === KIND.BOOK_LEVEL) {
      this.levels++;
      book.apply(i32[w + LEVEL_W_SIDE]!, i32[w + LEVEL_W_PRICE_TICKS]!, f64[slot * RECORD_DOUBLES + LEVEL_D_QTY_LOTS]!);
      return;
    }
    this.log.push(KIND_NAMES.get(kind)! + end);
  }
}
