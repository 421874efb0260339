import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { createSignalTaker } from './signal-taker-params.ts';
import type { CreateStrategy, Strategy, StrategyContext } from './strategy.ts';

/** Which strategy runs: a built-in by name, or a file that exports `createStrategy`. */
export type StrategySource = { readonly name: string } | { readonly file: string };

export interface LoadedStrategy {
  readonly strategy: Strategy;
  /** Absolute path and SHA-256 of a strategy file; undefined for a built-in. */
  readonly file: string | undefined;
  readonly sha256: string | undefined;
}

/** Strategies that come with Tickpath, by name. */
export const BUILT_IN_STRATEGIES: Readonly<Record<string, CreateStrategy>> = Object.freeze({ 'signal-taker': createSignalTaker });

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

/**
 * Makes the strategy for one lane. Call it in the thread that runs the lane. Throws `ERR_STRATEGY_UNKNOWN`,
 * `ERR_STRATEGY_FILE` (missing, unreadable, wrong kind), `ERR_STRATEGY_LOAD` (it throws), `ERR_STRATEGY_EXPORT` (it is no
 * strategy), and whatever TickpathError the strategy itself throws for its parameters.
 */
export async function loadStrategy(source: StrategySource, context: StrategyContext): Promise<LoadedStrategy> {
  if ('file' in source) return loadFile(resolve(source.file), context);
  const create = Object.hasOwn(BUILT_IN_STRATEGIES, source.name) ? BUILT_IN_STRATEGIES[source.name] : undefined;
  if (create === undefined) {
    throw new TickpathError(
      'ERR_STRATEGY_UNKNOWN',
      `strategy "${source.name}" is not built in; built in: ${Object.keys(BUILT_IN_STRATEGIES).join(', ')}; for a strategy of your own set strategy.file`,
      EXIT.USAGE,
    );
  }
  return { strategy: create(context), file: undefined, sha256: undefined };
}

async function loadFile(file: string, context: StrategyContext): Promise<LoadedStrategy> {
  const extension = extname(file);
  if (!EXTENSIONS.includes(extension)) {
    throw new TickpathError('ERR_STRATEGY_FILE', `strategy file ${file}: expected a name ending in ${EXTENSIONS.join(', ')}`, EXIT.USAGE);
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new TickpathError('ERR_STRATEGY_FILE', `strategy file ${file} cannot be read: ${messageOf(error)}`, EXIT.USAGE);
  }
  installTypeScript();
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new TickpathError('ERR_STRATEGY_LOAD', `strategy file ${file} cannot be loaded: ${messageOf(error)}`, EXIT.USAGE);
  }
  const create = exported['createStrategy'];
  if (typeof create !== 'function') {
    const names = Object.keys(exported).join(', ') || 'nothing';
    throw new TickpathError(
      'ERR_STRATEGY_EXPORT',
      `strategy file ${file} must export a function createStrategy(context); it exports ${names}`,
      EXIT.USAGE,
    );
  }
  return { strategy: callCreate(create as CreateStrategy, context, file), file, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function callCreate(create: CreateStrategy, context: StrategyContext, file: string): Strategy {
  let strategy: Strategy | undefined;
  try {
    strategy = create(context);
  } catch (error) {
    if (error instanceof TickpathError) throw error;
    throw new TickpathError('ERR_STRATEGY_LOAD', `strategy file ${file}: createStrategy failed: ${messageOf(error)}`, EXIT.USAGE);
  }
  if (typeof strategy?.onTick !== 'function' || typeof strategy.onExecution !== 'function' || typeof strategy.name !== 'string') {
    throw new TickpathError(
      'ERR_STRATEGY_EXPORT',
      `strategy file ${file}: createStrategy must return an object with name, onTick(view, intents) and onExecution(report)`,
      EXIT.USAGE,
    );
  }
  return strategy;
}

let installed = false;

/** Node that cannot strip types by itself (before 22.18) gets a load hook, once per thread. */
function installTypeScript(): void {
  if (installed) return;
  installed = true;
  // The declared type is that of Node 20, which does not know the property.
  if ((process.features as { typescript?: unknown }).typescript) return;
  register(new URL('./typescript-hooks.js', import.meta.url));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
