import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ConvertResult, convertToEvents } from '../../app/convert.ts';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { wallTimeMs } from '../../core/time.ts';
import { formatFromText } from '../../feed/formats.ts';
import { addInputOptions } from '../config-options.ts';
import { noteRejects } from '../data-notes.ts';
import { grouped, note, ProgressLine, printJson } from '../output.ts';

interface ConvertCommandOptions {
  input?: string[];
  format?: string;
  symbol?: string;
  out: string;
  snapshot?: string;
  baseLatency: number;
  json?: boolean;
}

function nanosOf(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('expected nanoseconds, an integer from 0');
  return Number(text);
}

export function registerConvert(program: Command): void {
  const command = program.command('convert').description("convert a recording to hftbacktest's events (docs/hftbacktest.md)");
  addInputOptions(command)
    .addOption(new Option('--to <format>', 'format of the output').choices(['hftbacktest']).default('hftbacktest'))
    .requiredOption('-o, --out <file>', 'the events, a name ending in .npz')
    .option('--snapshot <file>', 'also write the book at the end, a name ending in .npz')
    .option('--base-latency <ns>', 'least feed latency left where local times lie before venue times', nanosOf, 0)
    .option('--json', 'print one JSON document')
    .action(async (options: ConvertCommandOptions) => {
      if (options.input === undefined) throw new TickpathError('ERR_USAGE', 'convert: --input is needed', EXIT.USAGE);
      for (const file of [options.out, options.snapshot])
        if (file !== undefined && !file.endsWith('.npz')) {
          throw new TickpathError('ERR_USAGE', `convert: ${file}: expected a name ending in .npz`, EXIT.USAGE);
        }
      const progress = new ProgressLine();
      const result = await convertToEvents({
        files: options.input,
        format: formatFromText(options.format ?? 'binance-usdm'),
        out: options.out,
        baseLatencyNs: options.baseLatency,
        onProgress: (stage, fraction, rows) =>
          progress.update(wallTimeMs(), `${stage}: ${(fraction * 100).toFixed(0)} %, ${grouped(rows)} rows`),
        ...(options.snapshot === undefined ? {} : { snapshotOut: options.snapshot }),
        ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
      });
      progress.clear();
      if (options.json === true) printJson(documentOf(options, result));
      else noteResult(options, result);
      noteRejects(result.rejects, result.rejectedFrames);
      if (result.levelsBeyondGrid > 0) note(`data: ${result.levelsBeyondGrid} ask levels beyond the grid are left out`);
      if (result.rows === 0) note('data: the input has no depth and no trade to convert');
      if (result.rejectedFrames > 0 || result.rows === 0) process.exitCode = EXIT.DATA;
    });
}

function noteResult(options: ConvertCommandOptions, result: ConvertResult): void {
  const { kinds } = result;
  note(
    `${result.instrument.symbol}: ${grouped(result.rows)} rows in ${options.out} (${grouped(kinds.depth)} depth, ${grouped(kinds.trade)} trade, ` +
      `${grouped(kinds.snapshot)} snapshot, ${grouped(kinds.clear)} clear), of ${grouped(result.rawRows)} in the input; ` +
      `local times moved by ${grouped(result.localOffsetNs)} ns`,
  );
  const levels = result.snapshotLevels;
  if (levels !== undefined) note(`${grouped(levels.bids + levels.asks)} levels in ${options.snapshot}`);
}

function documentOf(options: ConvertCommandOptions, result: ConvertResult): unknown {
  return {
    out: options.out,
    symbol: result.instrument.symbol,
    frames: result.frames,
    raw_rows: result.rawRows,
    rows: result.rows,
    both: result.both,
    exchange_only: result.exchangeOnly,
    local_only: result.localOnly,
    kinds: result.kinds,
    local_offset_ns: result.localOffsetNs,
    snapshot: options.snapshot === undefined ? null : { out: options.snapshot, ...result.snapshotLevels },
    rejected_frames: result.rejectedFrames,
    levels_beyond_grid: result.levelsBeyondGrid,
  };
}
