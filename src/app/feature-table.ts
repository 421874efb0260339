import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { extname } from 'node:path';
import { type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument } from '../core/instrument.ts';
import { formatDecimal } from '../core/price.ts';
import { FEATURE_SET, FEATURES } from '../engine/features/feature-set.ts';

/** Rows held in memory; one row group of the Parquet file. */
export const FEATURE_TABLE_ROWS = 16_384;

export interface FeatureTableInfo {
  readonly instrument: Instrument;
  /** Epoch time of the run's base, ns. */
  readonly baseEpochNs: bigint;
}

/** A file that rows were made from: its name without folders, and its digest. */
export interface FeatureInput {
  readonly file: string;
  readonly sha256: string;
}

/** The columns beside the features. `mid_ticks_x2` = bid + ask, exact where the mid is not an integer. */
const TICK_COLUMNS = ['tick', 'recv_time_ns', 'kind', 'ready', 'bid_ticks', 'ask_ticks', 'mid_ticks_x2', 'bid_lots', 'ask_lots'] as const;

/**
 * Writes one row a tick, `tickpath features --out FILE`: Parquet or CSV by the file's ending. Memory is bounded by
 * FEATURE_TABLE_ROWS; the file appears under its name only once `close` succeeded.
 */
export class FeatureTable {
  readonly path: string;
  rows = 0;
  private readonly info: FeatureTableInfo;
  private readonly sink: RowSink;
  private readonly partialPath: string;
  private readonly tick = new Int32Array(FEATURE_TABLE_ROWS);
  private readonly recvTimeNs = new BigInt64Array(FEATURE_TABLE_ROWS);
  private readonly kind = new Int32Array(FEATURE_TABLE_ROWS);
  private readonly ready = new Int32Array(FEATURE_TABLE_ROWS);
  private readonly bidTicks = new Int32Array(FEATURE_TABLE_ROWS);
  private readonly askTicks = new Int32Array(FEATURE_TABLE_ROWS);
  private readonly midTicksX2 = new BigInt64Array(FEATURE_TABLE_ROWS);
  private readonly bidLots = new Float64Array(FEATURE_TABLE_ROWS);
  private readonly askLots = new Float64Array(FEATURE_TABLE_ROWS);
  private readonly features = FEATURES.map(() => new Float32Array(FEATURE_TABLE_ROWS));
  private held = 0;

  /** Throws `ERR_OUTPUT_FILE` when `path` ends in neither .parquet nor .csv or cannot be written. */
  constructor(path: string, info: FeatureTableInfo) {
    this.path = path;
    this.info = info;
    this.partialPath = `${path}.partial`;
    const extension = extname(path);
    if (extension !== '.parquet' && extension !== '.csv') {
      throw new TickpathError('ERR_OUTPUT_FILE', `--out ${path}: expected a name ending in .parquet or .csv`, EXIT.USAGE);
    }
    try {
      this.sink = extension === '.csv' ? new CsvSink(this.partialPath) : new ParquetSink(this.partialPath);
    } catch (error) {
      throw new TickpathError('ERR_OUTPUT_FILE', `--out ${path} cannot be written: ${(error as Error).message}`, EXIT.USAGE);
    }
  }

  /**
   * One tick. `recvTimeNs`: ns since the run's base; `kind`: KIND of the frame's last record; `ready`: the vector may be
   * traded on; `features`: raw features in the order of the set, copied.
   */
  add(
    tick: number,
    recvTimeNs: number,
    kind: number,
    ready: boolean,
    bidTicks: number,
    bidLots: number,
    askTicks: number,
    askLots: number,
    features: Float32Array,
  ): void {
    const at = this.held;
    this.tick[at] = tick;
    this.recvTimeNs[at] = this.info.baseEpochNs + BigInt(recvTimeNs);
    this.kind[at] = kind;
    this.ready[at] = ready ? 1 : 0;
    this.bidTicks[at] = bidTicks;
    this.askTicks[at] = askTicks;
    this.midTicksX2[at] = BigInt(bidTicks + askTicks);
    this.bidLots[at] = bidLots;
    this.askLots[at] = askLots;
    for (let i = 0; i < this.features.length; i++) this.features[i]![at] = features[i]!;
    this.held = at + 1;
    this.rows++;
    if (this.held === FEATURE_TABLE_ROWS) this.flush();
  }

  /** Writes what is left and gives the file its name. `inputs`, known once they were read, go into the Parquet metadata. */
  close(inputs: readonly FeatureInput[]): void {
    this.flush();
    this.sink.finish(this.metadata(inputs));
    renameSync(this.partialPath, this.path);
  }

  /** Gives up: nothing remains on disk. */
  abort(): void {
    this.sink.discard();
    rmSync(this.partialPath, { force: true });
  }

  private flush(): void {
    if (this.held > 0 || this.rows === 0) this.sink.write(this.columns(this.held), this.held);
    this.held = 0;
  }

  private columns(count: number): ColumnSource[] {
    const column = (name: string, data: ColumnSource['data'], type: 'INT32' | 'INT64' | 'DOUBLE' | 'FLOAT'): ColumnSource => ({
      name,
      data: data.slice(0, count),
      type,
      nullable: false,
      // A dictionary would have to hold nearly every value of these columns.
      encoding: 'PLAIN',
    });
    const [tick, recv, kind, ready, bid, ask, mid, bidLots, askLots] = TICK_COLUMNS;
    return [
      column(tick, this.tick, 'INT32'),
      column(recv, this.recvTimeNs, 'INT64'),
      column(kind, this.kind, 'INT32'),
      column(ready, this.ready, 'INT32'),
      column(bid, this.bidTicks, 'INT32'),
      column(ask, this.askTicks, 'INT32'),
      column(mid, this.midTicksX2, 'INT64'),
      column(bidLots, this.bidLots, 'DOUBLE'),
      column(askLots, this.askLots, 'DOUBLE'),
      ...FEATURES.map((feature, i) => column(`f_${feature.name}`, this.features[i]!, 'FLOAT')),
    ];
  }

  private metadata(inputs: readonly FeatureInput[]): KeyValue[] {
    const { instrument, baseEpochNs } = this.info;
    return [
      { key: 'feature_set', value: FEATURE_SET.name },
      { key: 'feature_set_version', value: String(FEATURE_SET.version) },
      { key: 'symbol', value: instrument.symbol },
      { key: 'tick_size', value: formatDecimal(instrument.tickUnits, instrument.priceDecimals) },
      { key: 'lot_size', value: formatDecimal(instrument.lotUnits, instrument.qtyDecimals) },
      { key: 'base_epoch_ns', value: String(baseEpochNs) },
      { key: 'inputs', value: JSON.stringify(inputs) },
    ];
  }
}

type KeyValue = { key: string; value: string };

interface RowSink {
  write(columns: ColumnSource[], count: number): void;
  finish(metadata: KeyValue[]): void;
  discard(): void;
}

class ParquetSink implements RowSink {
  private readonly path: string;
  private writer: ParquetWriter | undefined;

  constructor(path: string) {
    this.path = path;
    closeSync(openSync(path, 'w'));
  }

  write(columnData: ColumnSource[], count: number): void {
    this.writer ??= new ParquetWriter({
      writer: fileWriter(this.path),
      schema: schemaFromColumnData({ columnData }),
      codec: 'SNAPPY',
      statistics: true,
      createdBy: 'tickpath',
    });
    this.writer.write({ columnData, rowGroupSize: Math.max(count, 1) });
  }

  finish(metadata: KeyValue[]): void {
    const writer = this.writer!;
    writer.kvMetadata = metadata;
    writer.finish();
  }

  discard(): void {}
}

class CsvSink implements RowSink {
  private readonly file: number;
  private headed = false;

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  write(columns: ColumnSource[], count: number): void {
    const lines: string[] = this.headed ? [] : [columns.map((column) => column.name).join(',')];
    this.headed = true;
    for (let row = 0; row < count; row++) lines.push(columns.map((column) => textOf(column, row)).join(','));
    writeSync(this.file, `${lines.join('\n')}\n`);
  }

  finish(_metadata: KeyValue[]): void {
    closeSync(this.file);
  }

  discard(): void {
    closeSync(this.file);
  }
}

/** A float32 as its shortest text of at most nine digits, which reads back to the same float32. */
function textOf(column: ColumnSource, row: number): string {
  const value = column.data[row];
  return column.type === 'FLOAT' ? String(Number((value as number).toPrecision(9))) : String(value);
}
