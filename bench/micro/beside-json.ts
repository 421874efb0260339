import { summarize } from '../../src/core/histogram.ts';
import type { Instrument } from '../../src/core/instrument.ts';
import { SIDE } from '../../src/core/records/market.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import type { L2Decoder } from '../../src/feed/l2/decoder.ts';
import type { L2Message } from '../../src/feed/l2/message.hot.ts';
import { MESSAGE } from '../../src/feed/l2/status.ts';
import { NaiveBook } from '../../test/reference/naive-book.ts';
import { type BenchContext, type Check, type Figure, type LatencyRow, same } from '../harness/bench.ts';
import { IntegerHash } from '../harness/hash.ts';
import { newHistogram } from '../harness/histogram.ts';
import type { Frames } from '../harness/recording.ts';
import { interleave, nsFigure } from '../harness/rounds.ts';
import type { JsonBook, JsonLevel, ReadBook } from './venue-books.ts';

const ROUNDS = { full: 9, smoke: 2 };
/** Messages of a round: short recordings are gone through several times. */
const ROUND_MESSAGES = 20_000;
const PARSE = 'JSON.parse alone';
const NUMBERS = 'JSON.parse + Number()';

export interface BesideJson {
  readonly figures: Record<string, Figure>;
  readonly latencies: Record<string, LatencyRow>;
  readonly checks: Check[];
}

/** A decoder and books on one side, `JSON.parse` on the other, over the same frames. */
export class JsonComparison {
  private readonly frames: Frames;
  private readonly instruments: readonly Instrument[];
  private readonly decoder: L2Decoder;
  private readonly readBook: ReadBook | undefined;
  private readonly buffer: Buffer;
  private readonly books: readonly L2Book[];
  private readonly laps: number;
  /** Kept so that the best prices are read. */
  last = 0;
  private readonly ticks = new Int32Array(16_384);
  private readonly lots = new Float64Array(16_384);

  constructor(frames: Frames, instruments: readonly Instrument[], decoder: L2Decoder, readBook: ReadBook | undefined, smoke: boolean) {
    this.frames = frames;
    this.instruments = instruments;
    this.decoder = decoder;
    this.readBook = readBook;
    this.buffer = Buffer.from(frames.bytes.buffer);
    this.books = instruments.map(() => new L2Book());
    this.laps = smoke ? 1 : Math.max(1, Math.ceil(ROUND_MESSAGES / frames.texts.length));
  }

  /** Decode beside `JSON.parse` of ready strings; decode and book beside the same; tails of both. */
  alone({ clock, smoke }: BenchContext): BesideJson {
    const rounds = smoke ? ROUNDS.smoke : ROUNDS.full;
    const units = this.frames.texts.length * this.laps;
    const parse = { name: PARSE, run: () => this.parse() };
    const decode = interleave(clock, 'frames decoded and parsed', { name: 'decode', run: () => this.decode() }, parse, rounds);
    const bytes = Math.round((this.frames.ends.at(-1)! - this.frames.starts[0]!) / this.frames.texts.length);
    const alone = nsFigure(`a message of ${bytes} bytes decoded`, decode, units, PARSE);
    if (this.readBook === undefined) return { figures: { alone }, latencies: this.latencies(clock), checks: [decode.check] };
    const book = interleave(
      clock,
      'frames decoded to the book and parsed',
      { name: 'book', prepare: () => this.clear(), run: () => this.book() },
      parse,
      rounds,
    );
    const figures = {
      alone,
      book: nsFigure('a message decoded, its levels in the book, best prices read', book, units, PARSE),
    };
    return { figures, latencies: this.latencies(clock), checks: [decode.check, book.check, this.sameBooks()] };
  }

  /** Decode beside bytes to string, `JSON.parse` and `Number()` of each price and quantity of the books. */
  numbers({ clock, smoke }: BenchContext): BesideJson {
    const rounds = smoke ? ROUNDS.smoke : ROUNDS.full;
    const comparison = interleave(
      clock,
      'sum of prices and counts of all books',
      { name: 'decode', run: () => this.decodeLevels() },
      { name: NUMBERS, run: () => this.parseLevels() },
      rounds,
    );
    const figure = nsFigure('a message decoded', comparison, this.frames.texts.length * this.laps, NUMBERS);
    return { figures: { numbers: figure }, latencies: {}, checks: [comparison.check] };
  }

  private decode(): number {
    const { decoder } = this;
    const { bytes, starts, ends } = this.frames;
    let read = 0;
    for (let lap = 0; lap < this.laps; lap++) {
      for (let i = 0; i < starts.length; i++) {
        if (decoder.decode(bytes, starts[i]!, ends[i]!) === 0) read++;
        while (decoder.more === 1) decoder.next();
      }
    }
    return read;
  }

  private parse(): number {
    const { texts } = this.frames;
    let read = 0;
    for (let lap = 0; lap < this.laps; lap++) {
      for (let i = 0; i < texts.length; i++) if (JSON.parse(texts[i]!) !== null) read++;
    }
    return read;
  }

  private book(): number {
    const { decoder, books } = this;
    const { bytes, starts, ends } = this.frames;
    let read = 0;
    let sum = 0;
    for (let lap = 0; lap < this.laps; lap++) {
      for (let i = 0; i < starts.length; i++) {
        if (decoder.decode(bytes, starts[i]!, ends[i]!) === 0) read++;
        const { message } = decoder;
        if (message.kind === MESSAGE.DEPTH || message.kind === MESSAGE.SNAPSHOT) {
          const book = books[message.instrument]!;
          apply(book, message);
          sum = (sum + book.bidTicks + book.askTicks) | 0;
        }
        while (decoder.more === 1) decoder.next();
      }
    }
    this.last = sum;
    return read;
  }

  private decodeLevels(): number {
    const { decoder } = this;
    const { bytes, starts, ends } = this.frames;
    let sum = 0;
    for (let lap = 0; lap < this.laps; lap++) {
      for (let i = 0; i < starts.length; i++) {
        decoder.decode(bytes, starts[i]!, ends[i]!);
        const { message } = decoder;
        if (message.kind === MESSAGE.DEPTH || message.kind === MESSAGE.SNAPSHOT) {
          sum = (sum + taste(message.bidTicks, message.bidLots, message.bidCount)) | 0;
          sum = (sum - taste(message.askTicks, message.askLots, message.askCount)) | 0;
        }
        while (decoder.more === 1) decoder.next();
      }
    }
    return sum;
  }

  private parseLevels(): number {
    const { buffer, readBook, ticks, lots } = this;
    const { starts, ends } = this.frames;
    let sum = 0;
    for (let lap = 0; lap < this.laps; lap++) {
      for (let i = 0; i < starts.length; i++) {
        const book = readBook?.(JSON.parse(buffer.toString('latin1', starts[i]!, ends[i]!)));
        if (book === undefined) continue;
        const instrument = this.instrumentOf(book);
        sum = (sum + taste(ticks, lots, toGrid(instrument, book.bids, ticks, lots))) | 0;
        sum = (sum - taste(ticks, lots, toGrid(instrument, book.asks, ticks, lots))) | 0;
      }
    }
    return sum;
  }

  private instrumentOf(book: JsonBook): Instrument {
    return this.instruments.find(({ symbol }) => symbol === book.symbol)!;
  }

  private clear(): void {
    for (const book of this.books) book.clear();
  }

  /** Each frame by itself, one reading of the clock included. */
  private latencies(clock: BenchContext['clock']): Record<string, LatencyRow> {
    const [ours, theirs, reading] = [newHistogram(), newHistogram(), newHistogram()];
    const { bytes, starts, ends, texts } = this.frames;
    const { decoder, books } = this;
    this.clear();
    for (let lap = 0; lap < this.laps; lap++) {
      for (let i = 0; i < starts.length; i++) {
        const beganNs = clock.nowNs();
        decoder.decode(bytes, starts[i]!, ends[i]!);
        const { message } = decoder;
        if (message.kind === MESSAGE.DEPTH || message.kind === MESSAGE.SNAPSHOT) apply(books[message.instrument]!, message);
        while (decoder.more === 1) decoder.next();
        const decodedNs = clock.nowNs();
        ours.record(decodedNs - beganNs);
        JSON.parse(texts[i]!);
        const parsedNs = clock.nowNs();
        theirs.record(parsedNs - decodedNs);
        reading.record(clock.nowNs() - parsedNs);
      }
    }
    return {
      decode_book: { what: 'a message decoded, in the book, one clock reading included', ...summarize(ours) },
      parse: { what: `a message: ${PARSE}`, ...summarize(theirs) },
      clock: { what: 'one clock reading', ...summarize(reading) },
    };
  }

  /** All books after one lap, equal to maps of what `JSON.parse` and `Number()` say. */
  private sameBooks(): Check {
    const { decoder, books } = this;
    const { bytes, starts, ends, texts } = this.frames;
    const naive = this.instruments.map(() => new NaiveBook());
    this.clear();
    for (let i = 0; i < starts.length; i++) {
      decoder.decode(bytes, starts[i]!, ends[i]!);
      const { message } = decoder;
      if (message.kind === MESSAGE.DEPTH || message.kind === MESSAGE.SNAPSHOT) apply(books[message.instrument]!, message);
      while (decoder.more === 1) decoder.next();
      const book = this.readBook?.(JSON.parse(texts[i]!));
      if (book === undefined) continue;
      const instrument = this.instrumentOf(book);
      const twin = naive[instrument.id]!;
      if (book.whole) twin.clear();
      for (const [side, levels] of [
        [SIDE.BUY, book.bids],
        [SIDE.SELL, book.asks],
      ] as const) {
        const count = toGrid(instrument, levels, this.ticks, this.lots);
        for (let k = 0; k < count; k++) twin.apply(side, this.ticks[k]!, this.lots[k]!);
      }
    }
    const ours = new IntegerHash();
    const theirs = new IntegerHash();
    for (const [id, book] of books.entries()) {
      for (const side of [SIDE.BUY, SIDE.SELL]) {
        for (let i = 0; i < book.levels(side); i++) addLevel(ours, book.priceAt(side, i), book.qtyAt(side, i));
        for (const [price, lots] of naive[id]!.sorted(side)) addLevel(theirs, price, lots);
      }
    }
    return same(`hash of all ${books.length} books at the end`, hex(ours.value), hex(theirs.value));
  }
}

function apply(book: L2Book, message: L2Message): void {
  const { bidTicks, bidLots, bidCount, askTicks, askLots, askCount } = message;
  if (message.kind === MESSAGE.SNAPSHOT) book.clear();
  for (let i = 0; i < bidCount; i++) book.applyFrom(SIDE.BUY, bidTicks[i]!, bidLots, i);
  for (let i = 0; i < askCount; i++) book.applyFrom(SIDE.SELL, askTicks[i]!, askLots, i);
}

/** Floating point to the grid, trusting it to round; the number of levels. */
function toGrid(instrument: Instrument, levels: readonly JsonLevel[], ticks: Int32Array, lots: Float64Array): number {
  const perTick = 10 ** instrument.priceDecimals / instrument.tickUnits;
  const perLot = 10 ** instrument.qtyDecimals / instrument.lotUnits;
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i]!;
    ticks[i] = Math.round(Number(level[0]) * perTick);
    lots[i] = Math.round(Number(level[1]) * perLot);
  }
  return levels.length;
}

/** A few small integers of one side: the cost of looking at its result. */
function taste(ticks: Int32Array, lots: Float64Array, count: number): number {
  return count === 0 ? 0 : count + ticks[count - 1]! + (lots[count - 1]! | 0);
}

function addLevel(hash: IntegerHash, price: number, lots: number): void {
  hash.add(price);
  hash.add(lots);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
