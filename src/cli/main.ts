import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, TickpathError } from '../core/errors.ts';
import { registerBench } from './commands/bench.ts';
import { registerBook } from './commands/book.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerFeatures } from './commands/features.ts';
import { registerJournal } from './commands/journal.ts';
import { registerModel } from './commands/model.ts';
import { registerReplay } from './commands/replay.ts';
import { registerReport } from './commands/report.ts';
import { registerVerify } from './commands/verify.ts';

const EXIT_CODES = `
Exit codes: 0 ok, 1 failure, 2 usage or configuration, 3 risk halt or kill, 4 data integrity, 5 assertion missed, 130 interrupted.
Data goes to stdout, everything else to stderr; --json prints one document.`;

function version(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The program with all its commands; `--help` of each repeats the exit codes. */
export function createProgram(): Command {
  const program = new Command('tickpath')
    .description('Market-data ticks to risk-checked orders in microseconds: replay, verify, measure, report.')
    .version(version())
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for the options)')
    .enablePositionalOptions();
  registerDemo(program);
  registerReplay(program);
  registerBook(program);
  registerFeatures(program);
  registerModel(program);
  registerReport(program);
  registerVerify(program);
  registerJournal(program);
  registerBench(program);
  registerDoctor(program);
  finishCommand(program);
  return program;
}

/** Every command throws instead of exiting, so that usage errors leave with the documented code. */
function finishCommand(command: Command): void {
  command.exitOverride().addHelpText('after', EXIT_CODES);
  for (const child of command.commands) finishCommand(child);
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync(process.argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
  if (error instanceof TickpathError) {
    process.stderr.write(`tickpath: ${error.message}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`tickpath: unexpected failure: ${text}\n`);
  return EXIT.FAILURE;
}

// A reader that closes early (`tickpath book ... | head`) is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.OK);
  throw error;
});

await main();
