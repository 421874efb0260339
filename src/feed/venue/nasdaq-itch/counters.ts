import type { CounterSpec } from '../../../core/counters.ts';
import { ITCH_LAYOUTS } from './layout.ts';
import { ITCH_REJECTS } from './status.ts';

/** Counters of order-by-order feeds, from ORDER_COUNTERS on. */
export const ORDER_COUNTER = {
  UNKNOWN: 0,
  DUPLICATE: 1,
  BELOW_ZERO: 2,
  /** Packets and messages of MoldUDP64. */
  HEARTBEATS: 3,
  SEEN_BEFORE: 4,
  MISSED: 5,
  SESSIONS: 6,
  SESSIONS_LATE: 7,
  SESSIONS_ENDED: 8,
  /** Messages of orders from before the input begins, or from out of its view. */
  FROM_BEFORE: 9,
  /** First of one counter a message type, in the order of ITCH_LAYOUTS. */
  TYPES: 10,
  /** First of one counter a status below zero, in the order of ITCH_REJECTS. */
  REJECTS: 10 + ITCH_LAYOUTS.length,
} as const;

const spec = (name: string, unit: string, help: string): CounterSpec => ({ name, unit, help });

export const ORDER_COUNTER_SPECS: readonly CounterSpec[] = [
  spec('orders_unknown', 'messages', 'messages that name an order the book does not have'),
  spec('orders_duplicate', 'messages', 'new orders whose reference the book has already'),
  spec('orders_below_zero', 'messages', 'messages that take more from an order than it has'),
  spec('mold_heartbeats', 'packets', 'packets without a message'),
  spec('mold_seen_before', 'messages', 'messages that had come before, in another copy of their packet'),
  spec('mold_missed', 'messages', 'messages that never came'),
  spec('sessions', 'sessions', 'sessions of an order-by-order feed'),
  spec('sessions_joined_late', 'sessions', 'sessions whose first message was not seen: their books are incomplete'),
  spec('sessions_ended', 'sessions', 'sessions that the venue said are over'),
  spec(
    'orders_from_before',
    'messages',
    'messages that name an order from before the input begins or from out of its view: they change its level alone',
  ),
  ...ITCH_LAYOUTS.map(({ type, name }) => spec(`itch_${name}`, 'messages', `ITCH messages of type ${type}`)),
  ...ITCH_REJECTS.map((name) => spec(`itch_rejected_${name}`, 'messages', `ITCH messages or packets rejected as ${name}`)),
];
