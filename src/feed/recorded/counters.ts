import type { CounterSpec } from '../../core/counters.ts';
import { RECORD_REJECTS } from './status.ts';

/** Counters of recorded formats, from FORMAT_COUNTERS on. */
export const FORMAT_COUNTER = {
  ORDERS_UNKNOWN: 0,
  ORDERS_DUPLICATE: 1,
  ORDERS_BELOW_ZERO: 2,
  ORDERS_MODIFIED_NEW: 3,
  WITHOUT_BOOK: 4,
  CROSSED: 5,
  LOST_RECORDS: 6,
  TRADES_WITHOUT_SIDE: 7,
  /** First of one counter a status below zero, in the order of RECORD_REJECTS. */
  REJECTS: 8,
} as const;

const spec = (name: string, unit: string, help: string): CounterSpec => ({ name, unit, help });

export const FORMAT_COUNTER_SPECS: readonly CounterSpec[] = [
  spec('record_orders_unknown', 'records', 'records that cancel an order the book does not have'),
  spec('record_orders_duplicate', 'records', 'new orders whose number the book has already'),
  spec('record_orders_below_zero', 'records', 'records that take more from an order than it has'),
  spec('record_orders_modified_new', 'records', 'changes of an order the book does not have, taken as a new order'),
  spec('record_without_book', 'records', 'records of orders before the first snapshot or clear, or after a gap'),
  spec('record_crossed', 'events', 'events after which bid stood at or above ask'),
  spec('record_lost', 'records', 'records that say others were lost before them'),
  spec('record_trades_without_side', 'records', 'trades that name no aggressor, not published'),
  ...RECORD_REJECTS.map((name) => spec(`record_rejected_${name}`, 'records', `records or rows rejected as ${name}`)),
];
