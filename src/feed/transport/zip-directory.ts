import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { ZIP_DIRECTORY_BYTES_MAX, ZIP_ENTRIES_MAX, ZIP_RATIO_MAX } from '../../core/limits.ts';

/**
 * The directory of a zip archive (APPNOTE.TXT 6.3.10, PKWARE): where each entry's bytes stand in the file. Read from the end,
 * because local headers may lack sizes. What it says is checked before a byte is inflated.
 */
export interface ZipEntry {
  readonly name: string;
  /** ZIP_METHOD. */
  readonly method: number;
  readonly crc32: number;
  /** The entry's bytes are `[start, end)` of the file. */
  readonly start: number;
  readonly end: number;
  /** Length once inflated. */
  readonly inflatedBytes: number;
}

export const ZIP_METHOD = { STORED: 0, DEFLATED: 8 } as const;

/** Signatures, and lengths without their variable parts. */
const END = { SIGNATURE: 0x06054b50, BYTES: 22 };
const LOCATOR64 = { SIGNATURE: 0x07064b50, BYTES: 20 };
const END64 = { SIGNATURE: 0x06064b50, BYTES: 56 };
const CENTRAL = { SIGNATURE: 0x02014b50, BYTES: 46 };
const LOCAL = { SIGNATURE: 0x04034b50, BYTES: 30 };
const COMMENT_BYTES_MAX = 0xffff;
const EXTRA_ZIP64 = 1;
const FLAG_ENCRYPTED = 1;
const IN_ZIP64_16 = 0xffff;
const IN_ZIP64 = 0xffffffff;

/** True when a file that begins with these bytes is a zip archive: its first entry, or the end of an empty one. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));
}

/** Entries that are files, in the order of the directory. Throws ERR_ZIP naming the file and what was expected. */
export function readZipDirectory(file: string): readonly ZipEntry[] {
  const descriptor = openSync(file, 'r');
  try {
    return new DirectoryReader(file, descriptor, fstatSync(descriptor).size).read();
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The entry to read of an archive: its only file, or the only one of the name that is looked for first (`data.npy`, as NumPy and
 * hftbacktest write it). Throws ERR_ZIP naming the entries.
 */
export function zipEntryOf(file: string, entries = readZipDirectory(file)): ZipEntry {
  const named = entries.filter((one) => one.name === PREFERRED_NAME);
  const found = entries.length === 1 ? entries : named;
  if (found.length === 1) return found[0]!;
  const names = entries.slice(0, NAMES_SHOWN).map((one) => `"${one.name}"`);
  const more = entries.length > NAMES_SHOWN ? ', ...' : '';
  const what = entries.length === 0 ? 'no file' : `${entries.length} files (${names.join(', ')}${more})`;
  throw new TickpathError('ERR_ZIP', `${file}: the zip archive holds ${what}; expected one, or one named ${PREFERRED_NAME}`, EXIT.DATA);
}
const PREFERRED_NAME = 'data.npy';
const NAMES_SHOWN = 4;

class DirectoryReader {
  private readonly file: string;
  private readonly descriptor: number;
  private readonly fileBytes: number;

  constructor(file: string, descriptor: number, fileBytes: number) {
    this.file = file;
    this.descriptor = descriptor;
    this.fileBytes = fileBytes;
  }

  read(): readonly ZipEntry[] {
    const { count, start, bytes } = this.readEnd();
    const directory = this.bytesAt(start, bytes, 'its directory');
    const entries: ZipEntry[] = [];
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (at + CENTRAL.BYTES > bytes || directory.getUint32(at, true) !== CENTRAL.SIGNATURE) {
        throw this.bad(`entry ${i + 1} of ${count} is not in its directory`);
      }
      const variable = [28, 30, 32].map((offset) => directory.getUint16(at + offset, true));
      const next = at + CENTRAL.BYTES + variable[0]! + variable[1]! + variable[2]!;
      if (next > bytes) throw this.bad(`entry ${i + 1} of ${count} goes beyond its directory`);
      const entry = this.readEntry(directory, at, variable[0]!, variable[1]!, start);
      if (entry !== undefined) entries.push(entry);
      at = next;
    }
    const inOrder = [...entries].sort((a, b) => a.start - b.start);
    inOrder.forEach((one, i) => {
      if (i > 0 && inOrder[i - 1]!.end > one.start) throw this.bad(`entries "${inOrder[i - 1]!.name}" and "${one.name}" overlap`);
    });
    return entries;
  }

  /** Number of entries, and where the directory stands. */
  private readEnd(): { readonly count: number; readonly start: number; readonly bytes: number } {
    const tailBytes = Math.min(this.fileBytes, END.BYTES + COMMENT_BYTES_MAX + LOCATOR64.BYTES);
    const tailAt = this.fileBytes - tailBytes;
    const tail = this.bytesAt(tailAt, tailBytes, 'its end');
    let at = tailBytes - END.BYTES;
    // The comment reaches to the end of the file, so that a signature within a comment is not taken for the record.
    while (at >= 0 && !(tail.getUint32(at, true) === END.SIGNATURE && at + END.BYTES + tail.getUint16(at + 20, true) === tailBytes)) at--;
    if (at < 0) throw this.bad('it has no directory at its end (cut off, or no zip archive)');
    let count = tail.getUint16(at + 10, true);
    let bytes = tail.getUint32(at + 12, true);
    let start = tail.getUint32(at + 16, true);
    let end = tailAt + at;
    const locator = at - LOCATOR64.BYTES;
    if (locator >= 0 && tail.getUint32(locator, true) === LOCATOR64.SIGNATURE) {
      const end64At = this.number(tail.getBigUint64(locator + 8, true), 'the place of its zip64 directory');
      const end64 = this.bytesAt(end64At, END64.BYTES, 'the end of its zip64 directory');
      if (end64.getUint32(0, true) !== END64.SIGNATURE) throw this.bad('the end of its zip64 directory is not where it says');
      count = this.number(end64.getBigUint64(32, true), 'its number of entries');
      bytes = this.number(end64.getBigUint64(40, true), 'the length of its directory');
      start = this.number(end64.getBigUint64(48, true), 'the place of its directory');
      end = end64At;
    } else if (tail.getUint16(at + 4, true) !== 0 || tail.getUint16(at + 6, true) !== 0) throw this.bad('it is one part of several');
    if (count > ZIP_ENTRIES_MAX) throw this.bad(`${count} entries; expected at most ${ZIP_ENTRIES_MAX} (ZIP_ENTRIES_MAX)`);
    if (bytes > ZIP_DIRECTORY_BYTES_MAX) {
      throw this.bad(`a directory of ${bytes} bytes; expected at most ${ZIP_DIRECTORY_BYTES_MAX} (ZIP_DIRECTORY_BYTES_MAX)`);
    }
    if (start + bytes > end) throw this.bad('its directory goes beyond its end');
    return { count, start, bytes };
  }

  /** The entry at `at` of the directory; undefined when it is a folder. */
  private readEntry(directory: DataView, at: number, nameBytes: number, extraBytes: number, limit: number): ZipEntry | undefined {
    const name = textOf(directory, at + CENTRAL.BYTES, nameBytes);
    if (name.endsWith('/')) return undefined;
    const method = directory.getUint16(at + 10, true);
    const sizes = this.sizesOf(name, directory, at, at + CENTRAL.BYTES + nameBytes, extraBytes);
    const { packedBytes, inflatedBytes, localAt } = sizes;
    if ((directory.getUint16(at + 8, true) & FLAG_ENCRYPTED) !== 0) throw this.bad(`entry "${name}" is encrypted`);
    if (method !== ZIP_METHOD.STORED && method !== ZIP_METHOD.DEFLATED) {
      throw this.bad(`entry "${name}" is compressed by method ${method}; expected stored (0) or deflated (8)`);
    }
    if (method === ZIP_METHOD.STORED && packedBytes !== inflatedBytes) throw this.bad(`entry "${name}" is stored, with two lengths`);
    if (inflatedBytes > packedBytes * ZIP_RATIO_MAX) {
      throw this.bad(
        `entry "${name}" inflates ${packedBytes} bytes to ${inflatedBytes}; expected at most ${ZIP_RATIO_MAX} times (ZIP_RATIO_MAX)`,
      );
    }
    if (localAt + LOCAL.BYTES > limit) throw this.bad(`entry "${name}" stands beyond its directory`);
    const local = this.bytesAt(localAt, LOCAL.BYTES, `entry "${name}"`);
    if (local.getUint32(0, true) !== LOCAL.SIGNATURE) throw this.bad(`entry "${name}" is not where its directory says`);
    const start = localAt + LOCAL.BYTES + local.getUint16(26, true) + local.getUint16(28, true);
    if (start + packedBytes > limit) throw this.bad(`entry "${name}" goes beyond its directory`);
    return { name, method, crc32: directory.getUint32(at + 16, true), start, end: start + packedBytes, inflatedBytes };
  }

  /** Lengths and place of an entry; those too large for the directory stand in its zip64 field, in this order. */
  private sizesOf(name: string, directory: DataView, at: number, extraAt: number, extraBytes: number) {
    let inflatedBytes = directory.getUint32(at + 24, true);
    let packedBytes = directory.getUint32(at + 20, true);
    let localAt = directory.getUint32(at + 42, true);
    if (directory.getUint16(at + 34, true) !== 0 && directory.getUint16(at + 34, true) !== IN_ZIP64_16) {
      throw this.bad(`entry "${name}" stands in another part of the archive`);
    }
    let field = extraAt;
    while (field + 4 <= extraAt + extraBytes) {
      const end = field + 4 + directory.getUint16(field + 2, true);
      if (end > extraAt + extraBytes) throw this.bad(`entry "${name}" has an extra field that goes beyond it`);
      let next = field + 4;
      const take = (what: string): number => {
        if (next + 8 > end) throw this.bad(`entry "${name}" has a zip64 field without ${what}`);
        next += 8;
        return this.number(directory.getBigUint64(next - 8, true), `${what} of entry "${name}"`);
      };
      if (directory.getUint16(field, true) === EXTRA_ZIP64) {
        if (inflatedBytes === IN_ZIP64) inflatedBytes = take('the inflated length');
        if (packedBytes === IN_ZIP64) packedBytes = take('the length');
        if (localAt === IN_ZIP64) localAt = take('the place');
      }
      field = end;
    }
    return { inflatedBytes, packedBytes, localAt };
  }

  private bytesAt(at: number, bytes: number, what: string): DataView {
    if (at + bytes > this.fileBytes) throw this.bad(`${what} goes beyond the end of the file`);
    const buffer = new Uint8Array(bytes);
    let read = 0;
    while (read < bytes) {
      const got = readSync(this.descriptor, buffer, read, bytes - read, at + read);
      if (got === 0) throw this.bad(`${what} goes beyond the end of the file`);
      read += got;
    }
    return new DataView(buffer.buffer);
  }

  private number(value: bigint, what: string): number {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.bad(`${what} is ${value}; expected at most 2^53 - 1`);
    return Number(value);
  }

  private bad(what: string): TickpathError {
    return new TickpathError('ERR_ZIP', `${this.file}: the zip archive is not sound: ${what}`, EXIT.DATA);
  }
}

function textOf(view: DataView, at: number, bytes: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, bytes));
}
