/** What can happen to a message between a venue and a feed. */
export const FAULT_KINDS = ['drop', 'duplicate', 'reorder', 'corrupt', 'truncate', 'delay', 'cut'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How often each fault happens, in messages per million, and how far it reaches. A message meets at most one. */
export interface FaultPlan {
  readonly seed: number;
  /** Faults begin among so many first messages; after them all arrive as they are sent. */
  readonly faultyMessages: number;
  /** Left out of the stream. */
  readonly dropPpm: number;
  /** Delivered, and again after 0 to `delayMessagesMax` others. */
  readonly duplicatePpm: number;
  /** Begins a window of 2 to `reorderMessagesMax` messages that arrive in another order. */
  readonly reorderPpm: number;
  /** One to three bytes replaced, half of them a digit by another digit. */
  readonly corruptPpm: number;
  /** Cut off after its first bytes. */
  readonly truncatePpm: number;
  /** Held back until 1 to `delayMessagesMax` others were delivered. */
  readonly delayPpm: number;
  /** The connection is lost with this message, and made again after 1 to `cutMessagesMax` more. */
  readonly cutPpm: number;
  readonly reorderMessagesMax: number;
  readonly delayMessagesMax: number;
  readonly cutMessagesMax: number;
}

/** A fault that was applied: `message` counts the inner transport's messages from 1, `reach` the messages it took part of. */
export interface AppliedFault {
  readonly kind: FaultKind;
  readonly message: number;
  readonly reach: number;
}

export const NO_FAULTS: FaultPlan = {
  seed: 0,
  faultyMessages: Infinity,
  dropPpm: 0,
  duplicatePpm: 0,
  reorderPpm: 0,
  corruptPpm: 0,
  truncatePpm: 0,
  delayPpm: 0,
  cutPpm: 0,
  reorderMessagesMax: 4,
  delayMessagesMax: 16,
  cutMessagesMax: 8,
};

/** Every kind equally often, `ppm` messages of a million together, among the first `faultyMessages`. */
export function evenFaults(seed: number, ppm: number, faultyMessages = Infinity): FaultPlan {
  const each = Math.floor(ppm / FAULT_KINDS.length);
  return {
    ...NO_FAULTS,
    seed,
    faultyMessages,
    dropPpm: each,
    duplicatePpm: each,
    reorderPpm: each,
    corruptPpm: each,
    truncatePpm: each,
    delayPpm: each,
    cutPpm: each,
  };
}
