import type { Command } from 'commander';
import { bundledSession } from '../../app/bundled.ts';
import { resolveConfig } from '../../app/config.ts';
import { addRunOptions, configFlags, type RunOptions } from '../config-options.ts';
import { note } from '../output.ts';
import { runPath } from '../run-path.ts';

/** Ten times real time: the bundled five minutes take half a minute, and lateness still shows. */
const DEMO_SPEED = 10;

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('replay the bundled session through the whole path at ten times its pace (< 60 s, no network, no key)');
  addRunOptions(command).action(async (options: RunOptions) => {
    const session = bundledSession();
    const flags = { ...session.flags, speed: DEMO_SPEED, ...definedOnly(configFlags(options)) };
    const speed: unknown = flags.speed;
    const pace = speed === 'max' ? 'as fast as possible' : `at ${speed} times real time`;
    if (options.json !== true) note(`replaying ${session.name} (${session.seconds} s recorded, from ${session.source}) ${pace}`);
    await runPath(resolveConfig(options.config, flags, process.env), options);
  });
}

function definedOnly(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
