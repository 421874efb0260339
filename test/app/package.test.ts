import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { projectFile } from '../support/project.ts';

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as Manifest;
const node = process.env['TICKPATH_NODE'] ?? process.execPath;

const test = suite('package');
let folder = '';
let installed = '';
let files: string[] = [];

/** Packs the project and lays it out as an installation would: beside its dependencies, and nothing of the development tools. */
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-package-'));
  installed = join(folder, 'node_modules/tickpath');
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], projectFile('.'));
  const [tarball] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[];
  files = tarball!.files.map((file) => file.path);
  mkdirSync(installed, { recursive: true });
  run('tar', ['-xzf', join(folder, tarball!.filename), '-C', installed, '--strip-components=1'], folder);
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(projectFile(join('node_modules', name)), link);
  }
});
test.after(() => rmSync(folder, { recursive: true }));

function run(command: string, args: readonly string[], cwd: string): { readonly status: number | null; stdout: string; stderr: string } {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 << 20, env: { ...process.env, TICKPATH_NODE: node } });
  if (result.error !== undefined) throw result.error;
  return result;
}

const tickpath = (...args: string[]) => run(join(installed, manifest.bin['tickpath']!), args, folder);

test('the tarball holds what is promised and nothing of the workshop', () => {
  const holds = (path: string): boolean => files.includes(path);
  for (const path of ['bin/tickpath', 'dist/src/index.js', 'dist/src/index.d.ts', 'dist/src/cli/main.js', 'src/index.ts'])
    assert.ok(holds(path), path);
  for (const path of ['models/reference.onnx', 'models/reference.json', 'models/reference.proof']) assert.ok(holds(path), path);
  const { sessions } = JSON.parse(readFileSync(projectFile('replay-data/manifest.json'), 'utf8')) as { sessions: { file: string }[] };
  for (const { file } of sessions) assert.ok(holds(`replay-data/${file}`), file);
  const strange = files.filter((path) => /^(test|bench|training|lint|\.ci|node_modules)\/|^dist\/(test|bench)\//.test(path));
  assert.equal(strange, []);
  // Every source is there built: what is packed is not older than what was written.
  for (const path of files) {
    const built = /^src\/(.*?)(\.d)?\.ts$/.exec(path);
    if (built !== null && built[2] === undefined) assert.ok(holds(`dist/src/${built[1]}.js`), path);
  }
});

test('no page of the package links to a file that is not in it', () => {
  const dead = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((page) =>
      [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map(([, link]) => link!)
        .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(installed, dirname(page), link)))
        .map((link) => `${page} links to ${link}`),
    );
  assert.equal(dead, []);
});

test('the installed command starts without a build and says its version', () => {
  const { status, stdout, stderr } = tickpath('--version');
  assert.equal([status, stdout, stderr], [0, `${manifest.version}\n`, '']);
  assert.not.ok(existsSync(join(installed, '.cache')));
});

test('the installed demo replays the bundled session and prints one JSON document', () => {
  const { status, stdout, stderr } = tickpath('demo', '--speed', 'max', '--quiet', '--json', '--no-html', '--no-pin', '--run-id', 'demo');
  assert.equal([status, stderr], [0, '']);
  const summary = JSON.parse(stdout) as {
    ticks: number;
    orders_sent: number;
    journal: { records: number };
    environment: { commit: string };
  };
  assert.ok(summary.ticks > 50_000 && summary.orders_sent > 0 && summary.journal.records > summary.orders_sent);
  assert.is(summary.environment.commit, '');
  assert.ok(readdirSync(join(folder, 'runs/demo')).includes('summary.json'));
});

test('the installed program finds its own model when it replays a file from elsewhere', () => {
  const session = readdirSync(join(installed, 'replay-data')).find((name) => name.endsWith('.gz'))!;
  const input = join('node_modules/tickpath/replay-data', session);
  const { status, stderr } = tickpath('replay', '--input', input, '--quiet', '--no-html', '--no-pin', '--run-id', 'replay');
  assert.equal([status, stderr], [0, '']);
});

test('a program imports the public API, with types, and nothing else', () => {
  const program = [
    "import { EXIT, resolveConfig, type Config, type Strategy } from 'tickpath';",
    "const config: Config = resolveConfig(undefined, { 'input.files': ['a.gz'] }, {});",
    'const strategy: Partial<Strategy> = { name: config.topology };',
    "process.stdout.write([EXIT.USAGE, strategy.name].join(' '));",
  ].join('\n');
  writeFileSync(join(folder, 'program.mts'), program);
  writeFileSync(join(folder, 'deep.mjs'), "await import('tickpath/dist/src/core/price.js');");
  const compiler = projectFile('node_modules/typescript/bin/tsc');
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--strict',
    '--types',
    'node',
    '--typeRoots',
    projectFile('node_modules/@types'),
  ];
  const compiled = run(node, [compiler, ...options, 'program.mts'], folder);
  assert.equal([compiled.status, compiled.stdout], [0, '']);
  const started = run(node, ['--no-warnings', 'program.mjs'], folder);
  assert.equal([started.status, started.stdout], [0, '2 inline']);
  assert.match(run(node, ['deep.mjs'], folder).stderr, 'ERR_PACKAGE_PATH_NOT_EXPORTED');
});

test.run();
