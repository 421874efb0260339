import { Arena } from '../../src/core/memory.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { NaiveRing } from './naive-ring.ts';

export const RING_CAPACITY = 4_096;

/** What the peer is told to do; its argument words follow. */
export const JOB = { SEND_OURS: 1, SEND_NAIVE: 2, ECHO_OURS: 3, ECHO_NAIVE: 4, END: 5 } as const;

/** int32 words of the control block, each on a line of its own. */
export const WORD = {
  /** Number of the job at hand: changing it starts the job. */
  NUMBER: 0,
  JOB: 32,
  COUNT: 33,
  PUBLISH_EVERY: 34,
  /** Number of the job that the peer stands ready for. */
  READY: 64,
} as const;

/** The memory both threads share: plain data for the peer's start. */
export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
  readonly control: number;
  /** To the main thread and to the peer, ours; then the naive ones. */
  readonly rings: readonly [number, number, number, number];
}

export interface PeerStart {
  readonly memory: RingMemory;
  /** -1: leave it unpinned. */
  readonly core: number;
  readonly clockBaseNs: bigint;
}

export function allocateRings(): RingMemory {
  const sizes = [ringBytes(RING_CAPACITY), ringBytes(RING_CAPACITY), NaiveRing.bytes(RING_CAPACITY), NaiveRing.bytes(RING_CAPACITY)];
  const arena = new Arena(sizes.reduce((sum, bytes) => sum + bytes, 4_096));
  const control = arena.allocate('control', 512);
  const rings = sizes.map((bytes) => arena.allocate('ring', bytes)) as [number, number, number, number];
  return { buffer: arena.buffer, control, rings };
}

export function ringsOf(memory: RingMemory) {
  const [toMain, toPeer, naiveToMain, naiveToPeer] = memory.rings;
  return {
    control: new Int32Array(memory.buffer, memory.control, 128),
    toMain: ringViews(memory.buffer, toMain, RING_CAPACITY),
    toPeer: ringViews(memory.buffer, toPeer, RING_CAPACITY),
    naiveToMain: new NaiveRing(memory.buffer, naiveToMain, RING_CAPACITY),
    naiveToPeer: new NaiveRing(memory.buffer, naiveToPeer, RING_CAPACITY),
  };
}
