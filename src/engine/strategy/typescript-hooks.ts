import { readFile } from 'node:fs/promises';
import type { LoadHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transform } from 'sucrase';

/**
 * Module hooks that let a Node without type stripping import `.ts` and `.mts` files outside node_modules: types are
 * removed, everything else stays where it stood, so line numbers in stack traces are those of the file. Run by Node in a
 * thread of their own; see docs/decisions/0002-sucrase-for-strategy-files.md.
 */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith('file:') || url.includes('/node_modules/') || !/\.m?ts$/.test(new URL(url).pathname)) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const { code } = transform(await readFile(path, 'utf8'), {
    transforms: ['typescript'],
    filePath: path,
    disableESTransforms: true,
    preserveDynamicImport: true,
  });
  return { format: 'module', source: code, shortCircuit: true };
};
