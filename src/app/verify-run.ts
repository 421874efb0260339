import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, TickpathError } from '../core/errors.ts';
import { diffJournals } from '../journal/diff.ts';
import { type DecodedRecord, decodeRecord } from '../journal/format.ts';
import { resolveConfig } from './config.ts';
import { journalContext, journalFolder } from './journal-context.ts';
import { type ReplayHooks, runReplay } from './replay.ts';

export type Verification =
  | { readonly equal: true; readonly records: number; readonly sha256: string }
  | { readonly equal: false; readonly index: number; readonly recorded: DecodedRecord | null; readonly replayed: DecodedRecord | null };

/**
 * Replays a run from its own configuration, inline and as fast as possible, and compares every record of the two journals.
 * Throws `ERR_INPUT_CHANGED` when an input or the model is not what the run recorded: there is nothing to compare then.
 */
export async function verifyRun(run: string, hooks: ReplayHooks = {}): Promise<Verification> {
  const configFile = join(run, 'config.yaml');
  if (!existsSync(configFile)) throw new TickpathError('ERR_RUN_MISSING', `${run}: no run there (expected config.yaml in it)`, EXIT.USAGE);
  const recorded = journalFolder(run);
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
    checkInputs(run, outcome.feed.inputs, outcome.loaded.manifest.model.sha256);
    const diff = diffJournals(recorded, join(outcome.folder, 'journal'));
    if (diff.equal) return diff;
    const context = journalContext(recorded);
    const decode = (cursor: typeof diff.a): DecodedRecord | null =>
      cursor === undefined ? null : decodeRecord(cursor.i32, cursor.f64, cursor.slot, context);
    return { equal: false, index: diff.index, recorded: decode(diff.a), replayed: decode(diff.b) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function checkInputs(run: string, inputs: readonly { readonly file: string; readonly sha256: string }[], modelSha256: string): void {
  const path = join(run, 'summary.json');
  if (!existsSync(path)) return;
  const summary = JSON.parse(readFileSync(path, 'utf8')) as {
    input: { file: string; sha256: string }[];
    model: { file: string; sha256: string };
  };
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
