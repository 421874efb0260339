import type { BookView } from './book/book-view.ts';

/**
 * Slots of an applied event's numbers: local receive time (ns since the run's base) and number of the frame that held it,
 * the venue's own time, exact in two parts (epoch seconds and nanoseconds; both 0 when the venue gives none), and the venue's
 * update id or sequence number (0 when there is none).
 */
export const APPLIED_EVENT = { RECV_NS: 0, TICK: 1, EXCHANGE_S: 2, EXCHANGE_NS: 3, UPDATE_ID: 4 } as const;
export const APPLIED_EVENT_NUMBERS = 5;

/** Told of every event applied to a book, buffered ones included; only tools that print books listen. */
export interface AppliedListener {
  /** `last`: the event ends its message, so the book may be compared with others; `event` by APPLIED_EVENT. */
  onApplied(instrument: number, book: BookView, event: Float64Array, last: boolean): void;
}
