import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { projectFile } from './project.ts';

/**
 * Path of a real-data file below `TICKPATH_DATA` (default `../shared/data` beside the project), or undefined, with one line printed,
 * when it is absent: the test then passes as skipped.
 */
export function dataFile(name: string): string | undefined {
  const folder = process.env['TICKPATH_DATA'] ?? '../shared/data';
  const path = join(isAbsolute(folder) ? folder : projectFile(folder), name);
  if (existsSync(path)) return path;
  process.stdout.write(`skipped: ${path} is absent\n`);
  return undefined;
}
