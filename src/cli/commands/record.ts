import { type Command, InvalidArgumentError } from 'commander';
import { type RecordOutcome, type RecordStatus, runRecord } from '../../app/record.ts';
import { resolveRecordConfig } from '../../app/record-config.ts';
import { EXIT } from '../../core/errors.ts';
import { wallTimeMs } from '../../core/time.ts';
import { grouped, note, ProgressLine, printJson } from '../output.ts';

interface RecordCommandOptions {
  config: string;
  out?: string;
  for?: number;
  json?: boolean;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `15m`, `8h` in ms. */
function durationOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * UNITS_MS[match[2]!]!;
  if (!(ms >= 1 && ms <= 0x7fff_ffff)) throw new InvalidArgumentError('expected a time such as 90s, 15m or 8h, up to 596h');
  return ms;
}

export function registerRecord(program: Command): void {
  program
    .command('record')
    .description('write down what a venue sends, frame by frame as received, for exact replays (docs/record.md)')
    .requiredOption('-c, --config <file>', 'venue, instruments, hosts and how to record')
    .option('-o, --out <folder>', 'where the recording goes; one that is there is continued')
    .option('--for <time>', 'end after so long, e.g. 90s, 15m or 8h (default: when interrupted)', durationOf)
    .option('--json', 'print one JSON document at the end')
    .action(async (options: RecordCommandOptions) => {
      const config = resolveRecordConfig(options.config, { 'record.dir': options.out }, process.env);
      const progress = new ProgressLine();
      const abort = new AbortController();
      const interrupt = (): void => abort.abort();
      process.once('SIGINT', interrupt);
      process.once('SIGTERM', interrupt);
      let before: RecordStatus | undefined;
      try {
        const outcome = await runRecord(config, {
          signal: abort.signal,
          onNote: (text) => {
            progress.clear();
            note(`record: ${text}`);
          },
          onStatus: (status) => {
            progress.update(wallTimeMs(), statusLine(status, before));
            before = status;
          },
          ...(options.for === undefined ? {} : { forMs: options.for }),
        });
        progress.clear();
        if (options.json === true) printJson(document(outcome));
        else note(summary(outcome));
        if (outcome.totals.lostFrames > 0) process.exitCode = EXIT.DATA;
        if (outcome.interrupted) process.exitCode = EXIT.INTERRUPTED;
      } finally {
        progress.clear();
        process.off('SIGINT', interrupt);
        process.off('SIGTERM', interrupt);
      }
    });
}

/** e.g. `12 s  BTCUSDT LIVE  1,204 frames  98/s  0.31 MB/s  0 reconnects` */
function statusLine(status: RecordStatus, before: RecordStatus | undefined): string {
  const { totals } = status;
  const seconds = status.seconds - (before?.seconds ?? 0);
  const frames = (totals.frames - (before?.totals.frames ?? 0)) / seconds;
  const megabytes = (totals.bytes - (before?.totals.bytes ?? 0)) / seconds / 1e6;
  const books = Object.entries(status.books).map(([symbol, state]) => `${symbol} ${state}`);
  const lost = totals.lostFrames === 0 ? '' : `  ${grouped(totals.lostFrames)} LOST`;
  const waiting = status.waitingBytes < 1e6 ? '' : `  ${(status.waitingBytes / 1e6).toFixed(0)} MB wait for the disk`;
  return `${status.seconds.toFixed(0)} s  ${books.join(', ')}  ${grouped(totals.frames)} frames  ${grouped(frames)}/s  ${megabytes.toFixed(2)} MB/s  ${status.reconnects} reconnects${waiting}${lost}`;
}

function summary({ folder, totals, books, reconnects, seconds }: RecordOutcome): string {
  const states = Object.entries(books).map(([symbol, state]) => `${symbol} ${state}`);
  const lost = totals.lostFrames === 0 ? '' : `, ${grouped(totals.lostFrames)} frames LOST because the disk did not keep up`;
  return `${folder}: ${grouped(totals.frames)} frames in ${totals.segments} segment(s), ${grouped(totals.bytes)} bytes, ${seconds.toFixed(1)} s, ${reconnects} reconnects${lost}; ${states.join(', ')}`;
}

function document(outcome: RecordOutcome): Readonly<Record<string, unknown>> {
  const { folder, recording, venue, seconds, totals, reconnects, books, counters, interrupted } = outcome;
  return {
    folder,
    recording,
    venue,
    seconds,
    segments: totals.segments,
    frames: totals.frames,
    snapshots: totals.snapshots,
    bytes: totals.bytes,
    lost_frames: totals.lostFrames,
    reconnects,
    books,
    feed: counters,
    interrupted,
  };
}
