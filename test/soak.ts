import { fileURLToPath } from 'node:url';

/** A long run of what the tests do briefly, with the arguments behind its name; the number of cases that failed. */
export type Subject = (args: readonly string[]) => Promise<number>;

/** `npm run soak -- SUBJECT [options]`. Another subject is another entry. */
const SUBJECTS: Readonly<Record<string, () => Promise<Subject>>> = {
  fuzz: async () => (await import('./soak/fuzz.ts')).soakFuzz,
  faults: async () => (await import('./soak/faults.ts')).soakFaults,
};

async function main(): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2);
  const subject = SUBJECTS[name];
  if (subject === undefined) {
    process.stdout.write(`usage: npm run soak -- ${Object.keys(SUBJECTS).join('|')} [options]; found "${name}"\n`);
    process.exitCode = 2;
    return;
  }
  const failed = await (await subject())(args);
  process.stdout.write(failed === 0 ? 'passed\n' : `${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
