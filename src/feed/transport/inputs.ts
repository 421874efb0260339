import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { InflatedFile, inputBytes } from './inflate.ts';
import { MergedFiles } from './merged-files.ts';
import { isCryptofeedLine } from './sniffing-framer.ts';

const HEAD_BYTES = 16 << 10;

/**
 * How the files of an input belong together: cryptofeed recordings that stand next to each other are the connections and REST
 * answers of one session and are read as one, merged by receive time; any other file is read by itself, after the one before it.
 */
export function inputGroups(files: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let session: string[] | undefined;
  for (const file of files) {
    if (!isCryptofeedFile(file)) {
      groups.push([file]);
      session = undefined;
    } else if (session === undefined) {
      session = [file];
      groups.push(session);
    } else {
      session.push(file);
    }
  }
  return groups;
}

/** The bytes of one group; `aheadBytes` are read ahead of all its files together. */
export function openGroup(files: readonly string[], aheadBytes: number, onRead: (bytes: number) => void): ByteSource {
  const sources = files.map((file) => new InflatedFile(file, Math.ceil(aheadBytes / files.length), onRead));
  return sources.length === 1 ? sources[0]! : new MergedFiles(files, sources);
}

function isCryptofeedFile(file: string): boolean {
  const line = /^\s*(.*)/.exec(new TextDecoder('latin1').decode(headOf(file)))![1]!;
  return isCryptofeedLine(line);
}

/** The first bytes of a file, inflated; what cannot be inflated is given as it is, and the reader of the file says so. */
function headOf(file: string): Uint8Array {
  const head = new Uint8Array(Math.min(HEAD_BYTES, inputBytes(file)));
  const descriptor = openSync(file, 'r');
  let length = 0;
  try {
    length = readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const bytes = head.subarray(0, length);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return bytes;
  }
}
