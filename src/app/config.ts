import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { EXIT, TickpathError } from '../core/errors.ts';
import { packageFolder } from './bundled.ts';
import { CONFIG_DEFAULTS, type Config, ConfigSchema, DECIMAL_SECTIONS } from './config-schema.ts';

type Plain = { [key: string]: unknown };
type Path = readonly (string | number)[];

/** Where the value at a path was given, for messages. */
type Locate = (path: Path) => string;

/** Settings given on the command line; a dotted path each, undefined ones are skipped. */
export type ConfigFlags = Readonly<Record<string, unknown>>;

/**
 * Resolves a configuration: flags over environment over file over defaults. Throws `ERR_CONFIG` (exit code 2) with every
 * problem at once, each with the line, variable or flag it comes from, and what an unknown key may have been meant to be.
 */
export function resolveConfig(
  file: string | undefined,
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  return resolveBy(ConfigSchema, defaults(), ENVIRONMENT, { file, flags, environment }, (merged, document) => {
    const strategy = document['strategy'] as Plain | null | undefined;
    // A file of one's own replaces the default strategy, it does not stand beside it.
    if (strategy?.['file'] !== undefined && strategy['name'] === undefined) setPath(merged, ['strategy', 'name'], undefined);
  });
}

/** Where settings come from. */
export interface ConfigSources {
  readonly file: string | undefined;
  readonly flags: ConfigFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Resolves a configuration of any schema; `adjust` changes what defaults and file make together. */
export function resolveBy<T extends z.ZodType>(
  schema: T,
  base: Plain,
  variables: Variables,
  { file, flags, environment }: ConfigSources,
  adjust: (merged: Plain, document: Plain) => void = () => {},
): Readonly<z.infer<T>> {
  const { document, locate } = file === undefined ? { document: {}, locate: () => 'command line' } : readConfigFile(file);
  const merged = merge(base, document);
  adjust(merged, document);
  const origins = new Map<string, string>();
  const override = (path: string, value: unknown, origin: string): void => {
    setPath(merged, path.split('.'), value);
    origins.set(path, origin);
  };
  for (const setting of environmentSettings(variables, environment)) override(setting.path, setting.value, setting.name);
  for (const [path, value] of Object.entries(flags)) if (value !== undefined) override(path, value, 'command line');
  const parsed = schema.safeParse(merged);
  if (parsed.success) return Object.freeze(parsed.data);
  const where: Locate = (path) => originOf(origins, path) ?? locate(path);
  const problems = parsed.error.issues.flatMap((issue) => describe(schema, issue, where));
  throw new TickpathError('ERR_CONFIG', `configuration:\n  ${problems.join('\n  ')}`, EXIT.USAGE);
}

/** The defaults; the shipped model lies in the package, wherever the program was started. */
function defaults(): Plain {
  const { model } = CONFIG_DEFAULTS;
  return { ...CONFIG_DEFAULTS, model: { ...model, file: join(packageFolder(), model.file) } };
}

/** The variable or flag that set `path`, or a part of it. */
function originOf(origins: ReadonlyMap<string, string>, path: Path): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).join('.'));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

/** Reads a YAML or JSON file to plain data; numbers of decimal sections keep their text. */
function readConfigFile(file: string): { document: Plain; locate: Locate } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such configuration file' : `cannot be read (${code}); expected a YAML or JSON file`;
    throw new TickpathError('ERR_CONFIG', `${file}: ${why}`, EXIT.USAGE);
  }
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const error = yaml.errors[0];
  if (error !== undefined) {
    const at = lines.linePos(error.pos[0]);
    throw new TickpathError('ERR_CONFIG', `${file}:${at.line}:${at.col}: ${yamlMessage(error.message)}`, EXIT.USAGE);
  }
  const root = yaml.contents as Node | null;
  if (root !== null && !isMap(root))
    throw new TickpathError('ERR_CONFIG', `${file}:1:1: expected keys and values at the top level`, EXIT.USAGE);
  const locate: Locate = (path) => {
    const at = lines.linePos(offsetOf(root, path));
    return `${file}:${at.line}:${at.col}`;
  };
  return { document: root === null ? {} : (toPlain(root, [], yaml) as Plain), locate };
}

/** The parser's sentence without the place, which stands before it already. */
function yamlMessage(message: string): string {
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

function toPlain(node: unknown, path: Path, yaml: Document): unknown {
  if (isAlias(node)) return toPlain(node.resolve(yaml), path, yaml);
  if (isMap(node)) {
    const entries = node.items.map((pair) => {
      const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      return [key, toPlain(pair.value, [...path, key], yaml)] as const;
    });
    return Object.fromEntries(entries);
  }
  if (isSeq(node)) return node.items.map((item, index) => toPlain(item, [...path, index], yaml));
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'number' && DECIMAL_SECTIONS.includes(String(path[0]))) return node.source ?? String(node.value);
  return node.value;
}

/** Offset of the key at `path`, or of the deepest part of the path that is there. */
function offsetOf(root: Node | null, path: Path): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) break;
      offset = (pair.key as { range?: readonly number[] }).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step];
      offset = (item as { range?: readonly number[] } | undefined)?.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

function describe(schema: z.ZodType, issue: z.core.$ZodIssue, locate: Locate): string[] {
  const path = issue.path as Path;
  if (issue.code !== 'unrecognized_keys') {
    return [`${locate(path)}: ${path.join('.') || '(top level)'}: ${issue.message}`];
  }
  return issue.keys.map((key) => {
    const near = nearest(key, knownKeys(schema, path));
    const hint = near === undefined ? '' : `, did you mean "${near}"?`;
    return `${locate([...path, key])}: unknown key "${[...path, key].join('.')}"${hint}`;
  });
}

/** Keys the schema knows at a path. */
function knownKeys(root: z.ZodType, path: Path): string[] {
  let schema: unknown = root;
  for (const step of path) schema = shapeOf(schema)?.[String(step)] ?? (schema as { valueType?: unknown } | undefined)?.valueType;
  return Object.keys(shapeOf(schema) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return (schema as { shape?: Record<string, unknown> } | undefined)?.shape;
}

/** The candidate within two edits of `word`, the closest first. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 4)) ? best.candidate : undefined;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Settings of one value each that the environment may give, by variable. */
export type Variables = Readonly<Record<string, { readonly path: string; readonly number: boolean }>>;
export const ENVIRONMENT: Variables = {
  TICKPATH_SPEED: { path: 'speed', number: true },
  TICKPATH_TOPOLOGY: { path: 'topology', number: false },
  TICKPATH_MODEL: { path: 'model.file', number: false },
  TICKPATH_RUN_DIR: { path: 'run.dir', number: false },
  TICKPATH_ENGINE_CORE: { path: 'threads.engine_core', number: true },
};

function environmentSettings(variables: Variables, environment: ConfigSources['environment']) {
  return Object.entries(variables).flatMap(([name, { path, number }]) => {
    const text = environment[name];
    if (text === undefined || text === '') return [];
    return [{ name, path, value: number && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text }];
  });
}

function merge(base: Plain, over: Plain): Plain {
  const out: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const both = isPlain(out[key]) && isPlain(value);
    out[key] = both ? merge(out[key] as Plain, value as Plain) : value;
  }
  for (const [key, value] of Object.entries(out)) if (isPlain(value)) out[key] = { ...value };
  return out;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setPath(target: Plain, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (rest.length === 0) {
    target[head!] = value;
    return;
  }
  const inner = { ...(isPlain(target[head!]) ? (target[head!] as Plain) : {}) };
  target[head!] = inner;
  setPath(inner, rest, value);
}
