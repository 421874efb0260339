import type { Command } from 'commander';
import { resolveConfig } from '../../app/config.ts';
import { addRunOptions, configFlags, type RunOptions } from '../config-options.ts';
import { runPath } from '../run-path.ts';

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('run recorded input through the whole path: books, features, model, risk, simulated orders, journal, report');
  addRunOptions(command).action(async (options: RunOptions) => {
    await runPath(resolveConfig(options.config, configFlags(options), process.env), options);
  });
}
