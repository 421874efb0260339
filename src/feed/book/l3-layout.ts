/**
 * Memory of order-by-order books: one block of int32 words, of which some pairs are read as float64. Orders, levels and ladders
 * are records of eight words, half a cache line, and are numbered by the index of their first word:
 *
 *   orders    an open-addressed table; an order is its place
 *   levels    price levels of all books
 *   ladders   two a book, bids and asks beside each other; a book is the number of its bids
 *   entries   of the ladders
 */
export const RECORD_WORDS = 8;
export const RECORD_SHIFT = 3;
/** Lots of an order or level: float64 `(number >> 1) + LOTS`. */
export const LOTS = 3;
/** No order in a link, no level from a look-up. */
export const NONE = -1;

export const ORDER = {
  /** Reference. */
  LOW: 0,
  HIGH: 1,
  /** Its level; 0: the place is empty. */
  LEVEL: 2,
  /** Of the place: places from here on, this one included, that may hold an order whose reference belongs here. */
  REACH: 3,
  /** Orders before and after it in its level's queue. */
  PREVIOUS: 4,
  NEXT: 5,
} as const;

export const LEVEL = {
  /** Price in ticks, negated for asks. */
  KEY: 0,
  LADDER: 1,
  /** How many orders it has. */
  ORDERS: 2,
  /** First and last order of its queue; the first word also links the free levels. */
  FRONT: 3,
  END: 4,
} as const;

export const LADDER = {
  /** How many levels it has. */
  COUNT: 0,
  /** Index of its entries: key and number of each level in order of price, the best last. */
  FIRST: 1,
  /** The last entry again. */
  BEST_KEY: 2,
  BEST_LEVEL: 3,
  LEVELS_MAX: 4,
  /** Of the bids only: orders of the book, and how many it may have. */
  ORDERS: 5,
  ORDERS_MAX: 6,
} as const;
export const ENTRY_WORDS = 2;
/** Words of a book's two ladders. */
export const BOOK_WORDS: number = 2 * RECORD_WORDS;
