import { basename } from 'node:path';
import { newYorkDateS } from './new-york.ts';

/** Year first, with or without separators, as in `20190530.BX_ITCH_50.gz` or `GOOG_2012-06-21_...`. */
const YEAR_FIRST = /(?<!\d)((?:19|20)\d\d)([-_]?)(\d\d)\2(\d\d)(?!\d)/g;
/** As Nasdaq names its daily files: `01302019.NASDAQ_ITCH50.gz`, and before that `S081321-v50.txt.gz`. */
const MONTH_FIRST = /(?<!\d)(\d\d)(\d\d)((?:19|20)\d\d)(?!\d)/g;
const SHORT_MONTH_FIRST = /S(\d\d)(\d\d)(\d\d)-v\d/g;

/**
 * Epoch second of the New York midnight of the date that a file's name holds; 0 when it holds none, so that times then read
 * as hours of 1970-01-01.
 */
export function midnightOfFileS(file: string): number {
  const name = basename(file);
  const dates = [
    ...[...name.matchAll(YEAR_FIRST)].map(([, year, , month, day]) => [year, month, day]),
    ...[...name.matchAll(MONTH_FIRST)].map(([, month, day, year]) => [year, month, day]),
    ...[...name.matchAll(SHORT_MONTH_FIRST)].map(([, month, day, year]) => [`20${year}`, month, day]),
  ];
  for (const [year, month, day] of dates) {
    const midnightS = newYorkDateS(Number(year), Number(month), Number(day));
    if (midnightS !== undefined) return midnightS;
  }
  return 0;
}
