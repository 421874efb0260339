import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import type { BookView } from '../../src/feed/book/book-view.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { AHEAD_BYTES, FileTransport } from '../../src/feed/transport/file.ts';
import { LobsterFeed } from '../../src/feed/venue/lobster/feed.hot.ts';
import { discoverLobster, openLobster } from '../../src/feed/venue/lobster/files.ts';
import { LobsterFramer } from '../../src/feed/venue/lobster/framer.ts';
import { dataFile } from '../support/data.ts';

/** Whole books of orders are compared with the levels after every so many rows. */
const ORDERS_EVERY = 50;

const FILES = [
  { name: 'GOOG_2012-06-21_34200000_57600000_message_10.csv.gz', rows: 147_916, levels: 10, orders: false },
  { name: 'GOOG_2012-06-21_34200000_57600000_message_5.csv.gz', rows: 112_673, levels: 5, orders: true },
  { name: 'AAPL_2012-06-21_34200000_57600000_message_1.csv.gz', rows: 118_497, levels: 1, orders: true },
] as const;

const linesOf = (file: string): string[] => gunzipSync(readFileSync(file)).toString('latin1').trimEnd().split('\n');

/** A book in the form of an order-book row. */
function rowOf(book: BookView, levels: number): string {
  const fields: (number | string)[] = [];
  for (let i = 0; i < levels; i++) {
    if (i < book.levels(SIDE.SELL)) fields.push(book.priceAt(SIDE.SELL, i), book.qtyAt(SIDE.SELL, i));
    else fields.push('9999999999', 0);
    if (i < book.levels(SIDE.BUY)) fields.push(book.priceAt(SIDE.BUY, i), book.qtyAt(SIDE.BUY, i));
    else fields.push('-9999999999', 0);
  }
  return fields.join(',');
}

/** What of each level in view no known order accounts for, from the messages alone. */
class UnknownLots {
  private readonly lots = new Map<string, number>();
  private readonly known = new Map<string, string>();

  /** The first message added an order that the first book holds. */
  begin(side: number, price: string, size: number): void {
    this.first = { key: `${side} ${price}`, size };
  }

  private first = { key: '', size: 0 };

  /** Follows one message; the book is as it was before it. */
  follow(message: string, book: BookView): void {
    const [, type, id, size, price, direction] = message.split(',');
    const key = `${direction === '1' ? SIDE.BUY : SIDE.SELL} ${price}`;
    if (type === '1') this.known.set(id!, key);
    else if (type === '2' || type === '3' || type === '4') {
      if (!this.known.has(id!)) this.lots.set(key, (this.lots.get(key) ?? 0) - Number(size));
    }
    this.before = new Set([SIDE.BUY, SIDE.SELL].flatMap((side) => keysOf(book, side)));
    this.created = type === '1' && !this.before.has(key) ? key : '';
  }

  private before = new Set<string>();
  private created = '';

  /** After the message: levels that came into view hold unknown lots alone, those that left take their orders with them. */
  settle(book: BookView): void {
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      for (let i = 0; i < book.levels(side); i++) {
        const key = `${side} ${book.priceAt(side, i)}`;
        if (this.before.delete(key)) continue;
        this.lots.set(key, key === this.created ? 0 : book.qtyAt(side, i) - (key === this.first.key ? this.first.size : 0));
      }
    }
    this.first.key = '';
    if (this.before.size === 0 && this.created === '') return;
    const gone = this.before;
    for (const key of gone) this.lots.delete(key);
    if (gone.size > 0) for (const [id, key] of this.known) if (gone.has(key)) this.known.delete(id);
  }

  at(side: number, price: number): number {
    return this.lots.get(`${side} ${price}`) ?? 0;
  }
}

function keysOf(book: BookView, side: number): string[] {
  return [...Array(book.levels(side)).keys()].map((i) => `${side} ${book.priceAt(side, i)}`);
}

for (const { name, rows, levels, orders: withOrders } of FILES) {
  test(`${name}: all levels equal the order-book file on every row${withOrders ? ', and the orders add up to them' : ''}`, async () => {
    const file = dataFile(`lobster/${name}`);
    if (file === undefined) return;
    const expected = linesOf(file.replace('message', 'orderbook'));
    const messages = linesOf(file);
    const { instruments, baseEpochNs } = await discoverLobster([file]);
    const unknown = new UnknownLots();
    const [, type, , size, price, direction] = messages[0]!.split(',');
    if (type === '1') unknown.begin(direction === '1' ? SIDE.BUY : SIDE.SELL, price!, Number(size));
    let row = 0;
    let checked = 0;
    const onApplied = (_id: number, book: BookView): void => {
      const found = rowOf(book, levels);
      if (found !== expected[row]) assert.is(`${row}: ${found}`, `${row}: ${expected[row]}`);
      if (withOrders) unknown.settle(book);
      if (withOrders && row % ORDERS_EVERY === 0) {
        for (const side of [SIDE.BUY, SIDE.SELL]) {
          for (let i = 0; i < book.levels(side); i++) {
            const price = book.priceAt(side, i);
            const orders = feed.orders(0).qtyOf(side, price);
            if (orders + unknown.at(side, price) !== book.qtyAt(side, i))
              assert.is(orders + unknown.at(side, price), book.qtyAt(side, i), `row ${row}`);
            checked++;
          }
        }
      }
      row++;
      if (withOrders && row < messages.length) unknown.follow(messages[row]!, book);
    };
    const views = ringViews(new SharedArrayBuffer(ringBytes(4_096)), 0, 4_096);
    const consumer = new RingConsumer(views);
    const clock = new ManualClock();
    const feed: LobsterFeed = new LobsterFeed({
      instruments,
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock,
      baseEpochNs,
      room: { waitForRoom: () => consumer.release(consumer.poll(4_096)) },
      listener: { onApplied },
    });
    const openInput = ([path]: readonly string[], onRead: (bytes: number) => void) => openLobster(path!, AHEAD_BYTES, onRead);
    await new FileTransport({ files: [file], framer: new LobsterFramer(), clock, baseEpochNs, openInput }).run(feed);
    const counters = feed.counters.snapshot();
    assert.equal([row, expected.length, messages.length], [rows, rows, rows]);
    assert.equal([feed.state(0), counters['rejected_frames'], counters['books_synced']], [BOOK_STATE.LIVE, 0, 1]);
    assert.equal([counters['orders_unknown'], counters['orders_duplicate'], counters['orders_below_zero']], [0, 0, 0]);
    process.stdout.write(
      `${name}: ${rows} rows equal, ${checked} levels of orders equal, ${counters['orders_from_before']} messages of unknown orders\n`,
    );
  });
}

test.run();
