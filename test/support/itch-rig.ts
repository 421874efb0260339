import type { Instrument } from '../../src/core/instrument.ts';
import { instrumentFromText } from '../../src/core/instrument.ts';
import { CONNECTION, FRAME_TIMES } from '../../src/core/ports.ts';
import { FLAG_TICK_END, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS } from '../../src/core/records/layout.ts';
import {
  BOOK_END_W_ASK_TICKS,
  BOOK_END_W_BID_TICKS,
  BOOK_REASON,
  BOOK_STATE,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  TRADE_D_QTY_LOTS,
  TRADE_W_PRICE_TICKS,
  TRADE_W_SIDE,
} from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../src/feed/feed.ts';

const nameOf = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.entries(table).find(([, number]) => number === value)![0];

/** A stock as discovery finds it. */
export const stock = (id: number, symbol: string, tickSize = '0.0001'): Instrument =>
  instrumentFromText(id, { symbol, tickSize, lotSize: '1' });

export interface OrderRigOptions {
  readonly instruments: readonly Instrument[];
  readonly baseEpochNs?: bigint;
  readonly capacity?: number;
  /** Drop instead of wait when the ring is full. */
  readonly gap?: boolean;
  readonly bookLevelsMax?: number;
  readonly listener?: FeedOptions['listener'];
}

/**
 * An order-by-order feed with a ring and, from records alone, a replica of each book. `log`: one text a record, levels left
 * out, `|` at the end of a tick. A replica that disagrees with a BOOK_END throws.
 */
export class OrderRig<F extends Feed> {
  readonly feed: F;
  readonly replicas: L2Book[];
  readonly counters: Record<string, number> = {};
  log: string[] = [];
  /** While false nobody reads the ring. */
  reads = true;
  private readonly consumer: RingConsumer;
  private readonly times = new Float64Array(FRAME_TIMES);

  constructor(create: (options: FeedOptions) => F, options: OrderRigOptions) {
    const capacity = options.capacity ?? 4_096;
    const views = ringViews(new SharedArrayBuffer(ringBytes(capacity)), 0, capacity);
    this.consumer = new RingConsumer(views);
    this.replicas = options.instruments.map(() => new L2Book());
    this.feed = create({
      instruments: options.instruments,
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs: options.baseEpochNs ?? 0n,
      ...(options.gap === true ? {} : { room: { waitForRoom: () => this.drain() } }),
      ...(options.bookLevelsMax === undefined ? {} : { bookLevelsMax: options.bookLevelsMax }),
      ...(options.listener === undefined ? {} : { listener: options.listener }),
    });
  }

  connect(): this {
    this.feed.onConnection(CONNECTION.CONNECTED, 0);
    if (this.reads) this.drain();
    return this;
  }

  /** One frame, received `recvNs` after the base. */
  send(bytes: Uint8Array, recvNs = 0): this {
    this.times.fill(recvNs);
    this.feed.onFrame(bytes, 0, bytes.length, this.times);
    if (this.reads) this.drain();
    return this;
  }

  /** The log since the last call. */
  take(): string[] {
    const log = this.log;
    this.log = [];
    return log;
  }

  count(name: string): number {
    return this.feed.counters.snapshot()[name]!;
  }

  state(instrument = 0): string {
    return nameOf(BOOK_STATE, this.feed.state(instrument));
  }

  drain(): void {
    const { consumer } = this;
    for (let ready = consumer.poll(64); ready > 0; ready = consumer.poll(64)) {
      for (let i = 0; i < ready; i++) this.read(consumer.slot(i));
      consumer.release(ready);
    }
  }

  private read(slot: number): void {
    const { i32, f64 } = this.consumer;
    const w = slot * RECORD_WORDS;
    const d = slot * RECORD_DOUBLES;
    const kind = i32[w]! & KIND_MASK;
    const book = this.replicas[i32[w + 1]!]!;
    const end = (i32[w]! & FLAG_TICK_END) === 0 ? '' : '|';
    if (kind === KIND.BOOK_CLEAR) book.clear();
    else if (kind === KIND.BOOK_LEVEL) book.apply(i32[w + LEVEL_W_SIDE]!, i32[w + LEVEL_W_PRICE_TICKS]!, f64[d + LEVEL_D_QTY_LOTS]!);
    else if (kind === KIND.BOOK_END) {
      if (book.bidTicks !== i32[w + BOOK_END_W_BID_TICKS]! || book.askTicks !== i32[w + BOOK_END_W_ASK_TICKS]!)
        throw new Error(`the replica diverged: ${book.bidTicks} ${book.askTicks}`);
      this.log.push(`END${end}`);
    } else if (kind === KIND.BOOK_STATE) {
      this.log.push(`${nameOf(BOOK_STATE, i32[w + 9]!)}>${nameOf(BOOK_STATE, i32[w + 8]!)} ${nameOf(BOOK_REASON, i32[w + 10]!)}${end}`);
      if (i32[w + 9]! === BOOK_STATE.LIVE) book.clear();
    } else if (kind === KIND.TRADE) {
      const side = i32[w + TRADE_W_SIDE]! === 0 ? 'buy' : 'sell';
      this.log.push(`TRADE ${side} ${f64[d + TRADE_D_QTY_LOTS]} at ${i32[w + TRADE_W_PRICE_TICKS]}${end}`);
    } else this.log.push(nameOf(KIND, kind) + end);
  }
}
