import type { Command } from 'commander';
import { verifyRun } from '../../app/verify-run.ts';
import { EXIT } from '../../core/errors.ts';
import { wallTimeMs } from '../../core/time.ts';
import { formatRecord } from '../../journal/format.ts';
import { note, ProgressLine, printJson } from '../output.ts';

export function registerVerify(program: Command): void {
  program
    .command('verify <run>')
    .description('replay a run from its own configuration and compare every decision; exit code 4 names the first difference')
    .option('--json', 'print one JSON document')
    .action(async (run: string, options: { json?: boolean }) => {
      const progress = new ProgressLine();
      const result = await verifyRun(run, {
        onProgress: (fraction) => progress.update(wallTimeMs(), `${(fraction * 100).toFixed(0)} % replayed`),
      });
      progress.clear();
      if (options.json === true) printJson(result);
      if (result.equal) {
        const until = result.partial ? ' until the run was interrupted' : '';
        if (options.json !== true) process.stdout.write(`no difference in ${result.records} records${until}\nsha256 ${result.sha256}\n`);
        return;
      }
      process.exitCode = EXIT.DATA;
      if (options.json === true) return;
      note(`record ${result.index} differs:`);
      note(`  recorded  ${result.recorded === null ? '(the journal ended)' : formatRecord(result.recorded)}`);
      note(`  replayed  ${result.replayed === null ? '(the replay ended)' : formatRecord(result.replayed)}`);
    });
}
