import { openSync } from 'node:fs';
import { EXIT, TickpathError } from '../../core/errors.ts';

/** Opens a file to write, and to read with `w+`; throws ERR_OUTPUT_FILE (usage) where that cannot be. */
export function openOutput(file: string, flags: 'w' | 'w+'): number {
  try {
    return openSync(file, flags);
  } catch (error) {
    throw new TickpathError('ERR_OUTPUT_FILE', `${file} cannot be written: ${(error as Error).message}`, EXIT.USAGE);
  }
}
