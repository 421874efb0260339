import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectFile } from './project.ts';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called once the process runs, e.g. to send it a signal. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs `bin/tickpath` as a user does, without building, and waits for its end. */
export function tickpath(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(projectFile('bin/tickpath'), args, {
    cwd: options.cwd ?? projectFile('.'),
    env: { ...process.env, TICKPATH_NO_BUILD: '1', NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

let session: string[] | undefined;

/** Lines of the bundled session, without their line feeds. */
export function sessionLines(count: number): string[] {
  session ??= gunzipSync(readFileSync(projectFile('replay-data/usdm_tpxusdt_seed1.gz')))
    .toString('latin1')
    .trimEnd()
    .split('\n');
  return session.slice(0, count);
}

/**
 * Settings of a run that measures nothing: neither pinned nor rehearsed, no jitter floor. The instrument is that of the
 * bundled session.
 */
export const QUICK_CONFIG = `instruments:
  TPXUSDT: { tick_size: "0.10", lot_size: "0.001" }
threads: { pin: false, jitter_ms: 0, rehearse: false }
`;

/** A folder of its own for one test file: a configuration, a short capture, runs. */
export class CliRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'tickpath-cli-'));
  readonly config: string;
  readonly capture: string;
  readonly lines: readonly string[];

  constructor(lines: number) {
    this.lines = sessionLines(lines);
    this.config = this.write('quick.yaml', QUICK_CONFIG);
    this.capture = this.write('capture.txt', `${this.lines.join('\n')}\n`);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** A capture whose line `number` (1-based) is another; lines stay as many. */
  captureWith(name: string, number: number, change: (line: string) => string): string {
    const lines = this.lines.map((line, i) => (i === number - 1 ? change(line) : line));
    return this.write(name, `${lines.join('\n')}\n`);
  }

  /** Number of the first line from `from` on that holds `text`. */
  lineWith(text: string, from: number): number {
    const at = this.lines.findIndex((line, i) => i >= from - 1 && line.includes(text));
    if (at < 0) throw new Error(`no line from ${from} holds ${text}`);
    return at + 1;
  }

  run(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return tickpath(args, { cwd: this.folder, ...options });
  }

  /** `tickpath replay` of `input` with the quick configuration into `runs/<id>`. */
  replay(id: string, args: readonly string[] = [], input = this.capture, options: CliOptions = {}): Promise<CliResult> {
    const common = ['--format', 'binance-usdm', '--config', this.config, '--run-dir', this.path('runs'), '--run-id', id];
    return this.run(['replay', '--input', input, ...common, ...args], options);
  }

  runFile(id: string, name: string): string {
    return readFileSync(join(this.path('runs'), id, name), 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
