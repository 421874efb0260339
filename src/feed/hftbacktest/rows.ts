import { closeSync, readSync, rmSync, writeSync } from 'node:fs';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { CONVERT_RUN_ROWS, CONVERT_RUNS_MAX } from '../../core/limits.ts';
import { openOutput } from './open-output.ts';
import { sortIndex } from './row-sort.ts';

/** float64 numbers of a row while it is sorted: times since the run's base in ns, and what the event says. */
export const ROW = { EXCH_NS: 0, LOCAL_NS: 1, EV: 2, PX: 3, QTY: 4 } as const;
export const ROW_NUMBERS = 5;
const ROW_BYTES = 8 * ROW_NUMBERS;
/** Rows written or read at a time, of all runs together. */
const BUFFER_ROWS = 1 << 17;
const RUN_BUFFER_ROWS_MIN = 64;

/** By which time rows are sorted. */
export const ORDER = [ROW.EXCH_NS, ROW.LOCAL_NS] as const;

export interface RowStoreOptions {
  /** Beginning of the names of the files that the rows wait in. */
  readonly path: string;
  /** Rows sorted in memory at a time; tests make it small. */
  readonly runRows?: number;
  readonly runsMax?: number;
}

/**
 * Rows of any number on their way to two orders, by venue time and by local time, both stable: sorted in memory a run at a
 * time, kept in two files, and merged from there. Memory does not grow with the rows.
 */
export class RowStore {
  rows = 0;
  /** Smallest local time less venue time, ns; Infinity without rows. */
  latencyMinNs = Number.POSITIVE_INFINITY;
  private readonly runRows: number;
  private readonly runsMax: number;
  private readonly paths: readonly string[];
  private readonly files: readonly number[];
  private readonly columns: readonly Float64Array[];
  private readonly index: Uint32Array;
  private readonly scratch: Uint32Array;
  private readonly buffer: Float64Array;
  /** Rows of each run. */
  private readonly runs: number[] = [];
  private count = 0;

  constructor({ path, runRows = CONVERT_RUN_ROWS, runsMax = CONVERT_RUNS_MAX }: RowStoreOptions) {
    this.runRows = runRows;
    this.runsMax = runsMax;
    this.paths = [`${path}.rows-exchange`, `${path}.rows-local`];
    this.files = this.paths.map((file) => openOutput(file, 'w+'));
    this.columns = Array.from({ length: ROW_NUMBERS }, () => new Float64Array(runRows));
    this.index = new Uint32Array(runRows);
    this.scratch = new Uint32Array(runRows);
    this.buffer = new Float64Array(ROW_NUMBERS * Math.min(BUFFER_ROWS, runRows));
  }

  /** Throws ERR_CONVERT when there are too many, or the times lie too far from the base to be exact. */
  add(ev: number, exchNs: number, localNs: number, px: number, qty: number): void {
    if (!Number.isSafeInteger(exchNs) || !Number.isSafeInteger(localNs)) {
      throw new TickpathError(
        'ERR_CONVERT',
        `row ${this.rows + 1}: a time of ${exchNs} ns (venue) or ${localNs} ns (local) after the first; expected at most 104 days, 2^53 ns`,
        EXIT.DATA,
      );
    }
    const { columns, count } = this;
    columns[ROW.EXCH_NS]![count] = exchNs;
    columns[ROW.LOCAL_NS]![count] = localNs;
    columns[ROW.EV]![count] = ev;
    columns[ROW.PX]![count] = px;
    columns[ROW.QTY]![count] = qty;
    this.latencyMinNs = Math.min(this.latencyMinNs, localNs - exchNs);
    this.rows++;
    this.count++;
    if (this.count === this.runRows) this.endRun();
  }

  /** The rows in one order (ROW.EXCH_NS or ROW.LOCAL_NS); may be asked again, when no row comes any more. */
  sorted(order: number): RowCursor {
    this.endRun();
    const file = this.files[order]!;
    const bufferRows = Math.max(RUN_BUFFER_ROWS_MIN, Math.floor(BUFFER_ROWS / Math.max(1, this.runs.length)));
    let first = 0;
    const runs = this.runs.map((rows) => {
      const run = new RunReader(file, first, rows, bufferRows);
      first += rows;
      return run;
    });
    return new RowCursor(order, runs);
  }

  close(): void {
    for (const file of this.files) closeSync(file);
    for (const path of this.paths) rmSync(path, { force: true });
  }

  private endRun(): void {
    if (this.count === 0) return;
    if (this.runs.length === this.runsMax) {
      throw new TickpathError(
        'ERR_CONVERT',
        `more than ${this.runsMax * this.runRows} rows (CONVERT_RUNS_MAX); convert the input in parts`,
        EXIT.DATA,
      );
    }
    for (const order of ORDER) {
      sortIndex(this.columns[order]!, this.count, this.index, this.scratch);
      this.writeRun(this.files[order]!);
    }
    this.runs.push(this.count);
    this.count = 0;
  }

  private writeRun(file: number): void {
    const { buffer, columns, index } = this;
    const bytes = new Uint8Array(buffer.buffer);
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      for (let column = 0; column < ROW_NUMBERS; column++) buffer[at++] = columns[column]![index[i]!]!;
      if (at < buffer.length && i < this.count - 1) continue;
      for (let written = 0; written < 8 * at; ) written += writeSync(file, bytes, written, 8 * at - written);
      at = 0;
    }
  }
}

/** One run, read from its file. */
class RunReader {
  readonly block: Float64Array;
  /** Where the row at hand begins in `block`; -1 at the end. */
  at = -1;
  private readonly file: number;
  private position: number;
  private left: number;
  private filled = 0;

  constructor(file: number, firstRow: number, rows: number, bufferRows: number) {
    this.file = file;
    this.position = firstRow * ROW_BYTES;
    this.left = rows;
    this.block = new Float64Array(ROW_NUMBERS * Math.min(bufferRows, rows));
    this.advance();
  }

  advance(): void {
    this.at += this.at < 0 ? 1 : ROW_NUMBERS;
    if (this.at < this.filled) return;
    const rows = Math.min(this.left, this.block.length / ROW_NUMBERS);
    const bytes = new Uint8Array(this.block.buffer, 0, rows * ROW_BYTES);
    for (let read = 0; read < bytes.length; ) {
      const got = readSync(this.file, bytes, read, bytes.length - read, this.position + read);
      if (got === 0) throw new TickpathError('ERR_CONVERT', 'the rows that were put aside are gone from the disk', EXIT.FAILURE);
      read += got;
    }
    this.position += bytes.length;
    this.left -= rows;
    this.filled = rows * ROW_NUMBERS;
    this.at = rows === 0 ? -1 : 0;
  }
}

/** Rows in order, one at a time: the runs as a binary heap, of rows with equal times that of the earlier run first. */
export class RowCursor {
  /** The row at hand by ROW. */
  readonly row = new Float64Array(ROW_NUMBERS);
  private readonly order: number;
  private readonly runs: readonly RunReader[];
  /** Numbers of the runs that have rows left. */
  private readonly heap: number[];

  constructor(order: number, runs: readonly RunReader[]) {
    this.order = order;
    this.runs = runs;
    this.heap = runs.map((_, i) => i).filter((i) => runs[i]!.at >= 0);
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.sink(i);
  }

  /** Goes to the next row; false at the end. */
  next(): boolean {
    const { heap, row } = this;
    const first = heap[0];
    if (first === undefined) return false;
    const run = this.runs[first]!;
    for (let i = 0; i < ROW_NUMBERS; i++) row[i] = run.block[run.at + i]!;
    run.advance();
    if (run.at < 0) {
      const last = heap.pop()!;
      if (heap.length === 0) return true;
      if (last !== first) heap[0] = last;
    }
    this.sink(0);
    return true;
  }

  private sink(from: number): void {
    const { heap } = this;
    for (let at = from; ; ) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && this.isBefore(heap[right]!, heap[left]!) ? right : left;
      if (this.isBefore(heap[at]!, heap[child]!)) return;
      const moved = heap[at]!;
      heap[at] = heap[child]!;
      heap[child] = moved;
      at = child;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const left = this.runs[a]!;
    const right = this.runs[b]!;
    const difference = left.block[left.at + this.order]! - right.block[right.at + this.order]!;
    return difference < 0 || (difference === 0 && a < b);
  }
}
