import type { Instrument } from '../../src/core/instrument.ts';
import { L3Book } from '../../src/feed/book/l3-book.hot.ts';
import { L3, PRIORITY } from '../../src/feed/book/l3-status.ts';
import { DbnDecoder } from '../../src/feed/dbn/decode.hot.ts';
import {
  ACTION,
  N_EVENT_NS,
  N_EVENT_S,
  N_LOTS,
  N_SEQUENCE,
  type RecordMessage,
  SIDE_NONE,
  TIME,
} from '../../src/feed/recorded/message.hot.ts';
import { RECORD } from '../../src/feed/recorded/status.ts';
import type { DbnStream } from './dbn-stream.ts';
import { ORDERS_MAX } from './itch-books.ts';
import { mixLots, mixPrices } from './mix.ts';

const { ADD, CANCEL, MODIFY, CLEAR } = ACTION;
const LOTS = N_LOTS;
const OK = RECORD.OK;
const UNKNOWN = L3.UNKNOWN_REF;
const RULE = PRIORITY.LOST_BY_PRICE_OR_GROWTH;
const NO_SIDE = SIDE_NONE;
const PRIME = 0x01000193;
export const DBN_LEVELS_MAX = 16_384;

/** The product's decoder of records and a book of orders, and nothing else of the feed. */
export class DbnRun {
  readonly book: L3Book;
  /** Records that the decoder or the book refused. */
  refused = 0;
  private readonly decoder: DbnDecoder;

  constructor(instrument: Instrument) {
    this.book = new L3Book(ORDERS_MAX, DBN_LEVELS_MAX);
    this.decoder = new DbnDecoder([instrument]);
  }

  clear(): void {
    this.refused = 0;
    this.book.clear();
  }

  /** Decodes every record; a hash of order, price, quantity, action and side of each. */
  decode({ bytes, end }: DbnStream): number {
    const { decoder } = this;
    const message = decoder.message;
    let hash = 0;
    this.refused = 0;
    // A record without a quantity leaves that of the one before.
    message.numbers[LOTS] = 0;
    for (let at = 0; at < end; ) {
      const start = at;
      at += bytes[start]! * 4;
      if (decoder.decode(bytes, start, at) !== OK) this.refused++;
      else hash = mixRecord(hash, message);
    }
    return hash >>> 0;
  }

  /** `decode` with a hash of every field: not for measuring. */
  decodeWhole({ bytes, end }: DbnStream): number {
    const { decoder } = this;
    const message = decoder.message;
    const { numbers } = message;
    let hash = 0;
    this.refused = 0;
    // A record without a quantity leaves that of the one before.
    message.numbers[LOTS] = 0;
    for (let at = 0; at < end; ) {
      const start = at;
      at += bytes[start]! * 4;
      if (decoder.decode(bytes, start, at) !== OK) {
        this.refused++;
        continue;
      }
      hash = mixRecord(hash, message);
      const time = message.time === TIME.OWN ? numbers[N_EVENT_S]! ^ Math.imul(numbers[N_EVENT_NS]!, 31) : 7;
      hash = Math.imul(hash ^ message.orderHigh ^ time ^ Math.imul(numbers[N_SEQUENCE]!, 961) ^ message.flags, PRIME);
    }
    return hash >>> 0;
  }

  /** Decodes and applies every record; a hash over the best prices after each and a sum of the lots there, mixed. */
  run({ bytes, end }: DbnStream): number {
    const { decoder, book } = this;
    let hash = 0;
    let lots = 0;
    for (let at = 0; at < end; ) {
      const start = at;
      at += bytes[start]! * 4;
      if (decoder.decode(bytes, start, at) !== OK) {
        this.refused++;
        continue;
      }
      if (applyTo(book, decoder.message) < 0) this.refused++;
      hash = mixPrices(hash, book);
      lots += book.bidLots - book.askLots;
    }
    return (hash ^ (lots % 4294967296)) >>> 0;
  }

  /** `run` with the lots after each record in the hash too: not for measuring. */
  runWhole({ bytes, end }: DbnStream): number {
    const { decoder, book } = this;
    let hash = 0;
    let lots = 0;
    for (let at = 0; at < end; ) {
      const start = at;
      at += bytes[start]! * 4;
      if (decoder.decode(bytes, start, at) !== OK) continue;
      applyTo(book, decoder.message);
      hash = mixLots(mixPrices(hash, book), book);
      lots += book.bidLots - book.askLots;
    }
    return (hash ^ (lots % 4294967296)) >>> 0;
  }
}

function mixRecord(hash: number, message: RecordMessage): number {
  const what = message.orderLow ^ Math.imul(message.priceTicks, 31) ^ Math.imul(message.numbers[LOTS]!, 961);
  return Math.imul(hash ^ what ^ ((message.action << 8) | (message.side === NO_SIDE ? 0 : message.side + 1)), PRIME);
}

function applyTo(book: L3Book, message: RecordMessage): number {
  const { orderLow, orderHigh, numbers } = message;
  switch (message.action) {
    case ADD:
      return book.add(orderLow, orderHigh, message.side, message.priceTicks, numbers, LOTS);
    case CANCEL:
      return book.reduce(orderLow, orderHigh, numbers, LOTS);
    case MODIFY: {
      const status = book.modify(orderLow, orderHigh, message.priceTicks, numbers, LOTS, RULE);
      // Where the input begins within the day, a modified order may be one that the book does not have.
      return status === UNKNOWN ? book.add(orderLow, orderHigh, message.side, message.priceTicks, numbers, LOTS) : status;
    }
    case CLEAR:
      book.clear();
      return 0;
    default:
      return 0;
  }
}
