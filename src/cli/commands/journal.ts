import { type Command, Option } from 'commander';
import { journalContext, journalFolder } from '../../app/journal-context.ts';
import { RUN_FILES, readSummaryIfAny } from '../../app/run-folder.ts';
import { EXIT } from '../../core/errors.ts';
import { RecordCursor } from '../../journal/diff.ts';
import { decodeRecord, formatRecord } from '../../journal/format.ts';
import { checkJournal, type TornTail } from '../../journal/reader.ts';
import { note, printJson } from '../output.ts';

/** Kinds a decision journal holds, as `cat` names them. */
const JOURNAL_KINDS = ['signal', 'order', 'cancel', 'execution', 'book_state', 'risk_state'];

export function registerJournal(program: Command): void {
  const journal = program.command('journal').description('read and check the decision journal of a run');
  journal
    .command('check <run>')
    .description('verify checksums, chain and numbering of every block; says where a torn or corrupt journal breaks')
    .option('--json', 'print one JSON document')
    .action((run: string, options: { json?: boolean }) => {
      const check = checkJournal(journalFolder(run));
      if (options.json === true) printJson(check);
      else
        process.stdout.write(
          `${check.records} records in ${check.blocks} blocks of ${check.segments} segment(s)\nsha256 ${check.sha256}\n`,
        );
      reportTorn(check.torn);
      const recorded = readSummaryIfAny(run)?.journal;
      if (recorded !== undefined && recorded.sha256 !== check.sha256) {
        note(
          `the journal is not the one the run wrote: ${RUN_FILES.summary} says ${recorded.records} records, sha256 ${recorded.sha256}; found ${check.records}, sha256 ${check.sha256}`,
        );
        process.exitCode = EXIT.DATA;
      }
    });
  journal
    .command('cat <run>')
    .description('print the records, one a line')
    .option('--json', 'one JSON object a line')
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices(JOURNAL_KINDS))
    .action((run: string, options: { json?: boolean; kind?: string[] }) => {
      const folder = journalFolder(run);
      const context = journalContext(folder);
      const cursor = new RecordCursor(folder);
      let pending = '';
      while (cursor.next()) {
        const record = decodeRecord(cursor.i32, cursor.f64, cursor.slot, context);
        if (options.kind !== undefined && !options.kind.includes(String(record['kind']))) continue;
        pending += options.json === true ? `${JSON.stringify(record)}\n` : `${formatRecord(record)}\n`;
        if (pending.length < 1 << 16) continue;
        process.stdout.write(pending);
        pending = '';
      }
      process.stdout.write(pending);
      reportTorn(cursor.torn);
    });
}

/** A tail that a crash cut short is no failure of the records before it, but it must not go unseen. */
function reportTorn(torn: TornTail | undefined): void {
  if (torn === undefined) return;
  note(
    `torn tail: ${torn.file} ends with ${torn.bytes} bytes of an unfinished block at byte ${torn.offset}; what stands before it is whole`,
  );
  process.exitCode = EXIT.DATA;
}
