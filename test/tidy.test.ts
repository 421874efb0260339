import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as limits from '../src/core/limits.ts';
import { projectFile } from './support/project.ts';

/** Rules of the repository that the compiler and the linter do not know. */
const SKIPPED = new Set(['node_modules', 'dist', 'runs', 'coverage', 'models', 'replay-data', '.cache', '.git', '.venv']);
const LINES_MEDIAN_MAX = 150;
const LINES_MAX = 400;
const FUNCTION_LINES_MAX = 80;

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(projectFile(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = normalize(`${folder}/${entry.name}`);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(projectFile(path), 'utf8');

/** Source text without its comments. */
function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');
}

interface Import {
  /** Importing file, below src. */
  readonly from: string;
  /** Imported file below src, or the name of a package. */
  readonly to: string;
  readonly ours: boolean;
}

/** Imports of a file of src: static, dynamic and by `require`, types included. */
function importsOf(path: string): Import[] {
  const from = path.slice('src/'.length);
  return [...codeOf(path).matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'([^']+)'/g)].map(([, name]) => {
    const ours = name!.startsWith('.');
    const scoped = name!.split('/').slice(0, name!.startsWith('@') ? 2 : 1);
    return { from, to: ours ? normalize(join(dirname(from), name!)) : name!.startsWith('node:') ? name! : scoped.join('/'), ours };
  });
}

const sources = filesBelow('src', '.ts');
const imports = sources.flatMap(importsOf);
const layerOf = (path: string): string => path.split('/')[0]!;

/** What each layer may import beside itself: layers, or folders and files of one. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  feed: ['core'],
  // The lane keeps the book as the feed does: one class, two instances.
  engine: ['core', 'feed/book'],
  risk: ['core'],
  gateway: ['core'],
  backtest: ['core', 'feed/book'],
  journal: ['core'],
  report: ['core', 'journal'],
  'venue-sim': ['core', 'feed'],
  app: ['core', 'feed', 'engine', 'risk', 'gateway', 'backtest', 'journal', 'report', 'venue-sim'],
  cli: ['app', 'core', 'feed', 'engine', 'risk', 'journal', 'report', 'venue-sim'],
  // The public API names types where they are declared.
  'index.ts': ['app', 'core', 'engine', 'journal'],
};

/** Where each package may be imported, below src. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  '@msgpack/msgpack': /^(journal|feed\/venue|venue-sim)\//,
  commander: /^cli\//,
  fzstd: /^feed\/transport\/zstd\.ts$/,
  'hdr-histogram-js': /^(core\/histogram\.ts|report\/)/,
  'hyparquet-writer': /^app\//,
  koffi: /^app\/pin\.ts$/,
  'onnx-proto': /^engine\/model\/onnx/,
  'onnxruntime-node': /^engine\/model\/ort/,
  sucrase: /^engine\/strategy\//,
  'worker-threads-pool': /^app\/workers\.ts$/,
  ws: /^(feed\/transport|gateway\/venue|venue-sim)\//,
  yaml: /^app\//,
  zod: /^(app|engine)\//,
};

const ASKED_FOR = ['onnxruntime-node', 'ws', '@msgpack/msgpack', 'hdr-histogram-js', 'worker-threads-pool', 'uvu'];

/** `Number(` where its argument is a bigint that fits, by file: no text is turned into a number there. */
const NUMBER_OF_BIGINT: readonly RegExp[] = [
  /^src\/risk\/limits\.ts: Number\((count|amount \* NS_PER_MS)\)$/,
  /^src\/feed\/.*\.hot\.ts: Number\(options\.baseEpochNs [/%] [\d_]+n\)$/,
];

test('no file of src imports against the layers', () => {
  const wrong = imports
    .filter(({ from, to, ours }) => {
      const layer = layerOf(from);
      if (!ours || layerOf(to) === layer) return false;
      return !(LAYERS[layer] ?? []).some((allowed) => to === allowed || to.startsWith(`${allowed}/`));
    })
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.equal(wrong, []);
  assert.equal([...new Set(sources.map((path) => layerOf(path.slice(4))))].sort(), Object.keys(LAYERS).sort());
  assert.ok(imports.length > 300, 'the scan finds imports');
});

test('each package is imported only where it belongs', () => {
  const wrong = imports
    .filter(
      ({ from, to, ours }) => !ours && !to.startsWith('node:') && from !== 'app/worker-threads-pool.d.ts' && !PACKAGES[to]?.test(from),
    )
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.equal(wrong, []);
});

test('core and risk do no input or output', () => {
  const wrong = imports
    .filter(({ from, to }) => /^(core|risk)\//.test(from) && to.startsWith('node:'))
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.equal(wrong, []);
});

test('a hot file imports no package, and cold files only of its own layer or core', () => {
  const wrong = imports
    .filter(({ from }) => from.endsWith('.hot.ts'))
    .filter(({ from, to, ours }) => !ours || !(to.endsWith('.hot.ts') || layerOf(to) === 'core' || layerOf(to) === layerOf(from)))
    .filter(({ from, to }) => !isTypeOnly(from, to))
    .map(({ from, to }) => `${from} imports ${to}`);
  assert.equal(wrong, []);
});

/** True when `from` takes nothing but types from `to`. */
function isTypeOnly(from: string, to: string): boolean {
  const code = codeOf(`src/${from}`);
  return [...code.matchAll(/import\s+(type\s)?[^;]*?from\s+'([^']+)'/g)]
    .filter(([, , name]) => normalize(join(dirname(from), name!)) === to)
    .every(([, type]) => type !== undefined);
}

test('clocks are read in core/time.ts alone and chance drawn in core/prng.ts alone', () => {
  const ambient = /\b(Date\.now|performance\.now|process\.hrtime|Math\.random|randomUUID|randomBytes|getRandomValues)\b|new Date\(\)/;
  const found = sources.filter((path) => ambient.test(codeOf(path)));
  assert.equal(found, ['src/core/time.ts']);
});

test('nothing of src prints through console', () => {
  assert.equal(
    sources.filter((path) => /\bconsole\./.test(codeOf(path))),
    [],
  );
});

test('no text becomes a floating-point number on the way of a price', () => {
  const onPricePath = sources.filter((path) => path.startsWith('src/risk/') || (path.startsWith('src/feed/') && path.endsWith('.hot.ts')));
  assert.ok(onPricePath.length > 20);
  const found = onPricePath.flatMap((path) =>
    [...codeOf(path).matchAll(/\bNumber\([^()]*\)|\bparseFloat\b|\bparseInt\b/g)].map(([text]) => `${path}: ${text}`),
  );
  assert.equal(
    found.filter((text) => !NUMBER_OF_BIGINT.some((allowed) => allowed.test(text))),
    [],
  );
});

test('the lockfile names no host, and every dependency is pinned', () => {
  const lock = read('package-lock.json');
  assert.not.match(lock, /"resolved":/);
  assert.not.match(lock, /registry\./);
  const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test('every dependency is used by src, and the six that were asked for are imported by name', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  const text = sources.map(codeOf).join('\n');
  for (const name of Object.keys(dependencies)) assert.match(text, new RegExp(`'${name}[/']`), name);
  const used = new Set([...imports, ...filesBelow('test', '.ts').flatMap(importsOf)].map(({ to }) => to));
  for (const name of ASKED_FOR) assert.ok(used.has(name), name);
});

test('docs/limits.md lists every limit with its value, and every limit is used', () => {
  const page = read('docs/limits.md');
  const users = sources.filter((path) => path !== 'src/core/limits.ts').map(codeOf);
  for (const [name, value] of Object.entries(limits)) {
    assert.ok(page.includes(`| \`${name}\` | ${value.toLocaleString('en-US')} |`), `${name} = ${value}`);
    assert.ok(
      users.some((code) => new RegExp(`\\b${name}\\b`).test(code)),
      `${name} is used`,
    );
  }
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name!);
  assert.equal(rows.sort(), Object.keys(limits).sort());
});

test('no page links to a file that is not there', () => {
  const pages = [...filesBelow('.', '.md')];
  assert.ok(pages.includes('README.md') && pages.includes('docs/records.md'));
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(projectFile(join(dirname(page), link))))
      .map((link) => `${page} links to ${link}`),
  );
  assert.equal(dead, []);
});

test('pages that code, tests and messages name are there', () => {
  const named = [...sources, ...filesBelow('test', '.ts'), 'bin/tickpath', 'package.json'].flatMap((path) =>
    [...read(path).matchAll(/\bdocs\/[a-z0-9/-]+\.md\b/g)].map(([page]) => ({ path, page })),
  );
  assert.ok(named.length > 5);
  assert.equal(
    named.filter(({ page }) => !existsSync(projectFile(page))).map(({ path, page }) => `${path} names ${page}`),
    [],
  );
});

test('decisions are numbered from 1 without a gap', () => {
  const numbers = readdirSync(projectFile('docs/decisions')).map((name) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]));
  assert.equal(
    numbers.sort((a, b) => a - b),
    numbers.map((_, index) => index + 1),
  );
});

test('every test file runs its tests', () => {
  for (const path of filesBelow('test', '.test.ts')) assert.match(read(path), /^ *test\.run\(\);$/m, path);
});

test('files and functions stay small', () => {
  const lines = sources.map((path) => read(path).split('\n').length - 1).sort((a, b) => a - b);
  const median = lines[lines.length >> 1]!;
  assert.ok(median <= LINES_MEDIAN_MAX, `median ${median}`);
  for (const path of sources) assert.ok(read(path).split('\n').length - 1 <= LINES_MAX, path);
  const biome = JSON.parse(read('biome.json')) as {
    linter: { rules: { complexity: { noExcessiveLinesPerFunction: { level: string; options: { maxLines: number } } } } };
  };
  const { level, options } = biome.linter.rules.complexity.noExcessiveLinesPerFunction;
  assert.equal([level, options.maxLines <= FUNCTION_LINES_MAX], ['error', true]);
  assert.equal(
    sources.filter((path) => /biome-ignore.*noExcessiveLinesPerFunction/.test(read(path))),
    [],
  );
});

test('nothing is left to be done in comments, and no machine is named', () => {
  const texts = [...sources, ...filesBelow('test', '.ts'), ...filesBelow('.', '.md')].filter((path) => path !== 'test/tidy.test.ts');
  const marker = /\b(TODO|FIXME|XXX|HACK)\b|\/(home|Users|root)\/[a-z]/;
  assert.equal(
    texts.filter((path) => marker.test(read(path))),
    [],
  );
});

test.run();
