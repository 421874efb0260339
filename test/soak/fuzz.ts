import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzRange } from '../support/fuzz/target.ts';
import { FUZZ_TARGETS, type FuzzName } from '../support/fuzz/targets.ts';
import { projectFile } from '../support/project.ts';

/** Frames of one stream of a seed: how far a run may have to go back. */
const STREAM_FRAMES = 1_000_000;
const STREAMS_A_LINE = 10;

/** How far a decoder came with a seed. */
interface Progress {
  streams: number;
  accepted: number;
  heapBytesMax: number;
}

/**
 * `npm run soak -- fuzz [--decoder NAME...] [--frames 1e8] [--seed N] [--from STREAM]`: mutated frames for each decoder, a million a
 * stream. Started again with the same seed it goes on after the last whole stream, unless `--from` says where. A disagreement or
 * crash ends the run with the frame and the command that repeats it.
 */
export async function soakFuzz(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      decoder: { type: 'string', multiple: true },
      frames: { type: 'string', default: '1e8' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string' },
    },
  });
  const all = Object.keys(FUZZ_TARGETS) as FuzzName[];
  const names = values.decoder ?? all;
  const [streams, seed, from] = [Math.ceil(Number(values.frames) / STREAM_FRAMES), Number(values.seed), Number(values.from ?? 0)];
  const unknown = names.filter((name) => !all.includes(name as FuzzName));
  if (unknown.length > 0 || !Number.isSafeInteger(seed) || !(streams >= 1) || !Number.isSafeInteger(from) || from < 0) {
    process.stdout.write(`soak fuzz: expected --frames and --seed as numbers and --decoder one of ${all.join(', ')}\n`);
    return 1;
  }
  let failed = 0;
  for (const name of names as FuzzName[]) {
    const repeated = values.from !== undefined;
    if (!(await soakDecoder(name, seed, repeated ? from : undefined, streams))) failed++;
  }
  return failed;
}

/** True when every frame agreed. */
async function soakDecoder(name: FuzzName, seed: number, from: number | undefined, streams: number): Promise<boolean> {
  const file = projectFile(`.cache/soak/fuzz-${name}-${seed}.json`);
  const progress: Progress =
    from === undefined && existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Progress)
      : { streams: from ?? 0, accepted: 0, heapBytesMax: 0 };
  const end = (from ?? 0) + streams;
  while (progress.streams < end) {
    const stream = progress.streams;
    try {
      const { accepted, heapBytes } = fuzzRange(await FUZZ_TARGETS[name](), { seed, stream, frames: STREAM_FRAMES });
      progress.streams++;
      progress.accepted += accepted;
      progress.heapBytesMax = Math.max(progress.heapBytesMax, heapBytes);
    } catch (error) {
      process.stdout.write(`${name}: ${(error as Error).message}\n`);
      process.stdout.write(`repeat: npm run soak -- fuzz --decoder ${name} --seed ${seed} --from ${stream} --frames ${STREAM_FRAMES}\n`);
      return false;
    }
    if (from === undefined) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(progress));
    }
    if (progress.streams % STREAMS_A_LINE === 0 || progress.streams >= end) process.stdout.write(`${lineOf(name, seed, progress)}\n`);
  }
  return true;
}

function lineOf(name: string, seed: number, { streams, accepted, heapBytesMax }: Progress): string {
  return `${name}: seed ${seed}, ${streams} million frames, ${accepted} accepted and compared, heap grew by at most ${heapBytesMax} bytes in one of them`;
}
