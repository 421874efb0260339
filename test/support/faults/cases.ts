import { BINANCE_CASES } from './binance-venues.ts';
import { type FaultCase, type FaultRun, runFaults } from './check.ts';
import { CHECKSUM_CASES } from './checksum-venues.ts';
import { FULL_CASE } from './full-venue.ts';
import { runItchFaults } from './itch-check.ts';
import { LEVEL_CASES } from './level-venues.ts';

/** A venue's feed under faults: one seed and so many messages; rejects at the first difference from the naive keeper or the truth. */
export interface SeededCase {
  readonly name: string;
  run(seed: number, messages: number): Promise<FaultRun>;
}

const seeded = (cases: readonly FaultCase[]): SeededCase[] =>
  cases.map((one) => ({ name: one.name, run: (seed, messages) => runFaults(one, seed, messages) }));

export const BINANCE_FAULTS: readonly SeededCase[] = seeded(BINANCE_CASES);
export const LEVEL_FAULTS: readonly SeededCase[] = seeded(LEVEL_CASES);
export const CHECKSUM_FAULTS: readonly SeededCase[] = seeded(CHECKSUM_CASES);
export const ORDER_FAULTS: readonly SeededCase[] = [...seeded([FULL_CASE]), { name: 'nasdaq-itch over mold', run: runItchFaults }];
export const FAULT_CASES: readonly SeededCase[] = [...BINANCE_FAULTS, ...LEVEL_FAULTS, ...CHECKSUM_FAULTS, ...ORDER_FAULTS];

export interface FaultTotals {
  runs: number;
  /** Faults by kind. */
  readonly faults: Map<string, number>;
  frames: number;
  synced: number;
  lost: number;
  compared: number;
}

/** Runs seeds `first` to `first + count - 1` of one case; the error of a failing one names its seed. */
export async function runSeeds(one: SeededCase, first: number, count: number, messages: number): Promise<FaultTotals> {
  const totals: FaultTotals = { runs: 0, faults: new Map(), frames: 0, synced: 0, lost: 0, compared: 0 };
  for (let seed = first; seed < first + count; seed++) {
    const run = await one.run(seed, messages).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
    totals.runs++;
    totals.frames += run.frames;
    totals.synced += run.synced;
    totals.lost += run.lost;
    totals.compared += run.compared;
    for (const { kind } of run.faults) totals.faults.set(kind, (totals.faults.get(kind) ?? 0) + 1);
  }
  return totals;
}
