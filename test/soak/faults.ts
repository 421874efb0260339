import { FAULT_CASES, runSeeds } from '../support/faults/cases.ts';

interface FaultOptions {
  readonly seeds: number;
  readonly from: number;
  readonly messages: number;
  /** Part of the names of the cases to run. */
  readonly only: string;
}

const DEFAULTS = { seeds: '1000', from: '1', messages: '120', only: '' };

/**
 * Feeds under seeded faults (docs/faults.md), for as many seeds as asked: `npm run soak -- faults [--seeds N] [--from N] [--messages N]
 * [--only TEXT]`. One line a case; a failure names the seed that repeats it. Returns the number of cases that failed.
 */
export async function soakFaults(args: readonly string[]): Promise<number> {
  const options = parse(args);
  if (options === undefined) {
    say('usage: npm run soak -- faults [--seeds N] [--from N] [--messages N] [--only TEXT]');
    return 1;
  }
  const { seeds, from, messages, only } = options;
  let failed = 0;
  for (const one of FAULT_CASES.filter(({ name }) => name.includes(only))) {
    try {
      const { runs, faults, frames, compared, lost } = await runSeeds(one, from, seeds, messages);
      const count = [...faults.values()].reduce((sum, value) => sum + value, 0);
      say(`ok   ${one.name}: ${runs} seeds, ${frames} messages, ${count} faults, ${lost} times lost, ${compared} compared with the truth`);
    } catch (error) {
      failed++;
      say(`FAIL ${one.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Options by name; undefined when one is unknown or no whole number. */
function parse(args: readonly string[]): FaultOptions | undefined {
  const values: Record<string, string> = { ...DEFAULTS };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]!.replace(/^--/, '');
    const value = args[i + 1];
    if (!(name in DEFAULTS) || !args[i]!.startsWith('--') || value === undefined) return undefined;
    if (name !== 'only' && !/^[1-9]\d{0,8}$/.test(value)) return undefined;
    values[name] = value;
  }
  return { seeds: Number(values['seeds']), from: Number(values['from']), messages: Number(values['messages']), only: values['only']! };
}
