/** What the decoder says of one row; apart from the statuses of other formats. */
export const LOBSTER = {
  OK: 0,
  /** Not six fields of integers, or no order-book row behind them. */
  BAD_ROW: -301,
  /** A type other than 1 to 7. */
  BAD_TYPE: -302,
  /** A direction other than 1 and -1. */
  BAD_DIRECTION: -303,
  /** A price of an order or execution that is 0 or above 2^31 - 1 units. */
  PRICE_RANGE: -304,
  /** An order or execution of no shares. */
  QTY_ZERO: -305,
  /** A price or size off the configured grid. */
  OFF_GRID: -306,
  /** An order-book row without the levels that are needed of it, or with other ones. */
  BAD_LEVELS: -307,
} as const;

const TEXTS: Readonly<Record<number, string>> = {
  [LOBSTER.BAD_ROW]: 'not six integers and an order-book row',
  [LOBSTER.BAD_TYPE]: 'a type other than 1 to 7',
  [LOBSTER.BAD_DIRECTION]: 'a direction other than 1 and -1',
  [LOBSTER.PRICE_RANGE]: 'a price of zero or of more than 2147483647 units',
  [LOBSTER.QTY_ZERO]: 'an order or execution of no shares',
  [LOBSTER.OFF_GRID]: 'a price or size that is no multiple of the tick or lot size',
  [LOBSTER.BAD_LEVELS]: 'an order-book row without the levels that are needed of it, or with other ones',
};

/** Name of a status below zero; undefined when it is not one of LOBSTER. */
export function lobsterStatusName(status: number): string | undefined {
  return Object.entries(LOBSTER)
    .find(([, value]) => value === status && status < 0)?.[0]
    .toLowerCase();
}

/** What is wrong with a refused row, for people. */
export function lobsterStatusText(status: number): string | undefined {
  const name = lobsterStatusName(status);
  return name === undefined ? undefined : `${name} (${TEXTS[status]})`;
}
