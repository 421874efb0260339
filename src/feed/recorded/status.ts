/**
 * What the decoders of recorded formats (DBN, Tardis, LEAN) say of one frame. 0: decoded. Above 0: well-formed, but not for
 * the books, to be counted. Below 0: refused. The numbers lie apart from those of other venues' statuses, so that a sample of
 * a rejected frame says which it is.
 */
export const RECORD = {
  OK: 0,
  /** A type of record that makes no book and no trade. */
  UNKNOWN_KIND: 1,
  /** An instrument that is not followed. */
  UNKNOWN_SYMBOL: 2,
  /** The head of a file: no record, and not counted as a frame. */
  HEADER: 3,
  /** Another length, or number of columns, than the type has. */
  BAD_LENGTH: -201,
  BAD_ACTION: -202,
  BAD_SIDE: -203,
  /** A price that is no multiple of the tick size. */
  OFF_TICK: -204,
  /** A price beyond PRICE_TICKS_MAX ticks. */
  PRICE_RANGE: -205,
  /** No price where there must be one. */
  NO_PRICE: -206,
  /** A quantity of zero where there must be one, or of more than 15 digits. */
  QTY_RANGE: -207,
  /** A quantity that is no multiple of the lot size. */
  OFF_LOT: -208,
  /** A price or quantity that is not plain decimal text. */
  BAD_DECIMAL: -209,
  /** A flag or id that is neither of its values, or no integer. */
  BAD_FIELD: -210,
  /** A record that stands for a price level in a stream of orders. */
  NOT_AN_ORDER: -211,
  /** Levels of one side that do not stand in order of price. */
  LEVELS_UNSORTED: -212,
  /** More non-zero decimals than the instrument has. */
  TOO_MANY_DECIMALS: -213,
} as const;
export type RecordStatus = (typeof RECORD)[keyof typeof RECORD];

const ABOVE_FIRST = -200;

/** Names of the statuses below zero in the order of their counters. */
export const RECORD_REJECTS: readonly string[] = Object.entries(RECORD)
  .filter(([, status]) => status < 0)
  .sort(([, a], [, b]) => b - a)
  .map(([name]) => name.toLowerCase());

/** Place of a status below zero in RECORD_REJECTS. */
export function recordRejectIndex(status: number): number {
  return ABOVE_FIRST - 1 - status;
}

const TEXTS: Readonly<Record<string, string>> = {
  bad_length: 'another length or number of columns than the type has',
  bad_action: 'an action that there is not',
  bad_side: 'a side that there is not, or none where one is needed',
  off_tick: 'a price that is no multiple of the tick size',
  price_range: 'a price of more than 2147483647 ticks',
  no_price: 'no price where one is needed',
  qty_range: 'a quantity of zero where one is needed, or of more than 15 digits',
  off_lot: 'a quantity that is no multiple of the lot size',
  bad_decimal: 'a price or quantity that is not plain decimal text',
  bad_field: 'a flag, time or id that cannot be read',
  not_an_order: 'a price level in a stream of orders',
  too_many_decimals: 'more decimals than the instrument has',
  levels_unsorted: 'levels that do not stand in order of price',
};

/** Name of a status below zero; undefined when it is not one of RECORD. */
export function recordStatusName(status: number): string | undefined {
  return RECORD_REJECTS[recordRejectIndex(status)];
}

/** What is wrong with a refused record, for people. */
export function recordStatusText(status: number): string | undefined {
  const name = recordStatusName(status);
  return name === undefined ? undefined : `${name} (${TEXTS[name]})`;
}
