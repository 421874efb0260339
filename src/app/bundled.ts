import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, TickpathError } from '../core/errors.ts';

/** The folder that holds package.json: of a checkout or of the installed package. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export interface BundledSession {
  readonly name: string;
  readonly source: string;
  readonly seconds: number;
  /** Digest of the decision journal that the default configuration must give, if recorded. */
  readonly expectedJournal: string | null;
  readonly flags: Readonly<Record<string, unknown>>;
}

interface Manifest {
  readonly sessions: readonly {
    readonly file: string;
    readonly format: string;
    readonly symbol: string;
    readonly tickSize: string;
    readonly lotSize: string;
    readonly source: string;
    readonly durationS: number;
    readonly expectedJournal: string | null;
  }[];
}

/** The session that comes with Tickpath, with the instrument and model that its manifest names. */
export function bundledSession(): BundledSession {
  const folder = join(packageFolder(), 'replay-data');
  const path = join(folder, 'manifest.json');
  if (!existsSync(path))
    throw new TickpathError('ERR_BUNDLED', `${path}: not found; the bundled session is missing from this installation`, EXIT.FAILURE);
  const session = (JSON.parse(readFileSync(path, 'utf8')) as Manifest).sessions[0];
  if (session === undefined) throw new TickpathError('ERR_BUNDLED', `${path}: lists no session`, EXIT.FAILURE);
  return {
    name: session.file,
    source: session.source,
    seconds: session.durationS,
    expectedJournal: session.expectedJournal,
    flags: {
      'input.files': [join(folder, session.file)],
      'input.format': session.format,
      instruments: { [session.symbol]: { tick_size: session.tickSize, lot_size: session.lotSize } },
      'model.file': join(packageFolder(), 'models/reference.onnx'),
    },
  };
}
