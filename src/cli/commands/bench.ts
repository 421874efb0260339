import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { packageFolder } from '../../app/bundled.ts';
import { EXIT, TickpathError } from '../../core/errors.ts';

interface BenchModule {
  runBench(names: readonly string[], options: { json: boolean; smoke: boolean; save: boolean }): Promise<number>;
}

export function registerBench(program: Command): void {
  program
    .command('bench [names...]')
    .description(
      'measure this machine: ring, decode, book, features, model, risk, whole path; "compare": beside C++ and other packages (in a checkout; docs/benchmarks.md)',
    )
    .option('--smoke', 'small inputs: checks that the benches run and agree, measures nothing worth quoting')
    .option('--json', 'print one JSON document')
    .option('--save', 'write bench/results/<name>.json for each bench')
    .action(async (names: string[], options: { smoke?: boolean; json?: boolean; save?: boolean }) => {
      // Benches are no part of the package: they are found beside dist/src in a checkout.
      const file = join(packageFolder(), 'dist/bench/main.js');
      if (!existsSync(file))
        throw new TickpathError('ERR_BENCH', `${file}: not found; benches run in a checkout (npm run build)`, EXIT.USAGE);
      const bench = (await import(pathToFileURL(file).href)) as BenchModule;
      process.exitCode = await bench.runBench(names, {
        json: options.json === true,
        smoke: options.smoke === true,
        save: options.save === true,
      });
    });
}
