import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../src/app/bundled.ts';
import { StageWorkers } from '../src/app/workers.ts';
import { note, printJson } from '../src/cli/output.ts';
import { EXIT, TickpathError } from '../src/core/errors.ts';
import { environmentLine, readEnvironment } from '../src/report/environment.ts';
import type { BenchDocument, BenchResult } from './harness/bench.ts';
import type { BenchStart } from './harness/bench.worker.ts';
import { renderBench } from './harness/table.ts';
import { BENCHES, COMPARE, COMPARE_BENCHES } from './registry.ts';

export interface BenchOptions {
  readonly json: boolean;
  readonly smoke: boolean;
  /** Writes bench/results/<name>.json for each bench that ran. */
  readonly save?: boolean;
}

/** Runs the named benches, all but the comparisons when none is named; returns the exit code. */
export async function runBench(names: readonly string[], options: BenchOptions): Promise<number> {
  const document = await measure(names.flatMap(withRecordings), options.smoke, (name) => note(`bench ${name}`));
  if (options.json) printJson(document);
  else process.stdout.write(`${renderBench(document)}\n`);
  if (options.save === true) for (const file of save(document)) note(`wrote ${file}`);
  for (const { name, checks } of document.benches)
    for (const { ok, what, detail } of checks) if (!ok) note(`bench ${name}: wrong result: ${what}: ${detail}`);
  return document.ok ? EXIT.OK : EXIT.FAILURE;
}

/** `decode` is also each of `decode-<format>`. */
function withRecordings(name: string): readonly string[] {
  return [name, ...BENCHES.map((bench) => bench.name).filter((one) => one.startsWith(`${name}-`))];
}

/** Runs benches one after the other, each in a fresh thread. Throws ERR_BENCH_NAME (usage) for a name that is none. */
export async function measure(
  names: readonly string[],
  smoke: boolean,
  onBegin: (name: string) => void = () => {},
): Promise<BenchDocument> {
  const alone = BENCHES.map((bench) => bench.name);
  const compared = COMPARE_BENCHES.map((bench) => bench.name);
  const known = [...alone, ...compared];
  const unknown = names.filter((name) => name !== COMPARE && !known.includes(name));
  if (unknown.length > 0) {
    const expected = [...known, COMPARE].join(', ');
    throw new TickpathError('ERR_BENCH_NAME', `no bench "${unknown.join('", "')}"; expected some of: ${expected}`, EXIT.USAGE);
  }
  const wanted = names.length === 0 ? alone : names.flatMap((name) => (name === COMPARE ? compared : [name]));
  // Read first: saved results would make the checkout look changed.
  const environment = readEnvironment();
  const benches: BenchResult[] = [];
  for (const name of known.filter((one) => wanted.includes(one))) {
    onBegin(name);
    benches.push(await runAlone({ name, smoke }));
  }
  const ok = benches.every((bench) => bench.ok);
  return { environment, environment_line: environmentLine(environment), smoke, ok, benches };
}

/** A bench that cannot finish is a failed one; the others still run. */
async function runAlone(start: BenchStart): Promise<BenchResult> {
  const worker = await new StageWorkers(1).start<undefined, BenchResult>(new URL('./harness/bench.worker.js', import.meta.url), start);
  try {
    return await worker.done;
  } catch (error) {
    const check = { what: 'runs to its end', ok: false, detail: (error as Error).message };
    return { name: start.name, ok: false, seconds: 0, pin: 'unknown', figures: {}, latencies: {}, checks: [check], notes: [] };
  } finally {
    await worker.worker.terminate();
  }
}

/** One file a bench, so that measuring one again leaves the others as they are. */
function save(document: BenchDocument): string[] {
  const folder = join(packageFolder(), 'bench/results');
  mkdirSync(folder, { recursive: true });
  return document.benches.flatMap((bench) => {
    if (Object.keys(bench.figures).length === 0) return [];
    const file = join(folder, `${bench.name}.json`);
    const { environment, environment_line, smoke } = document;
    writeFileSync(file, `${JSON.stringify({ environment, environment_line, smoke, ...bench }, null, 2)}\n`);
    return join('bench/results', `${bench.name}.json`);
  });
}
