import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';
import { packageFolder } from '../../src/app/bundled.ts';

const FLAGS = ['-std=c++17', '-O3', '-march=native', '-shared', '-fPIC', '-Wall', '-Wextra'];
const COMPILER = 'g++';

/** A C++ program of this folder, compiled and loaded: it runs on the bench's own thread, core and input. */
export interface Native {
  readonly library: LibraryHandle;
  /** Compiler and flags, for a note. */
  readonly compiler: string;
}

/** Why there is no C++ side, in one line. */
export const NO_COMPILER = `skipped: no ${COMPILER} on the PATH; Debian and Ubuntu have it in the package g++, Fedora in gcc-c++`;

/**
 * Compiles bench/compare/native/<name>.cpp, unless the same source was compiled before, and loads it; undefined when there is no
 * compiler. Throws what the compiler says when it refuses the source.
 */
export function loadNative(name: string): Native | undefined {
  const version = spawnSync(COMPILER, ['--version'], { encoding: 'utf8' });
  if (version.status !== 0) return undefined;
  const compiler = `${version.stdout.split('\n')[0]} ${FLAGS.slice(1, 3).join(' ')}`;
  const folder = join(packageFolder(), 'bench/compare/native');
  const sources = [join(folder, `${name}.cpp`), join(folder, 'l3-book.h')];
  const key = createHash('sha256').update(compiler).update(process.arch);
  for (const source of sources) key.update(readFileSync(source));
  const cache = join(packageFolder(), '.cache/bench');
  const file = join(cache, `${name}-${key.digest('hex').slice(0, 16)}.so`);
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    const compiled = spawnSync(COMPILER, [...FLAGS, '-o', unfinished, sources[0]!], { encoding: 'utf8' });
    if (compiled.status !== 0) throw new Error(`${COMPILER} refused ${name}.cpp:\n${compiled.stderr}`);
    renameSync(unfinished, file);
  }
  return { library: koffi.load(file), compiler };
}
