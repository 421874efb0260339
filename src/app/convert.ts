import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument, InstrumentText } from '../core/instrument.ts';
import { ManualClock } from '../core/time.ts';
import { type Format, openRecorded, recordedFormat } from '../feed/formats.ts';
import { EventOrder } from '../feed/hftbacktest/event-order.ts';
import { LastBook } from '../feed/hftbacktest/last-book.ts';
import { EVENT, EVENT_FLAG } from '../feed/hftbacktest/layout.ts';
import { NpzWriter } from '../feed/hftbacktest/npz-writer.ts';
import { ROW, RowStore } from '../feed/hftbacktest/rows.ts';
import type { RejectSample } from '../feed/rejects.ts';
import { AHEAD_BYTES, FileTransport } from '../feed/transport/file.ts';
import { createEventSource, type SourceResult } from './event-source.ts';

export interface ConvertOptions {
  readonly files: readonly string[];
  readonly format: Format;
  /** The events, a .npz as hftbacktest reads it. */
  readonly out: string;
  /** Where the book at the end goes, as a .npz of DEPTH_SNAPSHOT events; default: nowhere. */
  readonly snapshotOut?: string;
  /** Which instrument; needed when the input holds several. */
  readonly symbol?: string;
  readonly instruments?: readonly InstrumentText[];
  /** Added to every local time where local times had to be corrected, ns; default 0. */
  readonly baseLatencyNs?: number;
  /** Rows sorted in memory at a time; default CONVERT_RUN_ROWS. */
  readonly runRows?: number;
  readonly onProgress?: (stage: 'reading' | 'writing', fraction: number, rows: number) => void;
}

export interface ConvertResult {
  readonly instrument: Instrument;
  /** Rows before and after they were put in order. */
  readonly rawRows: number;
  readonly rows: number;
  /** Of `rows`: those that both sides meet at once, and those of one side. */
  readonly both: number;
  readonly exchangeOnly: number;
  readonly localOnly: number;
  /** Of `rows` by kind. */
  readonly kinds: { readonly depth: number; readonly trade: number; readonly snapshot: number; readonly clear: number };
  /** What was added to every local time so that none lies before its venue time, ns. */
  readonly localOffsetNs: number;
  /** Levels of the book at the end, when it was asked for. */
  readonly snapshotLevels: { readonly bids: number; readonly asks: number } | undefined;
  readonly frames: number;
  readonly rejectedFrames: number;
  readonly rejects: readonly RejectSample[];
  /** Levels left out because their price lies beyond the grid. */
  readonly levelsBeyondGrid: number;
}

type Written = Omit<ConvertResult, 'instrument' | 'rawRows' | keyof SourceResult | 'frames'>;

/**
 * Converts a recording to hftbacktest's events (docs/hftbacktest.md states what becomes what). Memory does not grow with the
 * input; rows wait in two files beside the output. Throws a TickpathError on bad input and leaves no file then.
 */
export async function convertToEvents(options: ConvertOptions): Promise<ConvertResult> {
  const recorded = recordedFormat(options.format);
  const { instruments, baseEpochNs } = await recorded.discover(options.files, options.instruments, options.symbol);
  const instrument = choose(instruments, options.symbol);
  const rows = new RowStore({ path: options.out, ...(options.runRows === undefined ? {} : { runRows: options.runRows }) });
  try {
    const source = createEventSource(options.format, {
      instrument,
      others: instruments.length > 1,
      baseEpochNs,
      take: (ev, exchNs, localNs, px, qty) => rows.add(ev, exchNs, localNs, px, qty),
    });
    const transport = new FileTransport({
      files: options.files,
      clock: new ManualClock(),
      baseEpochNs,
      framer: recorded.createFramer(),
      openInput: (files, onRead) => openRecorded(options.format, files, AHEAD_BYTES, onRead),
      onProgress: (read, total) => options.onProgress?.('reading', read / Math.max(1, total), rows.rows),
    });
    await transport.run(source.handler);
    const written = await writeEvents(rows, instrument, baseEpochNs, options);
    return { instrument, rawRows: rows.rows, ...written, ...source.result(), frames: transport.frames };
  } finally {
    rows.close();
  }
}

/** Puts the rows in order and writes them, and what came of the book. */
async function writeEvents(rows: RowStore, instrument: Instrument, baseEpochNs: bigint, options: ConvertOptions): Promise<Written> {
  const counts = countEvents(rows);
  const total = counts.both + counts.exchangeOnly + counts.localOnly;
  const behindNs = rows.latencyMinNs < 0 ? -rows.latencyMinNs : 0;
  const localOffsetNs = behindNs === 0 ? 0 : behindNs + (options.baseLatencyNs ?? 0);
  const book = options.snapshotOut === undefined ? undefined : new LastBook(instrument);
  const byKind = new Float64Array(256);
  let lastNs = 0;
  await writeNpz(options.out, total, baseEpochNs, async (writer) => {
    const events = inOrder(rows);
    const { row } = events;
    let done = 0;
    for (let flags = events.next(); flags !== 0; flags = events.next()) {
      const ev = row[ROW.EV]!;
      const localNs = row[ROW.LOCAL_NS]! + localOffsetNs;
      writer.add(ev | flags, row[ROW.EXCH_NS]!, localNs, row[ROW.PX]!, row[ROW.QTY]!);
      byKind[ev & 0xff]!++;
      done++;
      if ((flags & EVENT_FLAG.LOCAL) !== 0) {
        book?.apply(ev, row[ROW.PX]!, row[ROW.QTY]!);
        lastNs = localNs;
      }
      if (!writer.full) continue;
      await writer.flush();
      options.onProgress?.('writing', done / total, total);
    }
  });
  const snapshotLevels = book === undefined ? undefined : await writeSnapshot(options.snapshotOut!, book, lastNs, baseEpochNs);
  const kinds = {
    depth: byKind[EVENT.DEPTH]!,
    trade: byKind[EVENT.TRADE]!,
    snapshot: byKind[EVENT.DEPTH_SNAPSHOT]!,
    clear: byKind[EVENT.DEPTH_CLEAR]!,
  };
  return { rows: total, ...counts, kinds, localOffsetNs, snapshotLevels };
}

function inOrder(rows: RowStore): EventOrder {
  return new EventOrder(rows.sorted(ROW.EXCH_NS), rows.sorted(ROW.LOCAL_NS));
}

/** The header of the output says how many events there are, so they are counted first. */
function countEvents(rows: RowStore): Pick<ConvertResult, 'both' | 'exchangeOnly' | 'localOnly'> {
  const counts = { both: 0, exchangeOnly: 0, localOnly: 0 };
  const events = inOrder(rows);
  for (let flags = events.next(); flags !== 0; flags = events.next()) {
    if (flags === EVENT_FLAG.EXCH) counts.exchangeOnly++;
    else if (flags === EVENT_FLAG.LOCAL) counts.localOnly++;
    else counts.both++;
  }
  return counts;
}

/** Bids, then asks, best first, with the local time of the last event. */
async function writeSnapshot(file: string, book: LastBook, lastNs: number, baseEpochNs: bigint): Promise<{ bids: number; asks: number }> {
  const bids = book.bids.visible();
  const asks = book.asks.visible();
  const both = EVENT_FLAG.EXCH | EVENT_FLAG.LOCAL | EVENT.DEPTH_SNAPSHOT;
  await writeNpz(file, bids.length + asks.length, baseEpochNs, async (writer) => {
    for (const [levels, side] of [[bids, EVENT_FLAG.BUY] as const, [asks, EVENT_FLAG.SELL] as const]) {
      for (const { px, qty } of levels) {
        writer.add(both | side, lastNs, lastNs, px, qty);
        if (writer.full) await writer.flush();
      }
    }
  });
  return { bids: bids.length, asks: asks.length };
}

async function writeNpz(file: string, rows: number, baseEpochNs: bigint, fill: (writer: NpzWriter) => Promise<void>): Promise<void> {
  const writer = new NpzWriter(file, rows, baseEpochNs);
  try {
    await fill(writer);
    await writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
}

function choose(instruments: readonly Instrument[], symbol: string | undefined): Instrument {
  const names = instruments.map((one) => one.symbol).join(', ');
  const found = symbol === undefined && instruments.length === 1 ? instruments[0] : instruments.find((one) => one.symbol === symbol);
  if (found === undefined) throw new TickpathError('ERR_SYMBOL', `the input has ${names}; name one of them with --symbol`, EXIT.USAGE);
  return { ...found, id: 0 };
}
