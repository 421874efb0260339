import { formatPrice, formatQty, type Instrument } from '../../core/instrument.ts';
import { MARKET_RING_RECORDS } from '../../core/limits.ts';
import { CONNECTION } from '../../core/ports.ts';
import { ringBytes, ringViews } from '../../core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../core/ring/spsc.hot.ts';
import { ManualClock } from '../../core/time.ts';
import type { BookView } from '../../feed/book/book-view.ts';
import { ownFeedCounters } from '../../feed/counters.ts';
import type { Feed, FeedOptions } from '../../feed/feed.ts';
import type { ServedSource } from './served-venue.ts';

/** The feed that keeps a recording's own books; its records go nowhere. */
export function ownFeed<F extends Feed>(source: ServedSource, createFeed: (options: FeedOptions) => F): F {
  const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
  const consumer = new RingConsumer(views);
  const feed = createFeed({
    instruments: source.instruments,
    others: source.others,
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock: new ManualClock(),
    baseEpochNs: source.baseEpochNs,
    room: { waitForRoom: () => consumer.release(consumer.poll(MARKET_RING_RECORDS)) },
  });
  feed.onConnection(CONNECTION.CONNECTED, 0);
  return feed;
}

/** The best `most` levels of a side, best first, price and quantity in the venue's own decimals. */
export function levelTexts(instrument: Instrument, book: BookView, side: number, most = Number.POSITIVE_INFINITY): [string, string][] {
  return Array.from({ length: Math.min(most, book.levels(side)) }, (_, i) => [
    formatPrice(instrument, book.priceAt(side, i)),
    formatQty(instrument, book.qtyAt(side, i)),
  ]);
}
