/**
 * Stages of the path of a tick, in order. `ends` is the mark at which the stage ends; its latency is that mark minus the
 * one before. `tick_to_decision` (T5 - T0) has a sample for every tick, `tick_to_order` (T6 - T0) for every order sent.
 */
export const STAGES = ['decode', 'ring', 'features', 'inference', 'risk', 'encode', 'tick_to_decision', 'tick_to_order'] as const;
export type Stage = (typeof STAGES)[number];

export const STAGE = {
  DECODE: 0,
  RING: 1,
  FEATURES: 2,
  INFERENCE: 3,
  RISK: 4,
  ENCODE: 5,
  TICK_TO_DECISION: 6,
  TICK_TO_ORDER: 7,
} as const;
