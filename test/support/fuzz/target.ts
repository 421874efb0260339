import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Prng } from '../../../src/core/prng.ts';
import { mutate } from '../mutate.ts';

/** A decoder under mutated frames, with what says whether it read one right. */
export interface FuzzTarget {
  /** Frames that mutations begin from. */
  readonly sources: readonly Uint8Array[];
  /** Copies `source` to `target` and changes it; the new length. Default: changes of text. */
  readonly mutate?: (prng: Prng, source: Uint8Array, target: Uint8Array) => number;
  /**
   * Decodes `bytes[0, size)`, made of source number `which`, and compares what is accepted with a naive decoder; throws where they
   * differ. `refusals`: also compares what is refused. True when the frame was accepted.
   */
  readonly check: (bytes: Uint8Array, size: number, which: number, refusals: boolean) => boolean;
  /** Part of the frames that must be accepted, so that enough is compared; default 1/50. */
  readonly acceptedMin?: number;
}

export interface FuzzRange {
  readonly seed: number;
  /** Which independent sequence of the seed. */
  readonly stream: number;
  readonly frames: number;
}

export interface FuzzOutcome {
  readonly accepted: number;
  /** Growth of the used heap after the first tenth, bytes. */
  readonly heapBytes: number;
}

/** Of how many refused frames one is compared: naive decoders are slow. */
const REFUSAL_SHARE = 8;
const TARGET_BYTES = 1 << 16;

/** Runs a target; a failure names seed, stream, number and bytes of the frame. */
export function fuzzRange(target: FuzzTarget, { seed, stream, frames }: FuzzRange): FuzzOutcome {
  const prng = new Prng(seed, stream);
  const bytes = new Uint8Array(TARGET_BYTES);
  const change = target.mutate ?? mutate;
  let accepted = 0;
  let heapBytes = 0;
  for (let i = 0; i < frames; i++) {
    if (i === Math.floor(frames / 10)) heapBytes = usedHeapBytes();
    // Four of a kind in a row: what a decoder expects from the message before is right and wrong in turns.
    const which = (i >> 2) % target.sources.length;
    const size = change(prng, target.sources[which]!, bytes);
    try {
      if (target.check(bytes, size, which, i % REFUSAL_SHARE === 0)) accepted++;
    } catch (error) {
      const frame = Buffer.from(bytes.subarray(0, size));
      const place = `seed ${seed}, stream ${stream}, frame ${i}`;
      throw new Error(`${place}: ${(error as Error).message}\n${frame.toString('latin1')}\n${frame.toString('hex')}`, { cause: error });
    }
  }
  return { accepted, heapBytes: usedHeapBytes() - heapBytes };
}

/** What two decoders made of a frame, compared as text; throws when it differs. */
export function mustEqual(found: unknown, expected: unknown): void {
  const [left, right] = [textOf(found), textOf(expected)];
  if (left !== right) throw new Error(`decoded ${left}, the naive decoder says ${right}`);
}
export function isEqual(found: unknown, expected: unknown): boolean {
  return textOf(found) === textOf(expected);
}
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function usedHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
  return process.memoryUsage().heapUsed;
}
