import type { CounterSpec } from '../core/counters.ts';

/** Counters of a lane, by index; `LANE_COUNTERS` has the same order. */
export const LANE_COUNTER = {
  TICKS: 0,
  DECISIONS: 1,
  TICKS_WARMING_UP: 2,
  INTENTS: 3,
  FILLS: 4,
  JOURNAL_OVERFLOWS: 5,
} as const;

export const LANE_COUNTERS: readonly CounterSpec[] = [
  { name: 'ticks', unit: 'ticks', help: 'Frames whose records reached the lane' },
  { name: 'decisions', unit: 'ticks', help: 'Ticks on which features, model and strategy ran' },
  { name: 'ticks_warming_up', unit: 'ticks', help: 'Ticks of a live book before the features were ready' },
  { name: 'intents', unit: 'intents', help: 'Intents handed to the risk gate' },
  { name: 'fills', unit: 'fills', help: 'Full and partial fills reported' },
  { name: 'journal_overflows', unit: 'records', help: 'Records that found the journal ring full; always 0, or the run failed' },
];
