import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument } from '../core/instrument.ts';
import type { FormatContext } from '../journal/format.ts';
import { JournalReader } from '../journal/reader.ts';
import { reasonName } from '../risk/reasons.ts';

/** The journal of a run folder, or the folder itself when it holds segments. */
export function journalFolder(run: string): string {
  const inside = join(run, 'journal');
  if (existsSync(inside)) return inside;
  if (existsSync(run)) return run;
  throw new TickpathError('ERR_RUN_MISSING', `${run}: no such run folder`, EXIT.USAGE);
}

/** The first document of a journal: what its decisions depended on. Throws `ERR_JOURNAL_CORRUPT` when it is not there. */
export function journalDocument(folder: string): { readonly instrument: Instrument; readonly baseEpochNs: bigint } {
  const reader = new JournalReader(folder);
  for (const block of reader.read()) {
    if (block.kind !== 'document') break;
    const document = block.value as { instrument?: Instrument };
    if (document.instrument !== undefined) return { ...document, instrument: document.instrument, baseEpochNs: reader.baseEpochNs };
  }
  throw new TickpathError(
    'ERR_JOURNAL_CORRUPT',
    `${folder}: the first block is not the run's document (instrument, limits, model)`,
    EXIT.DATA,
  );
}

/** What decoding a journal's records needs, from its first document. */
export function journalContext(folder: string): FormatContext {
  const { instrument, baseEpochNs } = journalDocument(folder);
  return { instrument, baseEpochNs, reasonName };
}
