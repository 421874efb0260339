import type { Command } from 'commander';
import { readSummary, writeReport } from '../../app/run-folder.ts';
import { renderTable } from '../../report/table.ts';
import { printJson } from '../output.ts';

export function registerReport(program: Command): void {
  program
    .command('report <run>')
    .description('print the table of a finished run and build its report.html again, from the files of its folder')
    .option('--no-html', 'leave report.html as it is')
    .option('--json', 'print its summary.json instead of the table')
    .action((run: string, options: { html: boolean; json?: boolean }) => {
      const summary = readSummary(run);
      const path = options.html ? writeReport(run, summary) : undefined;
      if (options.json === true) printJson(summary);
      else process.stdout.write(`${renderTable(summary, path)}\n`);
    });
}
