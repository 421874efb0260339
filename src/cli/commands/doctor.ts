import { createRequire } from 'node:module';
import type { Command } from 'commander';
import { onnxRuntimeInstalled, runDoctor } from '../../app/doctor.ts';
import { EXIT } from '../../core/errors.ts';
import { monotonicBaseNs, systemClock } from '../../core/time.ts';
import { printJson } from '../output.ts';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check what a low-latency user must know of this machine; one line mends each finding')
    .option('--json', 'print one JSON document')
    .action((options: { json?: boolean }) => {
      const resolve = createRequire(import.meta.url).resolve;
      const checks = [...runDoctor(systemClock(monotonicBaseNs())), onnxRuntimeInstalled(resolve)];
      if (options.json === true) {
        printJson({ checks });
      } else {
        const width = Math.max(...checks.map((check) => check.name.length));
        for (const check of checks) {
          process.stdout.write(`${check.status.padEnd(4)}  ${check.name.padEnd(width)}  ${check.found}\n`);
          if (check.mend !== '') process.stdout.write(`${' '.repeat(width + 8)}-> ${check.mend}\n`);
        }
      }
      if (checks.some((check) => check.status === 'fail')) process.exitCode = EXIT.FAILURE;
    });
}
