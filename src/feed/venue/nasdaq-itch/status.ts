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

const TEXTS: Readonly<Record<string, string>> = {
  unknown_type: 'a message type that ITCH 5.0 does not have',
  bad_length: 'another length than the message type has',
  time_range: 'a time of a whole day or more after midnight',
  bad_side: 'a side other than B and S',
  price_range: 'a price of zero or of more than 2147483647 units',
  qty_zero: 'an order or trade of no shares',
  bad_printable: 'a printable flag other than Y and N',
  number_range: 'a number above 2^53 - 1',
  wrong_stock: 'an order of another stock than its locate stands for',
  off_tick: 'a price that is no multiple of the tick size',
  off_lot: 'a quantity that is no multiple of the lot size',
  bad_packet: 'a MoldUDP64 packet that its messages do not fill exactly',
  too_many_sessions: 'one MoldUDP64 session more than are told apart',
};

/** Name of a status below zero; undefined when it is not one of ITCH. */
export function itchStatusName(status: number): string | undefined {
  return ITCH_REJECTS[itchRejectIndex(status)];
}

/** What is wrong with a refused message, for people. */
export function itchStatusText(status: number): string | undefined {
  const name = itchStatusName(status);
  return name === undefined ? undefined : `${name} (${TEXTS[name]})`;
}
