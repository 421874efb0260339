import type { Buffer, Program } from './program.ts';

/** Buffers begin on a cache line. */
const ALIGN_BYTES = 64;

export interface MemoryPlan {
  /** Offset of each input, output and scratch buffer in the model's region. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** Where the constants begin. */
  readonly bytes: number;
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * Places the buffers of a program: inputs and outputs first, each for itself, then scratch, first fit by the steps between
 * the first write and the last read.
 */
export function planMemory(program: Program): MemoryPlan {
  const offsets = new Map<Buffer, number>();
  let top = 0;
  for (const { buffer } of [...program.inputs, ...program.outputs]) {
    if (offsets.has(buffer) || buffer.kind === 'constant') continue;
    offsets.set(buffer, top);
    top += roundUp(buffer.bytes, ALIGN_BYTES);
  }
  const lives = livesOf(program);
  const placed: { readonly buffer: Buffer; readonly from: number; readonly to: number; readonly at: number }[] = [];
  let end = top;
  for (const [buffer, { from, to }] of lives) {
    const bytes = roundUp(buffer.bytes, ALIGN_BYTES);
    const rivals = placed.filter((other) => other.from <= to && from <= other.to).sort((a, b) => a.at - b.at);
    let at = top;
    for (const other of rivals) if (other.at < at + bytes) at = Math.max(at, other.at + roundUp(other.buffer.bytes, ALIGN_BYTES));
    placed.push({ buffer, from, to, at });
    offsets.set(buffer, at);
    end = Math.max(end, at + bytes);
  }
  return { offsets, bytes: end };
}

/** First and last step of each scratch buffer, in order of first use. */
function livesOf(program: Program): Map<Buffer, { from: number; to: number }> {
  const lives = new Map<Buffer, { from: number; to: number }>();
  program.steps.forEach((step, at) => {
    for (const { buffer } of [...step.writes, ...step.reads]) {
      if (buffer.kind !== 'scratch') continue;
      const life = lives.get(buffer);
      if (life === undefined) lives.set(buffer, { from: at, to: at });
      else life.to = at;
    }
  });
  return lives;
}
