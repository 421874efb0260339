import type { Config } from '../app/config-schema.ts';
import { finishRun } from '../app/finish-run.ts';
import { type ReplayOutcome, runReplay } from '../app/replay.ts';
import { EXIT, TickpathError } from '../core/errors.ts';
import { wallTimeMs } from '../core/time.ts';
import type { RunSummary } from '../report/summary.ts';
import { renderTable } from '../report/table.ts';
import { checkAssertion, evaluateAssertion } from './assertion.ts';
import type { RunOptions } from './config-options.ts';
import { BOOK_LOST, BOOK_NEVER_LIVE, isExact, noteRejects, noteWarnings } from './data-notes.ts';
import { grouped, note, ProgressLine, printJson } from './output.ts';

/** Runs the path on a resolved configuration, writes the run folder, prints, and sets the exit code. */
export async function runPath(config: Config, options: RunOptions): Promise<RunSummary> {
  if (config.input.files.length === 0) {
    throw new TickpathError('ERR_USAGE', 'no input: give --input FILE... or input.files in the configuration', EXIT.USAGE);
  }
  for (const text of options.assert ?? []) checkAssertion(text);
  const progress = new ProgressLine();
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const startedMs = wallTimeMs();
  let outcome: ReplayOutcome;
  try {
    outcome = await runReplay(config, {
      signal: abort.signal,
      onProgress: (fraction, ticks) => {
        const nowMs = wallTimeMs();
        const elapsedS = (nowMs - startedMs) / 1000;
        const left = fraction > 0.02 ? `, ${Math.ceil((elapsedS * (1 - fraction)) / fraction)} s left` : '';
        progress.update(nowMs, `${(fraction * 100).toFixed(0).padStart(3)} % of the input read, ${grouped(ticks)} ticks${left}`);
      },
    });
  } finally {
    progress.clear();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  const { summary, reportPath } = finishRun(outcome);
  if (options.json === true) printJson(summary);
  else if (options.quiet !== true) process.stdout.write(`${renderTable(summary, reportPath)}\n`);
  process.exitCode = exitCodeOf(outcome, summary, options);
  return summary;
}

/** The most serious finding decides: interruption, data integrity, risk, assertions. */
function exitCodeOf(outcome: ReplayOutcome, summary: RunSummary, options: RunOptions): number {
  let code: number = EXIT.OK;
  for (const text of options.assert ?? []) {
    const result = evaluateAssertion(text, summary.latency);
    note(`assert ${text}: ${result.holds ? 'holds' : 'MISSED'} (found ${(result.foundNs / 1000).toFixed(2)} µs)`);
    if (!result.holds) code = EXIT.ASSERTION;
  }
  const kill = outcome.views.kill.level();
  if (kill > 0) {
    note(`risk: the kill switch stands at K${kill}`);
    code = EXIT.RISK;
  }
  if (noteData(outcome)) code = EXIT.DATA;
  if (outcome.feed.interrupted) {
    note('interrupted: the run holds what was decided until then');
    code = EXIT.INTERRUPTED;
  }
  return code;
}

/** Says what was wrong with the data; true when the run must not be trusted as a whole. */
function noteData({ views, feed: { rejects, warnings, interrupted }, done }: ReplayOutcome): boolean {
  const feed = views.feedCounters.snapshot();
  const [rejected = 0, gaps = 0, synced = 0, mismatches = 0] = ['rejected_frames', 'book_gaps', 'books_synced', 'bbo_mismatch'].map(
    (name) => feed[name],
  );
  noteRejects(rejects, rejected);
  noteWarnings(warnings);
  if (gaps > 0) note(`data: the book was discarded ${gaps} times and synchronised ${synced} times`);
  if (mismatches > 0) note(`data: book and ticker differ at ${mismatches} shared update ids`);
  // Whoever interrupts a run before its first snapshot has seen no fault of the data.
  const neverLive = synced === 0 && !interrupted;
  const lost = synced > 0 && !isExact(done.bookState);
  if (neverLive) note(BOOK_NEVER_LIVE);
  if (lost) note(BOOK_LOST);
  return mismatches > 0 || neverLive || lost;
}
