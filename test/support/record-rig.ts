import type { Instrument } from '../../src/core/instrument.ts';
import { CONNECTION, FRAME_TIMES } from '../../src/core/ports.ts';
import { PRICE_NONE } from '../../src/core/price.ts';
import { FLAG_TICK_END, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS } from '../../src/core/records/layout.ts';
import {
  BOOK_STATE,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  SIDE,
  TRADE_D_QTY_LOTS,
  TRADE_W_PRICE_TICKS,
  TRADE_W_SIDE,
} from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { APPLIED_EVENT } from '../../src/feed/applied.ts';
import type { BookView } from '../../src/feed/book/book-view.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../src/feed/feed.ts';

const STATE_NAMES = new Map<number, string>(Object.entries(BOOK_STATE).map(([name, value]) => [value, name]));

export interface RecordRigOptions {
  readonly instruments: readonly Instrument[];
  readonly create: (options: FeedOptions) => Feed;
  readonly baseEpochNs: bigint;
  readonly capacity?: number;
  /** Drop instead of wait when the ring is full. */
  readonly gap?: boolean;
}

/** Levels of a view as `price x lots` texts, best first. */
export function levelsOf(book: BookView, side: number): string[] {
  return Array.from({ length: book.levels(side) }, (_, i) => `${book.priceAt(side, i)}x${book.qtyAt(side, i)}`);
}

/** A feed of recorded frames, its ring, and a lane's replica of its books made from ring records alone. */
export class RecordRig {
  readonly feed: Feed;
  readonly replicas: L2Book[];
  readonly states: number[];
  /** Ring records but levels, `|` at the end of a tick. */
  log: string[] = [];
  /** Applied events told to the listener: frame number, best bid and ask, `*` for the last of a message. */
  applied: string[] = [];
  reads = true;
  private readonly consumer: RingConsumer;
  private timeNs = 0;

  constructor(options: RecordRigOptions) {
    const capacity = options.capacity ?? 4_096;
    const views = ringViews(new SharedArrayBuffer(ringBytes(capacity)), 0, capacity);
    this.consumer = new RingConsumer(views);
    this.replicas = options.instruments.map(() => new L2Book(4_096));
    this.states = options.instruments.map(() => BOOK_STATE.DISCONNECTED);
    this.feed = options.create({
      instruments: options.instruments,
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs: options.baseEpochNs,
      listener: {
        onApplied: (_, book, event, last) => {
          const top = (side: number): string => (book.levels(side) === 0 ? '-' : `${book.priceAt(side, 0)}x${book.qtyAt(side, 0)}`);
          this.applied.push(`${event[APPLIED_EVENT.TICK]}:${top(SIDE.BUY)}/${top(SIDE.SELL)}${last ? '*' : ''}`);
        },
      },
      ...(options.gap === true ? {} : { room: { waitForRoom: () => this.drain() } }),
    });
  }

  connect(): this {
    this.feed.onConnection(CONNECTION.CONNECTED, 0);
    return this.settle();
  }

  /** Frames, a millisecond apart. */
  send(...frames: readonly (Uint8Array | string)[]): this {
    for (const frame of frames) {
      const bytes = typeof frame === 'string' ? new TextEncoder().encode(frame) : frame;
      this.timeNs += 1_000_000;
      this.feed.onFrame(bytes, 0, bytes.length, new Float64Array(FRAME_TIMES).fill(this.timeNs));
      this.settle();
    }
    return this;
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
    const d = slot * RECORD_DOUBLES;
    const instrument = i32[w + 1]!;
    const book = this.replicas[instrument]!;
    const end = (i32[w]! & FLAG_TICK_END) === 0 ? '' : '|';
    switch (i32[w]! & KIND_MASK) {
      case KIND.BOOK_STATE:
        this.states[instrument] = i32[w + 8]!;
        this.log.push(`${STATE_NAMES.get(i32[w + 9]!)}>${STATE_NAMES.get(i32[w + 8]!)}/${i32[w + 10]}${end}`);
        return;
      case KIND.BOOK_CLEAR:
        book.clear();
        this.log.push(`CLEAR${end}`);
        return;
      case KIND.BOOK_LEVEL:
        book.apply(i32[w + LEVEL_W_SIDE]!, i32[w + LEVEL_W_PRICE_TICKS]!, f64[d + LEVEL_D_QTY_LOTS]!);
        return;
      case KIND.TRADE: {
        const side = i32[w + TRADE_W_SIDE]! === SIDE.BUY ? 'buy' : 'sell';
        this.log.push(`${side} ${i32[w + TRADE_W_PRICE_TICKS]}x${f64[d + TRADE_D_QTY_LOTS]}${end}`);
        return;
      }
      case KIND.BOOK_END:
        this.log.push(`END ${i32[w + 9] === PRICE_NONE ? '-' : i32[w + 9]}/${i32[w + 10] === PRICE_NONE ? '-' : i32[w + 10]}${end}`);
        return;
      default:
        this.log.push(`KIND${i32[w]! & KIND_MASK}${end}`);
    }
  }
}
