import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { dataFile } from './data.ts';
import { filesOfTar } from './tar.ts';

/** Messages of a venue from the test data of nautilus_trader, by file name; undefined when the data is absent. */
export function nautilusSamples(venue: string): ReadonlyMap<string, string> | undefined {
  const archive = dataFile('nautilus/adapter_test_data.tar.gz');
  if (archive === undefined) return undefined;
  const found = filesOfTar(gunzipSync(readFileSync(archive))).filter(({ name }) => name.includes(`adapters/${venue}/test_data/`));
  return new Map(found.map(({ name, bytes }) => [name.slice(name.lastIndexOf('/') + 1), new TextDecoder().decode(bytes)]));
}
