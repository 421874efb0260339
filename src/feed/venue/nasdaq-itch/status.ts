/**
 * What decoder and feed say of one message. The numbers lie apart from those of other venues' statuses, so that a sample of a
 * rejected frame says which it is.
 */
export const ITCH = {
  OK: 0,
  /** A type that the specification does not have. */
  UNKNOWN_TYPE: -101,
  /** Another length than the type has; also a message cut off, or an empty one. */
  BAD_LENGTH: -102,
  /** A time of a whole day or more after midnight. */
  TIME_RANGE: -103,
  /** A side other than B and S. */
  BAD_SIDE: -104,
  /** A price of an order or trade that is 0 or above 2^31 - 1 units. */
  PRICE_RANGE: -105,
  /** An order or trade of no shares. */
  QTY_ZERO: -106,
  /** A printable flag other than Y and N. */
  BAD_PRINTABLE: -107,
  /** A 64-bit number other than an order reference above 2^53 - 1. */
  NUMBER_RANGE: -108,
  /** An order whose stock is not the one its locate stands for. */
  WRONG_STOCK: -109,
  /** A price that is no multiple of the configured tick size. */
  OFF_TICK: -110,
  /** A quantity that is no multiple of the configured lot size. */
  OFF_LOT: -111,
  /** A MoldUDP64 packet whose blocks do not fill it exactly. */
  BAD_PACKET: -112,
  /** A MoldUDP64 packet of one more session than are followed. */
  TOO_MANY_SESSIONS: -113,
} as const;
export type ItchStatus = (typeof ITCH)[keyof typeof ITCH];

/** Status of the lowest number that is not one of ITCH. */
const ABOVE_FIRST = -100;

/** Names of the statuses below zero in the order of their counters. */
export const ITCH_REJECTS: readonly string[] = Object.entries(ITCH)
  .filter(([, status]) => status < 0)
  .map(([name]) => name.toLowerCase());

/** Place of a status below zero in ITCH_REJECTS. */
export function itchRejectIndex(status: number): number {
  return ABOVE_FIRST - 1 - status;
}
