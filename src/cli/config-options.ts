import { type Command, Option } from 'commander';
import type { ConfigFlags } from '../app/config.ts';
import { EXIT, TickpathError } from '../core/errors.ts';
import { FORMATS } from '../feed/formats.ts';

/** Flags that every command which runs the path shares. */
export interface RunOptions {
  input?: string[];
  format?: string;
  config?: string;
  speed?: string;
  topology?: string;
  symbol?: string;
  model?: string;
  strategy?: string;
  runDir?: string;
  runId?: string;
  pin?: boolean;
  html?: boolean;
  json?: boolean;
  quiet?: boolean;
  assert?: string[];
}

export function addInputOptions(command: Command): Command {
  return command
    .option('-i, --input <file...>', 'recorded input, in order; a later file continues the one before it')
    .addOption(new Option('-f, --format <format>', 'format of the input').choices([...FORMATS]))
    .option('--symbol <symbol>', 'which instrument, when the input has several');
}

export function addRunOptions(command: Command): Command {
  return addInputOptions(command)
    .option('-c, --config <file>', 'configuration (docs/configuration.md); flags stand above it')
    .option('--speed <speed>', 'times the recorded pace (open loop), or max')
    .addOption(new Option('--topology <topology>', 'one hot thread, or feed and lane on two').choices(['inline', 'pipeline']))
    .option('--model <file>', 'ONNX model with its manifest beside it')
    .option('--strategy <name|file>', 'built-in strategy, or a TypeScript file that exports createStrategy')
    .option('--run-dir <folder>', 'where run folders are made')
    .option('--run-id <id>', 'name of the run folder (default: time and process)')
    .option('--no-pin', 'do not pin the hot thread')
    .option('--no-html', 'write no report.html')
    .option('--assert <condition...>', 'e.g. "p99.9<100us" or "features.p50<1us"; exit code 5 when it does not hold')
    .option('-q, --quiet', 'no table')
    .option('--json', 'print summary.json on stdout instead of the table');
}

/** The options as dotted configuration paths. */
export function configFlags(options: RunOptions): ConfigFlags {
  const strategyIsFile = options.strategy !== undefined && /\.(m?ts|m?js)$/.test(options.strategy);
  return {
    'input.files': options.input,
    'input.format': options.format,
    speed: speedOf(options.speed),
    topology: options.topology,
    symbol: options.symbol,
    'model.file': options.model,
    ...(options.strategy === undefined
      ? {}
      : { strategy: strategyIsFile ? { file: options.strategy, params: {} } : { name: options.strategy, params: {} } }),
    'run.dir': options.runDir,
    'run.id': options.runId,
    'threads.pin': options.pin === false ? false : undefined,
    'report.html': options.html === false ? false : undefined,
  };
}

/** `--speed`; throws ERR_USAGE for anything but a number above zero or max. */
export function speedOf(text: string | undefined): number | 'max' | undefined {
  if (text === undefined || text === 'max') return text;
  const speed = Number(text);
  if (!(speed > 0)) throw new TickpathError('ERR_USAGE', `--speed ${text}: expected a number above zero, or max`, EXIT.USAGE);
  return speed;
}
