import { L3Book } from '../../src/feed/book/l3-book.hot.ts';
import { feedPool } from '../../src/feed/book/l3-pool.ts';
import { ItchDecoder } from '../../src/feed/venue/nasdaq-itch/decode.hot.ts';
import { TYPE } from '../../src/feed/venue/nasdaq-itch/layout.ts';
import { N_SHARES } from '../../src/feed/venue/nasdaq-itch/message.hot.ts';
import { ITCH } from '../../src/feed/venue/nasdaq-itch/status.ts';
import type { ItchStream } from './itch-stream.ts';
import { mixLots, mixPrices } from './mix.ts';

const { ADD, ADD_MPID, DELETE, REPLACE, EXECUTED, EXECUTED_WITH_PRICE, CANCEL } = TYPE;
const SHARES = N_SHARES;
const OK = ITCH.OK;

/** Limits of a book, on both sides of the bench. */
export const ORDERS_MAX = 262_144;
export const LEVELS_MAX = 4_096;

/** The product's decoder and books, one a locate, and nothing else of the feed. */
export class ItchBooksRun {
  readonly books: readonly L3Book[];
  /** Messages that the decoder or a book refused. */
  refused = 0;
  private readonly decoder = new ItchDecoder();

  /** Stock locates are at most `locates`. */
  constructor(locates: number) {
    const pool = feedPool(locates + 1, LEVELS_MAX);
    this.books = Array.from({ length: locates + 1 }, () => new L3Book(ORDERS_MAX, LEVELS_MAX, pool));
  }

  clear(): void {
    this.refused = 0;
    for (const book of this.books) book.clear();
  }

  /** Applies every message; a hash over the best prices of its stock after each and a sum of the lots there, mixed. */
  run({ bytes, end }: ItchStream): number {
    const { books, decoder } = this;
    let hash = 0;
    let lots = 0;
    for (let at = 0; at < end; ) {
      const start = at + 2;
      at = start + ((bytes[at]! << 8) | bytes[at + 1]!);
      const status = decoder.decode(bytes, start, at);
      const locate = decoder.message.locate;
      if (status !== OK || locate >= books.length) {
        this.refused++;
        continue;
      }
      const book = books[locate]!;
      if (applyTo(book, decoder) < 0) this.refused++;
      hash = mixPrices(hash, book);
      lots += book.bidLots - book.askLots;
    }
    return (hash ^ (lots % 4294967296)) >>> 0;
  }

  /** `run` with the lots after each message in the hash too: not for measuring, as integers are not what they are kept as. */
  check({ bytes, end }: ItchStream): number {
    const { books, decoder } = this;
    let hash = 0;
    let lots = 0;
    for (let at = 0; at < end; ) {
      const start = at + 2;
      at = start + ((bytes[at]! << 8) | bytes[at + 1]!);
      if (decoder.decode(bytes, start, at) !== OK || decoder.message.locate >= books.length) continue;
      const book = books[decoder.message.locate]!;
      applyTo(book, decoder);
      hash = mixLots(mixPrices(hash, book), book);
      lots += book.bidLots - book.askLots;
    }
    return (hash ^ (lots % 4294967296)) >>> 0;
  }

  /** Decodes every message and looks at little of it. */
  decode({ bytes, end }: ItchStream): number {
    const { decoder } = this;
    const message = decoder.message;
    let sum = 0;
    for (let at = 0; at < end; ) {
      const start = at + 2;
      at = start + ((bytes[at]! << 8) | bytes[at + 1]!);
      if (decoder.decode(bytes, start, at) === OK) sum = (sum + message.refLow + message.locate) | 0;
    }
    return sum >>> 0;
  }
}

function applyTo(book: L3Book, decoder: ItchDecoder): number {
  const message = decoder.message;
  const { numbers, refLow, refHigh } = message;
  switch (message.type) {
    case ADD:
    case ADD_MPID:
      return book.add(refLow, refHigh, message.side, message.price, numbers, SHARES);
    case DELETE:
      return book.delete(refLow, refHigh);
    case REPLACE:
      return book.replace(refLow, refHigh, message.newLow, message.newHigh, message.price, numbers, SHARES);
    case EXECUTED:
    case EXECUTED_WITH_PRICE:
    case CANCEL:
      return book.reduce(refLow, refHigh, numbers, SHARES);
    default:
      return 0;
  }
}
