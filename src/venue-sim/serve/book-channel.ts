import { BOOK_STATE } from '../../core/records/market.ts';
import type { Feed } from '../../feed/feed.ts';
import { Audience } from './audience.ts';
import type { ServedClient } from './served-venue.ts';

/**
 * Subscriptions to books whose snapshot comes in the stream. Who subscribes to a book that the recording has gets it as it
 * stands; before the recording's own snapshot, that one.
 */
export class BookChannel {
  private readonly feed: Feed;
  private readonly snapshotOf: (instrument: number) => string;
  private readonly reading = new Audience();
  private readonly waiting = new Audience();

  /** `snapshotOf`: the message that shows a whole book as it stands. */
  constructor(feed: Feed, snapshotOf: (instrument: number) => string) {
    this.feed = feed;
    this.snapshotOf = snapshotOf;
  }

  subscribe(instrument: number, client: ServedClient): void {
    const name = `${instrument}`;
    if (this.feed.state(instrument) !== BOOK_STATE.LIVE) {
      this.waiting.add(name, client);
      return;
    }
    client.send(this.snapshotOf(instrument));
    this.reading.add(name, client);
  }

  /** True when the client was subscribed. */
  unsubscribe(instrument: number, client: ServedClient): boolean {
    const wasWaiting = this.waiting.remove(`${instrument}`, client);
    return this.reading.remove(`${instrument}`, client) || wasWaiting;
  }

  leave(client: ServedClient): void {
    this.reading.leave(client);
    this.waiting.leave(client);
  }

  /** A recorded message of one book, which the recording's own book has taken. */
  onMessage(instrument: number, isSnapshot: boolean, bytes: Uint8Array, start: number, end: number): void {
    const name = `${instrument}`;
    if (isSnapshot) {
      for (const client of this.waiting.of(name)) this.reading.add(name, client);
      for (const client of this.reading.of(name)) this.waiting.remove(name, client);
    }
    this.reading.send(name, bytes, start, end);
  }
}
