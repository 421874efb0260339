import { createHash } from 'node:crypto';
import { EXIT, TickpathError } from '../core/errors.ts';
import { formatPrice, formatQty, type Instrument, type InstrumentText } from '../core/instrument.ts';
import { MARKET_RING_RECORDS } from '../core/limits.ts';
import { SIDE } from '../core/records/market.ts';
import { ringBytes, ringViews } from '../core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../core/ring/spsc.hot.ts';
import { ManualClock } from '../core/time.ts';
import { APPLIED_EVENT } from './applied.ts';
import type { BookView } from './book/book-view.ts';
import { ownFeedCounters } from './counters.ts';
import { discover, type Format, openRecorded, recordedFormat } from './formats.ts';
import type { RejectSample } from './rejects.ts';
import { AHEAD_BYTES, FileTransport } from './transport/file.ts';
import type { InputDigest } from './transport/inflate.ts';

/** When a line is written: after each applied event, after each message that was applied, or at most once a millisecond. */
export const BOOK_EVERY = ['event', 'message', 'ms'] as const;
export type BookEvery = (typeof BOOK_EVERY)[number];
export const BOOK_OUT = ['csv', 'json', 'hash'] as const;
export type BookOut = (typeof BOOK_OUT)[number];

/** Lines gathered before one `write`. */
const WRITE_CHARACTERS = 1 << 16;
const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;

export interface BookDumpOptions {
  readonly files: readonly string[];
  readonly format: Format;
  /** Levels a side in each line, from 1. */
  readonly depth: number;
  readonly every: BookEvery;
  readonly out: BookOut;
  /** Which instrument; needed when the input holds several. */
  readonly symbol?: string;
  readonly instruments?: readonly InstrumentText[];
  /** Takes the output, in pieces of whole lines. */
  readonly write: (text: string) => void;
}

export interface BookDumpResult {
  readonly lines: number;
  readonly sha256: string;
  readonly instrument: Instrument;
  readonly inputs: readonly InputDigest[];
  /** Feed counters by name. */
  readonly counters: Readonly<Record<string, number>>;
  readonly rejects: readonly RejectSample[];
  /** What was odd about the files, a sentence each. */
  readonly warnings: readonly string[];
  /** BOOK_STATE at the end of the input. */
  readonly state: number;
}

/** Gathers lines, hashes them and passes them on. */
class LineWriter {
  lines = 0;
  private readonly hash = createHash('sha256');
  private readonly options: BookDumpOptions;
  private pending = '';

  constructor(options: BookDumpOptions) {
    this.options = options;
  }

  add(line: string): void {
    this.lines++;
    this.pending += `${line}\n`;
    if (this.pending.length >= WRITE_CHARACTERS) this.flush();
  }

  private flush(): void {
    this.hash.update(this.pending);
    if (this.options.out !== 'hash') this.options.write(this.pending);
    this.pending = '';
  }

  /** SHA-256 over every line with its line feed. */
  end(): string {
    this.flush();
    const sha256 = this.hash.digest('hex');
    if (this.options.out === 'hash') this.options.write(`${sha256}\n`);
    return sha256;
  }
}

/**
 * Rebuilds the book of one instrument and writes it after each applied event (docs/book.md states the line). Throws a
 * TickpathError on bad input; a book that never became live, or was lost and not recovered, shows in the counters.
 */
export async function dumpBook(options: BookDumpOptions): Promise<BookDumpResult> {
  if (!(Number.isInteger(options.depth) && options.depth >= 1)) {
    throw new TickpathError('ERR_DEPTH', `depth ${options.depth}: expected an integer from 1`, EXIT.USAGE);
  }
  const { instruments, baseEpochNs, source } = await discover(options.format, options.files, options.instruments, options.symbol);
  const recorded = recordedFormat(options.format, source);
  const instrument = chooseInstrument(instruments, options.symbol);
  const writer = new LineWriter(options);
  const format = options.out === 'json' ? jsonLine : csvLine;
  let held = '';
  let heldMs = -1n;
  const onApplied = (id: number, book: BookView, event: Float64Array, last: boolean): void => {
    if (id !== instrument.id || (!last && options.every !== 'event')) return;
    const localNs = baseEpochNs + BigInt(event[APPLIED_EVENT.RECV_NS]!);
    const exchangeNs = BigInt(event[APPLIED_EVENT.EXCHANGE_S]!) * NS_PER_S + BigInt(event[APPLIED_EVENT.EXCHANGE_NS]!);
    const line = format(event[APPLIED_EVENT.TICK]!, exchangeNs, localNs, instrument, book, options.depth);
    if (options.every !== 'ms') {
      writer.add(line);
      return;
    }
    const ms = localNs / NS_PER_MS;
    if (held !== '' && ms !== heldMs) writer.add(held);
    held = line;
    heldMs = ms;
  };
  const clock = new ManualClock();
  const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
  const consumer = new RingConsumer(views);
  const discardRecords = (): void => consumer.release(consumer.poll(MARKET_RING_RECORDS));
  const counters = ownFeedCounters();
  const feed = recorded.createFeed({
    instruments,
    ring: new RingProducer(views),
    counters,
    clock,
    baseEpochNs,
    room: { waitForRoom: discardRecords },
    listener: { onApplied },
  });
  const transport = new FileTransport({
    files: options.files,
    clock,
    baseEpochNs,
    framer: recorded.createFramer(),
    openInput: (files, onRead) => openRecorded(options.format, files, AHEAD_BYTES, onRead),
  });
  await transport.run(feed);
  if (held !== '') writer.add(held);
  const sha256 = writer.end();
  return {
    lines: writer.lines,
    sha256,
    instrument,
    inputs: transport.digests,
    counters: counters.snapshot(),
    rejects: feed.rejects.list(),
    warnings: transport.warnings,
    state: feed.state(instrument.id),
  };
}

function chooseInstrument(instruments: readonly Instrument[], symbol: string | undefined): Instrument {
  const names = instruments.map((one) => one.symbol).join(', ');
  if (symbol === undefined) {
    if (instruments.length === 1) return instruments[0]!;
    throw new TickpathError('ERR_SYMBOL', `the input holds several instruments (${names}); name one of them`, EXIT.USAGE);
  }
  const found = instruments.find((one) => one.symbol === symbol);
  if (found === undefined) throw new TickpathError('ERR_SYMBOL', `no instrument ${symbol} in the input; it holds: ${names}`, EXIT.USAGE);
  return found;
}

function csvLine(seq: number, exchangeNs: bigint, localNs: bigint, instrument: Instrument, book: BookView, depth: number): string {
  let line = `${seq},${exchangeNs},${localNs}`;
  const bids = book.levels(SIDE.BUY);
  const asks = book.levels(SIDE.SELL);
  for (let i = 0; i < depth; i++) {
    line += i < bids ? `,${formatPrice(instrument, book.priceAt(SIDE.BUY, i))},${formatQty(instrument, book.qtyAt(SIDE.BUY, i))}` : ',,';
    line += i < asks ? `,${formatPrice(instrument, book.priceAt(SIDE.SELL, i))},${formatQty(instrument, book.qtyAt(SIDE.SELL, i))}` : ',,';
  }
  return line;
}

function jsonLine(seq: number, exchangeNs: bigint, localNs: bigint, instrument: Instrument, book: BookView, depth: number): string {
  const side = (which: number): string[][] => {
    const levels: string[][] = [];
    for (let i = 0; i < Math.min(depth, book.levels(which)); i++) {
      levels.push([formatPrice(instrument, book.priceAt(which, i)), formatQty(instrument, book.qtyAt(which, i))]);
    }
    return levels;
  };
  return JSON.stringify({
    seq,
    exchange_ns: exchangeNs.toString(),
    local_ns: localNs.toString(),
    bids: side(SIDE.BUY),
    asks: side(SIDE.SELL),
  });
}
