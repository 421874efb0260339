/**
 * Writes a session of the simulated venue and its manifest entry:
 *
 *   node dist/bench/record-session.js [--seed 1] [--seconds 300] [--out replay-data] [--file NAME.gz]
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { recordSession, updateManifest } from '../src/venue-sim/record-session.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '300' },
    out: { type: 'string', default: 'replay-data' },
    file: { type: 'string' },
  },
});
const seed = Number(values.seed);
const seconds = Number(values.seconds);
if (!Number.isSafeInteger(seed) || !(seconds >= 1)) {
  process.stderr.write(`--seed must be an integer and --seconds at least 1, were ${values.seed} and ${values.seconds}\n`);
  process.exit(2);
}
mkdirSync(values.out, { recursive: true });
const file = values.file ?? `usdm_tpxusdt_seed${seed}.gz`;
const entry = await recordSession({ seed, durationNs: seconds * 1e9 }, join(values.out, file));
updateManifest(join(values.out, 'manifest.json'), entry);
process.stdout.write(`${JSON.stringify(entry, null, 2)}\n`);
