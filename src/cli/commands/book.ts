import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { BOOK_EVERY, BOOK_OUT, type BookDumpResult, type BookEvery, type BookOut, dumpBook } from '../../feed/book-dump.ts';
import { formatFromText } from '../../feed/formats.ts';
import { addInputOptions } from '../config-options.ts';
import { BOOK_JOINED_LATE, BOOK_LOST, BOOK_NEVER_LIVE, isExact, noteRejects, noteWarnings } from '../data-notes.ts';
import { note } from '../output.ts';

interface BookOptions {
  input?: string[];
  format?: string;
  symbol?: string;
  depth: number;
  every: BookEvery;
  out: BookOut;
}

function depthOf(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('expected an integer from 1 to 99999');
  return Number(text);
}

/** What makes the printed book other than exact all the time, one sentence a reason. */
function doubtsOf({ counters, state }: BookDumpResult): string[] {
  const doubts: string[] = [];
  const mismatches = counters['orders_unknown']! + counters['orders_duplicate']! + counters['orders_below_zero']!;
  if (counters['sessions_joined_late']! > 0) doubts.push(BOOK_JOINED_LATE);
  else if (!isExact(state)) doubts.push(counters['books_synced'] === 0 ? BOOK_NEVER_LIVE : BOOK_LOST);
  if (counters['mold_missed']! > 0) doubts.push(`data: ${counters['mold_missed']} messages are missing from the input`);
  if (mismatches > 0) {
    doubts.push(
      `data: ${mismatches} messages name orders that the book does not have, has already, or has too little of; it is exact only before the first of them`,
    );
  }
  return doubts;
}

export function registerBook(program: Command): void {
  const command = program
    .command('book')
    .description('rebuild the exact order book and print it after each event, for checking (docs/book.md)');
  addInputOptions(command)
    .option('--depth <levels>', 'levels a side', depthOf, 10)
    .addOption(new Option('--every <what>', 'when a line is written').choices([...BOOK_EVERY]).default('event'))
    .addOption(new Option('--out <form>', 'lines, objects, or one SHA-256 over the lines').choices([...BOOK_OUT]).default('csv'))
    .action(async (options: BookOptions) => {
      if (options.input === undefined) throw new TickpathError('ERR_USAGE', 'book: --input is needed', EXIT.USAGE);
      const result = await dumpBook({
        files: options.input,
        format: formatFromText(options.format ?? 'binance-usdm'),
        depth: options.depth,
        every: options.every,
        out: options.out,
        write: (text) => process.stdout.write(text),
        ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
      });
      const { counters } = result;
      note(
        `${result.instrument.symbol}: ${result.lines} lines, ${counters['depth_applied']} depth messages applied, ${counters['book_gaps']} gaps, ` +
          `${counters['rejected_frames']} frames rejected, ticker equal to the book at ${counters['bbo_checked']! - counters['bbo_mismatch']!} of ${counters['bbo_checked']} shared update ids`,
      );
      noteRejects(result.rejects, counters['rejected_frames']!);
      noteWarnings(result.warnings);
      const doubts = doubtsOf(result);
      for (const doubt of doubts) note(doubt);
      if (doubts.length > 0 || counters['bbo_mismatch']! > 0) process.exitCode = EXIT.DATA;
    });
}
