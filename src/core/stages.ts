/**
 * Stages of the path of a tick, in order. The latency of a stage is the mark at which it ends less the mark before. `wait`
 * is from T0 until the thread took the frame: in an open loop the time a frame queued behind others, else 0.
 * `tick_to_decision` (T5 - T0) has a sample for every tick on which the model ran, `tick_to_order` (T6 - T0) for every order.
 */
export const STAGES = ['wait', 'decode', 'ring', 'features', 'inference', 'risk', 'encode', 'tick_to_decision', 'tick_to_order'] as const;
export type Stage = (typeof STAGES)[number];

export const STAGE = {
  WAIT: 0,
  DECODE: 1,
  RING: 2,
  FEATURES: 3,
  INFERENCE: 4,
  RISK: 5,
  ENCODE: 6,
  TICK_TO_DECISION: 7,
  TICK_TO_ORDER: 8,
} as const;
