import {
  D_RECV_TIME_NS,
  FLAG_SNAPSHOT,
  FLAG_TICK_END,
  KIND,
  KIND_MASK,
  RECORD_DOUBLES,
  RECORD_WORDS,
  W_INSTRUMENT,
} from '../../../src/core/records/layout.ts';
import {
  BOOK_END_W_ASK_TICKS,
  BOOK_END_W_BID_TICKS,
  BOOK_STATE,
  BOOK_STATE_W_PREVIOUS,
  BOOK_STATE_W_STATE,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  SIDE,
} from '../../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../../src/core/ring/spsc.hot.ts';
import { NaiveBook } from '../../reference/naive-book.ts';

const CAPACITY = 4_096;
const BATCH = 256;

/**
 * Reads the market ring as a lane does and keeps books by records alone. Throws when a record breaks what the ring promises:
 * nothing of a book that is not LIVE but its transitions, a whole book before LIVE is said, best prices that agree.
 */
export class LaneReader {
  readonly producer: RingProducer;
  readonly books: readonly NaiveBook[];
  readonly states: number[];
  /** Records read. */
  records = 0;
  private readonly consumer: RingConsumer;
  /** 1 while a whole book is being written, 2 when it was and LIVE must be said next. */
  private readonly whole: number[];
  private recvNs = 0;
  private lastEndsTick = true;

  constructor(instruments: number) {
    const views = ringViews(new SharedArrayBuffer(ringBytes(CAPACITY)), 0, CAPACITY);
    this.producer = new RingProducer(views);
    this.consumer = new RingConsumer(views);
    this.books = Array.from({ length: instruments }, () => new NaiveBook());
    this.states = Array.from({ length: instruments }, () => BOOK_STATE.DISCONNECTED);
    this.whole = Array.from({ length: instruments }, () => 0);
  }

  /** Reads all there is; `ended`: a frame is over, so the last record must say so. */
  drain(ended = true): void {
    const { consumer } = this;
    for (let ready = consumer.poll(BATCH); ready > 0; ready = consumer.poll(BATCH)) {
      for (let i = 0; i < ready; i++) this.read(consumer.slot(i));
      consumer.release(ready);
    }
    if (ended && !this.lastEndsTick) throw new Error('the last record of a frame does not end its tick');
  }

  private read(slot: number): void {
    const { i32, f64 } = this.consumer;
    const w = slot * RECORD_WORDS;
    const d = slot * RECORD_DOUBLES;
    const kind = i32[w]! & KIND_MASK;
    this.records++;
    this.lastEndsTick = kind === KIND.STREAM_END || (i32[w]! & FLAG_TICK_END) !== 0;
    if (kind === KIND.STREAM_END) return;
    const id = i32[w + W_INSTRUMENT]!;
    const recvNs = f64[d + D_RECV_TIME_NS]!;
    if (recvNs < this.recvNs) throw new Error(`receive times run backwards: ${recvNs} after ${this.recvNs}`);
    this.recvNs = recvNs;
    const live = this.states[id]! === BOOK_STATE.LIVE;
    if (kind === KIND.BOOK_STATE) {
      this.onState(id, i32[w + BOOK_STATE_W_PREVIOUS]!, i32[w + BOOK_STATE_W_STATE]!);
      return;
    }
    if (this.whole[id]! === 2) throw new Error('a whole book of a book that is not LIVE is not followed by LIVE');
    const book = this.books[id]!;
    if (kind === KIND.BOOK_CLEAR) {
      book.clear();
      this.whole[id] = 1;
      return;
    }
    const snapshot = (i32[w]! & FLAG_SNAPSHOT) !== 0;
    if (!live && this.whole[id]! !== 1) throw new Error(`record of kind ${kind} of a book in state ${this.states[id]}`);
    if (snapshot !== (this.whole[id]! === 1)) throw new Error(`record of kind ${kind}: its snapshot flag is wrong`);
    if (kind === KIND.BOOK_LEVEL) book.apply(i32[w + LEVEL_W_SIDE]!, i32[w + LEVEL_W_PRICE_TICKS]!, f64[d + LEVEL_D_QTY_LOTS]!);
    else if (kind === KIND.BOOK_END) {
      if (book.best(SIDE.BUY)[0] !== i32[w + BOOK_END_W_BID_TICKS]! || book.best(SIDE.SELL)[0] !== i32[w + BOOK_END_W_ASK_TICKS]!) {
        throw new Error('the lane and the feed disagree about the best prices');
      }
      this.whole[id] = live ? 0 : 2;
    }
  }

  private onState(id: number, previous: number, state: number): void {
    if (previous !== this.states[id]!) throw new Error(`a transition from ${previous} of a book in state ${this.states[id]}`);
    if (state === previous) throw new Error(`a transition from ${previous} to itself`);
    if ((state === BOOK_STATE.LIVE) !== (this.whole[id]! === 2)) throw new Error('LIVE without a whole book before it');
    this.whole[id] = 0;
    this.states[id] = state;
  }
}
