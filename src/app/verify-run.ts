import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, TickpathError } from '../core/errors.ts';
import { diffJournals } from '../journal/diff.ts';
import { type DecodedRecord, decodeRecord } from '../journal/format.ts';
import type { RunSummary } from '../report/summary.ts';
import { resolveConfig } from './config.ts';
import { journalContext, journalFolder } from './journal-context.ts';
import { type ReplayHooks, runReplay } from './replay.ts';
import { readSummaryIfAny } from './run-folder.ts';

export type Verification =
  /** `partial`: the run was interrupted; its records are compared, the input goes on behind them. */
  | { readonly equal: true; readonly partial: boolean; readonly records: number; readonly sha256: string }
  | { readonly equal: false; readonly index: number; readonly recorded: DecodedRecord | null; readonly replayed: DecodedRecord | null };

/**
 * Replays a run from its own configuration, inline and as fast as possible, and compares every record of the two journals.
 * Throws `ERR_INPUT_CHANGED` when an input or the model is not what the run recorded: there is nothing to compare then.
 */
export async function verifyRun(run: string, hooks: ReplayHooks = {}): Promise<Verification> {
  const configFile = join(run, 'config.yaml');
  if (!existsSync(configFile)) throw new TickpathError('ERR_RUN_MISSING', `${run}: no run there (expected config.yaml in it)`, EXIT.USAGE);
  const recorded = journalFolder(run);
  const summary = readSummaryIfAny(run);
  const scratch = mkdtempSync(join(tmpdir(), 'tickpath-verify-'));
  try {
    const flags = {
      topology: 'inline',
      speed: 'max',
      'run.dir': scratch,
      'run.id': 'replay',
      'threads.jitter_ms': 0,
      'report.html': false,
    };
    const outcome = await runReplay(resolveConfig(configFile, flags, {}), hooks);
    if (summary !== undefined) checkInputs(summary, outcome.feed.inputs, outcome.loaded.manifest.model.sha256);
    const diff = diffJournals(recorded, join(outcome.folder, 'journal'));
    if (diff.equal) return { ...diff, partial: false };
    if (summary?.interrupted === true && diff.a === undefined && diff.index === summary.journal.records) {
      return { equal: true, partial: true, records: diff.index, sha256: summary.journal.sha256 };
    }
    const context = journalContext(recorded);
    const decode = (cursor: typeof diff.a): DecodedRecord | null =>
      cursor === undefined ? null : decodeRecord(cursor.i32, cursor.f64, cursor.slot, context);
    return { equal: false, index: diff.index, recorded: decode(diff.a), replayed: decode(diff.b) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function checkInputs(
  summary: RunSummary,
  inputs: readonly { readonly file: string; readonly sha256: string }[],
  modelSha256: string,
): void {
  for (const [index, recorded] of summary.input.entries()) {
    const now = inputs[index];
    if (now !== undefined && now.sha256 !== recorded.sha256) {
      throw new TickpathError('ERR_INPUT_CHANGED', `${now.file}: sha256 is ${now.sha256}, the run read ${recorded.sha256}`, EXIT.DATA);
    }
  }
  if (summary.model.sha256 !== modelSha256) {
    throw new TickpathError(
      'ERR_INPUT_CHANGED',
      `${summary.model.file}: sha256 is ${modelSha256}, the run used ${summary.model.sha256}`,
      EXIT.DATA,
    );
  }
}
