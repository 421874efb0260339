import { RECORD_WORDS } from './layout.ts';

/** Copies one record between int32 views, slot to slot. */
export function copyRecord(source: Int32Array, sourceSlot: number, target: Int32Array, targetSlot: number): void {
  const from = sourceSlot * RECORD_WORDS;
  const to = targetSlot * RECORD_WORDS;
  for (let i = 0; i < RECORD_WORDS; i++) target[to + i] = source[from + i]!;
}
