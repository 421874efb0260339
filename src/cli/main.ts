import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, TickpathError } from '../core/errors.ts';

/** Commands in the order of the help; each loads what it needs, so that none waits for another's modules. */
const COMMANDS: Readonly<Record<string, (program: Command) => Promise<void>>> = {
  demo: async (program) => (await import('./commands/demo.ts')).registerDemo(program),
  replay: async (program) => (await import('./commands/replay.ts')).registerReplay(program),
  book: async (program) => (await import('./commands/book.ts')).registerBook(program),
  serve: async (program) => (await import('./commands/serve.ts')).registerServe(program),
  features: async (program) => (await import('./commands/features.ts')).registerFeatures(program),
  convert: async (program) => (await import('./commands/convert.ts')).registerConvert(program),
  model: async (program) => (await import('./commands/model.ts')).registerModel(program),
  record: async (program) => (await import('./commands/record.ts')).registerRecord(program),
  report: async (program) => (await import('./commands/report.ts')).registerReport(program),
  verify: async (program) => (await import('./commands/verify.ts')).registerVerify(program),
  journal: async (program) => (await import('./commands/journal.ts')).registerJournal(program),
  bench: async (program) => (await import('./commands/bench.ts')).registerBench(program),
  doctor: async (program) => (await import('./commands/doctor.ts')).registerDoctor(program),
};

const EXIT_CODES = `
Exit codes: 0 ok, 1 failure, 2 usage or configuration, 3 risk halt or kill, 4 data integrity, 5 assertion missed, 130 interrupted.
Data goes to stdout, everything else to stderr; --json prints one document.`;

function version(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The program with the command that `args` names, or with all of them when they name none; each help repeats the exit codes. */
async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('tickpath')
    .description('Market-data ticks to risk-checked orders in microseconds: replay, verify, measure, report.')
    .version(version())
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for the options)')
    .enablePositionalOptions();
  const wanted = args[0] ?? '';
  const names = wanted === '--version' || wanted === '-V' ? [] : Object.hasOwn(COMMANDS, wanted) ? [wanted] : Object.keys(COMMANDS);
  for (const name of names) await COMMANDS[name]!(program);
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
    await (await createProgram(process.argv.slice(2))).parseAsync(process.argv);
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
