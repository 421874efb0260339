import { EXIT, TickpathError } from '../../core/errors.ts';
import { readText } from './record.ts';

/**
 * What stands in front of the records of a DBN file (databento/dbn, rust/dbn/src/decode/dbn/fsm.rs), little-endian:
 *
 *     0 "DBN"   3 u8 version   4 u32 bytes after these 8   8 text16 dataset   24 u16 schema   26 u64 start   34 u64 end   42 u64 limit
 *   version 1:  50 u64 records      58 u8 symbols given as   59 u8 symbols out   60 u8 send time    61..107 reserved
 *   from 2 on:  50 u8 symbols given as   51 u8 symbols out   52 u8 send time   53 u16 room of a symbol   55..107 reserved
 *   108 u32 zero, then lists of symbols, each a u32 count and texts: asked for, found in part, not found; then mappings:
 *   a u32 count of { text, u32 count of { u32 from date, u32 to date, text } }
 */
export const METADATA_PRELUDE_BYTES = 8;
export const METADATA_BYTES_MIN = 100;
/** More than any request for all symbols of a venue needs. */
export const METADATA_BYTES_MAX = 64 << 20;
export const METADATA_AT = {
  VERSION: 3,
  LENGTH: 4,
  DATASET: 8,
  SCHEMA: 24,
  START: 26,
  END: 34,
  LIMIT: 42,
  TS_OUT: 52,
  TS_OUT_V1: 60,
} as const;
const STYPES_AT = 50;
const STYPES_AT_V1 = 58;
const SYMBOL_ROOM_AT = 53;
const SYMBOL_ROOM_V1 = 22;
const LISTS_AT = 108;
const DATASET_BYTES = 16;
const SCHEMA_NONE = 0xffff;
const NONE = 2n ** 64n - 1n;

/** What a symbol is, as metadata says it. */
export const DBN_STYPE = { INSTRUMENT_ID: 0, RAW_SYMBOL: 1, NONE: 255 } as const;

export interface DbnInterval {
  /** Dates as YYYYMMDD; the second is the first day that is not of the interval. */
  readonly startDate: number;
  readonly endDate: number;
  readonly symbol: string;
}
export interface DbnMapping {
  readonly symbol: string;
  readonly intervals: readonly DbnInterval[];
}

export interface DbnMetadata {
  /** 0 for a DBZ. */
  readonly version: number;
  readonly dataset: string;
  /** Number of the schema; undefined when the records are of several. */
  readonly schema: number | undefined;
  /** Epoch ns; undefined when open. */
  readonly start: bigint;
  readonly end: bigint | undefined;
  /** Most records asked for; 0n when all. */
  readonly limit: bigint;
  /** DBN_STYPE. */
  readonly stypeIn: number;
  readonly stypeOut: number;
  readonly tsOut: boolean;
  readonly symbols: readonly string[];
  readonly partial: readonly string[];
  readonly notFound: readonly string[];
  readonly mappings: readonly DbnMapping[];
}

/** Reads metadata that stands whole in `bytes`, its eight bytes of prelude included; `file` is for messages. */
export function readDbnMetadata(bytes: Uint8Array, file: string): DbnMetadata {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = bytes[METADATA_AT.VERSION]!;
  const old = version === 1;
  const stypesAt = old ? STYPES_AT_V1 : STYPES_AT;
  const lists = new ListReader(view, LISTS_AT, old ? SYMBOL_ROOM_V1 : view.getUint16(SYMBOL_ROOM_AT, true), file);
  if (lists.count() !== 0) throw lists.bad('a definition of the schema; expected none');
  const schema = view.getUint16(METADATA_AT.SCHEMA, true);
  const end = view.getBigUint64(METADATA_AT.END, true);
  return {
    version,
    dataset: readText(view, METADATA_AT.DATASET, DATASET_BYTES),
    schema: schema === SCHEMA_NONE ? undefined : schema,
    start: view.getBigUint64(METADATA_AT.START, true),
    end: end === NONE ? undefined : end,
    limit: view.getBigUint64(METADATA_AT.LIMIT, true),
    stypeIn: bytes[stypesAt]!,
    stypeOut: bytes[stypesAt + 1]!,
    tsOut: bytes[stypesAt + 2] !== 0,
    symbols: lists.symbols(),
    partial: lists.symbols(),
    notFound: lists.symbols(),
    mappings: lists.mappings(),
  };
}

/** The lists that metadata ends with; each bound is checked before anything is read or made. */
export class ListReader {
  private readonly view: DataView;
  private readonly room: number;
  private readonly file: string;
  private at: number;

  /** `room`: bytes of a symbol. */
  constructor(view: DataView, at: number, room: number, file: string) {
    this.view = view;
    this.at = at;
    this.room = room;
    this.file = file;
  }

  count(): number {
    this.need(4);
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  symbols(): string[] {
    return this.list(this.room, () => this.symbol());
  }

  mappings(): DbnMapping[] {
    return this.list(this.room + 4, () => ({
      symbol: this.symbol(),
      intervals: this.list(this.room + 8, () => ({ startDate: this.count(), endDate: this.count(), symbol: this.symbol() })),
    }));
  }

  bad(what: string): TickpathError {
    return new TickpathError('ERR_DBN', `${this.file}: byte ${this.at}: metadata holds ${what}`, EXIT.DATA);
  }

  /** A count and that many items of at least `bytesMin` each. */
  private list<T>(bytesMin: number, read: () => T): T[] {
    const count = this.count();
    this.need(count * bytesMin);
    return Array.from({ length: count }, read);
  }

  private symbol(): string {
    this.need(this.room);
    this.at += this.room;
    return readText(this.view, this.at - this.room, this.room);
  }

  private need(bytes: number): void {
    if (this.view.byteLength - this.at < bytes) throw this.bad(`a list of ${bytes} bytes where ${this.view.byteLength - this.at} are left`);
  }
}
