import type { Command } from 'commander';
import { writeFeatures } from '../../app/features-run.ts';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { BOOK_STATE } from '../../core/records/market.ts';
import { wallTimeMs } from '../../core/time.ts';
import { formatFromText } from '../../feed/formats.ts';
import { addInputOptions } from '../config-options.ts';
import { BOOK_LOST, BOOK_NEVER_LIVE, noteRejects, noteWarnings } from '../data-notes.ts';
import { grouped, note, ProgressLine, printJson } from '../output.ts';

interface FeaturesOptions {
  input?: string[];
  format?: string;
  symbol?: string;
  out: string;
  json?: boolean;
}

export function registerFeatures(program: Command): void {
  const command = program
    .command('features')
    .description("write the engine's raw features, one row a tick, for training (docs/features.md)");
  addInputOptions(command)
    .requiredOption('-o, --out <file>', 'a name ending in .parquet or .csv')
    .option('--json', 'print one JSON document')
    .action(async (options: FeaturesOptions) => {
      if (options.input === undefined) throw new TickpathError('ERR_USAGE', 'features: --input is needed', EXIT.USAGE);
      const progress = new ProgressLine();
      const result = await writeFeatures({
        files: options.input,
        format: formatFromText(options.format ?? 'binance-usdm'),
        out: options.out,
        onProgress: (fraction, rows) =>
          progress.update(wallTimeMs(), `${(fraction * 100).toFixed(0)} % of the input read, ${grouped(rows)} rows`),
        ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
      });
      progress.clear();
      if (options.json === true)
        printJson({ out: options.out, rows: result.rows, symbol: result.instrument.symbol, counters: result.counters });
      else note(`${result.instrument.symbol}: ${grouped(result.rows)} rows in ${options.out}`);
      noteRejects(result.rejects, result.counters['rejected_frames']!);
      noteWarnings(result.warnings);
      if (result.state === BOOK_STATE.LIVE) return;
      note(result.counters['books_synced'] === 0 ? BOOK_NEVER_LIVE : BOOK_LOST);
      process.exitCode = EXIT.DATA;
    });
}
