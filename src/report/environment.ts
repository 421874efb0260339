import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wallTimeMs } from '../core/time.ts';

/** Where a figure was measured: stands on every report, because no latency means anything without it. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly governor: string;
  readonly memory_gib: number;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  readonly flags: readonly string[];
  readonly tickpath: string;
  /** Commit of the checkout, with "+" when it has changes; empty outside one. */
  readonly commit: string;
  readonly date: string;
}

/** Reads the environment; nothing in it is required, so nothing in it fails. */
export function readEnvironment(): Environment {
  const root = packageRoot();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    governor: readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? 'not exposed',
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    flags: process.execArgv,
    tickpath: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    commit: commitOf(root),
    date: new Date(wallTimeMs()).toISOString(),
  };
}

/** The environment in one line. */
export function environmentLine(environment: Environment): string {
  const { cpu, cores, governor, kernel, node, v8, commit, date, tickpath } = environment;
  const version = commit === '' ? tickpath : `${tickpath} at ${commit}`;
  return `${cpu}, ${cores} cores, governor ${governor}, ${kernel}, Node ${node} (V8 ${v8}), Tickpath ${version}, ${date}`;
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function commitOf(root: string): string {
  if (!existsSync(join(root, '.git'))) return '';
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return '';
  }
}
