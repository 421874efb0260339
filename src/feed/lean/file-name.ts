import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { midnightOfFileS } from '../file-date.ts';
import { isZip, zipEntryOf } from '../transport/zip-directory.ts';

const WORDS_OF_FORMAT = new Set(['quote', 'trade', 'tick', 'csv', 'gz', 'zst', 'zip', 'txt']);
const SYMBOL = /^[a-z][a-z0-9]*$/i;
const MAGIC_BYTES = 4;

/** Epoch second of the New York midnight that a file's times count from; throws ERR_LEAN when its name holds no date. */
export function leanMidnightS(file: string): number {
  for (const name of namesOf(file)) {
    const midnightS = midnightOfFileS(name);
    if (midnightS > 0) return midnightS;
  }
  throw new TickpathError('ERR_LEAN', `${file}: no date in the file name; expected one as in aig_20131007_quote.csv`, EXIT.DATA);
}

/** Symbol that a file's name holds, as in `aig_20131007_quote.csv.gz` or `20131007_aig_tick_quote.csv`; throws ERR_LEAN. */
export function leanSymbol(file: string): string {
  for (const name of namesOf(file)) {
    const symbol = basename(name)
      .split(/[._-]/)
      .find((word) => SYMBOL.test(word) && !WORDS_OF_FORMAT.has(word.toLowerCase()));
    if (symbol !== undefined) return symbol.toUpperCase();
  }
  throw new TickpathError('ERR_LEAN', `${file}: no symbol in the file name; expected one as in aig_20131007_quote.csv`, EXIT.DATA);
}

/** The name of the file, and before it that of the file in it where it is a zip archive: LEAN's own are named by the day alone. */
function namesOf(file: string): readonly string[] {
  return isZipFile(file) ? [zipEntryOf(file).name, file] : [file];
}

function isZipFile(file: string): boolean {
  if (!file.endsWith('.zip')) return false;
  const head = new Uint8Array(MAGIC_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, head, 0, MAGIC_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  return isZip(head);
}
