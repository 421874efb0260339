import { basename } from 'node:path';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { midnightOfFileS } from '../file-date.ts';

const WORDS_OF_FORMAT = new Set(['quote', 'trade', 'tick', 'csv', 'gz', 'zst', 'txt']);
const SYMBOL = /^[a-z][a-z0-9]*$/i;

/** Epoch second of the New York midnight that a file's times count from; throws ERR_LEAN when its name holds no date. */
export function leanMidnightS(file: string): number {
  const midnightS = midnightOfFileS(file);
  if (midnightS > 0) return midnightS;
  throw new TickpathError('ERR_LEAN', `${file}: no date in the file name; expected one as in aig_20131007_quote.csv`, EXIT.DATA);
}

/** Symbol that a file's name holds, as in `aig_20131007_quote.csv.gz` or `20131007_aig_tick_quote.csv`; throws ERR_LEAN. */
export function leanSymbol(file: string): string {
  const words = basename(file).split(/[._-]/);
  const symbol = words.find((word) => SYMBOL.test(word) && !WORDS_OF_FORMAT.has(word.toLowerCase()));
  if (symbol !== undefined) return symbol.toUpperCase();
  throw new TickpathError('ERR_LEAN', `${file}: no symbol in the file name; expected one as in aig_20131007_quote.csv`, EXIT.DATA);
}
