import { fileURLToPath } from 'node:url';

/** Long runs of what the tests do briefly; each says how far it came, and goes on from there when it is started again. */
export type Soak = (args: readonly string[]) => Promise<void>;

const SOAKS: Readonly<Record<string, () => Promise<Soak>>> = {
  fuzz: async () => (await import('./soak/fuzz.ts')).soakFuzz,
};

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const soak = name === undefined ? undefined : SOAKS[name];
  if (soak === undefined) {
    process.stderr.write(`usage: npm run soak -- ${Object.keys(SOAKS).join('|')} [options]; found "${name ?? ''}"\n`);
    process.exitCode = 2;
    return;
  }
  await (await soak())(args);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
