import { FRAME_TIME } from '../../core/ports.ts';
import { BOOK_REASON, BOOK_STATE } from '../../core/records/market.ts';
import { L3 } from '../book/l3-status.ts';
import { FEED_COUNTER, FORMAT_COUNTERS } from '../counters.ts';
import type { Feed, FeedOptions } from '../feed.ts';
import { FRAME_EXCHANGE_NS, FRAME_HANDED_NS, FRAME_RECV_NS, FRAME_T0_NS, FRAME_T1_NS, FRAME_TICK } from '../publisher.hot.ts';
import { CONTENT, HAVE, MODIFIED_NEW, NO_FAULT, type RecordBook } from './book.hot.ts';
import { BASE_NS, BASE_S, RecordBooks } from './books.hot.ts';
import { FORMAT_COUNTER } from './counters.ts';
import type { RecordDecoder } from './decoder.ts';
import { ACTION, N_EVENT_NS, N_EVENT_S, N_LOTS, N_SEQUENCE, RECORD_FLAG, RECORD_MESSAGE, SIDE_NONE, TIME } from './message.hot.ts';
import { RECORD, recordRejectIndex } from './status.ts';

/**
 * The feed stage for recorded formats (DBN, Tardis, LEAN, hftbacktest): records in, validated market records out. Orders make a book per
 * instrument, records of levels are one each; what an event changed is written when its last record came, because between
 * its records the book is none that the venue had. States are worked out from what is known after each event
 * (docs/venues/dbn.md).
 */
export class RecordFeed extends RecordBooks implements Feed {
  private readonly decoder: RecordDecoder;

  constructor(options: FeedOptions, decoder: RecordDecoder) {
    super(options);
    this.decoder = decoder;
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const frame = this.frame;
    const status = this.decoder.decode(bytes, start, end);
    if (status === RECORD.HEADER) return;
    this.tick = this.tick + 1;
    frame[FRAME_RECV_NS] = times[FRAME_TIME.RECV_NS]!;
    frame[FRAME_TICK] = this.tick;
    frame[FRAME_T0_NS] = times[FRAME_TIME.T0_NS]!;
    frame[FRAME_HANDED_NS] = times[FRAME_TIME.HANDED_NS]!;
    this.counters.increment(FEED_COUNTER.FRAMES);
    const message = this.decoder.message;
    const numbers = message.numbers;
    // Two stores: one store of either value would make V8 allocate the computed one.
    if (message.time !== TIME.OWN || status !== RECORD.OK) frame[FRAME_EXCHANGE_NS] = times[FRAME_TIME.RECV_NS]!;
    else frame[FRAME_EXCHANGE_NS] = (numbers[N_EVENT_S]! - this.base[BASE_S]!) * 1e9 + (numbers[N_EVENT_NS]! - this.base[BASE_NS]!);
    if (status !== RECORD.OK) {
      this.onRefused(status, bytes, start, end);
      return;
    }
    this.ids[0] = numbers[N_SEQUENCE]!;
    const book = this.books[message.instrument]!;
    if (message.kind === RECORD_MESSAGE.ORDER) this.onOrder(book);
    else if (message.kind === RECORD_MESSAGE.LEVELS) this.onLevels(book);
    else if (message.kind === RECORD_MESSAGE.CHANGES) this.onChanges(book);
    else this.onTrade(book);
  }

  private onRefused(status: number, bytes: Uint8Array, start: number, end: number): void {
    const counters = this.counters;
    const message = this.decoder.message;
    if (status > 0) {
      counters.increment(status === RECORD.UNKNOWN_KIND ? FEED_COUNTER.UNKNOWN_KIND : FEED_COUNTER.UNKNOWN_SYMBOL);
      return;
    }
    counters.increment(FEED_COUNTER.REJECTED);
    counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.REJECTS + recordRejectIndex(status));
    this.rejects.add(this.tick, status, message.instrument, bytes, start, end);
    if (message.kind === RECORD_MESSAGE.TRADE || message.kind === RECORD_MESSAGE.NONE) return;
    // Of which book it was cannot be told: it may have been of any.
    const first = message.instrument < 0 ? 0 : message.instrument;
    const last = message.instrument < 0 ? this.books.length - 1 : first;
    for (let i = first; i <= last; i++) this.doubt(this.books[i]!);
  }

  /** A record of this book could not be decoded. */
  private doubt(book: RecordBook): void {
    const message = this.decoder.message;
    // What an order did is unknown from here on; of levels only this record is, and a trade changes no book.
    if (message.kind === RECORD_MESSAGE.ORDER) {
      if (message.action === ACTION.TRADE || book.content !== CONTENT.ORDERS) return;
      book.lose(BOOK_REASON.DECODE_ERROR);
    } else {
      if (book.content !== CONTENT.LEVELS) return;
      if (message.kind === RECORD_MESSAGE.CHANGES) book.lose(BOOK_REASON.DECODE_ERROR);
      else {
        book.fault = BOOK_STATE.STALE;
        book.faultReason = BOOK_REASON.DECODE_ERROR;
      }
    }
    this.publish(book);
  }

  private onOrder(book: RecordBook): void {
    const message = this.decoder.message;
    const { action, flags } = message;
    book.takeOrders();
    this.counters.increment(FEED_COUNTER.DEPTH);
    book.seenNs[0] = this.frame[FRAME_RECV_NS]!;
    book.aged = 0;
    const snapshot = (flags & RECORD_FLAG.SNAPSHOT) !== 0;
    const begins = action === ACTION.CLEAR || (snapshot && book.inSnapshot === 0);
    if (begins) {
      book.restart();
      this.counters.increment(FEED_COUNTER.SNAPSHOTS);
    }
    book.inSnapshot = snapshot ? 1 : 0;
    if ((flags & RECORD_FLAG.MAYBE_BAD_BOOK) !== 0 && !begins && !snapshot) {
      this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.LOST_RECORDS);
      book.lose(BOOK_REASON.SEQUENCE_GAP);
    }
    if (action === ACTION.TRADE) this.keepTrade(book);
    const changes = action === ACTION.ADD || action === ACTION.CANCEL || action === ACTION.MODIFY;
    if (changes) this.applyOrder(book);
    this.endRecord(book, (flags & RECORD_FLAG.LAST) !== 0, changes || begins);
  }

  private applyOrder(book: RecordBook): void {
    const counters = this.counters;
    if (book.have === HAVE.NONE) {
      counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.WITHOUT_BOOK);
      return;
    }
    const status = book.applyOrder(this.decoder.message);
    if (status >= 0) {
      counters.increment(FEED_COUNTER.APPLIED);
      if (status === MODIFIED_NEW) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_MODIFIED_NEW);
      return;
    }
    if (status === L3.UNKNOWN_REF) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_UNKNOWN);
    else if (status === L3.DUPLICATE_REF) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_DUPLICATE);
    else if (status === L3.BELOW_ZERO) counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.ORDERS_BELOW_ZERO);
    book.lose(status === L3.ORDERS_FULL || status === L3.LEVELS_FULL ? BOOK_REASON.BOOK_FULL : BOOK_REASON.ORDER_MISMATCH);
  }

  private onLevels(book: RecordBook): void {
    const message = this.decoder.message;
    const { action, flags } = message;
    // Where there are orders, they say more.
    if (book.content === CONTENT.ORDERS) return;
    book.content = CONTENT.LEVELS;
    this.counters.increment(FEED_COUNTER.DEPTH);
    book.seenNs[0] = this.frame[FRAME_RECV_NS]!;
    book.aged = 0;
    // Each record is the whole book and heals what was wrong before it.
    book.have = HAVE.WHOLE;
    book.fault = NO_FAULT;
    if ((flags & RECORD_FLAG.MAYBE_BAD_BOOK) !== 0) {
      this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.LOST_RECORDS);
      book.fault = BOOK_STATE.STALE;
      book.faultReason = BOOK_REASON.SEQUENCE_GAP;
    }
    if (action === ACTION.TRADE) this.keepTrade(book);
    book.applyLevels(message);
    this.counters.increment(FEED_COUNTER.APPLIED);
    // Records once an interval have no action and are events of their own.
    this.endRecord(book, (flags & RECORD_FLAG.LAST) !== 0 || action === ACTION.NONE, true);
  }

  private onChanges(book: RecordBook): void {
    const message = this.decoder.message;
    if (book.content === CONTENT.ORDERS) return;
    book.content = CONTENT.LEVELS;
    this.counters.increment(FEED_COUNTER.DEPTH);
    book.seenNs[0] = this.frame[FRAME_RECV_NS]!;
    book.aged = 0;
    const snapshot = (message.flags & RECORD_FLAG.SNAPSHOT) !== 0;
    const oneStream = (message.flags & RECORD_FLAG.ONE_STREAM) !== 0;
    if (snapshot && book.inSnapshot === 0) {
      if (oneStream) book.begin();
      else book.restart();
      this.counters.increment(FEED_COUNTER.SNAPSHOTS);
    }
    if (book.have === HAVE.NONE && !oneStream) this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.WITHOUT_BOOK);
    else if (book.applyChanges(message)) this.counters.increment(FEED_COUNTER.APPLIED);
    else book.lose(BOOK_REASON.BOOK_FULL);
    this.endRecord(book, (message.flags & RECORD_FLAG.LAST) !== 0, true);
    // A snapshot may come in several messages: the next one goes on with it.
    book.inSnapshot = snapshot ? 1 : 0;
  }

  /** A record of a trade; where the instrument has a book, only its own stream brings the trades. */
  private onTrade(book: RecordBook): void {
    const message = this.decoder.message;
    if ((message.flags & RECORD_FLAG.ONE_STREAM) !== 0) {
      this.keepTrade(book);
      this.publish(book);
      return;
    }
    if (book.content !== CONTENT.NONE || this.connection >= 0 || !this.isTrade()) return;
    this.frame[FRAME_T1_NS] = this.clock.nowNs();
    if (!this.publisher.fits(1)) {
      this.counters.increment(FEED_COUNTER.RING_DROPPED);
      return;
    }
    this.publisher.trade(book.instrument, message.priceTicks, message.side, message.numbers, N_LOTS, N_SEQUENCE);
    this.publisher.finish(true);
  }

  private keepTrade(book: RecordBook): void {
    if (this.isTrade()) book.noteTrade(this.decoder.message);
  }

  /** Counts the trade at hand; false when it names no aggressor. */
  private isTrade(): boolean {
    this.counters.increment(FEED_COUNTER.TRADES);
    if (this.decoder.message.side !== SIDE_NONE) return true;
    this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.TRADES_WITHOUT_SIDE);
    return false;
  }

  /** The record at hand was applied; `changed`: it may have changed the book. */
  private endRecord(book: RecordBook, last: boolean, changed: boolean): void {
    if (last) {
      book.inSnapshot = 0;
      if (book.have === HAVE.LOADING) book.have = HAVE.WHOLE;
      book.crossed = book.view.crossed() ? 1 : 0;
      if (book.crossed === 1) this.counters.increment(FORMAT_COUNTERS + FORMAT_COUNTER.CROSSED);
    }
    if (this.listener !== undefined && (last || changed) && book.have === HAVE.WHOLE)
      this.tell(this.listener, book, this.decoder.message, last);
    if (last || (book.fault !== NO_FAULT && book.shown !== book.fault)) this.publish(book);
  }
}
