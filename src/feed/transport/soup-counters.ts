import { type CounterSpec, Counters } from '../../core/counters.ts';

/** Ids of the counters of a SoupBinTCP connection; index into SOUP_COUNTER_SPECS. */
export const SOUP_COUNTER = {
  CONNECTIONS: 0,
  LOGINS: 1,
  MESSAGES: 2,
  HEARTBEATS: 3,
  DEBUG: 4,
  ERRORS: 5,
  SILENCES: 6,
} as const;

const spec = (name: string, unit: string, help: string): CounterSpec => ({ name, unit, help });

export const SOUP_COUNTER_SPECS: readonly CounterSpec[] = [
  spec('soup_connections', 'connections', 'connections that were made'),
  spec('soup_logins', 'logins', 'logins that were accepted'),
  spec('soup_messages', 'messages', 'sequenced messages received'),
  spec('soup_heartbeats', 'packets', 'heartbeats of the server'),
  spec('soup_debug_packets', 'packets', 'debug packets'),
  spec('soup_errors', 'events', 'connections that were given up because what came is no SoupBinTCP'),
  spec('soup_silences', 'events', 'connections that were given up because nothing came'),
];

/** Counters in memory of their own. */
export function ownSoupCounters(): Counters {
  return new Counters(new SharedArrayBuffer(Counters.bytes(SOUP_COUNTER_SPECS.length)), 0, SOUP_COUNTER_SPECS);
}
