import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs every test file in a process of its own, so that none sees another's state. A file that runs no test fails: uvu
 * itself would let it pass. Files named *.solo.test.js need the machine for themselves and run one at a time at the end.
 * Arguments are substrings of file names. The last line is `N passed, N failed`.
 */
const TIMEOUT_MS = Number(process.env['TICKPATH_TEST_TIMEOUT_MS'] ?? 180_000);
const SLOWEST_SHOWN = 8;

export interface FileResult {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly ms: number;
  /** Why it failed, with its output; empty when it passed. */
  readonly report: string;
  /** Lines that say why something was skipped. */
  readonly notes: readonly string[];
}

function findTests(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return findTests(path);
      return entry.name.endsWith('.test.js') ? [path] : [];
    })
    .sort();
}

/** Runs one test file and reads uvu's totals. */
export function runFile(file: string, timeoutMs = TIMEOUT_MS): Promise<FileResult> {
  const beganMs = performance.now();
  const node = process.env['TICKPATH_NODE'] ?? process.execPath;
  const child = spawn(node, ['--no-warnings', file], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', TICKPATH_NODE: node },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    process.kill(-child.pid!, 'SIGKILL');
  }, timeoutMs);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const ms = performance.now() - beganMs;
      resolve(judge(file, output, code, signal, timedOut ? timeoutMs : 0, ms));
    });
  });
}

function judge(file: string, output: string, code: number | null, signal: string | null, timeoutMs: number, ms: number): FileResult {
  const count = (name: string): number => Number(new RegExp(`^\\s*${name}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const [total, passed] = [count('Total'), count('Passed')];
  const notes = output.split('\n').filter((line) => line.startsWith('skipped: '));
  let why = '';
  if (timeoutMs > 0) why = `timed out after ${timeoutMs} ms`;
  else if (total === 0 && code === 0) why = 'ran no test (is test.run() missing?)';
  else if (code !== 0) why = signal === null ? `exit code ${code}` : `ended by ${signal}`;
  else if (passed < total) why = `${total - passed} of ${total} did not pass`;
  const failed = why === '' ? 0 : Math.max(1, total - passed);
  return { file, passed, failed, ms, report: why === '' ? '' : `${why}\n${output.trimEnd()}`, notes };
}

async function main(): Promise<void> {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = join(here, '../..');
  const filters = process.argv.slice(2);
  const files = findTests(here).filter((file) => filters.length === 0 || filters.some((filter) => relative(here, file).includes(filter)));
  const durationsFile = join(root, '.cache/test-durations.json');
  const durations = existsSync(durationsFile) ? (JSON.parse(readFileSync(durationsFile, 'utf8')) as Record<string, number>) : {};
  const cost = (file: string): number => durations[relative(here, file)] ?? 1e6;
  const isSolo = (file: string): boolean => file.endsWith('.solo.test.js');
  const shared = files.filter((file) => !isSolo(file)).sort((a, b) => cost(b) - cost(a) || (a < b ? -1 : 1));
  const results: FileResult[] = [];
  const take = async (queue: string[]): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file);
      results.push(result);
      durations[relative(here, file)] = Math.round(result.ms);
      const mark = result.failed === 0 ? 'ok  ' : 'FAIL';
      process.stdout.write(`${mark} ${relative(here, file)} (${result.passed} in ${(result.ms / 1000).toFixed(1)} s)\n`);
      for (const note of result.notes) process.stdout.write(`     ${note}\n`);
      if (result.failed > 0) process.stdout.write(`${result.report}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 2) }, () => take(shared)));
  await take(files.filter(isSolo));
  mkdirSync(dirname(durationsFile), { recursive: true });
  writeFileSync(durationsFile, JSON.stringify(durations, null, 1));
  const slowest = [...results].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);
  process.stdout.write(`slowest: ${slowest.map((one) => `${relative(here, one.file)} ${(one.ms / 1000).toFixed(1)} s`).join(', ')}\n`);
  const passed = results.reduce((sum, one) => sum + one.passed, 0);
  const failed = results.reduce((sum, one) => sum + one.failed, 0) + (results.length === 0 ? 1 : 0);
  if (results.length === 0) process.stdout.write(`no test file matches ${filters.join(' ')}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
