import type { L2Book } from '../../book/l2-book.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_CHECKSUM, N_LAST_ID } from '../../l2/message.hot.ts';
import { FOLLOWS, JOINS, type SequenceRule, SNAPSHOT } from '../../l2/rule.ts';
import type { KrakenBooks } from './books.hot.ts';
import { KrakenChecksum } from './checksum.hot.ts';

/**
 * Kraken (API documentation, "Checksum v2", "Book"): nothing numbers the messages. The snapshot comes in the stream, each side
 * is cut to the subscribed depth after each message, and the checksum of what is then the top 10 must equal the message's. What
 * the checksum cannot show, a change out of order below the top 10, the message's time does.
 */
export class KrakenRule implements SequenceRule {
  readonly snapshot = SNAPSHOT.IN_STREAM;
  readonly checksum: KrakenChecksum;
  private readonly books: KrakenBooks;
  private readonly message: L2Message;

  /** `message`: that of the decoder, which says whose depth counts. */
  constructor(grid: GridTable, books: KrakenBooks, message: L2Message) {
    this.checksum = new KrakenChecksum(grid, books);
    this.books = books;
    this.message = message;
  }

  get depth(): number {
    return this.books.depth[this.message.instrument]!;
  }

  /** The update id is the message's time in microseconds, 0 where it has none. */
  follows({ numbers }: L2Message, ids: Float64Array): number {
    return numbers[N_LAST_ID]! !== 0 && numbers[N_LAST_ID]! < ids[0]! ? FOLLOWS.GAP : FOLLOWS.YES;
  }

  isBefore(): number {
    return 0;
  }

  joins(): number {
    return JOINS.NO;
  }

  agrees(message: L2Message, book: L2Book): number {
    if (message.hasChecksum === 0) return 1;
    return this.checksum.of(message.instrument, book) >>> 0 === message.numbers[N_CHECKSUM]! ? 1 : 0;
  }
}
