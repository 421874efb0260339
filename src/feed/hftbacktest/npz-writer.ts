import { once } from 'node:events';
import { closeSync, renameSync, rmSync, writeSync } from 'node:fs';
import { crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { EVENT_ARRAY, EVENT_AT, EVENT_BYTES } from './layout.ts';
import { npyHead } from './npy-header.ts';
import { openOutput } from './open-output.ts';

const BLOCK_ROWS = 1 << 13;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const END64_BYTES = 56;
const LOCATOR64_BYTES = 20;
const ZIP64_FIELD_BYTES = 20;
/** Lengths and places from here on stand in zip64 fields. */
const IN_ZIP64 = 0xffffffff;
const VERSION_ZIP64 = 45;
const DEFLATED = 8;
/** 1980-01-01, the first day that a zip archive can name: the same rows give the same bytes on any day. */
const DOS_DATE = 0x21;

/**
 * Writes events as NumPy's `savez_compressed` does: a zip archive with one deflated `data.npy`. The file appears under its name
 * once it is whole. Memory is bounded by two blocks of rows.
 */
export class NpzWriter {
  private readonly file: string;
  private readonly part: string;
  private readonly descriptor: number;
  private readonly deflate: DeflateRaw;
  private readonly block: Uint8Array;
  private readonly view: DataView;
  private readonly base: bigint;
  private readonly rows: number;
  private filled = 0;
  private written = 0;
  private position = 0;
  private crc = 0;
  private inflatedBytes = 0;
  private failure: Error | undefined;

  /** `rows`: how many will come. `baseEpochNs`: what the times of rows count from. */
  constructor(file: string, rows: number, baseEpochNs: bigint) {
    this.file = file;
    this.part = `${file}.part`;
    this.rows = rows;
    this.base = baseEpochNs;
    this.descriptor = openOutput(this.part, 'w');
    this.block = new Uint8Array(BLOCK_ROWS * EVENT_BYTES);
    this.view = new DataView(this.block.buffer);
    this.deflate = createDeflateRaw();
    this.deflate.on('data', (chunk: Uint8Array) => this.put(chunk));
    this.deflate.on('error', (error) => {
      this.failure = error;
    });
    this.put(new Uint8Array(LOCAL_BYTES + EVENT_ARRAY.length + ZIP64_FIELD_BYTES));
    this.pass(npyHead(rows));
  }

  /** True when `flush` must be awaited before the next row. */
  get full(): boolean {
    return this.filled === this.block.length;
  }

  add(ev: number, exchNs: number, localNs: number, px: number, qty: number): void {
    const { view, filled: at } = this;
    view.setUint32(at + EVENT_AT.EV, ev >>> 0, true);
    view.setBigInt64(at + EVENT_AT.EXCH_TS, this.base + BigInt(exchNs), true);
    view.setBigInt64(at + EVENT_AT.LOCAL_TS, this.base + BigInt(localNs), true);
    view.setFloat64(at + EVENT_AT.PX, px, true);
    view.setFloat64(at + EVENT_AT.QTY, qty, true);
    this.filled = at + EVENT_BYTES;
    this.written++;
  }

  /** Compresses the rows at hand. */
  async flush(): Promise<void> {
    if (this.filled > 0 && !this.pass(this.block.slice(0, this.filled))) await once(this.deflate, 'drain');
    this.filled = 0;
  }

  async close(): Promise<void> {
    await this.flush();
    const ended = once(this.deflate, 'end');
    this.deflate.end();
    await ended;
    if (this.failure !== undefined) throw this.failure;
    if (this.written !== this.rows) throw new Error(`Invariant: ${this.rows} rows were announced, ${this.written} written`);
    this.putDirectory();
    closeSync(this.descriptor);
    renameSync(this.part, this.file);
  }

  /** Leaves nothing behind. */
  abort(): void {
    this.deflate.destroy();
    closeSync(this.descriptor);
    rmSync(this.part, { force: true });
  }

  private pass(bytes: Uint8Array): boolean {
    this.crc = crc32(bytes, this.crc);
    this.inflatedBytes += bytes.length;
    return this.deflate.write(bytes);
  }

  private put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at, bytes.length - at, this.position + at);
    this.position += bytes.length;
  }

  /** The directory with plain lengths where they fit, as older readers need them, and the local header, which left room for long ones. */
  private putDirectory(): void {
    const name = new TextEncoder().encode(EVENT_ARRAY);
    const directoryAt = this.position;
    const packedBytes = directoryAt - LOCAL_BYTES - name.length - ZIP64_FIELD_BYTES;
    const lengths = new DataView(new ArrayBuffer(ZIP64_FIELD_BYTES));
    lengths.setUint16(0, 1, true);
    lengths.setUint16(2, ZIP64_FIELD_BYTES - 4, true);
    lengths.setBigUint64(4, BigInt(this.inflatedBytes), true);
    lengths.setBigUint64(12, BigInt(packedBytes), true);
    const plain = Math.max(this.inflatedBytes, packedBytes) < IN_ZIP64;
    const central = new DataView(new ArrayBuffer(CENTRAL_BYTES));
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(4, VERSION_ZIP64, true);
    this.describe(central, 6, name.length, plain ? packedBytes : IN_ZIP64, plain ? this.inflatedBytes : IN_ZIP64, !plain);
    this.put(bytesOf(central));
    this.put(name);
    if (!plain) this.put(bytesOf(lengths));
    this.putEnd(directoryAt, this.position - directoryAt);
    const local = new DataView(new ArrayBuffer(LOCAL_BYTES));
    local.setUint32(0, 0x04034b50, true);
    this.describe(local, 4, name.length, IN_ZIP64, IN_ZIP64, true);
    this.position = 0;
    for (const bytes of [bytesOf(local), name, bytesOf(lengths)]) this.put(bytes);
  }

  /** What local header and directory say alike, from the version on. */
  private describe(view: DataView, at: number, nameBytes: number, packed: number, inflated: number, zip64: boolean): void {
    view.setUint16(at, VERSION_ZIP64, true);
    view.setUint16(at + 4, DEFLATED, true);
    view.setUint16(at + 8, DOS_DATE, true);
    view.setUint32(at + 10, this.crc, true);
    view.setUint32(at + 14, packed, true);
    view.setUint32(at + 18, inflated, true);
    view.setUint16(at + 22, nameBytes, true);
    view.setUint16(at + 24, zip64 ? ZIP64_FIELD_BYTES : 0, true);
  }

  private putEnd(directoryAt: number, directoryBytes: number): void {
    const plain = directoryAt < IN_ZIP64;
    if (!plain) this.putEnd64(directoryAt, directoryBytes);
    const end = new DataView(new ArrayBuffer(END_BYTES));
    end.setUint32(0, 0x06054b50, true);
    end.setUint16(8, 1, true);
    end.setUint16(10, 1, true);
    end.setUint32(12, directoryBytes, true);
    end.setUint32(16, plain ? directoryAt : IN_ZIP64, true);
    this.put(bytesOf(end));
  }

  private putEnd64(directoryAt: number, directoryBytes: number): void {
    const end64At = this.position;
    const end64 = new DataView(new ArrayBuffer(END64_BYTES));
    end64.setUint32(0, 0x06064b50, true);
    end64.setBigUint64(4, BigInt(END64_BYTES - 12), true);
    end64.setUint16(12, VERSION_ZIP64, true);
    end64.setUint16(14, VERSION_ZIP64, true);
    end64.setBigUint64(24, 1n, true);
    end64.setBigUint64(32, 1n, true);
    end64.setBigUint64(40, BigInt(directoryBytes), true);
    end64.setBigUint64(48, BigInt(directoryAt), true);
    const locator = new DataView(new ArrayBuffer(LOCATOR64_BYTES));
    locator.setUint32(0, 0x07064b50, true);
    locator.setBigUint64(8, BigInt(end64At), true);
    locator.setUint32(16, 1, true);
    this.put(bytesOf(end64));
    this.put(bytesOf(locator));
  }
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer);
}
