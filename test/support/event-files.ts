import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import type { NaiveEvent } from '../reference/naive-events.ts';
import { zipFirst } from './archives.ts';

/** hftbacktest's flags and kinds, as tests name them. */
export const EXCH = 2 ** 31;
export const LOCAL = 2 ** 30;
export const BUY = 2 ** 29;
export const SELL = 2 ** 28;
export const [DEPTH, TRADE, CLEAR, SNAPSHOT] = [1, 2, 3, 4];

export const DESCR =
  "[('ev', '<u8'), ('exch_ts', '<i8'), ('local_ts', '<i8'), ('px', '<f8'), ('qty', '<f8'), ('order_id', '<u8'), ('ival', '<i8'), ('fval', '<f8')]";

/** The header text of an array of `rows` events. */
export const headerOf = (rows: number, descr = DESCR): string => `{'descr': ${descr}, 'fortran_order': False, 'shape': (${rows},), }`;

/** A .npy of any header and body. */
export function npy(header: string, body: Uint8Array, version: readonly [number, number] = [1, 0]): Uint8Array {
  const wide = version[0] > 1;
  const before = wide ? 12 : 10;
  const padded = `${header.padEnd(64 * Math.ceil((before + header.length + 1) / 64) - before - 1)}\n`;
  const head = new Uint8Array(before + padded.length);
  head.set([0x93, ...new TextEncoder().encode('NUMPY'), ...version]);
  const view = new DataView(head.buffer);
  if (wide) view.setUint32(8, padded.length, true);
  else view.setUint16(8, padded.length, true);
  head.set(new TextEncoder().encode(padded), before);
  return Buffer.concat([head, body]);
}

export function eventBytes(events: readonly NaiveEvent[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(64 * events.length));
  events.forEach(({ ev, exchNs, localNs, px, qty }, i) => {
    view.setBigUint64(64 * i, BigInt(ev), true);
    view.setBigInt64(64 * i + 8, exchNs, true);
    view.setBigInt64(64 * i + 16, localNs, true);
    view.setFloat64(64 * i + 24, px, true);
    view.setFloat64(64 * i + 32, qty, true);
  });
  return new Uint8Array(view.buffer);
}

export const eventNpy = (events: readonly NaiveEvent[]): Uint8Array => npy(headerOf(events.length), eventBytes(events));

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly stored?: boolean;
  /** Lengths in zip64 fields. */
  readonly wide?: boolean;
}

/** A zip archive; `comment` stands behind its directory. */
export function zip(files: readonly ZipFile[], comment = ''): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, stored = false, wide = false } of files) {
    const packed = stored ? Buffer.from(bytes) : deflateRawSync(bytes);
    const extra = Buffer.alloc(wide ? 20 : 0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(16, 2);
      extra.writeBigUInt64LE(BigInt(bytes.length), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
    }
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(wide ? 0xffffffff : packed.length, 14);
    common.writeUInt32LE(wide ? 0xffffffff : bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    common.writeUInt16LE(extra.length, 24);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const local = [Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), extra, packed];
    parts.push(...local);
    directory.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, place, Buffer.from(name), extra);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, entries, end, Buffer.from(comment, 'latin1')]);
}

/** Header text and events of a .npz that holds one array. */
export function readNpz(path: string): { readonly header: string; readonly events: NaiveEvent[]; readonly rest: boolean } {
  const bytes = zipFirst(path);
  const begin = 10 + bytes.readUInt16LE(8);
  const events: NaiveEvent[] = [];
  let rest = false;
  for (let at = begin; at < bytes.length; at += 64) {
    events.push({
      ev: Number(bytes.readBigUInt64LE(at)),
      exchNs: bytes.readBigInt64LE(at + 8),
      localNs: bytes.readBigInt64LE(at + 16),
      px: bytes.readDoubleLE(at + 24),
      qty: bytes.readDoubleLE(at + 32),
    });
    for (let i = 40; i < 64; i++) if (bytes[at + i] !== 0) rest = true;
  }
  return { header: bytes.toString('latin1', 10, begin), events, rest };
}

export const fileBytes = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
